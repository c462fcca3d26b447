"""Names that were masked in an original, so that none is written out in a translation of it."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from tocsin.analysis.text.folding import fold_name
from tocsin.reports import outward
from tocsin.reports.known_names import mentions, spelled
from tocsin.reports.masking import Found, Kind
from tocsin.reports.models import Draft, Edit
from tocsin.reports.sounding import sounds
from tocsin.reports.user_words import TITLES

# What stands around the name in a handle, an address or a link.
_AROUND: Final = re.compile(r"[@＠:：|/#\[\]{}<>=?&]+")
_NAMING: Final = frozenset({Kind.NAME, Kind.HANDLE, Kind.MAIL, Kind.PAGE})
_EDITS: Final = ("mask", "write", "remove")


def withheld(draft: Draft) -> frozenset[str]:
    """The names and handles that editors masked in the original of a version, and in what that one corrects.

    Of what was worded anew, those count that were surely one and that its new words don't say.
    """
    original = draft.original
    found: set[str] = set()
    while original is not None:
        found |= {bare for edit in original.edits.filter(verb__in=_EDITS) for bare in _masked(edit)}
        original = original.corrects.draft if original.corrects is not None else None
    return frozenset(found)


def _masked(edit: Edit) -> Iterator[str]:
    for one in outward.names_in(edit.before, ()):
        if one.kind in _NAMING and (one.sure or edit.verb == "mask") and one.text not in edit.after:
            yield from _bare(one)


def _bare(found: Found) -> Iterator[str]:
    """A name without what makes it a handle, an address or a link."""
    if found.kind is Kind.NAME:
        words = [one for one in found.text.split() if one.lower().strip(".") not in TITLES]
        # What was found behind a form of address may go on beyond the name.
        yield " ".join([one for one in words if not one[:1].islower()] or words)
        return
    parts = [one.strip(" .,") for one in _AROUND.split(found.text) if one.strip(" .,")]
    name = parts[0] if found.kind is Kind.MAIL else parts[-1] if parts else ""
    if len(fold_name(name)) > 2:
        yield name.replace("_", " ")


def written_out(
    text: str, names: Collection[str], known: Collection[str], cleared: Collection[str]
) -> tuple[Found, ...]:
    """Where a translation says one of these names: surely in its own letters, perhaps as it sounds in another script.

    What only sounds like one can be said to be none. ``known`` are looked for by their sound alone.
    """
    found = [
        Found(start, end, text[start:end], Kind.NAME, sure)
        for start, end, sure in (*mentions(text, names), *spelled(text, names))
    ]
    found += [
        Found(start, end, text[start:end], Kind.NAME, sure=False) for start, end in sounds(text, {*names, *known})
    ]
    return tuple(one for one in dict.fromkeys(found) if one.sure or one.text not in cleared)
