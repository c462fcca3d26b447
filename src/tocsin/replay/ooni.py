"""Answers the OONI API's aggregation from recorded counts. Shape: api.ooni.io, /api/v1/aggregation."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.replay.clock import Clock, Span, parse_moment
from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, json_answer

COUNTS = ("anomaly_count", "confirmed_count", "failure_count", "ok_count", "measurement_count")
AXES = ("measurement_start_day", "domain", "input", "category_code", "probe_cc", "probe_asn", "test_name")
GRAINS = ("hour", "day", "week", "month", "year", "auto")


@dataclass(frozen=True, slots=True)
class Count:
    """Measurements of one kind in one interval. ``asn`` 0: all networks together; empty words: not told apart."""

    start: datetime
    step: timedelta
    country: str
    test_name: str
    domain: str = ""
    asn: int = 0
    category: str = ""
    ok: int = 0
    anomaly: int = 0
    confirmed: int = 0
    failure: int = 0

    @property
    def end(self) -> datetime:
        """When the interval is over and its counts are whole."""
        return self.start + self.step

    def axis(self, name: str, moment: str) -> str | int:
        """The value on an axis of the answer."""
        values: dict[str, str | int] = {
            "measurement_start_day": moment,
            "domain": self.domain,
            "input": f"https://{self.domain}/" if self.domain else "",
            "category_code": self.category,
            "probe_cc": self.country,
            "probe_asn": self.asn,
            "test_name": self.test_name,
        }
        return values[name]


@dataclass(frozen=True, slots=True)
class CountSet:
    """Counts on one time axis. ``until`` gives those that are whole by a recorded moment."""

    name: str
    span: Span
    until: Callable[[datetime], Iterable[Count]]


def fixed(name: str, counts: Sequence[Count]) -> CountSet:
    """A set that is all known now."""
    ordered = sorted(counts, key=lambda count: count.end)
    span = Span(min(count.start for count in ordered), ordered[-1].end)
    return CountSet(name, span, lambda now: (count for count in ordered if count.end <= now))


class BadQueryError(ValueError):
    """A parameter that the API would refuse; the text is safe to send."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the aggregation."""

    axes: tuple[str, ...]
    grain: str
    since: datetime | None
    until: datetime | None
    countries: frozenset[str]
    asns: frozenset[int]
    tests: frozenset[str]
    domains: frozenset[str]
    categories: frozenset[str]

    @classmethod
    def read(cls, request: Request) -> "Query":
        """From the parameters; BadQueryError names the first that is wrong."""
        axes = tuple(axis for axis in (request.first("axis_x"), request.first("axis_y")) if axis)
        for axis in axes:
            if axis not in AXES:
                raise BadQueryError(f"axis must be one of {', '.join(AXES)}")
        if len(set(axes)) < len(axes):
            raise BadQueryError("Axis X and Y cannot be the same")
        grain = request.first("time_grain", "auto")
        if grain not in GRAINS:
            raise BadQueryError(f"time_grain must be one of {', '.join(GRAINS)}")
        domains = request.words("domain") | frozenset(_host(url) for url in request.words("input"))
        return cls(
            axes=axes,
            grain="day" if grain == "auto" else grain,
            since=_date(request, "since"),
            until=_date(request, "until"),
            countries=frozenset(word.upper() for word in request.words("probe_cc")),
            asns=frozenset(_asn(word) for word in request.words("probe_asn")),
            tests=request.words("test_name"),
            domains=domains,
            categories=request.words("category_code"),
        )

    def takes(self, count: Count, start: datetime) -> bool:
        """Whether a count, shown at this start, belongs to the answer."""
        return (
            (not self.countries or count.country in self.countries)
            and (not self.tests or count.test_name in self.tests)
            and (not self.domains or count.domain in self.domains)
            and (not self.asns or count.asn in self.asns)
            and (not self.categories or count.category in self.categories)
            and (self.since is None or start >= self.since)
            and (self.until is None or start < self.until)
        )


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0]


def _asn(word: str) -> int:
    digits = word.upper().removeprefix("AS")
    if not digits.isdigit():
        raise BadQueryError("probe_asn must be a number, with or without AS before it")
    return int(digits)


def _date(request: Request, name: str) -> datetime | None:
    text = request.first(name)
    moment = parse_moment(text) if text else None
    if text and moment is None:
        raise BadQueryError(f"{name} must be a date such as 2024-01-31")
    return moment


def grain_start(moment: datetime, grain: str) -> str:
    """The interval that a moment falls into, written as the API writes it."""
    day = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if grain == "hour":
        return day.strftime("%Y-%m-%dT%H:%M:%SZ")
    if grain == "week":
        day -= timedelta(days=day.weekday())
    elif grain == "month":
        day = day.replace(day=1)
    elif grain == "year":
        day = day.replace(month=1, day=1)
    return day.strftime("%Y-%m-%d")


def aggregate(sets: Iterable[CountSet], query: Query, clock: Clock) -> list[dict[str, Any]]:
    """Rows of counts by the axes of the query, sorted by them; the counts of what was not measured are absent."""
    sums: dict[tuple[str | int, ...], list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for each in sets:
        for count in each.until(clock.now(each.span)):
            start = clock.shown(count.start, each.span)
            if not query.takes(count, start):
                continue
            moment = grain_start(start, query.grain)
            row = sums[tuple(count.axis(axis, moment) for axis in query.axes)]
            total = count.ok + count.anomaly + count.confirmed + count.failure
            for index, number in enumerate((count.anomaly, count.confirmed, count.failure, count.ok, total)):
                row[index] += number
    return [
        dict(zip(COUNTS, numbers, strict=True)) | dict(zip(query.axes, key, strict=True))
        for key, numbers in sorted(sums.items())
    ]


def aggregation_endpoint(sets: Sequence[CountSet], suggestions: tuple[Suggestion, ...], note: str = "") -> Endpoint:
    """``/api/v1/aggregation`` over these sets. ``note``: said in X-Replay, such as ``synthetic``."""

    def answer(request: Request) -> Answer:
        try:
            query = Query.read(request)
        except BadQueryError as refusal:
            return json_answer({"v": 0, "error": str(refusal)}, status=400)
        rows = aggregate(sets, query, request.clock)
        if request.first("format").upper() == "CSV":
            return _csv(rows)
        result: Any = rows if query.axes else (rows[0] if rows else dict.fromkeys(COUNTS, 0))
        stats = {"row_count": len(rows), "bytes": 0, "total_row_count": len(rows), "elapsed_seconds": 0.0}
        data = {"v": 0, "dimension_count": len(query.axes), "db_stats": stats, "result": result}
        return json_answer(data, note=note)

    about = f"OONI aggregation ({', '.join(each.name for each in sets)})"
    return Endpoint("/api/v1/aggregation", "ooni", about, answer, suggestions)


def _csv(rows: list[dict[str, Any]]) -> Answer:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=sorted(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return Answer(text.getvalue().encode(), "text/csv; charset=utf-8")
