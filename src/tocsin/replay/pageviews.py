"""Answers Wikimedia's page view API from any series of views. Shape: wikimedia.org/api/rest_v1/metrics/pageviews.

No recording in a folder holds page views, so a folder is served with one invented project, whose formula is
``demo_views``; every answer about it says so in ``X-Replay: synthetic``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, json_answer

ROOT = "/api/rest_v1/metrics/pageviews"
SYNTHETIC = "synthetic"
ACCESS = {"all-access": 1.0, "desktop": 0.3, "mobile-web": 0.65, "mobile-app": 0.05}
AGENTS = {"all-agents": 1.25, "user": 1.0, "spider": 0.2, "automated": 0.05}
LONGEST = timedelta(days=2000)
HISTORY_DAYS = 45  # what a new source is advised to ask for: six whole weeks and a little
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

DEMO_PROJECT = "demo.wiki.example"
DEMO_DAYS = 400  # how far back the invented project reaches
DEMO_DIP_DAYS = (12, 9)  # its one dip: from so many days before the launch, to so many


@dataclass(frozen=True, slots=True)
class Project:
    """A project's views by country: ``hourly(country, hour, launched)`` gives the views of one hour, never negative.

    ``first``: how long before the launch the series starts.
    """

    name: str
    countries: tuple[str, ...]
    hourly: Callable[[str, datetime, datetime], float]
    first: timedelta


def demo_views(country: str, hour: datetime, launched: datetime) -> float:
    """Views in one hour: ``1000 · day curve · week curve · dip``, without any chance.

    Day curve: ``1 + 0.5 sin(2π (hour - 9) / 24)``; week curve: 0.8 on Saturday and Sunday, else 1; dip: 0.4 between
    twelve and nine days before the launch, else 1.
    """
    daily = 1 + 0.5 * math.sin(2 * math.pi * (hour.hour - 9) / 24)
    weekly = 0.8 if hour.weekday() >= 5 else 1.0
    before = (launched - hour) / DAY
    return 1000 * daily * weekly * (0.4 if DEMO_DIP_DAYS[1] <= before < DEMO_DIP_DAYS[0] else 1.0)


def demo_projects() -> dict[str, Project]:
    """The invented project that stands in where nothing is recorded."""
    return {DEMO_PROJECT: Project(DEMO_PROJECT, ("XS",), demo_views, timedelta(days=DEMO_DAYS))}


def pageview_endpoints(projects: Mapping[str, Project], reliability: str = "F") -> list[Endpoint]:
    """Views per project, countries of a project in a month, and projects of a country on a day."""
    desk = _Desk(projects)
    suggestions = tuple(
        Suggestion(
            f"Replay: page views of {project.name} (invented)",
            "pageviews",
            ROOT,
            countries=project.countries,
            reliability=reliability,
            interval_seconds=86_400,
            options={"projects": [project.name], "countries": list(project.countries), "history_days": HISTORY_DAYS},
        )
        for project in projects.values()
    )
    return [
        Endpoint(f"{ROOT}/aggregate/*", "pageviews", "Page views of an invented project", desk.aggregate, suggestions),
        Endpoint(
            f"{ROOT}/top-by-country/*", "pageviews", "Countries of an invented project, by month", desk.by_country
        ),
        Endpoint(f"{ROOT}/top-per-country/*", "pageviews", "Reading in an invented country, by day", desk.per_country),
    ]


class _Desk:
    def __init__(self, projects: Mapping[str, Project]) -> None:
        self._projects = projects

    def _project(self, name: str) -> Project | None:
        return self._projects.get(name.removesuffix(".org"))

    def aggregate(self, request: Request) -> Answer:
        parts = _parts(request, "aggregate", 6)
        if parts is None:
            return _missing(request)
        name, access, agent, granularity = parts[:4]
        start, end = _stamp(parts[4]), _stamp(parts[5])
        if access not in ACCESS or agent not in AGENTS or granularity not in ("hourly", "daily", "monthly"):
            return _refused(request, "access, agent or granularity is not one that the API knows")
        if start is None or end is None or end < start:
            return _refused(request, "start and end must be YYYYMMDD or YYYYMMDDHH, start first")
        project = self._project(name)
        items = _series(project, access, agent, granularity, start, end, request) if project else []
        return json_answer({"items": items}, note=SYNTHETIC) if items else _missing(request)

    def by_country(self, request: Request) -> Answer:
        parts = _parts(request, "top-by-country", 4)
        if parts is None or parts[1] not in ACCESS:
            return _missing(request)
        project, month = self._project(parts[0]), _stamp("".join(parts[2:]) + "01")
        rows = _countries(project, parts[1], month, request) if project and month else []
        item = {"project": parts[0], "access": parts[1], "year": parts[2], "month": parts[3], "countries": rows}
        return json_answer({"items": [item]}, note=SYNTHETIC) if rows else _missing(request)

    def per_country(self, request: Request) -> Answer:
        parts = _parts(request, "top-per-country", 5)
        if parts is None or parts[1] not in ACCESS:
            return _missing(request)
        day = _stamp("".join(parts[2:]))
        rows = _projects(self._projects, parts[0].upper(), parts[1], day, request) if day else []
        item = {"country": parts[0], "access": parts[1], "year": parts[2], "month": parts[3], "day": parts[4]}
        return json_answer({"items": [item | {"articles": rows}]}, note=SYNTHETIC) if rows else _missing(request)


def _parts(request: Request, under: str, count: int) -> list[str] | None:
    parts = request.path.removeprefix(f"{ROOT}/{under}/").split("/")
    return parts if len(parts) == count else None


def _series(
    project: Project, access: str, agent: str, granularity: str, start: datetime, end: datetime, request: Request
) -> list[dict[str, Any]]:
    clock = request.clock
    now = _now(request)
    sums: dict[str, float] = {}
    begin, last = _whole(max(start, _first(project, request)), end, granularity)
    hour, last = begin, min(last, begin + LONGEST)
    while hour < last and hour + HOUR <= now:
        stamp = hour.strftime({"hourly": "%Y%m%d%H", "daily": "%Y%m%d00", "monthly": "%Y%m0100"}[granularity])
        views = sum(project.hourly(country, hour, clock.launched) for country in project.countries)
        sums[stamp] = sums.get(stamp, 0.0) + views
        hour += HOUR
    share = ACCESS[access] * AGENTS[agent]
    fields = {"project": project.name, "access": access, "agent": agent, "granularity": granularity}
    # As upstream: a day or month is published when it is over, never in part.
    return [
        {**fields, "timestamp": stamp, "views": round(views * share)}
        for stamp, views in sums.items()
        if granularity == "hourly" or _over(stamp, granularity, now)
    ]


def _whole(start: datetime, end: datetime, granularity: str) -> tuple[datetime, datetime]:
    """The range as upstream takes it: the last hour or day is in it, a month only if the whole of it is."""
    if granularity == "hourly":
        return start, end + HOUR
    first, last = start.replace(hour=0), end.replace(hour=0) + DAY
    if granularity == "monthly":
        last = last.replace(day=1)
        first = first if first.day == 1 else _next_month(first)
    return first, last


def _next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=1)


def _now(request: Request) -> datetime:
    """Page views know no recorded axis: they run on the wall clock, faster after the launch where a speed is given."""
    clock = request.clock
    return clock.launched + (datetime.now(UTC) - clock.launched) * (clock.speed or 1.0)


def _over(stamp: str, granularity: str, now: datetime) -> bool:
    start = datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC)
    end = start + DAY if granularity == "daily" else _next_month(start)
    return end <= now


def _first(project: Project, request: Request) -> datetime:
    return (request.clock.launched - project.first).replace(hour=0, minute=0, second=0, microsecond=0)


def _sum(project: Project, country: str, access: str, start: datetime, end: datetime, request: Request) -> float:
    hour, total = max(start, _first(project, request)), 0.0
    while hour < end:
        total += project.hourly(country, hour, request.clock.launched)
        hour += HOUR
    return total * ACCESS[access]


def _countries(project: Project, access: str, month: datetime, request: Request) -> list[dict[str, Any]]:
    end = _next_month(month)
    if end > _now(request):
        return []
    sums = {country: _sum(project, country, access, month, end, request) for country in project.countries}
    ranked = sorted(((views, country) for country, views in sums.items() if views > 0), reverse=True)
    return [
        {"country": country, "views": _bucket(views), "rank": rank, "views_ceil": math.ceil(views / 1000) * 1000}
        for rank, (views, country) in enumerate(ranked, 1)
    ]


def _projects(
    projects: Mapping[str, Project], country: str, access: str, day: datetime, request: Request
) -> list[dict[str, Any]]:
    if day + DAY > _now(request):
        return []
    sums = [
        (_sum(project, country, access, day, day + DAY, request), project.name)
        for project in projects.values()
        if country in project.countries
    ]
    return [
        {"article": "Main_Page", "project": name, "views_ceil": math.ceil(views / 100) * 100, "rank": rank}
        for rank, (views, name) in enumerate(sorted((pair for pair in sums if pair[0] > 0), reverse=True), 1)
    ]


def _bucket(views: float) -> str:
    low = 10 ** max(2, len(str(int(views))) - 1)
    return f"{low}-{low * 10 - 1}"


def _stamp(text: str) -> datetime | None:
    for form in ("%Y%m%d", "%Y%m%d%H"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _problem(request: Request, status: int, title: str, detail: str) -> Answer:
    data = {
        "type": f"https://mediawiki.org/wiki/HyperSwitch/errors/{'not_found' if status == 404 else 'bad_request'}",
        "title": title,
        "method": "get",
        "detail": detail,
        "uri": request.path,
    }
    return json_answer(data, status=status, note=SYNTHETIC)


def _missing(request: Request) -> Answer:
    return _problem(request, 404, "Not found.", "No data for this project, country or time, or not yet.")


def _refused(request: Request, detail: str) -> Answer:
    return _problem(request, 400, "Invalid parameters", detail)
