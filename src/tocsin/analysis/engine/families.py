"""Pools the sites of one family into a cell of its own: a country with few measurements of each is not blind."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tocsin.analysis.engine.reducing import MOST_PARTS, OTHERS
from tocsin.analysis.series import Cell, Evidence, Part, Point, Stream

_FEWEST = 2

Series = tuple[Cell, list[Point]]


def with_families(series: Iterable[Series], families: Mapping[str, Sequence[str]]) -> Iterator[Series]:
    """The same cells; after those of one kind and country one more for each family that was measured there.

    ``families`` gives the registered domains of each family by its name, which is the ``subject`` of its cell: a
    subject belongs to it that is one of the domains or lies below it. Only counts are pooled, and only those of whole
    countries. The parts of a family are its networks and sites, named ``AS13335 fa.example.org``, or by the site
    alone where the networks are not told; the largest 50, the rest is one.
    An interval in which one site alone was measured is that site's and has no point.

    ``series`` comes in the order in which ``points`` gives it: the cells of one kind and country together.
    """
    place: tuple[Stream, str, str] | None = None
    held: dict[str, list[Series]] = {}
    for cell, found in series:
        here = (cell.stream, cell.kind, cell.country)
        if here != place:
            yield from _made(held)
            place, held = here, {}
        yield cell, found
        if cell.stream is Stream.BLOCKING and not cell.network:
            for name, domains in families.items():
                if any(_below(cell.subject, domain) for domain in domains):
                    held.setdefault(name, []).append((cell, found))
    yield from _made(held)


def _below(subject: str, domain: str) -> bool:
    host = subject.lower().rstrip(".")
    return host == domain or host.endswith(f".{domain}")


def _made(held: Mapping[str, list[Series]]) -> Iterator[Series]:
    for name, members in held.items():
        first = members[0][0]
        intervals: defaultdict[datetime, list[tuple[str, Point]]] = defaultdict(list)
        for cell, found in members:
            for point in found:
                intervals[point.time].append((cell.subject, point))
        cell = Cell(stream=first.stream, kind=first.kind, country=first.country, subject=name)
        pooled = [_pooled(time, intervals[time]) for time in sorted(intervals) if len(intervals[time]) >= _FEWEST]
        if pooled:
            yield cell, pooled


def _pooled(time: datetime, points: list[tuple[str, Point]]) -> Point:
    step = max(point.step for _, point in points)
    scored = [(subject, point) for subject, point in points if point.evidence is Evidence.SCORED]
    if not scored:
        discarded = any(point.evidence is Evidence.DISCARDED for _, point in points)
        return Point(time=time, step=step, evidence=Evidence.DISCARDED if discarded else Evidence.NONE)
    n, k = sum(point.n or 0.0 for _, point in scored), sum(point.k or 0.0 for _, point in scored)
    return Point(time=time, step=step, n=round(n, 6), k=round(k, 6), parts=_parts(scored))


def _parts(scored: list[tuple[str, Point]]) -> tuple[Part, ...]:
    parts = []
    for subject, point in scored:
        if point.parts:
            parts += [Part(f"{part.name} {subject}", part.n, part.k) for part in point.parts]
        else:
            parts.append(Part(subject, point.n or 0.0, point.k or 0.0))
    parts.sort(key=lambda part: (-part.n, part.name))
    small = parts[MOST_PARTS:]
    if small:
        n, k = sum(part.n for part in small), sum(part.k for part in small)
        parts = [*parts[:MOST_PARTS], Part(OTHERS, round(n, 6), round(k, 6))]
    return tuple(sorted(parts, key=lambda part: part.name))
