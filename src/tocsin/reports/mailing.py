"""The mail that brings an issue: whole where everybody may read along, sealed where a key is known, else a link."""

import re
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.alerts.channels import addresses, calling, smtp, values
from tocsin.alerts.channels.base import Outcome, Result, Settings
from tocsin.alerts.channels.reasons import Why
from tocsin.lib.tlp import Tlp
from tocsin.mailbox.mail import openpgp
from tocsin.mailbox.mail.sending import server
from tocsin.reports.access import may_receive
from tocsin.reports.audiences import within
from tocsin.reports.drawn import Form
from tocsin.reports.models import Delivery, Issue, Way
from tocsin.reports.secrets import link_of
from tocsin.reports.speaking import speaking

WHOLE, SEALED, LINK, CONSOLE = "whole", "sealed", "link", "console"
_WITHIN = 20.0
_POLICY = SMTP.clone(max_line_length=78)
_ENDS_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_IN_A_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def is_closed(issue: Issue) -> bool:
    """Whether it is read in the console alone, after signing in: it is for some, or for named people only."""
    return bool(issue.readers) or issue.tlp == Tlp.RED.value


def as_what(delivery: Delivery) -> str:
    """What the mail holds. In clear goes only what the wider community may read: each server on the way reads along."""
    if is_closed(delivery.issue):
        return CONSOLE
    if delivery.way in {Way.LINK, Way.HAND}:
        return LINK
    if delivery.key:
        return SEALED
    return WHOLE if within(Tlp(delivery.issue.tlp), Tlp.GREEN) else LINK


def send(delivery: Delivery) -> Outcome:
    """Hand the mail to our server; nothing goes to somebody who left, or who may no longer read the issue."""
    if not may_receive(delivery, delivery.issue):
        return Outcome(Result.REFUSED, NO_READER)
    given: Settings = settings.PAGING
    sender = values.text(given, "mail_from")
    if values.missing(given, ("smtp_host", "mail_from")):
        return Outcome(Result.FAILED, Why.NOT_SET_UP)
    try:
        recipient = addresses.mail(delivery.address)
        made = letter(delivery, sender, recipient)
    except addresses.AddressError:
        return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
    if made is None:
        return Outcome(Result.REFUSED, BAD_KEY)
    return smtp.deliver(server(given), sender, recipient, made.as_bytes(), _WITHIN, calling.PLAIN_LINE)


BAD_KEY, NO_READER, CORRECTED = "bad_key", "no_reader", "corrected"


def letter(delivery: Delivery, sender: str, recipient: str) -> Message | None:
    """The mail as it goes out; None where a key is known and can't be used, since nothing meant to be sealed goes open.

    A repeat carries the same Message-ID.
    """
    what = as_what(delivery)
    with speaking(delivery.issue.draft.language):
        words = _words(delivery, what)
        subject = _subject(delivery, what)
    made = _sealed(words, delivery.key.encode()) if what == SEALED else _plain(words)
    if made is None:
        return None
    local, _at, domain = sender.rpartition("@")
    made["From"] = str(Address(_ENDS_A_LINE.sub(" ", settings.PAGING.pager_name), local, domain))
    made["To"] = recipient
    made["Subject"] = subject
    made["Date"] = format_datetime(delivery.made_at)
    made["Message-ID"] = f"<{delivery.public_id}.report@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    return made


def _subject(delivery: Delivery, what: str) -> str:
    if what == WHOLE:
        said = " ".join(_ENDS_A_LINE.sub(" ", delivery.issue.title).split())
    else:
        anew = delivery.issue.corrects_id is not None
        said = "..." if what == SEALED else _("A correction to read") if anew else _("Something to read")
    return f"{_('EXERCISE')}: {said}" if delivery.issue.exercise and what == WHOLE else said


def _words(delivery: Delivery, what: str) -> str:
    issue = delivery.issue
    if what in {WHOLE, SEALED}:
        return bytes(issue.forms.get(form=Form.TEXT.value).body).decode()
    if what == CONSOLE:
        where = settings.PUBLIC_URL.rstrip("/") + reverse("reports:issue", args=[issue.public_id])
        said = (
            _("Something that you got was corrected. Sign in, and read it anew:")
            if issue.corrects_id is not None
            else _("Something is ready for you to read. Sign in, and open:")
        )
        return f"{said}\n\n{where}\n"
    assert delivery.expires_at is not None
    values_ = {"day": delivery.expires_at.date().isoformat()}
    until = _("It can be read until %(day)s. The link is yours alone: whoever has it can read it.") % values_
    said = (
        _("Something that you got was corrected. Read it anew:")
        if issue.corrects_id is not None
        else _("Something is ready for you to read:")
    )
    return f"{said}\n\n{link_of(delivery.public_id)}\n\n{until}\n"


def _plain(words: str) -> Message:
    made = EmailMessage(policy=_POLICY)
    made.set_content(_NOT_IN_A_TEXT.sub(" ", words) + "\n", cte="quoted-printable")
    return made


def _sealed(words: str, key: bytes) -> Message | None:
    """PGP/MIME (RFC 3156)."""
    sealed = openpgp.encrypt(key, _plain(words).as_bytes())
    if sealed is None:
        return None
    made: Any = MIMEMultipart("encrypted", protocol="application/pgp-encrypted", policy=_POLICY)
    made.attach(MIMEApplication(b"Version: 1\r\n", "pgp-encrypted", _as_is, policy=_POLICY))
    made.attach(MIMEApplication(sealed, "octet-stream", _as_is, name="encrypted.asc", policy=_POLICY))
    whole: Message = made
    return whole


def _as_is(part: Any) -> None:
    part["Content-Transfer-Encoding"] = "7bit"
    part.set_payload(part.get_payload(decode=False))
