"""The exercise's phone: it takes what a pager sends to providers, shows it on a page, and answers as a person would."""

from tocsin.replay.phone.console import Console
from tocsin.replay.phone.mailbox import MailBox
from tocsin.replay.phone.phone import Phone

__all__ = ["Console", "MailBox", "Phone"]
