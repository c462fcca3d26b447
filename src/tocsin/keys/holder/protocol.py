"""What is said over the keyholder's socket: a length, then one JSON object; bytes stand in it as base64."""

import base64
import json
import socket
from typing import Any, Final

MOST: Final = 8 * 1024 * 1024
_LENGTH: Final = 4


class BrokenError(Exception):
    """The other side said something that is no message, or went away."""


def send(wire: socket.socket, message: dict[str, Any]) -> None:
    """Say one thing.

    Raises:
        BrokenError: for a message that is too long.
    """
    body = json.dumps(message, default=_bytes).encode()
    if len(body) > MOST:
        raise BrokenError
    wire.sendall(len(body).to_bytes(_LENGTH, "big") + body)


def receive(wire: socket.socket) -> dict[str, Any]:
    """Hear one thing.

    Raises:
        BrokenError: when it isn't one, or the other side is gone.
    """
    length = int.from_bytes(_exactly(wire, _LENGTH), "big")
    if length > MOST:
        raise BrokenError
    try:
        message = json.loads(_exactly(wire, length), object_hook=_unpack)
    except ValueError:
        raise BrokenError from None
    if not isinstance(message, dict):
        raise BrokenError
    return message


def _exactly(wire: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = wire.recv(min(65_536, length - len(parts)))
        if not part:
            raise BrokenError
        parts += part
    return bytes(parts)


def _bytes(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError("only JSON and bytes are said here")
    return {"b64": base64.b64encode(value).decode()}


def _unpack(value: dict[str, Any]) -> Any:
    if value.keys() == {"b64"} and isinstance(value["b64"], str):
        return base64.b64decode(value["b64"], validate=True)
    return value
