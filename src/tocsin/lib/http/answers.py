"""What a fetch gives back, and the limits that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a fetch may take (seconds) and how much it may bring (bytes).

    ``total`` covers everything from the first look-up to the last byte, redirects included; only waiting for one's
    turn at a host (``patience``) is apart. ``received`` counts the body as it came, ``unpacked`` after decompression;
    beyond the first megabyte a body that grows more than ``ratio`` times is taken for a bomb.
    """

    dns: float = 5.0
    connect: float = 10.0
    read: float = 20.0
    total: float = 60.0
    patience: float = 60.0
    headers: int = 64 * 1024
    received: int = 20 * _MB
    unpacked: int = 64 * _MB
    ratio: int = 200
    redirects: int = 5


DEFAULTS = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer (2xx), or ``not_modified`` (304) with an empty body.

    ``url`` is where the answer came from after redirects and ``moved_to`` the address to use from now on, if every
    step on the way was a permanent redirect. Header names are in lower case. ``body`` is empty if the caller gave a
    file; ``size`` is the length of the unpacked body, ``bytes_received`` its length on the wire.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    not_modified: bool
    bytes_received: int
    size: int
    moved_to: str = ""

    @property
    def etag(self) -> str:
        """The validator to send back next time, or empty."""
        return self.headers.get("etag", "")

    @property
    def last_modified(self) -> str:
        """The date to send back next time, as the server wrote it, or empty."""
        return self.headers.get("last-modified", "")

    @property
    def content_type(self) -> str:
        """The content type header as it came, with its parameters, or empty."""
        return self.headers.get("content-type", "")
