"""Wikimedia's page views: every project day by day, and the most read pages of a country day by day."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from tocsin.streams.sources.base import Batch, Kind, Option, Request, Target, _
from tocsin.streams.sources.reading import lines_of, observations_of

PROJECTS = Option(
    "projects",
    _("Projects"),
    "list",
    _("Such as fa.wikipedia or commons.wikimedia, one a line."),
    default=("en.wikipedia",),
    required=True,
)
COUNTRIES = Option(
    "countries",
    _("Countries asked for"),
    "list",
    _("Two-letter codes, one a line. For some countries Wikimedia publishes nothing, to protect readers there."),
    default=(),
)
GRAIN = Option(
    "granularity",
    _("Interval"),
    "choice",
    default="daily",
    choices=(("daily", _("Days")), ("hourly", _("Hours"))),
)
HISTORY = Option(
    "history_days",
    _("Days to look back at the start"),
    "number",
    _("What is normal can only be learnt from the past."),
    default=180,
    least=1,
    most=1_500,
)

DAY = timedelta(days=1)
REVISIT = 3 * DAY  # late hours are added for a while
LONGEST_COUNTRY_HISTORY = 60  # days: each is a request of its own


class PageViews(Kind):
    """Page views as measured values."""

    name: ClassVar[str] = "pageviews"
    title: ClassVar[str] = _("Wikimedia page views")
    about: ClassVar[str] = _("How much a project is read; a block or a shutdown shows as a sudden drop.")
    address_help: ClassVar[str] = _("Wikimedia's page view interface, or a mirror of it.")
    default_url: ClassVar[str] = "https://wikimedia.org/api/rest_v1/metrics/pageviews"
    default_every: ClassVar[timedelta] = timedelta(days=1)
    options: ClassVar[tuple[Option, ...]] = (PROJECTS, COUNTRIES, GRAIN, HISTORY)
    worldwide: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("pageviews.project", "pageviews.country")

    def variant(self, options: Mapping[str, Any]) -> str:
        """Projects, countries and interval together."""
        target = Target("", options)
        parts = [",".join(sorted(target.option(one))) for one in (PROJECTS, COUNTRIES)]
        return "|".join([*parts, str(target.option(GRAIN))])

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The next project's days, or the next day of the next country."""
        asked = asked_for(target)
        if not asked:
            return None
        what, name = asked[_index(target, asked)]
        return _of_project(target, name, now) if what == "project" else _of_country(target, name, now)

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Views become observations; the memory moves on."""
        return Batch(
            observations=observations_of(data),
            entries=int(data["entries"]),
            refused=lines_of(data),
            **_moved(target, now, found=True),
        )

    def absent(self, target: Target, request: Request, now: datetime) -> Batch:
        """Wikimedia answers 404 where it has no number yet, or publishes none: that is missing, not zero."""
        return Batch(
            note="Some of what was asked for is not published, or not yet.", **_moved(target, now, found=False)
        )


def asked_for(target: Target) -> list[tuple[str, str]]:
    """Everything that a source asks for, in a fixed order: ("project", name) and ("country", code)."""
    return [
        *(("project", name) for name in target.option(PROJECTS)),
        *(("country", code) for code in target.option(COUNTRIES)),
    ]


def _of_project(target: Target, name: str, now: datetime) -> Request:
    start, end = _project_window(target, name, now)
    hourly = target.option(GRAIN) == "hourly"
    path = f"aggregate/{quote(name, safe='')}/all-access/user/{target.option(GRAIN)}/{start:%Y%m%d}00/{end:%Y%m%d}23"
    return Request(
        url=f"{target.url.rstrip('/')}/{path}",
        parser="tocsin.streams.sources.pageviews.parse:of_project",
        argument={"project": name, "step": 3_600 if hourly else 86_400},
        name=f"project|{name}|{start:%Y-%m-%d}",
        may_be_missing=True,
        accept="application/json",
    )


def _of_country(target: Target, code: str, now: datetime) -> Request:
    day = _country_day(target, code, now)
    path = f"top-per-country/{quote(code, safe='')}/all-access/{day:%Y/%m/%d}"
    return Request(
        url=f"{target.url.rstrip('/')}/{path}",
        parser="tocsin.streams.sources.pageviews.parse:of_country",
        argument={
            "country": code,
            "projects": list(target.option(PROJECTS)),
            "epoch": int(day.timestamp()),
        },
        name=f"country|{code}|{day:%Y-%m-%d}",
        may_be_missing=True,
        accept="application/json",
    )


def _yesterday(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - DAY


def _project_window(target: Target, name: str, now: datetime) -> tuple[datetime, datetime]:
    reached = target.memory.get("reach", {}).get(f"project|{name}")
    yesterday = _yesterday(now)
    if reached is None:
        return yesterday - int(target.option(HISTORY)) * DAY, yesterday
    return min(datetime.fromisoformat(reached), yesterday) - REVISIT, yesterday


def _country_day(target: Target, code: str, now: datetime) -> datetime:
    reached = target.memory.get("reach", {}).get(f"country|{code}")
    yesterday = _yesterday(now)
    if reached is None:
        return yesterday - min(int(target.option(HISTORY)), LONGEST_COUNTRY_HISTORY) * DAY
    return min(datetime.fromisoformat(reached) + DAY, yesterday)


def _index(target: Target, asked: list[tuple[str, str]]) -> int:
    return int(target.memory.get("next", 0)) % len(asked)


def _moved(target: Target, now: datetime, *, found: bool) -> dict[str, Any]:
    """The memory after one answer. A country's last days are asked for again as long as they are missing."""
    asked = asked_for(target)
    index = _index(target, asked)
    what, name = asked[index]
    reach = dict(target.memory.get("reach", {}))
    day = _yesterday(now) if what == "project" else _country_day(target, name, now)
    done = what == "project" or day >= _yesterday(now)
    if found or not done:
        reach[f"{what}|{name}"] = day.isoformat()
    following = (index + 1) % len(asked) if done else index
    return {"memory": {"next": following, "reach": reach}, "more": not (done and following == 0)}
