"""The exercise's mail server: it takes letters from the exercise's own pager and shows them on the phone."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server  # noqa: N811  # the library's name says too little here
from aiosmtpd.smtp import Envelope, Session

from tocsin.replay.phone.screen import Screen, Shown, Way

MOST_BYTES = 64 * 1024
_IDLE_SECONDS = 30.0


class MailBox:
    """Listens on loopback until it is ended."""

    def __init__(self, screen: Screen, sender: str, port: int) -> None:
        """``sender`` is the only address that letters are taken from.

        Raises:
            OSError: where the port is taken.
        """
        self._controller = Controller(
            _Letters(screen, sender),
            hostname="127.0.0.1",
            port=port,
            data_size_limit=MOST_BYTES,
            timeout=_IDLE_SECONDS,
            server_hostname="exercise",
            ident="exercise",
        )
        self._controller.start()

    def end(self) -> None:
        """Listen no more."""
        self._controller.stop()


class _Letters:
    """What the library asks at each step of a letter."""

    def __init__(self, screen: Screen, sender: str) -> None:
        self._screen, self._sender = screen, sender

    async def handle_MAIL(  # noqa: N802  # the library's name
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take letters of the exercise alone: a pager that wakes real people must not end here unseen."""
        if address.casefold() != self._sender.casefold():
            return "550 5.7.1 This is an exercise's mail box: nobody reads it"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Show the letter."""
        content = envelope.content
        letter: Any = message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
        for recipient in envelope.rcpt_tos[:1]:
            self._screen.add(Shown(Way.MAIL, recipient, str(letter["Subject"] or ""), _text(letter)))
        return "250 2.0.0 Taken"


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    try:
        return str(body.get_content()).strip() if body is not None else ""
    except (LookupError, ValueError):
        return ""
