"""What changed since the last issue of the same report: facts compared by key and value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from tocsin.reports import present
from tocsin.reports.facts import Fact, Topic
from tocsin.reports.gathering.period import Gatherer

_COMPARED = frozenset({Topic.SITUATION, Topic.FORECAST, Topic.MEASURE, Topic.BLIND, Topic.ASK, Topic.WORKED})
# A measure that is not there was not measured, and a source that is not silent any more is no news by itself.
_ENDS = frozenset({Topic.SITUATION, Topic.ASK})
_NUMBER = 0.02  # of what it was: a smaller move of a number is none


def changes(before: Mapping[str, Fact], now: Mapping[str, Fact], reader: Gatherer) -> Iterator[Fact]:
    """Facts about what is new, moved or gone. What a room itself calls a change is not said twice.

    What is gone is told only where it ended and ``reader`` may still read it: it may have been closed to them instead.
    Each has the ceiling of the fact that it is about, and rests on the same sources.
    """
    told = {_about(key) for key, one in now.items() if one.topic is Topic.CHANGE}
    for key, fact in now.items():
        if fact.topic not in _COMPARED or _about(key) in told:
            continue
        old = before.get(key)
        if old is None:
            yield _changed(fact, _("New since the last issue: %(says)s"))
        elif _moved(old, fact):
            yield _changed(fact, _("Changed since the last issue: %(says)s"))
    gone = [one for key, one in before.items() if one.topic in _ENDS and key not in now and _about(key) not in told]
    for fact in present.over(gone, reader):
        yield _changed(fact, _("No longer on record since the last issue: %(says)s"))


def _about(key: str) -> str:
    """The row that a key is about: its kind and id."""
    return ":".join(key.split(":")[:2])


def _moved(old: Fact, now: Fact) -> bool:
    if old.value is None or now.value is None:
        return (old.value is None) != (now.value is None) or (old.value is None and old.says != now.says)
    return abs(now.value.amount - old.value.amount) > max(abs(old.value.amount) * _NUMBER, 1e-9)


def _changed(fact: Fact, said: str) -> Fact:
    worded = {audience: said % {"says": words} for audience, words in fact.words.items()}
    return replace(
        fact, key=f"since-last:{fact.key}", topic=Topic.CHANGE, says=said % {"says": fact.says}, words=worded,
        rank=fact.rank - 1,
    )  # fmt: skip


def by_key(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Facts by their keys."""
    return {one.key: one for one in facts}
