"""An issue in each of its forms, as bytes."""

import csv
import io
from collections.abc import Iterator
from hashlib import sha256

from django.template.loader import render_to_string
from django.utils import translation

from tocsin.lib.charts import table_rows
from tocsin.reports.document import Document, Figure, Table, WorldMap

MEDIA = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8"}
_ACTS = ("=", "+", "-", "@", "\t", "\r")


def all_of(document: Document) -> Iterator[tuple[str, bytes]]:
    """Every form of a document by its name."""
    with translation.override(document.language):
        made = [("html", render_to_string("reports/document.html", {"document": document}).encode())]
        made.append(("csv", as_csv(document)))
    yield from made


def hash_of(body: bytes) -> str:
    """The hash of a file."""
    return sha256(body).hexdigest()


def as_csv(document: Document) -> bytes:
    """The open figures: every value, table and chart."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["what", "value", "low", "high", "before", "out of", "unit", "as of", "source"])
    for fact in document.facts.values():
        if fact.value is not None:
            value = fact.value
            row = [value.amount, value.low, value.high, value.before, value.of, value.unit]
            lines.writerow(_safe([fact.says, *row, fact.as_of.isoformat(), fact.sources[0].title]))
    for block in document.blocks:
        if isinstance(block, Table):
            lines.writerows([[], _safe([block.title]), _safe(block.columns), *(_safe(row) for row in block.rows)])
        if isinstance(block, Figure):
            lines.writerows([[], _safe([block.chart.title]), *(_safe(row) for row in table_rows(block.chart))])
        if isinstance(block, WorldMap):
            lines.writerows([[], _safe([block.title]), *([code, level] for code, level in block.levels.items())])
    return text.getvalue().encode("utf-8-sig")


def _safe(cells: object) -> list[str]:
    """Cells that no program takes for a formula."""
    said = ["" if one is None else str(one) for one in cells]  # type: ignore[attr-defined]  # a row of cells
    return [f"'{one}" if one.startswith(_ACTS) and not _is_number(one) else one for one in said]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def as_text(document: Document) -> str:
    """The whole of it in plain text, with its sources at the end."""
    with translation.override(document.language):
        return render_to_string("reports/document.txt", {"document": document})
