"""Answers the OONI API's single measurements: /api/v1/measurements, measurement_meta, raw_measurement."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tocsin.replay.clock import Span
from tocsin.replay.ooni import BadQueryError, Query
from tocsin.replay.world import Answer, Endpoint, Request, host_of, json_answer

LARGEST_LIMIT = 1000
NO_SCORES = {"blocking_general": 0.0, "blocking_global": 0.0, "blocking_country": 0.0, "blocking_isp": 0.0}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement. ``raw`` reads the whole of it, None where only the summary was kept."""

    uid: str
    time: datetime
    country: str
    asn: int
    test_name: str
    input: str
    report_id: str = ""
    anomaly: bool = False
    confirmed: bool = False
    failure: bool = False
    scores: dict[str, Any] = field(default_factory=lambda: dict(NO_SCORES))
    raw: Callable[[], dict[str, Any]] | None = None
    listed: bool = True

    @property
    def domain(self) -> str:
        """The host that was tested, empty for tests without one."""
        return host_of(self.input) if "://" in self.input else ""


@dataclass(frozen=True, slots=True)
class MeasurementSet:
    """Measurements on one time axis; ``until`` gives those taken by a recorded moment."""

    span: Span
    until: Callable[[datetime], Iterable[Measurement]]


def fixed(measurements: Sequence[Measurement]) -> MeasurementSet:
    """A set that is all known now."""
    span = Span(min(each.time for each in measurements), max(each.time for each in measurements))
    return MeasurementSet(span, lambda now: (each for each in measurements if each.time <= now))


def measurement_endpoints(sets: Sequence[MeasurementSet], note: str = "") -> list[Endpoint]:
    """The three addresses over these sets. ``note``: said in X-Replay, such as ``synthetic``."""
    desk = _Desk(sets, note)
    return [
        Endpoint("/api/v1/measurements", "ooni", "OONI measurements, a page at a time", desk.search),
        Endpoint("/api/v1/measurement_meta", "ooni", "One OONI measurement's summary, whole with full=true", desk.meta),
        Endpoint("/api/v1/raw_measurement", "ooni", "One OONI measurement as the probe sent it", desk.raw),
    ]


class _Desk:
    def __init__(self, sets: Sequence[MeasurementSet], note: str) -> None:
        self._sets, self._note = sets, note

    def search(self, request: Request) -> Answer:
        try:
            return json_answer(_search(self._sets, request), note=self._note)
        except BadQueryError as refusal:
            return json_answer({"msg": str(refusal), "v": 1}, status=400)

    def meta(self, request: Request) -> Answer:
        hit = self._found(request)
        if hit is None:
            return json_answer({"raw_measurement": ""}, note=self._note)
        measurement, span = hit
        # Here the API writes the network as a number and the scores as text; in the list it is the other way round.
        summary = _summary(measurement, span, request)
        summary |= {"probe_asn": measurement.asn, "scores": json.dumps(measurement.scores)}
        full = request.first("full").lower() in ("true", "1", "yes")
        summary["raw_measurement"] = json.dumps(measurement.raw()) if full and measurement.raw else ""
        return json_answer(summary, note=self._note)

    def raw(self, request: Request) -> Answer:
        hit = self._found(request)
        if hit is None or hit[0].raw is None:
            return json_answer({"detail": "Measurement not found"}, status=404)
        return json_answer(hit[0].raw(), note=self._note)

    def _found(self, request: Request) -> tuple[Measurement, Span] | None:
        uid, report, target = (request.first(name) for name in ("measurement_uid", "report_id", "input"))
        for each in self._sets:
            for one in each.until(request.clock.now(each.span)):
                by_report = not uid and bool(report) and one.report_id == report and target in ("", one.input)
                if one.uid == uid or by_report:
                    return one, each.span
        return None


def _search(sets: Sequence[MeasurementSet], request: Request) -> dict[str, Any]:
    query = Query.read(request)
    limit, offset = _number(request, "limit", 100), _number(request, "offset", 0)
    wanted = {name: request.first(name).lower() for name in ("anomaly", "confirmed", "failure") if request.first(name)}
    hits = [
        (request.clock.shown(each.time, source.span), each, source.span)
        for source in sets
        for each in source.until(request.clock.now(source.span))
        if each.listed and _takes(query, each, request.clock.shown(each.time, source.span), wanted)
    ]
    hits.sort(key=lambda hit: (hit[0], hit[1].uid), reverse=request.first("order", "desc") != "asc")
    page = hits[offset : offset + min(limit, LARGEST_LIMIT)]
    following = {name: values[0] for name, values in request.query.items()} | {"offset": str(offset + limit)}
    more = f"{request.base_url}/api/v1/measurements?{urlencode(following)}" if offset + limit < len(hits) else None
    metadata = {"count": -1, "current_page": offset // max(1, limit) + 1, "limit": limit, "next_url": more}
    return {
        "metadata": metadata | {"offset": offset, "pages": -1, "query_time": 0.0},
        "results": [_summary(each, span, request) for _, each, span in page],
    }


def _takes(query: Query, each: Measurement, shown: datetime, wanted: dict[str, str]) -> bool:
    return (
        (not query.countries or each.country in query.countries)
        and (not query.tests or each.test_name in query.tests)
        and (not query.domains or each.domain in query.domains)
        and (not query.asns or each.asn in query.asns)
        and (query.since is None or shown >= query.since)
        and (query.until is None or shown < query.until)
        and all(str(getattr(each, name)).lower() == value for name, value in wanted.items())
    )


def _number(request: Request, name: str, default: int) -> int:
    text = request.first(name, str(default))
    if not text.isdigit():
        raise BadQueryError(f"{name} must be a whole number")
    return int(text)


def _summary(each: Measurement, span: Span, request: Request) -> dict[str, Any]:
    shown = request.clock.shown(each.time, span)
    return {
        "anomaly": each.anomaly,
        "confirmed": each.confirmed,
        "failure": each.failure,
        "input": each.input,
        "probe_asn": f"AS{each.asn}",
        "probe_cc": each.country,
        "report_id": each.report_id,
        "scores": each.scores,
        "test_name": each.test_name,
        "measurement_url": f"{request.base_url}/api/v1/raw_measurement?measurement_uid={each.uid}",
        "measurement_start_time": shown.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "measurement_uid": each.uid,
        "verification_status": "unverified",
    }
