"""Letters through the team's own mail server: plain text, marked as automatic, answered by a reply."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, calling, smtp, values
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why

PORTS = {smtp.STARTTLS: 587, smtp.TLS: 465, smtp.NONE: 25}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ENDS_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_IN_A_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_POLICY = SMTP.clone(max_line_length=78)


class Mail:
    """Reaches everybody and wakes few. Every mail server on the way reads along."""

    key = "mail"
    title = _("e-mail")
    wakes = False
    leaks = False
    answers = True
    receipts = False

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._line = line

    def ready(self) -> Ready:
        """Whether the server and our address are set, and passwords and pages don't travel in the clear."""
        if without := values.missing(self._settings, ("smtp_host", "mail_from")):
            return without
        host, security = values.text(self._settings, "smtp_host"), self._security
        if security not in PORTS:
            return Ready(False, "smtp_security must be starttls, tls or none.", wrong=True)
        if security == smtp.NONE and not addresses.is_loopback(host):
            line = "smtp_security is none: that is for a mail server on this machine alone. Set starttls or tls."
            return Ready(False, line, wrong=True)
        if self._bad_names():
            return Ready(False, "mail_from and mail_reply must be mail addresses.", wrong=True)
        if values.text(self._settings, "smtp_user") and not values.secret(self._settings, "smtp_password"):
            return Ready(False, "Set the file secrets/smtp_password.")
        return Ready(True)

    def clean(self, value: str) -> str:
        """The address, its domain in lower case."""
        return addresses.mail(value)

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Hand the letter to our mail server."""
        if not self.ready().ready:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        try:
            recipient = addresses.mail(value)
        except AddressError:
            return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
        letter = self.letter(message, recipient).as_bytes()
        sender = values.text(self._settings, "mail_from")
        return smtp.deliver(self.server(), sender, recipient, letter, timeout, self._line)

    def letter(self, message: Message, recipient: str) -> EmailMessage:
        """The letter as it goes out.

        A repeat carries the same Message-ID, so that mail servers and readers that drop repeats can; which attempt it
        was stands in a header of its own.
        """
        sender = values.text(self._settings, "mail_from")
        local, _at, domain = sender.rpartition("@")
        made = EmailMessage(policy=_POLICY)
        made["From"] = Address(_in_a_line(self._settings.pager_name), local, domain)
        made["To"] = recipient
        made["Subject"] = _in_a_line(message.subject)
        made["Date"] = format_datetime(datetime.now(UTC))
        made["Message-ID"] = f"<{smtp.plain(message.page)}.page@{domain}>"
        made["X-Tocsin-Page"] = smtp.plain(message.page)
        made["X-Tocsin-Attempt"] = str(message.attempt)
        made["Auto-Submitted"] = "auto-generated"
        made["X-Auto-Response-Suppress"] = "All"
        if message.urgent:
            made["Importance"] = "high"
            made["X-Priority"] = "1"
        if reply := self._reply_to(message.reply_token):
            made["Reply-To"] = reply
        made.set_content(_NOT_IN_A_TEXT.sub(" ", message.text) + "\n", cte="quoted-printable")
        return made

    def _reply_to(self, token: str) -> str:
        local, at, domain = values.text(self._settings, "mail_reply").rpartition("@")
        return f"{local}+{token}@{domain}" if at and _TOKEN.fullmatch(token) else ""

    def _bad_names(self) -> bool:
        named = [values.text(self._settings, "mail_from"), values.text(self._settings, "mail_reply")]
        for address in filter(None, named):
            try:
                addresses.mail(address)
            except AddressError:
                return True
        return False

    @property
    def _security(self) -> str:
        return values.text(self._settings, "smtp_security") or smtp.STARTTLS

    def server(self) -> smtp.Server:
        """The mail server that takes our letters."""
        port = int(self._settings.values.get("smtp_port", 0) or PORTS[self._security])
        return smtp.Server(
            values.text(self._settings, "smtp_host"),
            port,
            self._security,
            values.text(self._settings, "smtp_user"),
            values.secret(self._settings, "smtp_password"),
        )


def _in_a_line(text: str) -> str:
    return " ".join(_ENDS_A_LINE.sub(" ", text).split())
