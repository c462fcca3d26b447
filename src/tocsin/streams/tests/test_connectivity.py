"""IODA: what is asked for, window by window, and what is made of routes, probes and the telescope's noise."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams import work
from tocsin.streams.models import Health, Observation, Source
from tocsin.streams.sources.base import Target
from tocsin.streams.sources.ioda.kind import Ioda
from tocsin.streams.sources.ioda.parse import signals
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.server import Site

NOW = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
START = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp())
OVER = START + 7 * 86_400


def series(country: str, values: list[Any], signal: str = "bgp", step: int = 600, start: int = START) -> dict[str, Any]:
    return {
        "entityType": "country",
        "entityCode": country,
        "datasource": signal,
        "from": start,
        "until": start + step * len(values),
        "step": step,
        "nativeStep": step,
        "values": values,
    }


def answer(*found: dict[str, Any]) -> bytes:
    return json.dumps({"type": "signals", "error": None, "data": [[one] for one in found]}).encode()


def read(*found: dict[str, Any], countries: str = "XS", until: int = OVER, signal: str = "bgp") -> dict[str, Any]:
    return signals(answer(*found), signal=signal, countries=countries.split(), until=until)


def asked(options: dict[str, Any], rounds: int, minutes: int = 30) -> list[tuple[str, str, str]]:
    """What is asked for in so many rounds of work, so many minutes apart: path, from, until."""
    kind, found, now = Ioda(), [], NOW
    memory: dict[str, Any] = {}
    for _ in range(rounds):
        for _ in range(60):
            target = Target("https://i.example/v2/", options, memory=memory)
            request = kind.plan(target, now)
            assert request is not None
            parts = urlsplit(request.url)
            query = parse_qs(parts.query)
            times = [f"{datetime.fromtimestamp(int(query[name][0]), UTC):%d %H:%M}" for name in ("from", "until")]
            found.append((f"{parts.path.rpartition('/')[2]} {query['datasource'][0]}", times[0], times[1]))
            batch = kind.take(target, request, {"entries": 1, "observations": []}, now)
            memory = dict(batch.memory)
            if not batch.more:
                break
        now += timedelta(minutes=minutes)
    return found


def test_values_are_averaged_over_ten_minutes_and_longer_intervals_keep_their_length() -> None:
    five = read(series("XS", [100, 300, 400, None, None, None], step=300))
    assert [(row["epoch"], row["step"], row["value"]) for row in five["observations"]] == [
        (START, 600, 200.0),
        (START + 600, 600, 400.0),
    ]
    half_hours = read(series("XS", [7, 8], step=1_800))
    assert [(row["step"], row["value"]) for row in half_hours["observations"]] == [(1_800, 7.0), (1_800, 8.0)]


def test_nothing_measured_zero_and_what_can_not_be_are_three_things() -> None:
    found = read(series("XS", [None, 0, -4, "many", 5]))
    rows = {row["epoch"]: row for row in found["observations"]}
    assert START not in rows
    assert (rows[START + 600]["value"], rows[START + 600]["evidence"]) == (0.0, "scored")
    assert rows[START + 1_200]["evidence"] == rows[START + 1_800]["evidence"] == "discarded"
    assert "2 values can't be a level" in found["refused"][0]


def test_an_interval_that_is_not_over_is_not_taken() -> None:
    found = read(series("XS", [5, 6]), until=START + 1_100)
    assert [row["value"] for row in found["observations"]] == [5.0]


def test_a_country_of_which_nothing_came_is_named() -> None:
    found = read(series("XS", [5]), series("XO", [None]), series("KE", [1]), countries="XS XO")
    assert {row["country"] for row in found["observations"]} == {"XS"}
    assert found["refused"] == [
        "1 series have another country, time or step than was asked for; they were left out.",
        "Nothing was measured in: XO.",
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data": 3}', b'{"data": [[3]]}', b'{"error": "no such country", "data": []}', b"[" * 9_000]
)
def test_odd_answers_give_a_line_that_says_what_to_do(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="Check the"):
        signals(body, signal="bgp", countries=["XS"], until=OVER)


@pytest.mark.parametrize(
    "odd",
    [{"step": 0}, {"step": None}, {"from": -5}, {"from": "now"}, {"values": None}, {"step": 10**9}, {"step": True}],
)
def test_a_series_without_a_sound_time_is_left_out(odd: dict[str, Any]) -> None:
    found = read({**series("XS", [1]), **odd}, series("XO", [2]), countries="XS XO")
    assert {row["country"] for row in found["observations"]} == {"XO"}


@pytest.mark.parametrize(
    "values",
    [
        [-1, -(10**30)], [10**30, 1e300], [True, False], ["5", ""], [[5], {"a": 1}], [float("nan"), float("inf")],
        [{"deep": [[[[5]]]]}, []],
    ],
)  # fmt: skip
def test_values_that_no_level_can_have_are_discarded_and_never_read_as_nought(values: list[Any]) -> None:
    found = read(series("XS", values))
    assert [(row["evidence"], "value" in row) for row in found["observations"]] == [("discarded", False)] * 2
    assert found["refused"] == ["2 values can't be a level; they were discarded."]


def test_times_that_were_not_asked_for_write_nothing() -> None:
    ahead, before = series("XS", [5, 6], start=OVER + 600), series("XO", [7, 8, 9], start=START - 1_200)
    body = answer(ahead, before, series("KE", [1], start=10**15), series("TZ", [2], start=0))
    found = signals(body, signal="bgp", countries=["XS", "XO", "KE", "TZ"], since=START, until=OVER)
    assert [(row["country"], row["epoch"], row["value"]) for row in found["observations"]] == [("XO", START, 9.0)]
    assert found["refused"] == ["Nothing was measured in: KE, TZ, XS."]


def test_the_interval_into_which_the_question_falls_is_taken() -> None:
    body = answer(series("XS", [5, 6], start=START - 600))
    found = signals(body, signal="bgp", countries=["XS"], since=START - 100, until=OVER)
    assert [row["value"] for row in found["observations"]] == [5.0, 6.0]


def test_a_country_that_stands_twice_is_read_once() -> None:
    found = read(series("XS", [5]), series("XS", [900]))
    assert [row["value"] for row in found["observations"]] == [5.0]
    assert found["refused"][0].startswith("1 series have another country")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 2_000_000,
        b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"data": [[' + b",".join([b"[]"] * 3_000_000) + b"]]}",
        b'{"data": [[{"entityCode": ["XS"], "datasource": {"a": 1}, "from": "now", "step": [], "values": 3}]]}' * 2,
        b'{"data": [["XS", 5, null]]}',
        b'{"data": {"XS": []}}',
        b'{"data": 1' + b"0" * 5_000 + b"}",
        b"\xff\xfe\x00\x00",
        b"<html>Too many requests</html>",
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_a_hostile_answer_breaks_one_fetch_with_one_line_and_writes_nothing(
    served: Site, add_source: AddSource, body: bytes
) -> None:
    served.put("/v2/signals/raw/country/XS", body, "application/json")
    source = add_source(f"{served.address}/v2", "ioda", options={"countries": ["XS"], "history_days": 1})
    work.step()
    source.refresh_from_db()
    assert (source.health, source.failures) == (Health.BROKEN, 1)
    assert 0 < len(source.message) <= 300
    assert not Observation.objects.exists()


def test_it_looks_back_once_and_at_the_last_day_from_then_on() -> None:
    options = {"countries": ["xs", "XO"], "signals": ["bgp", "merit-nt"], "history_days": 15}
    assert asked(options, rounds=2) == [
        ("XO,XS bgp", "23 12:00", "05 12:00"),
        ("XO,XS bgp", "05 12:00", "10 12:00"),
        ("XO,XS merit-nt", "23 12:00", "05 12:00"),
        ("XO,XS merit-nt", "05 12:00", "10 12:00"),
        ("XO,XS bgp", "09 12:00", "10 12:30"),
        ("XO,XS merit-nt", "09 12:00", "10 12:30"),
    ]


def test_after_a_long_silence_no_hour_is_skipped() -> None:
    options = {"countries": ["XS"], "signals": ["bgp"], "history_days": 1}
    windows = [(begin, end) for _what, begin, end in asked(options, rounds=2, minutes=15 * 24 * 60)]
    assert windows == [("09 12:00", "10 12:00"), ("09 12:00", "19 12:00"), ("19 12:00", "25 12:00")]


def test_many_countries_are_asked_for_in_few_requests_and_unknown_signals_not_at_all() -> None:
    codes = [f"{first}{second}" for first in "ABC" for second in "DEFGHIJ"]
    found = asked({"countries": codes, "signals": ["bgp", "gtr"], "history_days": 1}, rounds=1)
    assert [len(what.split()[0].split(",")) for what, _begin, _end in found] == [10, 10, 1]


def test_connectivity_reaches_the_lake_and_late_values_take_their_place(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    begin = int(datetime.now(UTC).timestamp()) // 600 * 600 - 3 * 3_600
    path = "/v2/signals/raw/country/XS"
    served.put(path, answer(series("XS", [90, 91, None, 12], start=begin)), "application/json")
    options = {"countries": ["XS"], "signals": ["bgp"], "history_days": 1}
    source = add_source(f"{served.address}/v2", kind="ioda", options=options)
    assert work.step()
    rows = Observation.objects.order_by("epoch")
    assert [(row.kind, row.stream, row.country, row.value, row.source_id) for row in rows] == [
        ("ioda.bgp", "connectivity", "XS", value, source.pk) for value in (90.0, 91.0, 12.0)
    ]
    served.put(path, answer(series("XS", [90, 91, 50, 11], start=begin)), "application/json")
    due_again(source)
    assert work.step()
    assert list(Observation.objects.order_by("epoch").values_list("value", flat=True)) == [90.0, 91.0, 50.0, 11.0]
    source.refresh_from_db()
    assert source.health == Health.FRESH


def test_a_refusal_of_ioda_is_told_in_words(served: Site, add_source: AddSource) -> None:
    served.put("/v2/signals/raw/country/XS", b'{"error": "secret detail"}', "application/json")
    source = add_source(f"{served.address}/v2", kind="ioda", options={"countries": ["XS"], "signals": ["bgp"]})
    work.step()
    source.refresh_from_db()
    assert source.health == Health.BROKEN
    assert "Check the countries" in source.message
    assert "secret" not in source.message
