"""The sites of a family become one cell, whose parts are its networks and sites."""

from datetime import UTC, datetime, timedelta

from tocsin.analysis.engine import with_families
from tocsin.analysis.series import Cell, Evidence, Part, Point, Stream

START, DAY = datetime(2024, 3, 1, tzinfo=UTC), timedelta(days=1)
FAMILIES = {"*.example.org": ("example.org",), "all": ("example.org", "example.net")}


def cell(subject: str, *, country: str = "XX", network: str = "", stream: Stream = Stream.BLOCKING) -> Cell:
    return Cell(stream, "web", country, subject, network)


def day(number: int, n: float, k: float, *parts: Part) -> Point:
    return Point(START + number * DAY, DAY, n=n, k=k, parts=parts)


def test_sites_are_added_up_by_country_and_their_parts_keep_network_and_site() -> None:
    fa = (cell("fa.example.org"), [day(0, 6, 2, Part("AS1", 4, 2), Part("AS2", 2, 0)), day(1, 1, 1, Part("AS1", 1, 1))])
    own = (cell("fa.example.org", network="AS1"), [day(0, 4, 2)])
    net = (cell("example.net"), [day(0, 3, 0), day(1, 2, 2)])
    other = (cell("notexample.org"), [day(0, 9, 9)])
    away = (cell("example.org", country="YY"), [day(0, 5, 5)])
    mate = (cell("b.example.org", country="YY"), [day(0, 1, 0), day(1, 4, 4)])
    made = list(with_families([fa, own, net, other, away, mate], FAMILIES))
    assert [each for each, _ in made] == [
        fa[0],
        own[0],
        net[0],
        other[0],
        cell("all"),
        away[0],
        mate[0],
        cell("*.example.org", country="YY"),
        cell("all", country="YY"),
    ]
    series = dict(made)
    assert series[cell("all")] == [
        day(0, 9, 2, Part("AS1 fa.example.org", 4, 2), Part("AS2 fa.example.org", 2, 0), Part("example.net", 3, 0)),
        day(1, 3, 3, Part("AS1 fa.example.org", 1, 1), Part("example.net", 2, 2)),
    ]
    both = day(0, 6, 5, Part("b.example.org", 1, 0), Part("example.org", 5, 5))
    assert series[cell("*.example.org", country="YY")] == [both]


def test_days_that_were_discarded_or_not_measured_stay_so() -> None:
    gone = [Point(START, DAY, evidence=Evidence.DISCARDED), Point(START + DAY, DAY, evidence=Evidence.NONE)]
    twice = [(cell("a.example.org"), gone), (cell("b.example.org"), gone)]
    assert dict(with_families(twice, FAMILIES))[cell("all")] == gone
    mixed = [(cell("a.example.org"), gone), (cell("b.example.org"), [day(0, 2, 1)])]
    assert dict(with_families(mixed, FAMILIES))[cell("all")][0] == day(0, 2, 1, Part("b.example.org", 2, 1))


def test_views_are_left_alone_and_very_many_parts_are_bounded() -> None:
    views = (cell("a.example.org", stream=Stream.VIEWS), [Point(START, DAY, value=3.0)])
    assert list(with_families([views], FAMILIES)) == [views]
    many = [(cell(f"s{number:03}.example.org"), [day(0, number + 1, 0)]) for number in range(80)]
    [point] = dict(with_families(many, FAMILIES))[cell("all")]
    assert len(point.parts) == 51
    assert sum(part.n for part in point.parts) == point.n == sum(range(1, 81))
    assert next(part.n for part in point.parts if part.name == "others") == sum(range(1, 31))
