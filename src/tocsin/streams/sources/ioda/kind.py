"""IODA's signals, by country: routes, answering addresses, and what its telescope hears, every ten minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from tocsin.streams.sources.base import Batch, Kind, Option, Request, Target, _
from tocsin.streams.sources.ioda.parse import KINDS
from tocsin.streams.sources.reading import lines_of, observations_of

COUNTRIES = Option(
    "countries",
    _("Countries asked for"),
    "list",
    _("Two-letter codes, one a line."),
    default=(),
    required=True,
)
SIGNALS = Option(
    "signals",
    _("Signals"),
    "list",
    _("Names as IODA gives them, one a line: bgp (routes), ping-slash24 (probes), merit-nt (telescope)."),
    default=tuple(KINDS),
)
HISTORY = Option(
    "history_days",
    _("Days to look back at the start"),
    "number",
    _("What is normal can only be learnt from the past."),
    default=60,
    least=1,
    most=400,
)

DAY = timedelta(days=1)
CHUNK = 10 * DAY  # with so many countries and days an answer holds its native steps and stays far under the limits
TOGETHER = 10  # countries in one request
REVISIT = DAY  # values of the last hours come late, or are corrected
_TEN_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Series:
    """One thing to ask for: a signal in some countries."""

    signal: str
    countries: tuple[str, ...]

    @property
    def name(self) -> str:
        """A short name, for the memory."""
        return "|".join((self.signal, *self.countries))


class Ioda(Kind):
    """Connectivity as levels: how many routes are seen, how many networks answer, how many addresses are heard."""

    name: ClassVar[str] = "ioda"
    title: ClassVar[str] = _("IODA connectivity")
    about: ClassVar[str] = _(
        "How much of a country's network can be reached; a shutdown or a cut cable shows in minutes."
    )
    address_help: ClassVar[str] = _("IODA's interface, or a mirror of it.")
    default_url: ClassVar[str] = "https://api.ioda.inetintel.cc.gatech.edu/v2"
    default_every: ClassVar[timedelta] = timedelta(minutes=30)
    options: ClassVar[tuple[Option, ...]] = (COUNTRIES, SIGNALS, HISTORY)
    measures: ClassVar[tuple[str, ...]] = tuple(KINDS.values())

    def variant(self, options: Mapping[str, Any]) -> str:
        """Countries and signals together."""
        target = Target("", options)
        return "|".join(",".join(sorted(target.option(one))) for one in (COUNTRIES, SIGNALS))

    def plan(self, target: Target, now: datetime) -> Request | None:
        """The next window of the next signal; all of the past first, then the last day again and again."""
        wanted = series_of(target)
        if not wanted:
            return None
        series = wanted[_index(target, wanted)]
        start, end = window(target, series, now)
        query = {"from": int(start.timestamp()), "until": int(end.timestamp()), "datasource": series.signal}
        codes = ",".join(quote(one, safe="") for one in series.countries)
        return Request(
            url=f"{target.url.rstrip('/')}/signals/raw/country/{codes}?{urlencode(query)}",
            parser="tocsin.streams.sources.ioda.parse:signals",
            argument={
                "signal": series.signal,
                "countries": list(series.countries),
                "since": query["from"],
                "until": query["until"],
            },
            name=f"{series.name}|{start:%Y-%m-%dT%H%M}",
            accept="application/json",
        )

    def take(self, target: Target, request: Request, data: Any, now: datetime) -> Batch:
        """Values become observations; the memory moves on to the next window or signal."""
        return Batch(
            observations=observations_of(data),
            entries=int(data["entries"]),
            refused=lines_of(data),
            **_moved(target, now),
        )

    def skipped(self, target: Target, request: Request, now: datetime) -> Mapping[str, Any]:
        """Go on with the next window, so that one that can't be read does not stop all the others."""
        memory: Mapping[str, Any] = _moved(target, now)["memory"]
        return memory


def series_of(target: Target) -> list[Series]:
    """Everything that a source asks for, in a fixed order; signals that this does not know are left out."""
    codes = sorted({code.strip().upper() for code in target.option(COUNTRIES)} - {""})
    groups = [tuple(codes[first : first + TOGETHER]) for first in range(0, len(codes), TOGETHER)]
    return [Series(signal, group) for signal in target.option(SIGNALS) if signal in KINDS for group in groups]


def window(target: Target, series: Series, now: datetime) -> tuple[datetime, datetime]:
    """What is asked for next: from where the last window ended, or the last day once more, to a full ten minutes."""
    going_on, reached = (target.memory.get(name, {}).get(series.name) for name in ("at", "reach"))
    last = _whole(now)
    if going_on:
        start = datetime.fromisoformat(going_on)
    elif reached:
        start = datetime.fromisoformat(reached) - REVISIT
    else:
        start = last - int(target.option(HISTORY)) * DAY
    return start, min(start + CHUNK, last)


def _moved(target: Target, now: datetime) -> dict[str, Any]:
    """The memory after one window, and whether there is more to ask for at once."""
    wanted = series_of(target)
    index = _index(target, wanted)
    name = wanted[index].name
    _start, end = window(target, wanted[index], now)
    at, reach = dict(target.memory.get("at", {})), dict(target.memory.get("reach", {}))
    done = end >= _whole(now)
    if done:
        reach[name] = end.isoformat()
        at.pop(name, None)
    else:
        at[name] = end.isoformat()
    following = (index + 1) % len(wanted) if done else index
    return {"memory": {"next": following, "at": at, "reach": reach}, "more": not (done and following == 0)}


def _whole(moment: datetime) -> datetime:
    epoch = int(moment.timestamp())
    return datetime.fromtimestamp(epoch - epoch % _TEN_MINUTES, UTC)


def _index(target: Target, wanted: list[Series]) -> int:
    return int(target.memory.get("next", 0)) % len(wanted)
