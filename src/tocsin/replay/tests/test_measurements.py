"""OONI's API and the page view API answer in their own shapes."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tocsin.replay import Dates, exercise, serve
from tocsin.replay.exercise.country import WIKI

HEADER = "probe_cc,test_name,test_category,measurement_start_day,measurement_count,ok_count,anomaly_count,"
HEADER += "confirmed_count,failure_count\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    counts = tmp_path / "made-counts"
    counts.mkdir()
    lines = "".join(
        f"XS,signal,im,2024-01-{day:02d},10,8,1,1,0\nXO,tor,c,2024-01-{day:02d},5,5,0,0,0\n" for day in (1, 2, 8)
    )
    (counts / "daily.csv.gz").write_bytes(gzip.compress((HEADER + lines).encode()))
    series = tmp_path / "series"
    series.mkdir()
    (series / "index.csv").write_text(
        "series,set,country,subject,stream,kind,step_seconds,trouble,points,first,last\n"
        "a/XS/signal,made,XS,signal,ooni,counts,86400,rise,1,,\n"
        "a/XS/paper,made,XS,paper.example,ooni,counts,86400,rise,1,,\n"
        "a/XS/level,made,XS,users,tor,level,86400,drop,1,,\n"
    )
    points = "series,time,n,k,value\na/XS/signal,2024-01-01T00:00:00Z,99,9,\na/XS/paper,2024-01-01T00:00:00Z,7,3,\n"
    (series / "made.csv.gz").write_bytes(gzip.compress(points.encode()))
    probes = tmp_path / "made-raw" / "field"
    probes.mkdir(parents=True)
    probe = {
        "input": "https://paper.example/",
        "measurement_start_time": "2024-01-02 03:04:05",
        "probe_asn": "AS64501",
        "probe_cc": "XS",
        "report_id": "r1",
        "test_keys": {"blocking": "dns", "accessible": False},
        "test_name": "web_connectivity",
    }
    (probes / "one.json").write_text(json.dumps(probe))
    laboratory = tmp_path / "made-raw" / "qa_runs"
    laboratory.mkdir()
    (laboratory / "two.json").write_text(json.dumps(probe | {"report_id": "r2"}))
    return tmp_path


@pytest.fixture
def base(folder: Path) -> Iterator[str]:
    with serve(folder, dates=Dates.RECORDED) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def played() -> Iterator[str]:
    with serve(world=exercise.world()) as base_url:
        yield base_url


def ask(base: str, **params: str) -> Any:
    return httpx.get(f"{base}/api/v1/aggregation", params=params).json()


def test_counts_come_by_day_and_missing_days_stay_absent(base: str) -> None:
    answer = ask(base, probe_cc="XS", test_name="signal", axis_x="measurement_start_day")
    assert answer["dimension_count"] == 1
    assert [row["measurement_start_day"] for row in answer["result"]] == ["2024-01-01", "2024-01-02", "2024-01-08"]
    assert answer["result"][0] == {
        "anomaly_count": 1,
        "confirmed_count": 1,
        "failure_count": 0,
        "ok_count": 8,
        "measurement_count": 10,
        "measurement_start_day": "2024-01-01",
    }


def test_since_is_inclusive_and_until_is_not(base: str) -> None:
    answer = ask(base, test_name="signal", axis_x="measurement_start_day", since="2024-01-02", until="2024-01-08")
    assert [row["measurement_start_day"] for row in answer["result"]] == ["2024-01-02"]


def test_without_axes_the_result_is_one_object(base: str) -> None:
    answer = ask(base, probe_cc="XS,XO", test_name="signal,tor")
    assert answer["dimension_count"] == 0
    assert answer["result"]["measurement_count"] == 45


def test_two_axes_and_weeks(base: str) -> None:
    rows = ask(base, test_name="signal,tor", axis_x="measurement_start_day", axis_y="probe_cc", time_grain="week")
    assert [(row["measurement_start_day"], row["probe_cc"]) for row in rows["result"]] == [
        ("2024-01-01", "XO"),
        ("2024-01-01", "XS"),
        ("2024-01-08", "XO"),
        ("2024-01-08", "XS"),
    ]


def test_a_plain_series_fills_in_only_what_no_table_holds(base: str) -> None:
    paper = ask(base, domain="paper.example")["result"]
    assert (paper["measurement_count"], paper["anomaly_count"]) == (7, 3)
    assert (
        ask(base, probe_cc="XS", test_name="signal", since="2024-01-01", until="2024-01-02")["result"][
            "measurement_count"
        ]
        == 10
    )


@pytest.mark.parametrize("wrong", [{"axis_x": "mood"}, {"since": "soon"}, {"time_grain": "blink"}, {"probe_asn": "x"}])
def test_a_wrong_parameter_is_refused(base: str, wrong: dict[str, str]) -> None:
    answer = httpx.get(f"{base}/api/v1/aggregation", params=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_measurement_is_found_in_the_list_and_whole(base: str) -> None:
    found = httpx.get(f"{base}/api/v1/measurements", params={"probe_cc": "XS"}).json()
    [row] = found["results"]
    assert (row["anomaly"], row["probe_asn"], row["input"]) == (True, "AS64501", "https://paper.example/")
    uid = {"measurement_uid": row["measurement_uid"], "full": "true"}
    assert httpx.get(row["measurement_url"]).json()["test_keys"]["blocking"] == "dns"
    meta = httpx.get(f"{base}/api/v1/measurement_meta", params=uid).json()
    assert json.loads(meta["raw_measurement"])["probe_cc"] == "XS"


def test_laboratory_runs_open_by_report_and_stand_in_no_list(base: str) -> None:
    assert len(httpx.get(f"{base}/api/v1/measurements").json()["results"]) == 1
    assert httpx.get(f"{base}/api/v1/raw_measurement", params={"report_id": "r2"}).status_code == 200


def test_pages_of_measurements_lead_on_until_the_end(played: str) -> None:
    url, seen = f"{played}/api/v1/measurements?limit=1000&probe_cc=XS", []
    while url:
        page = httpx.get(url).json()
        seen += [row["measurement_uid"] for row in page["results"]]
        url = page["metadata"]["next_url"]
    assert len(seen) == len(set(seen)) > 3000


def test_the_exercise_blocks_a_wiki_on_two_of_three_networks(played: str) -> None:
    since = (datetime.now(UTC) - timedelta(days=4)).strftime("%Y-%m-%d")
    rows = ask(played, probe_cc="XS", domain=WIKI, axis_x="probe_asn", since=since)["result"]
    share = {row["probe_asn"]: row["anomaly_count"] / row["measurement_count"] for row in rows}
    assert share[64501] > 0.8
    assert share[64502] > 0.8
    assert share[64503] < 0.2


def test_the_outage_of_the_exercise_leaves_a_gap_not_a_zero(played: str) -> None:
    rows = ask(played, probe_cc="XO", axis_x="measurement_start_day", time_grain="hour")["result"]
    hours = [datetime.fromisoformat(row["measurement_start_day"]) for row in rows]
    gaps = [later - earlier for earlier, later in pairwise(hours)]
    assert timedelta(hours=6) <= max(gaps) <= timedelta(hours=9)
    assert all(row["measurement_count"] > 0 for row in rows)


def views(base: str, project: str, days: int) -> list[dict[str, Any]]:
    today = datetime.now(UTC)
    start = today - timedelta(days=days)
    path = f"/api/rest_v1/metrics/pageviews/aggregate/{project}/all-access/user/daily/{start:%Y%m%d}/{today:%Y%m%d}"
    answer = httpx.get(base + path)
    assert answer.headers["x-replay"] == "synthetic"
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_page_views_follow_the_stated_formula_and_stop_at_the_last_whole_day(base: str) -> None:
    items = views(base, "demo.wiki.example", 20)
    assert {item["views"] for item in items} >= {24000, 19200}
    assert min(item["views"] for item in items) < 11000
    assert items[-1]["timestamp"][:8] < datetime.now(UTC).strftime("%Y%m%d")


def test_page_views_of_the_blocked_wiki_fall(played: str) -> None:
    numbers = [item["views"] for item in views(played, WIKI, 20)]
    assert sum(numbers[-4:]) / 4 < 0.6 * sum(numbers[:7]) / 7


def test_an_unknown_project_is_a_404_as_upstream(base: str) -> None:
    path = "/api/rest_v1/metrics/pageviews/aggregate/none.example/all-access/user/daily/20240101/20240102"
    answer = httpx.get(base + path)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found.")


def test_countries_of_a_project_come_ranked_by_month(played: str) -> None:
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y/%m")
    answer = httpx.get(f"{played}/api/rest_v1/metrics/pageviews/top-by-country/{WIKI}/all-access/{month}").json()
    assert [row["country"] for row in answer["items"][0]["countries"]] == ["XS", "XO"]


def test_a_range_of_page_views_holds_whole_days_and_whole_months_alone(base: str) -> None:
    path = f"{base}/api/rest_v1/metrics/pageviews/aggregate/demo.wiki.example/all-access/user"
    end = datetime.now(UTC) - timedelta(days=40)
    start = end - timedelta(days=70)
    days = httpx.get(f"{path}/daily/{start:%Y%m%d}00/{end:%Y%m%d}23").json()["items"]
    months = httpx.get(f"{path}/monthly/{start:%Y%m%d}/{end:%Y%m%d}").json()["items"]
    assert len(days) == 71
    assert {item["views"] for item in days} == {24000, 19200}
    assert 1 <= len(months) <= 2
    assert all(item["views"] > 28 * 19200 for item in months)


def connectivity(base: str, countries: str = "XO", signal: str = "ping-slash24", **window: datetime) -> httpx.Response:
    now = datetime.now(UTC)
    times = {"from": now - timedelta(days=5), "until": now, **window}
    params = {"datasource": signal, **{name: str(int(time.timestamp())) for name, time in times.items()}}
    return httpx.get(f"{base}/v2/signals/raw/country/{countries}", params=params)


def test_a_lost_network_falls_in_every_signal_and_comes_back(played: str) -> None:
    for signal, step in (("bgp", 300), ("ping-slash24", 600), ("merit-nt", 300)):
        (series,) = connectivity(played, signal=signal).json()["data"][0]
        assert (series["entityCode"], series["datasource"], series["step"]) == ("XO", signal, step)
        values = [value for value in series["values"] if value is not None]
        assert min(values) < 0.15 * max(values)
        assert values[-1] > 0.6 * max(values)
        assert None in series["values"], "what was not measured is no nought"


def test_nothing_is_told_of_an_interval_that_is_not_over_and_countries_come_apart(played: str) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    data = connectivity(played, "XS,XO,KE", until=ahead).json()["data"]
    assert [one["entityCode"] for (one,) in data] == ["XS", "XO"]
    assert all(one["until"] <= datetime.now(UTC).timestamp() for (one,) in data)


@pytest.mark.parametrize(
    "query", ["", "?from=5&until=3&datasource=bgp", "?from=1&until=2&datasource=x", "?from=-1&until=x"]
)
def test_a_wrong_question_about_connectivity_is_refused_as_upstream_does(played: str, query: str) -> None:
    answer = httpx.get(f"{played}/v2/signals/raw/country/XO{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]
