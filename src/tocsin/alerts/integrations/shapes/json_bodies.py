"""Reads JSON as generously as is safe: ugly text is no reason to lose an alert."""

import json
from typing import Any

from tocsin.alerts.integrations.shapes.base import BadPayloadError

_GZIP = b"\x1f\x8b"
_TOO_DEEP = "The body is nested too deeply; expected an object with a few levels."


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds. Bytes that are no letters are replaced; of members that stand twice the last
    one counts, and lists that stand twice are joined.

    Raises:
        BadPayloadError: when it is no JSON object, or nested too deeply.
    """
    if not body.strip():
        raise BadPayloadError("The body is empty; expected a JSON object.")
    if body.startswith(_GZIP):
        raise BadPayloadError("The body is compressed; send it plain.")
    try:
        # Lengths are the sender's: a number of a million digits is read as none.
        found = json.loads(_text(body), strict=False, parse_int=_integer, object_pairs_hook=_joined)
    except RecursionError:
        raise BadPayloadError(_TOO_DEEP) from None
    except ValueError:
        raise BadPayloadError("The body is not JSON; expected one JSON object in UTF-8.") from None
    if not isinstance(found, dict):
        raise BadPayloadError("The body is not a JSON object; expected one in braces.")
    return found


def canonical(found: Any) -> str:
    """The same text for the same JSON, whatever the order of its members.

    Raises:
        BadPayloadError: when it is nested too deeply.
    """
    try:
        return json.dumps(found, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise BadPayloadError(_TOO_DEEP) from None


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "replace")


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0


def _joined(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        found[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return found
