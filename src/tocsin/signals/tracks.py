"""The movements of a whole history, of every country and subject: in a temporary file, one subject at a time in memory.

One history may hold more days, countries and subjects than memory; its detectors need a number for each.
"""

import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby
from math import isnan, nan
from tempfile import TemporaryFile
from typing import TypeAlias

from tocsin.analysis.baselines.worldwide import World, height
from tocsin.analysis.series import Cell, Evidence, Point, Stream

Subject: TypeAlias = tuple[Stream, str]


@dataclass(frozen=True, slots=True)
class _Track:
    """Where the numbers of one country stand: times (seconds of 1970, 8 bytes each), then a number for each."""

    at: int
    count: int
    step: int


class Tracks:
    """First the heights of what was measured, then, by ``move``, how the rest of the world moved in their places."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 — it lives as long as this
        self._finalizer = weakref.finalize(self, self._file.close)
        self._known: dict[Subject, dict[str, _Track]] = {}

    def add(self, cell: Cell, series: Iterable[Point]) -> None:
        """Keep what is compared of a country's cell."""
        times, heights, step = array("q"), array("d"), 0
        for point in series:
            tall = height(point) if point.evidence is Evidence.SCORED else None
            if tall is not None:
                times.append(int(point.time.timestamp()))
                heights.append(tall)
                step = step or int(point.step.total_seconds())
        if times:
            at = self._file.seek(0, 2)
            self._file.write(times.tobytes() + heights.tobytes())
            self._known.setdefault((cell.stream, cell.subject), {})[cell.country] = _Track(at, len(times), step)

    def move(self) -> Iterator[None]:
        """Put movements in the places of heights, a subject a piece."""
        for tracks in self._known.values():
            read = {country: self._read(track) for country, track in sorted(tracks.items())}
            _move(read, {country: track.step for country, track in tracks.items()})
            for country, (_, numbers) in read.items():
                self._file.seek(tracks[country].at + 8 * tracks[country].count)
                self._file.write(numbers.tobytes())
            yield

    def of(self, cell: Cell) -> Mapping[datetime, float]:
        """How the rest of the world moved, by the start of the interval; after ``move``."""
        track = self._known.get((cell.stream, cell.subject), {}).get(cell.country)
        if track is None:
            return {}
        times, numbers = self._read(track)
        found = zip(times, numbers, strict=True)
        return {datetime.fromtimestamp(time, UTC): moved for time, moved in found if not isnan(moved)}

    def _read(self, track: _Track) -> "tuple[array[int], array[float]]":
        self._file.seek(track.at)
        times, numbers = array("q"), array("d")
        times.frombytes(self._file.read(8 * track.count))
        numbers.frombytes(self._file.read(8 * track.count))
        return times, numbers


def _move(read: "Mapping[str, tuple[array[int], array[float]]]", steps: Mapping[str, int]) -> None:
    """Over one subject: what stands beside each time becomes the movement of the other countries; none is no number."""
    world: World | None = None
    in_order = merge(*(_places(country, times) for country, (times, _) in read.items()))
    for time, places in groupby(in_order, key=lambda one: one[0]):
        at = {country: place for _, country, place in places}
        if world is None:
            world = World(steps[min(at)])
        moved = world.take(float(time), {country: read[country][1][place] for country, place in at.items()}, {})
        for country, place in at.items():
            read[country][1][place] = moved.get(country, nan)


def _places(country: str, times: "array[int]") -> Iterator[tuple[int, str, int]]:
    return ((time, country, place) for place, time in enumerate(times))
