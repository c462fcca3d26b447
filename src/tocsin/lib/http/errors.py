"""What can go wrong with a fetch, each with a stable code and a line that is safe to show."""

from datetime import timedelta
from enum import StrEnum


class Code(StrEnum):
    """The reason why a fetch failed; stored and counted, so the values never change."""

    BAD_URL = "bad-url"
    REFUSED_ADDRESS = "refused-address"
    REFUSED_REDIRECT = "refused-redirect"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    STATUS = "status"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    CUT_SHORT = "cut-short"
    BROKEN = "broken"
    DECODE = "decode"
    WAIT = "wait"


class HttpError(Exception):
    """A fetch that failed.

    ``message`` is one plain line that says what to do next and carries no text of the remote side, so that it can be
    shown and stored. ``status`` is set for ``Code.STATUS``. ``retry_after`` is how long the host asks to be left alone.
    ``redirected``: it went wrong at an address that the server led to, not at the one that was asked for.
    """

    def __init__(
        self, code: Code, message: str, *, status: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.redirected = False
