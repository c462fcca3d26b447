"""Sends what a member of a desk writes to somebody who wrote by mail. Nothing of it is stored on the way."""

import re
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.channels import addresses, calling, smtp, values
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Result, Settings
from tocsin.alerts.channels.mail import PORTS
from tocsin.lib.names import random_name
from tocsin.mailbox.letters import Content
from tocsin.mailbox.mail import openpgp
from tocsin.mailbox.refusals import UnsentError

_ENDS_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_IN_A_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_POLICY = SMTP.clone(max_line_length=78)
_WITHIN = 20.0


def answer(content: Content, subject: str, text: str, signer: str = "") -> None:
    """Send an answer to whoever a letter says that it is from; encrypted when their key came along.

    ``signer`` is the private key of the address: it signs inside what is encrypted. What goes in clear is never signed:
    a signature in a watched inbox says that somebody there has secrets.

    Raises:
        UnsentError: when it did not go out.
    """
    given: Settings = settings.PAGING
    sender = settings.EMERGENCY_ADDRESS or values.text(given, "mail_from")
    try:
        recipient = addresses.mail(content.sender)
        addresses.mail(sender)
    except AddressError:
        raise UnsentError(_("This is no address that mail could go to. Answer in another way.")) from None
    if values.missing(given, ("smtp_host",)):
        raise UnsentError(_("No mail server is set up here. Set smtp_host, or answer in another way."))
    made = letter(sender, recipient, subject, text, content, signer)
    outcome = smtp.deliver(server(given), sender, recipient, made.as_bytes(), _WITHIN, calling.PLAIN_LINE)
    if outcome.result is Result.REFUSED:
        raise UnsentError(_("The mail server says that there is no such address. Answer in another way."))
    if outcome.result is Result.FAILED:
        raise UnsentError(_("The mail server did not take it. Try again in a minute, or answer in another way."))


def letter(sender: str, recipient: str, subject: str, text: str, content: Content, signer: str = "") -> Message:
    """The letter as it goes out. It quotes nothing, and its subject is the one given, never the sender's own."""
    words = _NOT_IN_A_TEXT.sub(" ", text.replace("\r\n", "\n")) + "\n"
    made = _encrypted(words, content.sender_key, signer) if content.sender_key else _plain(words)
    local, _at, domain = sender.rpartition("@")
    made["From"] = str(Address("", local, domain))
    made["To"] = recipient
    made["Subject"] = "..." if content.sender_key else _in_a_line(subject)
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{random_name(20)}@{domain}>"
    number = _in_a_line(content.number)
    if re.fullmatch(r"<[^<>\s]{1,200}>", number):
        made["In-Reply-To"] = number
    return made


def _plain(words: str) -> Message:
    made = EmailMessage(policy=_POLICY)
    made.set_content(words, cte="quoted-printable")
    return made


def _encrypted(words: str, key: bytes, signer: str) -> Message:
    """PGP/MIME (RFC 3156).

    Raises:
        UnsentError: when the key that came along is none: what was meant to be sealed does not go in clear.
    """
    sealed = openpgp.encrypt(key, _plain(words).as_bytes(), signer)
    if sealed is None:
        line = _("The key that came along can’t be used, and nothing goes out in clear. Answer in another way.")
        raise UnsentError(line)
    made: Any = MIMEMultipart("encrypted", protocol="application/pgp-encrypted", policy=_POLICY)
    made.attach(MIMEApplication(b"Version: 1\r\n", "pgp-encrypted", _as_is, policy=_POLICY))
    made.attach(MIMEApplication(sealed, "octet-stream", _as_is, name="encrypted.asc", policy=_POLICY))
    whole: Message = made
    return whole


def _as_is(part: Any) -> None:
    part["Content-Transfer-Encoding"] = "7bit"
    part.set_payload(part.get_payload(decode=False))


def server(given: Settings) -> smtp.Server:
    """The mail server that takes our mail."""
    security = values.text(given, "smtp_security") or smtp.STARTTLS
    return smtp.Server(
        values.text(given, "smtp_host"),
        int(given.values.get("smtp_port", 0) or PORTS.get(security, 587)),
        security,
        values.text(given, "smtp_user"),
        values.secret(given, "smtp_password"),
    )


def _in_a_line(text: str) -> str:
    return " ".join(_ENDS_A_LINE.sub(" ", text).split())
