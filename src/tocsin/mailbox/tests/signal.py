"""signal-cli's REST service as far as a desk uses it, on a private socket: it gives each message out once."""

import json
import socketserver
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Service:
    """The service. ``asked`` are the queries of each fetch, ``sent`` what was to go out."""

    def __init__(self, socket: Path) -> None:
        self.waiting: deque[dict[str, Any]] = deque()
        self.asked: list[dict[str, list[str]]] = []
        self.sent: list[dict[str, Any]] = []
        self.answers = (201, {"timestamp": "1700000000001"})
        self.breaks = False
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                service.asked.append(asked)
                most = int(asked.get("max_messages", ["100"])[0])
                given = [service.waiting.popleft() for _ in range(min(most, len(service.waiting)))]
                body = json.dumps([{"envelope": one, "account": "+41440000001"} for one in given]).encode()
                self._say(200, body[: len(body) // 2] if service.breaks else body, len(body))

            def do_POST(self) -> None:
                service.sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, fields = service.answers
                body = json.dumps(fields).encode()
                self._say(status, body, len(body))

            def _say(self, status: int, body: bytes, length: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "socket"

            def log_message(self, *words: object) -> None:
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Who asked went away in the middle, as some tests mean them to."""

        self._server = Server(str(socket), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def message(text: object, at: int = 1_700_000_000_000, sender: str = "+41790000009", **more: object) -> dict[str, Any]:
    """An envelope as signal-cli writes it."""
    return {"sourceNumber": sender, "sourceUuid": "0" * 8, "timestamp": at, "dataMessage": {"message": text, **more}}
