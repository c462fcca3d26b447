"""The movements of a whole history, a subject at a time from a file, are those that are made of all of it at once."""

from datetime import UTC, datetime, timedelta
from random import Random

from tocsin.analysis.baselines import movements
from tocsin.analysis.series import Cell, Evidence, Point, Stream
from tocsin.signals.tracks import Tracks

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def series(seed: int, gap: int) -> list[Point]:
    chance = Random(seed)
    found = []
    for day in range(60):
        if day % gap == 0:
            found.append(Point(START + day * DAY, DAY, evidence=Evidence.DISCARDED))
        elif chance.random() < 0.9:
            found.append(Point(START + day * DAY, DAY, n=20.0, k=float(chance.randrange(3 + day // 20))))
    return found


def test_they_are_the_same_numbers_whatever_is_missing() -> None:
    tracks = Tracks()
    history = {
        subject: {f"X{place}": series(place * 7 + number, 5 + place) for place in range(9)}
        for number, subject in enumerate(("a.example", "b.example"))
    }
    # As the lake gives them: country by country.
    for place in range(9):
        for subject, countries in history.items():
            tracks.add(Cell(Stream.BLOCKING, "web", f"X{place}", subject), countries[f"X{place}"])
    assert len(list(tracks.move())) == 2
    for subject, countries in history.items():
        scored = {
            code: [point for point in found if point.evidence is Evidence.SCORED] for code, found in countries.items()
        }
        expected = movements(scored)
        assert any(expected.values())
        for code in countries:
            assert tracks.of(Cell(Stream.BLOCKING, "web", code, subject)) == expected[code]
    assert tracks.of(Cell(Stream.BLOCKING, "web", "YY", "a.example")) == {}
