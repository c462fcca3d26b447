"""Asks the jail what a file tells, how it looks, and for a clean copy. Bytes go in and out by pipes, not by files."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from tocsin.lib import jail

_MB: Final = 1024 * 1024
# What is larger is kept, hashed and sent as it is, but not looked into here.
READ_AT_MOST: Final = 48 * _MB
SMALL, LARGE = 240, 1200
_LIMITS: Final = jail.Limits(memory=768 * _MB, cpu=20, wall=25.0, payload=READ_AT_MOST, output=80 * _MB)
_PARSE: Final = "tocsin.cases.evidence.parse"


class UnreadError(Exception):
    """A file that can't be read, drawn or cleaned; ``words`` are plain and say what to do instead."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


@dataclass(frozen=True, slots=True)
class About:
    """What a file is and tells. ``warnings`` are codes, ``facts`` pairs of name and value: foreign words."""

    kind: str
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy without metadata, with what was told before and what is told after."""

    body: bytes
    ending: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]

    @property
    def gone(self) -> list[tuple[str, str]]:
        """What the copy no longer tells."""
        return [one for one in self.before if one not in self.after]


def whole(pieces: Iterable[bytes], size: int) -> bytes:
    """A file in memory, if it is small enough to be looked into.

    Raises:
        UnreadError: when it is not.
    """
    if size > READ_AT_MOST:
        raise UnreadError(_("This file is too large to be looked into here. Its description and its hash stand."))
    return b"".join(pieces)


def about(body: bytes, name: str) -> About:
    """What a file is and tells; never fails, because a file that can't be read is evidence too."""
    result = jail.run(f"{_PARSE}.facts:about", body, limits=_LIMITS, argument={"name": name})
    if result.failure is not None:
        return About("other", trouble=result.failure.message)
    try:
        found = result.data
        warnings = tuple(str(one)[:20] for one in found["warnings"])
        return About(str(found["kind"])[:12], warnings, _pairs(found["facts"]), str(found["trouble"])[:300])
    except (KeyError, TypeError, ValueError):
        return About("other", trouble=_("The reader of this file gave something that makes no sense."))


def picture(body: bytes, *, large: bool, grey: bool) -> bytes:
    """A new PNG of what a file shows.

    Raises:
        UnreadError: for kinds without a preview, and for damaged or hostile files.
    """
    argument = {"edge": LARGE if large else SMALL, "grey": grey}
    found = _asked("pictures:picture", body, argument)
    png = _bytes(found, "png")
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise UnreadError(_("The reader of this file gave something that makes no sense."))
    return png


def copy(body: bytes) -> Copy:
    """A copy that tells nothing but what it shows.

    Raises:
        UnreadError: for kinds that can't be cleaned, and for damaged or hostile files.
    """
    found = _asked("stripping:copy", body, {})
    made = _bytes(found, "body")
    try:
        ending = {"jpg": "jpg", "png": "png", "pdf": "pdf", "docx": "docx", "txt": "txt"}[found["ending"]]
        return Copy(made, ending, _pairs(found["before"]), _pairs(found["after"]))
    except (KeyError, TypeError, ValueError):
        raise UnreadError(_("The reader of this file gave something that makes no sense.")) from None


def _asked(parser: str, body: bytes, argument: dict[str, Any]) -> Any:
    result = jail.run(f"{_PARSE}.{parser}", body, limits=_LIMITS, argument=argument)
    if result.failure is not None:
        raise UnreadError(result.failure.message)
    return result.data


def _bytes(found: Any, name: str) -> bytes:
    try:
        return base64.b64decode(found[name], validate=True)
    except (KeyError, TypeError, ValueError):
        raise UnreadError(_("The reader of this file gave something that makes no sense.")) from None


def _pairs(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name)[:60], str(value)[:300]) for name, value in found[:200])
