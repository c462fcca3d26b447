"""The process in which Apprise makes one call: bounded memory, checked addresses, no redirects, no proxies, no logs.

Reads one JSON object from standard input; writes ``asked``, ``status N``, ``unreached`` as they happen, and ``sent`` or
``failed`` at the end. It never writes what it was given or what was answered.
"""

import json
import logging
import resource
import socket
import sys
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError, SSLError

from tocsin.lib.http import why_refused
from tocsin.lib.http.addresses import why_never

MOST_BYTES = 64 * 1024
MOST_MEMORY = 1024 * 1024 * 1024
_UNREACHED = (ConnectTimeoutError, NameResolutionError, NewConnectionError, SSLError)


def main() -> int:
    """Make the call; 0 when Apprise says that it was taken."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    order = json.load(sys.stdin)
    _guard_addresses(frozenset(order["inside"]))
    requests.sessions.Session = requests.Session = _Session  # type: ignore[misc]
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(async_mode=False, http_redirects=False, service_timeout=order["seconds"])
    tool = Apprise(asset=asset)
    sent = tool.add(order["url"]) and tool.notify(title=order["title"], body=order["body"])
    _note("sent" if sent else "failed")
    return 0 if sent else 1


def _note(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - what the parent reads


class _Session(requests.Session):
    """A session without the environment's proxies and passwords, which follows nothing and reads little."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send one request and note what became of it."""
        _note("asked")
        try:
            answer = super().send(request, **options | {"allow_redirects": False, "stream": True})
        except requests.ConnectionError as error:
            if error.args and isinstance(error.args[0], MaxRetryError) and isinstance(error.args[0].reason, _UNREACHED):
                _note("unreached")
            raise
        _note(f"status {answer.status_code}")
        answer._content = answer.raw.read(MOST_BYTES, decode_content=True)
        answer._content_consumed = True
        answer.close()
        return answer


def _guard_addresses(inside: frozenset[str]) -> None:
    """Let no name lead to a network inside unless it is allowed; every look-up of this process goes through here."""
    look_up = socket.getaddrinfo

    def checked(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        refused = why_never if f"{name.lower()}:{port}" in inside else why_refused
        found = look_up(host, port, *more, **named)
        if not found or any(refused(str(one[4][0])) for one in found):
            raise socket.gaierror(socket.EAI_NONAME, "not allowed")
        return list(found)

    socket.getaddrinfo = checked


if __name__ == "__main__":
    sys.exit(main())
