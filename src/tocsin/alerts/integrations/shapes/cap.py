"""The Common Alerting Protocol: docs.oasis-open.org/emergency/cap/v1.2. Earlier versions are read as well."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tocsin.alerts.integrations.shapes.base import (
    BadPayloadError,
    Reported,
    Shape,
    State,
    key_of,
    language_of,
    moment_of,
    most_urgent,
    severity_of,
    urgency_of,
)
from tocsin.alerts.models import Severity

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_NAMESPACES = (NAMESPACE, "urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0")
_EXERCISES = {"exercise", "test"}
_FOR_MACHINES = {"system", "draft"}
_SAYS_NOTHING = {"ack", "error"}

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(body: bytes) -> list[Reported]:
    """The one alert of a message; none for an acknowledgement, an error, a draft or a network's own message.

    An update or a cancellation counts to the message that it refers to; of several, to the one that was sent first.
    Of several infos (languages, places) the gravest counts. ``Test`` counts as an exercise, and an exercise never
    counts to a real alert.

    Raises:
        BadPayloadError: when it is no CAP message, declares entities, or has no identifier.
    """
    alert, space = _root(body)
    status, kind = (_text(alert, space, name).lower() for name in ("status", "msgType"))
    if status in _FOR_MACHINES or kind in _SAYS_NOTHING:
        return []
    identifier, sender = _text(alert, space, "identifier"), _text(alert, space, "sender")
    if not identifier:
        raise BadPayloadError("identifier: expected the message's own identifier.")
    exercise = status in _EXERCISES
    keys = [_key(exercise, *one) for one in [*_references(alert, space), (sender, identifier)]]
    infos = list(alert.iter(f"{space}info"))
    severity, assumed = _severity(infos, space)
    return [
        Reported(
            dedupe=keys[0],
            severity=severity,
            state=State.RESOLVED if kind == "cancel" or _all_clear(infos, space) else State.FIRING,
            urgency=most_urgent([urgency_of(_text(info, space, "urgency")) for info in infos]),
            language=_language(infos, space),
            occurred_at=moment_of(_text(alert, space, "sent")),
            exercise=exercise,
            earlier=tuple(dict.fromkeys(keys[1:])),
            assumed=assumed and kind != "cancel",
        )
    ]


def _root(body: bytes) -> tuple[Element, str]:
    """The element of the alert, and its namespace in the braces of the parser."""
    if not body.strip():
        raise BadPayloadError("The body is empty; expected a CAP message in XML.")
    root = _parsed(body)
    if root is None:
        root = _parsed(_mended(body))
    if root is None:
        raise BadPayloadError("The body is not well-formed XML; expected one CAP message.")
    for name in _NAMESPACES:
        if root.tag == f"{{{name}}}alert":
            return root, f"{{{name}}}"
    if root.tag == "alert":
        return root, ""
    raise BadPayloadError(f"The outermost element is not a CAP message; expected alert of {NAMESPACE}.")


def _parsed(body: bytes) -> Element | None:
    try:
        found: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise BadPayloadError("The body declares a document type or entities; CAP messages never do.") from None
    except (ParseError, ValueError, LookupError):
        return None
    return found


def _mended(body: bytes) -> bytes:
    """The same without what no XML may hold: bytes that are no letters, control characters, bare ampersands."""
    named = _ENCODING.match(body)
    try:
        text = body.decode(named[1].decode() if named else "utf-8", "replace")
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace")
    text = _NOT_XML.sub("", _DECLARATION.sub("", text.lstrip("\ufeff")))
    return _AMPERSAND.sub("&amp;", text).encode("utf-8", "replace")


def _text(element: Element, space: str, name: str) -> str:
    return (element.findtext(f"{space}{name}") or "").strip()


def _references(alert: Element, space: str) -> Iterator[tuple[str, str]]:
    """Sender and identifier of the messages that this one refers to, the one that was sent first at the beginning."""
    found = []
    for one in _text(alert, space, "references").split():
        sender, _, rest = one.partition(",")
        identifier, _, sent = rest.rpartition(",")
        if identifier:
            found.append((moment_of(sent), sender, identifier))
    dated = sorted((one for one in found if one[0] is not None), key=lambda one: str(one[0]))
    for _sent, sender, identifier in [*dated, *(one for one in found if one[0] is None)]:
        yield sender, identifier


def _key(exercise: bool, sender: str, identifier: str) -> str:
    return key_of("cap exercise" if exercise else "cap", sender, identifier)


def _severity(infos: list[Element], space: str) -> tuple[Severity, bool]:
    if not infos:
        return Severity.SEVERE, True
    # One that says it is worse outweighs one that says nothing known, and the other way round.
    return max((severity_of(_text(info, space, "severity")) for info in infos), key=lambda one: (one[0], not one[1]))


def _language(infos: list[Element], space: str) -> str:
    """Of the first info; one without a language is in American English, says the standard."""
    return language_of(_text(infos[0], space, "language") or "en-US") if infos else ""


def _all_clear(infos: list[Element], space: str) -> bool:
    kinds = [{(one.text or "").strip().lower() for one in info.iter(f"{space}responseType")} for info in infos]
    return bool(kinds) and all("allclear" in found for found in kinds)


def example(at: datetime) -> bytes:
    """A message with one info."""
    sent = at.replace(microsecond=0).isoformat()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{NAMESPACE}">
  <identifier>test-from-tocsin</identifier><sender>tocsin</sender><sent>{sent}</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Private</scope>
  <info>
    <language>en</language><category>Other</category><event>Test</event>
    <urgency>Unknown</urgency><severity>Minor</severity><certainty>Unknown</certainty>
  </info>
</alert>
""".encode()


SHAPE = Shape("cap", "CAP 1.2", "application/xml", read, example)
