"""Reads an address strictly: what is odd is refused, not repaired."""

import re
from dataclasses import dataclass

import httpx

from tocsin.lib.http.errors import Code, HttpError

_LONGEST = 8192
_PORTS = {"http": 80, "https": 443}
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)
_FOUR_NUMBERS = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. ``host`` is in lower case, as punycode, without brackets; ``text`` has no fragment."""

    text: str
    scheme: str
    host: str
    port: int
    target: bytes

    @property
    def host_header(self) -> str:
        """What the Host header says: the port only if it is not the usual one."""
        return self.name.rsplit(":", 1)[0] if self.port == _PORTS[self.scheme] else self.name

    @property
    def name(self) -> str:
        """Host and port, as a caller writes them to allow them: ``127.0.0.1:8123`` or ``[::1]:8123``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read(text: str, base: str = "") -> Address:
    """Check an address; a relative one is read from ``base``.

    Raises:
        HttpError: ``bad-url`` for other schemes than http and https, a missing or oddly written host, a user name or
            password in it, control characters, or more than 8,192 characters.
    """
    if not text or len(text) > _LONGEST or any(ord(sign) <= 32 or ord(sign) == 127 for sign in text):
        raise _bad("The address is empty, too long, or has blanks in it. Correct it.")
    try:
        url = httpx.URL(base).join(text) if base else httpx.URL(text)
        host = url.raw_host.decode("ascii").lower().rstrip(".")
    except (httpx.InvalidURL, ValueError):
        raise _bad("The address can't be read. Correct it.") from None
    if url.scheme not in _PORTS:
        raise _bad("Only addresses that begin with http:// or https:// can be fetched. Correct it.")
    if url.userinfo:
        raise _bad("The address holds a user name or password. Remove them.")
    port = url.port if url.port is not None else _PORTS[url.scheme]
    if not host or not 0 < port < 65536:
        raise _bad("The address names no server. Correct it.")
    if "%" in host or (_NUMBER.fullmatch(host.rsplit(".", 1)[-1]) and not _FOUR_NUMBERS.fullmatch(host)):
        raise _bad("The address writes its server in an odd form. Use its usual name.")
    plain = url.copy_with(fragment=None)
    return Address(str(plain), url.scheme, host, port, plain.raw_path)


def _bad(message: str) -> HttpError:
    return HttpError(Code.BAD_URL, message)
