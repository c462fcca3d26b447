"""An upload that a test sends piece by piece, so that it can look around in the middle of it."""

import socket
from collections.abc import Mapping
from contextlib import suppress

_BOUNDARY = "b0undary"


class SlowUpload:
    """One form with one file, over a connection of its own. Nothing of it is encoded away: what is sent is in clear."""

    def __init__(self, port: int, path: str, fields: Mapping[str, str], name: str, content: bytes) -> None:
        start = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        )
        start += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        self._body = start.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        self._sent = 0
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=120)
        head = f"POST {path} HTTP/1.1\r\nHost: door\r\nContent-Length: {len(self._body)}\r\nConnection: close\r\n"
        head += f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n\r\n"
        self._connection.sendall(head.encode())

    def send(self, share: float) -> None:
        """Send up to this share of the whole."""
        until = int(len(self._body) * share)
        self._connection.sendall(self._body[self._sent : until])
        self._sent = until

    def answer(self) -> str:
        """Send the rest; gives the answer."""
        self.send(1)
        pieces = []
        while piece := self._connection.recv(65_536):
            pieces.append(piece)
        self.close()
        return b"".join(pieces).decode("utf-8", "replace")

    def close(self) -> None:
        """Hang up, wherever it is."""
        with suppress(OSError):
            self._connection.close()
