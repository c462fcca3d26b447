"""The provider's way back to the console: signed as Twilio signs, to that console alone, now or a little later."""

import base64
import hmac
import http.client
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1
from heapq import heappop, heappush
from itertools import count
from urllib.parse import urlencode, urlsplit

DOORS = "/alerts/doors/"
_PATIENCE = 10.0
_MOST_BYTES = 64 * 1024
_MOST_WAITING = 500
_TRIES, _PAUSE = 10, 1.0

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Console:
    """Where the console is: the address that people type, which signatures cover, and where it listens here."""

    public_url: str
    host: str
    port: int
    token: str

    def path_of(self, url: str) -> str:
        """The path of one of the console's doors; empty for any other address, which is never called."""
        base = self.public_url.rstrip("/")
        inside = url.startswith(f"{base}{DOORS}") and url.isascii() and url.isprintable() and " " not in url
        return url.removeprefix(base) if inside else ""

    def post(self, path: str, fields: Fields) -> str | None:
        """Hand something in; gives what was answered, None where nothing was taken."""
        public = urlsplit(self.public_url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": public.netloc,
            "X-Twilio-Signature": signature(self.token, self.public_url.rstrip("/") + path, fields),
        }
        if public.scheme == "https":
            headers["X-Forwarded-Proto"] = "https"  # the proxy is passed by
        try:
            with closing(http.client.HTTPConnection(self.host, self.port, timeout=_PATIENCE)) as line:
                line.request("POST", path, urlencode(fields), headers)
                answer = line.getresponse()
                body = answer.read(_MOST_BYTES).decode("utf-8", "replace")
                return body if 200 <= answer.status < 300 else None
        except (OSError, http.client.HTTPException):
            return None


def signature(token: str, url: str, fields: Fields) -> str:
    """HMAC-SHA1 in base64 over the address and the fields in order of their names.

    Source: https://www.twilio.com/docs/usage/security
    """
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()


class Later:
    """Does things after a while, one after the other, in a thread of its own; too many at once are left out."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="phone", daemon=True)
        self._thread.start()

    def do(self, seconds: float, act: Callable[[], object]) -> None:
        """Do it after so many seconds."""
        with self._changed:
            if len(self._due) < _MOST_WAITING:
                heappush(self._due, (time.monotonic() + seconds, next(self._order), act))
                self._changed.notify()

    def hand_in(self, seconds: float, console: Console, path: str, fields: Fields, tries: int = _TRIES) -> None:
        """Post to the console after so many seconds, and some times more while it does not take it."""

        def post() -> None:
            if console.post(path, fields) is None and tries > 1:
                self.hand_in(_PAUSE, console, path, fields, tries - 1)

        if path:
            self.do(seconds, post)

    def end(self) -> None:
        """Do nothing more."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (act := self._next()) is not None:
            act()

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._ended:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    return heappop(self._due)[2]
                self._changed.wait(self._due[0][0] - now if self._due else None)
        return None
