"""OONI's two interfaces: counts by day (aggregation), and single measurements pooled by hour and network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from tocsin.streams.sources.base import Batch, Kind, Option, Request, Target, _
from tocsin.streams.sources.ooni.verdicts import Layer
from tocsin.streams.sources.reading import lines_of, observations_of

DOMAINS = Option(
    "domains",
    _("Sites"),
    "list",
    _("Domains whose web tests to watch, one a line, such as fa.wikipedia.org."),
    default=("wikipedia.org", "en.wikipedia.org", "commons.wikimedia.org", "www.wikidata.org"),
)
TESTS = Option(
    "tests",
    _("Tests"),
    "list",
    _("Names of OONI's tests, one a line. web_connectivity is asked for each site; others have no site."),
    default=("web_connectivity",),
)
COUNTRIES = Option(
    "countries",
    _("Countries asked for"),
    "list",
    _("Two-letter codes, one a line. Empty: every country, in one request."),
    default=(),
)
NETWORKS = Option(
    "networks",
    _("Each network by itself"),
    "yes-no",
    _("Asks for every country apart, by network. Needs countries, and many more requests."),
    default=False,
)
MODE = Option(
    "mode",
    _("What to fetch"),
    "choice",
    _("Counts by day are enough for most. Single measurements are pooled by hour and network; they need countries."),
    default="counts",
    choices=(("counts", _("Counts by day")), ("measurements", _("Single measurements"))),
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
CHUNK = 30 * DAY
REVISIT = 7 * DAY  # probes deliver late; counts of the last week still grow
LIMIT = 1_000  # measurements an answer, the most that OONI gives
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Series:
    """One thing to ask for: a test, on a site or without one, in one country or in all."""

    test: str
    domain: str = ""
    country: str = ""

    @property
    def name(self) -> str:
        """A short name, for the memory."""
        return "|".join((self.test, self.domain, self.country))


class Ooni(Kind):
    """Blocking as counts: ``n`` is what was measured, ``k`` what looked blocked."""

    name: ClassVar[str] = "ooni"
    title: ClassVar[str] = _("OONI measurements")
    about: ClassVar[str] = _("What volunteers' probes measured of blocked sites and apps, by country and network.")
    address_help: ClassVar[str] = _("OONI's aggregation interface, or a mirror of it.")
    default_url: ClassVar[str] = "https://api.ooni.org/api/v1/aggregation"
    default_every: ClassVar[timedelta] = timedelta(hours=6)
    options: ClassVar[tuple[Option, ...]] = (DOMAINS, TESTS, COUNTRIES, MODE, NETWORKS, HISTORY)
    worldwide: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = (
        "ooni.web",
        "ooni.apps",
        "ooni.measurements",
        *(f"ooni.web.{layer}" for layer in Layer),
    )

    def variant(self, options: Mapping[str, Any]) -> str:
        """Sites, tests, countries and mode together."""
        target = Target("", options)
        parts = [",".join(sorted(target.option(one))) for one in (DOMAINS, TESTS, COUNTRIES)]
        return "|".join([*parts, str(target.option(MODE)), str(target.option(NETWORKS))])

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The next window of the next series; all of the past first, then the last week again and again."""
        wanted = series_of(target)
        if not wanted:
            return None
        series = wanted[_index(target, wanted)]
        start, end = window(target, series, now)
        if target.option(MODE) == "measurements":
            return self._measurements(target, series, start, end)
        return self._counts(target, series, start, end)

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Counts become observations; the memory moves on to the next window or series."""
        wanted = series_of(target)
        index = _index(target, wanted)
        series = wanted[index]
        start, end = window(target, series, now)
        entries = int(data["entries"])
        spans: dict[str, int] = dict(target.memory.get("spans", {}))
        if data.get("more"):
            hours = int((end - start) / _HOUR)
            if hours > 1:
                # More than one answer can hold: ask again for half of the time, so that each hour is whole.
                spans[series.name] = max(1, hours // 2)
                return Batch(entries=entries, memory={**target.memory, "spans": spans}, more=True)
        return Batch(
            observations=observations_of(data),
            entries=entries,
            refused=lines_of(data),
            **_moved(target, index, end, now, spans),
        )

    def skipped(self, target: Target, request: Request, now: datetime) -> Mapping[str, Any]:
        """Go on with the next window, so that one that can't be read does not stop all the others."""
        wanted = series_of(target)
        index = _index(target, wanted)
        _, end = window(target, wanted[index], now)
        memory: Mapping[str, Any] = _moved(target, index, end, now, dict(target.memory.get("spans", {})))["memory"]
        return memory

    def _counts(self, target: Target, series: Series, start: datetime, end: datetime) -> Request:
        query = {
            "test_name": series.test,
            "domain": series.domain,
            "probe_cc": series.country,
            "since": f"{start:%Y-%m-%d}",
            "until": f"{end:%Y-%m-%d}",
            "axis_x": "measurement_start_day",
            "axis_y": "probe_asn" if series.country else "probe_cc",
            "time_grain": "day",
        }
        argument = {
            "subject": series.domain or series.test,
            "kind": "ooni.web" if series.test == "web_connectivity" else "ooni.apps",
            "country": series.country,
            "countries": [] if series.country else list(target.option(COUNTRIES)),
        }
        return Request(
            url=_with_query(target.url, query),
            parser="tocsin.streams.sources.ooni.parse:counts",
            argument=argument,
            name=f"{series.name}|{start:%Y-%m-%d}",
            accept="application/json",
        )

    def _measurements(self, target: Target, series: Series, start: datetime, end: datetime) -> Request:
        query = {
            "test_name": series.test,
            "domain": series.domain,
            "probe_cc": series.country,
            "since": f"{start:%Y-%m-%dT%H:%M:%S}",
            "until": f"{end:%Y-%m-%dT%H:%M:%S}",
            "limit": str(LIMIT),
            "order_by": "measurement_start_time",
            "order": "asc",
        }
        base = target.url.replace("/aggregation", "/measurements")
        return Request(
            url=_with_query(base, query),
            parser="tocsin.streams.sources.ooni.parse:measurements",
            argument={"subject": series.domain or series.test, "limit": LIMIT},
            name=f"{series.name}|{start:%Y-%m-%dT%H}",
            accept="application/json",
        )


def series_of(target: Target) -> list[Series]:
    """Everything that a source asks for, in a fixed order."""
    countries = list(target.option(COUNTRIES))
    apart = bool(countries) and (target.option(NETWORKS) or target.option(MODE) == "measurements")
    places = countries if apart else [""]
    found = []
    for test in target.option(TESTS):
        domains = list(target.option(DOMAINS)) if test == "web_connectivity" else [""]
        found += [Series(test, domain, country) for domain in domains for country in places]
    return found


def window(target: Target, series: Series, now: datetime) -> tuple[datetime, datetime]:
    """The days, or hours, that are asked for next: where the last window ended, or the last days once more."""
    single = target.option(MODE) == "measurements"
    today = _day(now)
    going_on, reached = (target.memory.get(name, {}).get(series.name) for name in ("at", "reach"))
    if going_on:
        start = datetime.fromisoformat(going_on)
    elif reached:
        start = _day(datetime.fromisoformat(reached)) - (DAY if single else REVISIT)
    else:
        start = today - int(target.option(HISTORY)) * DAY
    hours = int(target.memory.get("spans", {}).get(series.name, 24))
    return start, min(start + (hours * _HOUR if single else CHUNK), today + DAY)


def _moved(target: Target, index: int, end: datetime, now: datetime, spans: dict[str, int]) -> dict[str, Any]:
    """The memory after one window, and whether there is more to ask for at once."""
    wanted = series_of(target)
    name = wanted[index].name
    at, reach = dict(target.memory.get("at", {})), dict(target.memory.get("reach", {}))
    done = end > now
    if done:
        reach[name] = now.isoformat()
        at.pop(name, None)
    else:
        at[name] = end.isoformat()
    following = (index + 1) % len(wanted) if done else index
    memory = {"next": following, "at": at, "reach": reach, "spans": spans}
    return {"memory": memory, "more": not (done and following == 0)}


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _index(target: Target, wanted: list[Series]) -> int:
    return int(target.memory.get("next", 0)) % len(wanted)


def _with_query(address: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({name: value for name, value in query.items() if value})))
