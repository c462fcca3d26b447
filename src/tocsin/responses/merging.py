"""Two people wrote the same version at once: what both wrote is kept, and where they clash it is said."""

from dataclasses import dataclass, fields
from typing import Any

from tocsin.responses.log.content import Content


@dataclass(frozen=True, slots=True)
class Merged:
    """Both versions in one. ``taken`` names fields that only the other changed, ``clash`` those that both did."""

    content: Content
    taken: tuple[str, ...]
    clash: tuple[str, ...]


def merge(base: Content, theirs: Content, mine: Content) -> Merged:
    """Three ways: a field that only they changed is taken over; of one that both changed mine stays."""
    values: dict[str, Any] = {}
    taken: list[str] = []
    clash: list[str] = []
    for one in fields(Content):
        before, other, own = (getattr(content, one.name) for content in (base, theirs, mine))
        values[one.name] = own
        if other in (before, own):
            continue
        if own == before:
            values[one.name] = other
            taken.append(one.name)
        elif isinstance(own, tuple):
            values[one.name], whole = _parts(before, other, own)
            (taken if whole else clash).append(one.name)
        else:
            clash.append(one.name)
    return Merged(Content(**values), tuple(taken), tuple(clash))


def _parts(before: tuple[Any, ...], other: tuple[Any, ...], own: tuple[Any, ...]) -> tuple[tuple[Any, ...], bool]:
    """Mine with what they added and without what they took away; whole: they changed nothing that I changed too."""
    added = [one for one in other if one not in before and one not in own]
    gone = [one for one in before if one not in other]
    keyed = {one.key for one in own if hasattr(one, "key")}
    fresh = [one for one in added if getattr(one, "key", None) not in keyed]
    kept = [one for one in own if one not in gone]
    changed = {one.key: one for one in added if getattr(one, "key", None) in keyed}
    untouched = {one.key for one in before if hasattr(one, "key") and one in own}
    merged = []
    for one in own:
        key = getattr(one, "key", None)
        if key in changed and key in untouched:
            merged.append(changed[key])
        elif one in kept:
            merged.append(one)
    whole = all(key in untouched for key in changed)
    return (*merged, *fresh), whole
