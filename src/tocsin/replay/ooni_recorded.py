"""Reads recorded OONI counts: aggregation tables, and the plain series that were made from them."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from tocsin.replay.clock import parse_moment
from tocsin.replay.ooni import Count, CountSet, fixed

TESTS = frozenset(
    {
        "facebook_messenger",
        "http_header_field_manipulation",
        "http_invalid_request_line",
        "openvpn",
        "psiphon",
        "riseupvpn",
        "signal",
        "telegram",
        "tor",
        "torsf",
        "vanilla_tor",
        "web_connectivity",
        "whatsapp",
    }
)
DAY = timedelta(days=1)


def count_sets(folder: Path) -> list[CountSet]:
    """Every set of counts. A plain series of a country and subject that a table holds already is left out."""
    tables = _tables(folder)
    known = {(count.country, count.test_name) for _, counts in tables for count in counts}
    series = [
        (name, [count for count in counts if (count.country, count.test_name) not in known or count.domain])
        for name, counts in _series(folder)
    ]
    return [fixed(name, counts) for name, counts in [*tables, *series] if counts]


def _tables(folder: Path) -> list[tuple[str, list[Count]]]:
    found = []
    for path in sorted([*folder.glob("*/*.csv.gz"), *folder.glob("*/*.csv")]):
        with _opened(path) as lines:
            reader = csv.DictReader(lines)
            if {"probe_cc", "test_name", "measurement_start_day", "measurement_count"} <= set(reader.fieldnames or ()):
                counts = [count for row in reader for count in _table_count(row)]
                found.append((path.parent.name, counts))
    return found


def _table_count(row: dict[str, str]) -> Iterator[Count]:
    start = parse_moment(row["measurement_start_day"])
    if start is not None:
        yield Count(
            start,
            DAY,
            row["probe_cc"],
            row["test_name"],
            domain=row.get("domain", ""),
            ok=int(row["ok_count"]),
            anomaly=int(row["anomaly_count"]),
            confirmed=int(row["confirmed_count"]),
            failure=int(row["failure_count"]),
        )


def _series(folder: Path) -> list[tuple[str, list[Count]]]:
    found = []
    for index in sorted(folder.glob("*/index.csv")):
        with _opened(index) as lines:
            reader = csv.DictReader(lines)
            if not {"series", "set", "stream", "kind", "subject"} <= set(reader.fieldnames or ()):
                continue
            rows = [row for row in reader if row["stream"] == "ooni" and row["kind"] == "counts"]
        for name in sorted({row["set"] for row in rows}):
            members = {row["series"]: row for row in rows if row["set"] == name}
            found.append((f"series-{name}", _series_counts(index.parent / f"{name}.csv.gz", members)))
    return found


def _series_counts(path: Path, members: dict[str, dict[str, str]]) -> list[Count]:
    if not path.is_file():
        return []
    # Several points may fall on one day where a series has no fixed step.
    sums: dict[tuple[str, datetime, timedelta], list[float]] = defaultdict(lambda: [0.0, 0.0])
    with _opened(path) as lines:
        for row in csv.DictReader(lines):
            about = members.get(row["series"])
            start = parse_moment(row["time"])
            if about is None or start is None or not row["n"]:
                continue
            step = timedelta(seconds=int(about["step_seconds"])) if about["step_seconds"] else DAY
            if not about["step_seconds"]:
                start = start.replace(hour=0, minute=0, second=0, microsecond=0)
            pair = sums[(row["series"], start, step)]
            pair[0] += float(row["n"])
            pair[1] += float(row["k"] or 0)
    return [_series_count(members[name], start, step, n, k) for (name, start, step), (n, k) in sums.items()]


def _series_count(about: dict[str, str], start: datetime, step: timedelta, n: float, k: float) -> Count:
    subject = about["subject"]
    test = subject if subject in TESTS else "web_connectivity"
    domain = subject if test == "web_connectivity" and "." in subject else ""
    anomaly = round(k)
    return Count(start, step, about["country"], test, domain=domain, ok=max(0, round(n) - anomaly), anomaly=anomaly)


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")
