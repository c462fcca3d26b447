"""Which sources cover what we need to know, and where nobody looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef

from tocsin.people.models import Person
from tocsin.streams.access import requirements_for, sources_for
from tocsin.streams.models import BlindSpot, Health, Requirement, Source
from tocsin.streams.sources import KINDS, kind


class Cover(StrEnum):
    """How well one part of a requirement is covered."""

    LIVE = "live"  # at least one source delivers
    STALE = "stale"  # there are sources, and none delivers
    NOBODY = "nobody"  # no source looks there


@dataclass(frozen=True, slots=True)
class Watcher:
    """A source that covers something, and whether it does so at present."""

    source: Source
    live: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One country, language or kind of source that a requirement names (empty: the whole world), and who covers it."""

    code: str
    cover: Cover
    watchers: tuple[Watcher, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A requirement with its parts."""

    requirement: Requirement
    countries: tuple[Part, ...]
    languages: tuple[Part, ...]
    kinds: tuple[Part, ...]
    watchers: tuple[Watcher, ...]

    @property
    def worst(self) -> Cover:
        """The worst cover among its parts: one hole is a hole."""
        covers = {part.cover for part in (*self.countries, *self.languages, *self.kinds)}
        return next((one for one in (Cover.NOBODY, Cover.STALE) if one in covers), Cover.LIVE)


def coverage(person: Person) -> list[Coverage]:
    """Every open requirement with the sources that cover it, among those that this person may know of."""
    silent = BlindSpot.objects.filter(source=OuterRef("pk"), until=None)
    rows = sources_for(person).filter(kind__in=KINDS).annotate(blind=Exists(silent)).order_by("name", "pk")
    watchers = [Watcher(row, _is_live(row)) for row in rows.defer("memory") if kind(row.kind).looks]
    return [of_requirement(one, watchers) for one in requirements_for(person).filter(closed_at=None)]


def of_requirement(requirement: Requirement, watchers: Sequence[Watcher]) -> Coverage:
    """How these sources cover one requirement."""
    wanted = requirement.streams
    fitting = [one for one in watchers if not wanted or one.source.kind in wanted]
    readers = {one.source.pk for one in fitting if kind(one.source.kind).texts}
    places, tongues = requirement.countries, requirement.languages
    near = [one for one in fitting if not places or any(_covers_country(one.source, code) for code in places)]
    return Coverage(
        requirement=requirement,
        countries=_parts(places, near, _covers_country) if places else (_part("", near),),
        languages=_parts(tongues, [one for one in near if one.source.pk in readers], _covers_language),
        kinds=tuple(_part(name, [one for one in near if one.source.kind == name]) for name in wanted),
        watchers=tuple(near),
    )


def _parts(
    codes: Sequence[str], watchers: Sequence[Watcher], covers: Callable[[Source, str], bool]
) -> tuple[Part, ...]:
    return tuple(_part(code, [one for one in watchers if covers(one.source, code)]) for code in codes)


def _part(code: str, watchers: Sequence[Watcher]) -> Part:
    cover = Cover.NOBODY
    if watchers:
        cover = Cover.LIVE if any(one.live for one in watchers) else Cover.STALE
    return Part(code, cover, tuple(watchers))


def _is_live(row: Source) -> bool:
    if not row.url:  # people bring what is in it; it is as live as they are
        return not row.paused
    return not (row.paused or row.blind or row.health in {Health.BROKEN, Health.SILENT, Health.NEW})  # type: ignore[attr-defined]


def _covers_country(source: Source, code: str) -> bool:
    return code in source.countries or (not source.countries and kind(source.kind).worldwide)


def _covers_language(source: Source, code: str) -> bool:
    base = code.partition("-")[0]
    return any(one.partition("-")[0] == base for one in source.languages) or (
        not source.languages and kind(source.kind).worldwide
    )
