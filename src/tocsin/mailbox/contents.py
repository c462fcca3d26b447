"""What a letter says. A stranger chose its bytes: they are read strictly, and what can't be read says so."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from tocsin.keys import sealing
from tocsin.mailbox.mail import openpgp, reading
from tocsin.mailbox.models import Letter

_MOST_FILES: Final = 200
_MOST_HIDDEN: Final = 1_000
# A number that the database and a browser can hold, too.
_MOST: Final = 2**53
_PLACE: Final = re.compile(r"[0-9a-f]{32}")


class _MalformedError(ValueError):
    """A letter that is not as the door writes one."""


@dataclass(frozen=True, slots=True)
class File:
    """Something that came along. ``place`` names a sealed file in the vault; else ``data`` is in the letter itself."""

    number: int
    name: str
    kind: str
    size: int
    place: str = ""
    key: bytes = b""
    sha256: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter says. Empty fields were not said. ``hidden`` are people who must not see it; ``box`` a key.

    Of Signal: ``files_left`` came along and were not fetched, ``group`` was written to several, ``call`` rang,
    ``edits`` stands for an earlier one.
    """

    text: str
    subject: str = ""
    sender: str = ""
    kind: str = ""
    safe: str = ""
    urgency: str = ""
    how: str = ""
    where: str = ""
    when: str = ""
    say: str = ""
    by: int = 0
    hidden: frozenset[int] = frozenset()
    files: tuple[File, ...] = ()
    number: str = ""
    automatic: bool = False
    encrypted: bool = False
    unreadable: bool = False
    sender_key: bytes = b""
    box: bytes = b""
    files_left: int = 0
    group: bool = False
    call: bool = False
    edits: bool = False


def read(row: Letter, plain: bytes, privates: Sequence[str], people: Mapping[str, int]) -> Content:
    """What the bytes of a letter say. It never raises: what can't be read is ``unreadable``, and not ``encrypted``.

    ``privates`` are the OpenPGP keys of the address, the newest first; ``people`` has the door's words for people.
    """
    try:
        if row.door == "mail":
            return _shown(_from_mail(plain, privates))
        if row.door == "signal":
            return _shown(_from_signal(json.loads(plain)))
        return _shown(_from_words(json.loads(plain), people, typed=row.door == "phone"))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        # Whom it names as not to see it counts, even where nothing else of it can be read.
        return Content(text="", unreadable=True, hidden=_hidden_at_least(plain, people))


def _hidden_at_least(plain: bytes, people: Mapping[str, int]) -> frozenset[int]:
    try:
        return _hidden(_object(json.loads(plain), "hidden"), people)
    except (ValueError, RecursionError):
        return frozenset()


def _shown(content: Content) -> Content:
    """Every word of it can be written on a page."""
    words = [content.text, content.subject, content.sender, content.kind, content.safe, content.urgency, content.how]
    words += [content.where, content.when, content.say, content.number]
    words += [word for file in content.files for word in (file.name, file.kind)]
    "".join(words).encode()
    return content


def _from_words(body: object, people: Mapping[str, int], *, typed: bool) -> Content:
    if not isinstance(body, dict):
        raise _MalformedError
    answer = _object(body, "answer")
    return Content(
        text=_word(body, "text"),
        kind=_word(body, "kind"),
        safe=_word(body, "safe"),
        urgency=_word(body, "urgency"),
        how=_word(answer, "how"),
        where=_word(answer, "where"),
        when=_word(answer, "when"),
        say=_word(answer, "say"),
        # Only what somebody here typed in names a member of staff; a stranger could name anybody.
        by=_number(body.get("by", 0)) if typed else 0,
        hidden=_hidden(_object(body, "hidden"), people),
        box=_box(_object(body, "box")),
        files=tuple(_file(number, one) for number, one in enumerate(_list(body, "files", _MOST_FILES))),
    )


def _box(box: Mapping[str, Any]) -> bytes:
    """The public key that answers are sealed to, as the sender's own door sealed it; b"" where there is no box."""
    if "public" not in box:
        return b""
    public = base64.b64decode(_needed(box, "public"), validate=True)
    if len(public) != sealing.KEY:
        raise _MalformedError
    return public


def _hidden(named: Mapping[str, Any], people: Mapping[str, int]) -> frozenset[int]:
    words = _list(named, "people", _MOST_HIDDEN)
    if not all(isinstance(word, str) for word in words):
        raise _MalformedError
    return frozenset(people[word] for word in words if word in people)


def _file(number: int, one: object) -> File:
    if not isinstance(one, dict):
        raise _MalformedError
    place, key = _needed(one, "place"), base64.b64decode(_needed(one, "key"), validate=True)
    if not _PLACE.fullmatch(place) or len(key) != sealing.KEY:
        raise _MalformedError
    return File(
        number=number,
        name=_needed(one, "name")[:200],
        kind=_needed(one, "type")[:100],
        size=_number(one.get("size")),
        place=place,
        key=key,
        sha256=_needed(one, "sha256"),
    )


def _object(body: object, name: str) -> Mapping[str, Any]:
    found = body.get(name) if isinstance(body, dict) else ()
    if found is not None and not isinstance(found, dict):
        raise _MalformedError
    return found or {}


def _list(body: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = body.get(name)
    if found is not None and (not isinstance(found, list) or len(found) > most):
        raise _MalformedError
    return found or []


def _word(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name, "")
    if not isinstance(found, str):
        raise _MalformedError
    return found


def _needed(body: Mapping[str, Any], name: str) -> str:
    if name not in body:
        raise _MalformedError
    return _word(body, name)


def _number(found: object) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _MOST:
        raise _MalformedError
    return found


def _from_signal(body: object) -> Content:
    if not isinstance(body, dict):
        raise _MalformedError
    sender = _needed(body, "from")
    return Content(
        text=_word(body, "text"),
        sender=sender,
        how="signal",
        where=sender,
        files_left=_number(body.get("files_left", 0)),
        group=body.get("group") is True,
        call=body.get("call") is True,
        edits=body.get("edits") is True,
    )


def _from_mail(plain: bytes, privates: Sequence[str]) -> Content:
    mail = reading.read(plain)
    inside, closed = mail, False
    if mail.encrypted:
        tried = (openpgp.decrypt(private, mail.encrypted) for private in privates)
        clear = next((one for one in tried if one is not None), None)
        closed = clear is None
        inside = _inside(mail, clear) if clear is not None else mail
    files = [
        File(number, part.name, part.kind, len(part.data), data=part.data, sha256=sha256(part.data).hexdigest())
        for number, part in enumerate(inside.attached)
    ]
    return Content(
        text=inside.text,
        subject=inside.subject or mail.subject,
        sender=mail.sender,
        how="mail",
        where=mail.sender,
        files=tuple(files),
        number=mail.number,
        automatic=mail.automatic,
        encrypted=bool(mail.encrypted),
        unreadable=closed,
        sender_key=inside.sender_key or mail.sender_key,
    )


def _inside(mail: reading.Mail, clear: bytes) -> reading.Mail:
    """What was encrypted is a letter of its own, or words alone."""
    if clear[:2_000].lower().lstrip().startswith((b"content-", b"mime-", b"from:", b"subject:", b"date:")):
        return reading.read(clear)
    return replace(mail, text=reading.Part("text/plain", "", clear).text)
