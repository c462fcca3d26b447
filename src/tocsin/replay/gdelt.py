"""Serves GDELT 2 files each quarter of an hour: events, mentions and knowledge graph, with the lists that name them."""

import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from tocsin.replay.articles import event_moment
from tocsin.replay.clock import Clock, Span, parse_moment
from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, host_of, not_found

MOUNT = "/gdeltv2"
QUARTER = timedelta(minutes=15)
EXPORT_COLUMNS = 61
KINDS = ("export.CSV", "mentions.CSV", "gkg.csv")
STAMP = "%Y%m%d%H%M%S"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """What was recorded for one quarter of an hour: event rows, or a knowledge graph file on disk."""

    recorded: datetime
    events: tuple[Row, ...] = ()
    graph: Path | None = None


def gdelt_endpoints(folder: Path, rows: Iterable[Row]) -> list[Endpoint]:
    """The lists and files; none where the folder holds nothing of GDELT."""
    slots = [*_event_slots(rows), *_graph_slots(folder)]
    if not slots:
        return []
    span = Span(min(slot.recorded for slot in slots), max(slot.recorded for slot in slots))
    shelf = _Shelf(slots, span)
    suggestion = Suggestion("Replay: GDELT", "gdelt", reliability="D", interval_seconds=900)
    return [
        Endpoint(f"{MOUNT}/lastupdate.txt", "gdelt", "The newest files", shelf.last_update, (suggestion,)),
        Endpoint(f"{MOUNT}/masterfilelist.txt", "gdelt", "Every file so far", shelf.master_list),
        Endpoint(f"{MOUNT}/*", "gdelt", f"Files of a quarter of an hour ({len(slots)} recorded)", shelf.file),
    ]


def _event_slots(rows: Iterable[Row]) -> list[Slot]:
    dated = [(event_moment(row), row) for row in rows]
    known = [moment for moment, _ in dated if moment is not None]
    if not known:
        return []
    by_time: dict[datetime, list[Row]] = defaultdict(list)
    for moment, row in dated:
        # An event whose date is a mistake of the recording comes with the first.
        by_time[quarter(moment or min(known)) + QUARTER].append(row)
    return [Slot(moment, tuple(events)) for moment, events in sorted(by_time.items())]


def _graph_slots(folder: Path) -> list[Slot]:
    slots = []
    for path in sorted(folder.glob("*/*.gkg.csv.zip")):
        try:
            slots.append(Slot(_stamp(path.name.split(".", 1)[0]), graph=path))
        except ValueError:
            continue
    return slots


def quarter(moment: datetime) -> datetime:
    """The start of the quarter of an hour that a moment falls into."""
    return moment.astimezone(UTC).replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _stamp(text: str) -> datetime:
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


class _Shelf:
    """The files in sight. At speed 0 all that was recorded stands in one quarter of an hour, the newest, so that a
    collector that reads only the newest files gets everything; else each stands in its own."""

    def __init__(self, slots: list[Slot], span: Span) -> None:
        self._slots, self._span = slots, span
        self._kept: dict[tuple[str, bool], bytes] = {}
        self._lock = Lock()

    def last_update(self, request: Request) -> Answer:
        shown = self._shown(request.clock)
        lines = self._lines(max(shown), shown[max(shown)], request) if shown else []
        return self._text(lines, request)

    def master_list(self, request: Request) -> Answer:
        shown = self._shown(request.clock)
        return self._text([line for time in sorted(shown) for line in self._lines(time, shown[time], request)], request)

    def file(self, request: Request) -> Answer:
        name = request.path.removeprefix(f"{MOUNT}/")
        stamp, _, rest = name.partition(".")
        try:
            slots = self._shown(request.clock).get(_stamp(stamp))
        except ValueError:
            slots = None
        kind = rest.removesuffix(".zip")
        if slots is None or kind not in KINDS or not rest.endswith(".zip"):
            return not_found()
        return Answer(self._zip(kind, _stamp(stamp), slots, request.clock), "application/zip", modified=_stamp(stamp))

    def _shown(self, clock: Clock) -> dict[datetime, list[Slot]]:
        visible = [slot for slot in self._slots if clock.visible(slot.recorded, self._span)]
        if clock.speed <= 0:
            return {quarter(clock.launched): visible} if visible else {}
        shown: dict[datetime, list[Slot]] = defaultdict(list)
        for slot in visible:
            shown[quarter(clock.shown(slot.recorded, self._span))].append(slot)
        return shown

    def _lines(self, time: datetime, slots: list[Slot], request: Request) -> list[str]:
        lines = []
        for kind in KINDS:
            body = self._zip(kind, time, slots, request.clock)
            # GDELT prints MD5 sums; they guard against broken downloads, not against anyone.
            mark = hashlib.md5(body, usedforsecurity=False).hexdigest()
            lines.append(f"{len(body)} {mark} {request.base_url}{MOUNT}/{time:{STAMP}}.{kind}.zip")
        return lines

    def _text(self, lines: list[str], request: Request) -> Answer:
        return Answer("".join(f"{line}\n" for line in lines).encode(), modified=request.clock.launched)

    def _zip(self, kind: str, time: datetime, slots: list[Slot], clock: Clock) -> bytes:
        name = f"{time:{STAMP}}.{kind}"
        key = (name, clock.speed <= 0)
        with self._lock:
            if key not in self._kept:
                writers: dict[str, Callable[[Slot], bytes]] = {
                    "export.CSV": lambda slot: _export(slot, time, clock, self._span),
                    "mentions.CSV": lambda slot: _mentions(slot, time, clock, self._span),
                    "gkg.csv": lambda slot: _graph(slot, time),
                }
                self._kept[key] = _zipped(name, b"".join(writers[kind](slot) for slot in slots), time)
            return self._kept[key]


def _zipped(name: str, content: bytes, time: datetime) -> bytes:
    made = io.BytesIO()
    # A fixed time inside keeps the bytes, and so the sums, the same from one request to the next.
    entry = zipfile.ZipInfo(name, time.timetuple()[:6])
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return made.getvalue()


def _export(slot: Slot, added: datetime, clock: Clock, span: Span) -> bytes:
    return b"".join(_line(_event(row, added, clock, span)) for row in slot.events)


def _event(row: Row, added: datetime, clock: Clock, span: Span) -> list[str]:
    """The 61 columns of an event; those that were not recorded are empty, as they often are upstream."""
    day = _event_day(row, added, clock, span)
    code = _number(row.get("EventCode"))
    columns = [""] * EXPORT_COLUMNS
    columns[0] = _number(row["GLOBALEVENTID"])
    columns[1:5] = [f"{day:%Y%m%d}", f"{day:%Y%m}", f"{day:%Y}", f"{day.year + (day.month * 30 + day.day) / 365:.4f}"]
    for first, actor in ((5, "Actor1"), (15, "Actor2")):
        columns[first : first + 3] = [_word(row.get(f"{actor}{part}")) for part in ("Code", "Name", "CountryCode")]
    columns[25:30] = ["1", code, code[:3], code[:2], _number(row.get("QuadClass"))]
    columns[30:35] = [
        _decimal(row.get("GoldsteinScale")),
        *(_number(row.get(name)) for name in ("NumMentions", "NumSources", "NumArticles")),
        _decimal(row.get("AvgTone")),
    ]
    place = [_word(row.get("ActionGeo_FullName")), _word(row.get("ActionGeo_CountryCode"))]
    for first in (35, 43):
        columns[first] = "0"
    # Column 51: 1 is a country, 4 a city elsewhere in the world; the recording does not tell more.
    columns[51] = "0" if not place[0] else "4" if "," in place[0] else "1"
    columns[52:54] = place
    columns[56:58] = [_decimal(row.get("ActionGeo_Lat")), _decimal(row.get("ActionGeo_Long"))]
    columns[59:61] = [f"{added:{STAMP}}", _word(row.get("SOURCEURL"))]
    return columns


def _event_day(row: Row, added: datetime, clock: Clock, span: Span) -> datetime:
    """The day on which the event is said to have happened, long ago in some rows, moved with all other dates."""
    day = parse_moment(_number(row.get("SQLDATE")))
    return clock.shown(day, span) if day else added


def _mentions(slot: Slot, added: datetime, clock: Clock, span: Span) -> bytes:
    """One mention an event: its own article, 16 columns."""
    lines = []
    for row in slot.events:
        day = clock.shown(event_moment(row) or added, span)
        url = _word(row.get("SOURCEURL"))
        lines.append(
            _line(
                [
                    _number(row["GLOBALEVENTID"]),
                    f"{day:{STAMP}}",
                    f"{added:{STAMP}}",
                    "1",
                    host_of(url),
                    url,
                    "1",
                    *["-1"] * 3,
                    "1",
                    "100",
                    str(len(_word(row.get("text")))),
                    _decimal(row.get("AvgTone")),
                    "",
                    "",
                ]
            )
        )
    return b"".join(lines)


def _graph(slot: Slot, added: datetime) -> bytes:
    """A recorded knowledge graph file under the new time: both its ids and its dates carry it."""
    if slot.graph is None:
        return b""
    old, new = slot.recorded.strftime(STAMP).encode(), added.strftime(STAMP).encode()
    with zipfile.ZipFile(slot.graph) as archive:
        content = archive.read(archive.namelist()[0])
    lines = []
    for line in content.splitlines(keepends=True):
        columns = line.split(b"\t", 2)
        lines.append(b"\t".join([*(column.replace(old, new, 1) for column in columns[:2]), *columns[2:]]))
    return b"".join(lines)


def _line(columns: list[str]) -> bytes:
    return ("\t".join(columns) + "\n").encode("utf-8", "replace")


def _word(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _number(value: object) -> str:
    text = str(value if value is not None else "")
    return text.removesuffix(".0") if text.lower() != "nan" else ""


def _decimal(value: object) -> str:
    text = str(value if value is not None else "")
    return text if text.lower() != "nan" else ""
