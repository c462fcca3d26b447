"""The open figures of a document as one table: a row for each number, with its state, range, source and TLP."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import TypeAlias

from tocsin.lib.charts import Chart, Mark, Strip
from tocsin.lib.tlp import Tlp
from tocsin.reports.document import Document, Figure, Heading, Table, WorldMap
from tocsin.reports.facts import Fact
from tocsin.reports.forms.cleaning import clean

COLUMNS = (
    "part",
    "kind",
    "what",
    "series",
    "of",
    "value",
    "low",
    "high",
    "before",
    "out_of",
    "unit",
    "state",
    "as_of",
    "sources",
    "tlp",
    "report",
    "exercise",
)
_ACTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.I)

Row: TypeAlias = dict[str, object]


def draw(document: Document) -> str:
    """The table as RFC 4180 writes it; times are ISO 8601 in UTC.

    Left out is what rests on a source for some readers only, or is TLP:RED: a table goes further than a report.
    ``state`` is ``measured``, ``zero``, ``not usable``, ``not measured``, or ``said`` for words.
    """
    text = io.StringIO()
    # Each cell in quotes: a spreadsheet that takes another sign for its separator must not cut one in two.
    writer = csv.DictWriter(text, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(document):
        writer.writerow({key: _cell(value) for key, value in row.items()})
    return text.getvalue()


def open_to_all_readers(fact: Fact) -> bool:
    """Whether its numbers may leave as a table."""
    return fact.tlp is not Tlp.RED and not fact.readers


def _rows(document: Document) -> Iterator[Row]:
    marks: Row = {"report": document.issue, "exercise": "yes" if document.exercise else "no", "tlp": document.tlp.value}
    for fact in document.facts.values():
        if fact.value is not None and open_to_all_readers(fact):
            yield marks | _fact(fact)
    part = ""
    for block in document.blocks:
        if isinstance(block, Heading):
            part = block.text
        if isinstance(block, Table | Figure | WorldMap):
            known = [document.facts[key] for key in block.facts if key in document.facts]
            if all(open_to_all_readers(one) for one in known):
                about: Row = {"part": part, "sources": _sources(known), "as_of": _newest(known)}
                yield from (marks | about | row for row in _block(block))


def _fact(fact: Fact) -> Row:
    value = fact.value
    assert value is not None
    return {
        "kind": "fact",
        "what": fact.says,
        "value": value.amount,
        "low": value.low,
        "high": value.high,
        "before": value.before,
        "out_of": value.of,
        "unit": value.unit,
        "state": "zero" if value.amount == 0 else fact.nature.value,
        "as_of": fact.as_of.astimezone(UTC).isoformat(),
        "sources": _sources([fact]),
    }


def _block(block: Table | Figure | WorldMap) -> Iterator[Row]:
    match block:
        case Table():
            for row in block.rows:
                for name, cell in list(zip(block.columns, row, strict=False))[1:]:
                    about: Row = {"kind": "table", "what": block.title, "series": name, "of": row[0]}
                    yield about | {"value": cell, "state": "said" if cell else "no value"}
        case Figure():
            for strip in block.chart.strips:
                yield from _strip(block.chart, strip)
        case WorldMap():
            for code, level in sorted(block.levels.items()):
                state = "zero" if level == 0 else "measured"
                yield {"kind": "map", "what": block.title, "of": code, "value": level, "unit": "share", "state": state}
            for code in sorted(block.missing - block.levels.keys()):
                yield {"kind": "map", "what": block.title, "of": code, "state": "not measured"}


def _strip(chart: Chart, strip: Strip) -> Iterator[Row]:
    """One row for each interval from the chart's start to its end, those without a measurement too."""
    marks = {one.time: one for one in strip.marks}
    about: Row = {"kind": "chart", "what": chart.title, "series": strip.title}
    time, times = chart.start, set(marks)
    while time < chart.end:
        if not any(time <= one < time + strip.step for one in marks):
            times.add(time)
        time += strip.step
    for time in sorted(times):
        yield about | {"of": time.astimezone(UTC).isoformat()} | _mark(marks.get(time))


def _mark(mark: Mark | None) -> Row:
    if mark is None:
        return {"state": "not measured"}
    if mark.value is None:
        return {"state": f"not usable: {mark.note}" if mark.note else "not usable"}
    return {"value": mark.value, "low": mark.low, "high": mark.high, "state": "zero" if mark.value == 0 else "measured"}


def _sources(facts: Sequence[Fact]) -> str:
    return " ".join(dict.fromkeys(f"{one.kind}:{one.id}" for fact in facts for one in fact.sources))


def _newest(facts: Sequence[Fact]) -> str:
    return max((one.as_of.astimezone(UTC).isoformat() for one in facts), default="")


def _cell(value: object) -> object:
    """Numbers as they are; words cleaned, and none that a spreadsheet would take for a formula."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = clean(str(value))
    return f"'{text}" if _first(text).startswith(_ACTS) and not _NUMBER.fullmatch(text) else text


def _first(text: str) -> str:
    """A text from its first sign on that a program could act upon: unseen ones and quotes left out, wide ones plain."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", seen).lstrip(" \"'")
