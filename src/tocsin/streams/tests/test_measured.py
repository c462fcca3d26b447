"""OONI and page views: what is asked for, window by window, and what is made of the answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tocsin.streams import work
from tocsin.streams.models import Fetch, Health, Observation, Source
from tocsin.streams.sources.base import Target
from tocsin.streams.sources.ooni.kind import Ooni
from tocsin.streams.sources.ooni.parse import counts, measurements
from tocsin.streams.sources.pageviews.kind import PageViews
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.server import Page, Site

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WIKI = "wiki.example"


def as_json(data: Any) -> bytes:
    return json.dumps(data).encode()


def ooni_row(day: str, country: str, ok: int, anomaly: int = 0, confirmed: int = 0, failure: int = 0) -> dict[str, Any]:
    counts = {"ok_count": ok, "anomaly_count": anomaly, "confirmed_count": confirmed, "failure_count": failure}
    return {"measurement_start_day": day, "probe_cc": country, **counts, "measurement_count": sum(counts.values())}


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def all_work() -> None:
    for _ in range(40):
        if not work.step():
            return
    raise AssertionError("there is no end of work")


def test_ooni_counts_become_rows_that_tell_missing_discarded_and_zero_apart(
    served: Site, add_source: AddSource
) -> None:
    rows = [ooni_row(today(), "XS", 6, 2, 1, 4), ooni_row(today(), "XO", 9), ooni_row(today(), "KE", 0, failure=3)]
    rows.append({"measurement_start_day": "no day"})
    served.put("/api", as_json({"v": 0, "result": rows}), "application/json")
    options = {"domains": [WIKI], "history_days": 3}
    source = add_source(f"{served.address}/api", kind="ooni", options=options)
    all_work()
    found = {row.country: row for row in Observation.objects.all()}
    assert (found["XS"].n, found["XS"].k, found["XS"].detail["failure"]) == (9.0, 3.0, 4)
    assert (found["XO"].n, found["XO"].k) == (9.0, 0.0)
    assert (found["KE"].n, found["KE"].evidence, found["KE"].detail["reason"]) == (
        None,
        "discarded",
        "every measurement failed",
    )
    assert {row.kind for row in found.values()} == {"ooni.web"}
    source.refresh_from_db()
    assert "1 rows have no usable day" in source.message
    query = parse_qs(urlsplit(served.asked[0][0]).query)
    assert query["axis_y"] == ["probe_cc"]
    assert query["domain"] == [WIKI]


def test_the_same_ooni_counts_again_are_not_landed_again(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    result = [ooni_row(today(), "XS", 6)]
    served.put("/api", as_json({"result": result, "db_stats": {"elapsed": 1}}), "application/json")
    source = add_source(f"{served.address}/api", kind="ooni", options={"domains": [WIKI], "history_days": 3})
    all_work()
    due_again(source)
    all_work()  # the last seven days, asked for under another name
    Observation.objects.all().delete()
    served.put("/api", as_json({"result": result, "db_stats": {"elapsed": 2}}), "application/json")
    due_again(source)
    all_work()
    assert Observation.objects.count() == 0
    source.refresh_from_db()
    assert source.health == Health.UNCHANGED


def ooni_windows(options: dict[str, Any], rounds: int, hours: int) -> list[str]:
    """What is asked for in so many rounds of work, so many hours apart."""
    kind, asked, now = Ooni(), [], NOW
    memory: dict[str, Any] = {}
    for _ in range(rounds):
        for _ in range(30):
            target = Target("https://o.example/api/v1/aggregation", options, memory=memory)
            request = kind.plan(target, now)
            assert request is not None
            query = parse_qs(urlsplit(request.url).query)
            asked.append(f"{query.get('domain', query['test_name'])[0]} {query['since'][0]} {query['until'][0]}")
            batch = kind.take(target, request, {"entries": 1, "observations": []}, now)
            memory = dict(batch.memory)
            if not batch.more:
                break
        now += timedelta(hours=hours)
    return asked


def test_ooni_looks_back_once_and_at_the_last_week_from_then_on() -> None:
    options = {"domains": ["a.example", "b.example"], "history_days": 40}
    asked = ooni_windows(options, rounds=2, hours=20)
    assert asked == [
        "a.example 2026-01-29 2026-02-28",
        "a.example 2026-02-28 2026-03-11",
        "b.example 2026-01-29 2026-02-28",
        "b.example 2026-02-28 2026-03-11",
        "a.example 2026-03-03 2026-03-12",
        "b.example 2026-03-03 2026-03-12",
    ]


def test_ooni_measurements_never_skip_an_hour() -> None:
    options = {"domains": ["a.example"], "countries": ["XS"], "mode": "measurements", "history_days": 1}
    asked = ooni_windows(options, rounds=2, hours=13)
    assert asked == [
        "a.example 2026-03-09T00:00:00 2026-03-10T00:00:00",
        "a.example 2026-03-10T00:00:00 2026-03-11T00:00:00",
        "a.example 2026-03-09T00:00:00 2026-03-10T00:00:00",
        "a.example 2026-03-10T00:00:00 2026-03-11T00:00:00",
        "a.example 2026-03-11T00:00:00 2026-03-12T00:00:00",
    ]


def test_single_ooni_measurements_are_pooled_by_hour_and_network(served: Site, add_source: AddSource) -> None:
    hour = f"{datetime.now(UTC):%Y-%m-%dT00}"
    base = {"probe_cc": "XS", "probe_asn": "AS64500", "anomaly": False, "confirmed": False, "failure": False}
    results = [
        {**base, "measurement_start_time": f"{hour}:05:00Z"},
        {**base, "measurement_start_time": f"{hour}:15:00Z", "anomaly": True},
        {**base, "measurement_start_time": f"{hour}:25:00Z", "failure": True},
        {**base, "measurement_start_time": f"{hour}:35:00Z", "probe_asn": "AS64501", "confirmed": True},
    ]
    served.put("/measurements", as_json({"metadata": {}, "results": results}), "application/json")
    options = {"domains": [WIKI], "countries": ["XS"], "mode": "measurements", "history_days": 1}
    add_source(f"{served.address}/aggregation", kind="ooni", options=options)
    all_work()
    rows = Observation.objects.order_by("network").values_list("network", "n", "k", "step", "kind")
    assert list(rows) == [
        ("AS64500", 2.0, 1.0, 3600, "ooni.measurements"),
        ("AS64501", 1.0, 1.0, 3600, "ooni.measurements"),
    ]


def test_a_network_of_ooni_has_one_name_and_none_passes_for_the_whole_country() -> None:
    pool = {"ok_count": 1, "anomaly_count": 1, "confirmed_count": 0, "failure_count": 0}
    rows = [{**pool, "measurement_start_day": "2026-03-01", "probe_asn": asn} for asn in (64500, "as064501", 0, None)]
    found = counts(as_json({"result": rows}), subject=WIKI, kind="ooni.web", country="XS")
    assert [row["network"] for row in found["observations"]] == ["AS64500", "AS64501"]
    assert found["refused"] == ["2 rows name no network; they were left out."]
    single = {"probe_cc": "XS", "measurement_start_time": "2026-03-01T00:05:00Z"}
    results = [{**single, "probe_asn": asn} for asn in ("AS64500", "as064500", "AS0", "AS00")]
    pooled = measurements(as_json({"results": results}), subject=WIKI, limit=9)
    assert [(row["network"], row["n"]) for row in pooled["observations"]] == [("", 2), ("AS64500", 2)]


def test_an_answer_that_can_not_be_read_does_not_stop_the_other_sites(
    served: Site, add_source: AddSource, due_again: Callable[[Source], Source]
) -> None:
    served.pages["/api"] = Page(b"<html>", "text/html")
    source = add_source(f"{served.address}/api", kind="ooni", options={"domains": ["a.example", "b.example"]})
    for _ in range(4):
        due_again(source)
        work.step()
    domains = [parse_qs(urlsplit(path).query)["domain"][0] for path, _ in served.asked]
    windows = [parse_qs(urlsplit(path).query)["since"][0] for path, _ in served.asked]
    assert domains[:3] == ["a.example"] * 3
    assert (domains[3], windows[3]) != (domains[0], windows[0])
    source.refresh_from_db()
    assert "not JSON" in source.message


def views(project: str, *days: tuple[str, int]) -> bytes:
    return as_json({"items": [{"project": project, "timestamp": f"{day}00", "views": count} for day, count in days]})


def test_page_views_of_a_project_and_of_a_country(served: Site, add_source: AddSource) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    before = yesterday - timedelta(days=1)
    options = {"projects": ["xs.wikipedia"], "countries": ["XS"], "history_days": 1}
    root = "/pv"
    aggregate = f"{root}/aggregate/xs.wikipedia/all-access/user/daily/{before:%Y%m%d}00/{yesterday:%Y%m%d}23"
    served.put(
        aggregate, views("xs.wikipedia", (f"{before:%Y%m%d}", 900), (f"{yesterday:%Y%m%d}", 0)), "application/json"
    )
    top = {
        "articles": [{"project": "xs.wikipedia", "views_ceil": 300}, {"project": "xs.wikipedia.org", "views_ceil": 200}]
    }
    served.put(f"{root}/top-per-country/XS/all-access/{before:%Y/%m/%d}", as_json({"items": [top]}), "application/json")
    source = add_source(f"{served.address}{root}", kind="pageviews", options=options)
    all_work()
    rows = Observation.objects.order_by("kind", "epoch").values_list("kind", "country", "subject", "value")
    assert list(rows) == [
        ("pageviews.country", "XS", "xs.wikipedia", 500.0),
        ("pageviews.project", "", "xs.wikipedia", 900.0),
        ("pageviews.project", "", "xs.wikipedia", 0.0),
    ]
    assert Fetch.objects.filter(status=404).count() == 1  # yesterday is not published yet: missing, not zero
    source.refresh_from_db()
    assert source.failures == 0


def test_a_day_that_is_not_published_yet_is_asked_for_again() -> None:
    kind = PageViews()
    memory: dict[str, Any] = {"next": 1, "reach": {"country|XS": "2026-03-08T00:00:00+00:00"}}
    options = {"projects": ["a"], "countries": ["XS"]}
    for _ in range(2):
        target = Target("https://p.example", options, memory={**memory, "next": 1})
        request = kind.plan(target, NOW)
        assert request is not None
        assert request.url.endswith("/top-per-country/XS/all-access/2026/03/09")
        memory = dict(kind.absent(target, request, NOW).memory)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"items": 3}', b'{"items": [3]}', b"{" * 9_000])
def test_odd_page_view_answers_give_a_line(served: Site, add_source: AddSource, body: bytes) -> None:
    served.put("/pv", body, "application/json")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    path = f"/pv/aggregate/a/all-access/user/daily/{yesterday - timedelta(days=1):%Y%m%d}00/{yesterday:%Y%m%d}23"
    served.put(path, body, "application/json")
    source = add_source(f"{served.address}/pv", kind="pageviews", options={"projects": ["a"], "history_days": 1})
    work.step()
    source.refresh_from_db()
    assert source.health == Health.BROKEN
    assert "Check the address" in source.message
