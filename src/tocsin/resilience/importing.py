"""Reads what an index says of countries from its table, row by row, and says by line what can't be used.

Shapes: Freedom House (ratings by year, or the table of all editions), Reporters Without Borders (ranks and scores by
edition), the Wikimedia Foundation's table of countries. Plain or gzip, with commas, semicolons or tabs.
"""

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.core import get_global
from django.utils.translation import gettext as _

from tocsin.lib import territories
from tocsin.resilience.models import Index

LARGEST, INFLATED, MOST_ROWS = 5_000_000, 25_000_000, 60_000
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]")
_STATUS = {
    "free": "free", "f": "free", "partially free": "partly", "partly free": "partly", "pf": "partly",
    "not free": "not-free", "nf": "not-free",
}  # fmt: skip
_CLASSES = {"lower risk": "lower", "medium risk": "medium", "higher risk": "higher", "not published": "unpublished"}
_NO_ISO3 = {"XKX": "XK", "XKO": "XK"}
# Names that the indexes use and CLDR does not.
_ALSO = {
    "cabo verde": "CV", "congo (brazzaville)": "CG", "congo (kinshasa)": "CD", "cote d'ivoire": "CI",
    "czech republic": "CZ", "hong kong": "HK", "myanmar": "MM", "sao tome and principe": "ST", "the gambia": "GM",
    "turkey": "TR",
}  # fmt: skip
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What one line says of a country for a day; ``line`` is counted from 1, the header's."""

    line: int
    country: str
    on: date
    word: str = ""
    score: Decimal | None = None
    rank: int | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong on one line; 0 is the whole file."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file gives: lines that can be used, lines that say again what one before said, and what is refused."""

    rows: tuple[Read, ...] = ()
    doubled: tuple[Wrong, ...] = ()
    wrong: tuple[Wrong, ...] = ()


class _BadError(Exception):
    """One line can't be used; its words are ours."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Shape:
    """One form of a table: the columns by which it is known, and how a row is read on a day given with the file."""

    needs: frozenset[str]
    read: Callable[[int, Row, date | None], Read]


def read(index: str, body: bytes, today: date, on: date | None = None) -> Table:
    """Everything that a file says, in its order. ``on`` is the day for which it holds, where its rows name none."""
    text = _text(body)
    if isinstance(text, Wrong):
        return Table(wrong=(text,))
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max("\t,;", key=first.count), strict=True)
    found: dict[tuple[str, date], Read] = {}
    doubled: list[Wrong] = []
    wrong: list[Wrong] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        shape = next((one for one in _SHAPES[Index(index)] if one.needs <= set(header)), None)
        if shape is None or len(set(header)) != len(header):
            return Table(wrong=(Wrong(1, _columns(index)),))
        for number, cells in _lines(reader, len(header), wrong):
            _take(number, dict(zip(header, cells, strict=True)), shape, on, today, found, doubled, wrong)
    except csv.Error:
        words = _("This line can’t be read as CSV: look for a quote without its other.")
        wrong.append(Wrong(reader.line_num, words))
    return Table(tuple(found.values()), tuple(doubled), tuple(wrong))


def _take(
    number: int,
    row: Row,
    shape: _Shape,
    on: date | None,
    today: date,
    found: dict[tuple[str, date], Read],
    doubled: list[Wrong],
    wrong: list[Wrong],
) -> None:
    try:
        said = shape.read(number, row, on)
        if said.on > today:
            raise _BadError(_("Its day is to come."))
    except _BadError as error:
        wrong.append(Wrong(number, error.why))
        return
    before = found.setdefault((said.country, said.on), said)
    if before is said:
        return
    again = {"n": before.line}
    if (before.word, before.score, before.rank, before.more) == (said.word, said.score, said.rank, said.more):
        doubled.append(Wrong(number, _("It says again what line %(n)s says.") % again))
    else:
        wrong.append(Wrong(number, _("It says otherwise than line %(n)s of the same country and day.") % again))


def _text(body: bytes) -> str | Wrong:
    if len(body) > LARGEST:
        return Wrong(0, _("The file is larger than 5 MB. Split it."))
    if body[:2] == b"\x1f\x8b":
        inflater = zlib.decompressobj(31)
        try:
            body = inflater.decompress(body, INFLATED)
        except zlib.error:
            return Wrong(0, _("It says that it is gzip, and is not."))
        if inflater.unconsumed_tail:
            return Wrong(0, _("Unpacked it is larger than 25 MB. Split it."))
        if not inflater.eof:
            return Wrong(0, _("It ends in the middle. Fetch it again."))
    try:
        return body.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        return Wrong(0, _("It is not in UTF-8. Save it as “CSV UTF-8”."))


def _lines(reader: Iterator[list[str]], width: int, wrong: list[Wrong]) -> Iterator[tuple[int, list[str]]]:
    for count, cells in enumerate(reader):
        number = reader.line_num  # type: ignore[attr-defined]
        if count >= MOST_ROWS:
            wrong.append(Wrong(number, _("At most %(n)s lines at once. Split it.") % {"n": MOST_ROWS}))
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            words = _("It has %(n)s cells, and the first line has %(all)s.") % {"n": len(cells), "all": width}
            wrong.append(Wrong(number, words))
            continue
        yield number, cells


def _columns(index: str) -> str:
    shapes = [", ".join(sorted(one.needs)) for one in _SHAPES[Index(index)]]
    return _("The first line must name these columns, each once: %(list)s.") % {"list": _(" – or: ").join(shapes)}


def _rating(number: int, row: Row, _on: date | None) -> Read:
    rights = f"{_whole(row['political_rights'], 1, 7)}/{_whole(row['civil_liberties'], 1, 7)}"
    day = date(_year(row["year"]), 12, 31)
    return Read(number, _alpha2(row["iso2c"], row.get("country", "")), day, _status(row["status"]), more=rights)


def _edition(number: int, row: Row, _on: date | None) -> Read:
    # An edition tells of the year before it.
    day = date(_year(row["edition"]) - 1, 12, 31)
    score = _score(row["total"]) if row["total"].strip() not in {"", "N/A", "-"} else None
    rights = f"{_whole(row['pr rating'], 1, 7)}/{_whole(row['cl rating'], 1, 7)}"
    return Read(number, _named(row["country/territory"]), day, _status(row["status"]), score, more=rights)


def _press(number: int, row: Row, _on: date | None) -> Read:
    day = date(_year(row["year"]), 1, 1)
    score = _score(row["score"], 200) if row["score"].strip() else None
    return Read(number, _alpha3(row["iso3"]), day, score=score, rank=_whole(row["rank"], 1, 400))


def _protection(number: int, row: Row, on: date | None) -> Read:
    if on is None:
        raise _BadError(_("Say for which day the file holds."))
    said = row["is_protected"].strip().lower()
    if said not in {"true", "false"}:
        raise _BadError(_("“is_protected” must be True or False."))
    risk = row["data_risk_classification"].strip().lower()
    if risk not in _CLASSES:
        raise _BadError(_("“%(what)s” is no class that is known.") % {"what": quoted(risk)})
    score = _score(row["data_risk_score"]) if row["data_risk_score"].strip() else None
    country = _alpha2(row["iso_code"], row.get("name", ""))
    return Read(number, country, on, "listed" if said == "true" else "not-listed", score, more=_CLASSES[risk])


_SHAPES: Mapping[Index, tuple[_Shape, ...]] = {
    Index.FREEDOM: (
        _Shape(frozenset({"year", "iso2c", "status", "political_rights", "civil_liberties"}), _rating),
        _Shape(frozenset({"country/territory", "edition", "status", "pr rating", "cl rating", "total"}), _edition),
    ),
    Index.PRESS: (_Shape(frozenset({"year", "iso3", "rank", "score"}), _press),),
    Index.PROTECTION: (
        _Shape(frozenset({"iso_code", "is_protected", "data_risk_score", "data_risk_classification"}), _protection),
    ),
}


def _alpha2(text: str, called: str) -> str:
    code = text.strip().upper()
    return code if code in territories.TERRITORIES else _named(called or text)


def _alpha3(text: str) -> str:
    code = text.strip().upper()
    plain = get_global("territory_aliases").get(code, [])
    found = _NO_ISO3.get(code, plain[0] if len(plain) == 1 else "")
    if len(code) != 3 or found not in territories.TERRITORIES:
        raise _BadError(_("No country has the code “%(code)s”.") % {"code": quoted(text)})
    return found


def _named(text: str) -> str:
    plain = text.strip()
    code = territories.code(plain) or territories.code(plain.replace(" and ", " & ").replace(" the ", " "))
    code = code or _ALSO.get(plain.casefold(), "")
    if not code:
        raise _BadError(_("No country is called “%(name)s”.") % {"name": quoted(text)})
    return code


def _status(text: str) -> str:
    word = _STATUS.get(text.strip().lower())
    if word is None:
        raise _BadError(_("“%(what)s” is no status that is known.") % {"what": quoted(text)})
    return word


def _year(text: str) -> int:
    return _whole(text, 1950, 2150)


def _whole(text: str, least: int, most: int) -> int:
    plain = text.strip().removesuffix(".0")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 4 and least <= int(plain) <= most):
        told = {"what": quoted(text), "least": least, "most": most}
        raise _BadError(_("“%(what)s” is no whole number from %(least)s to %(most)s.") % told)
    return int(plain)


def _score(text: str, most: int = 100) -> Decimal:
    plain = text.strip()
    try:
        value = Decimal(plain) if len(plain) <= 12 else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not -most <= value <= most:
        raise _BadError(_("“%(what)s” is no score up to %(most)s.") % {"what": quoted(text), "most": most})
    return value.quantize(Decimal("0.01"))


def quoted(text: str) -> str:
    """Forty letters of what stands in a file, fit to be shown."""
    return _HIDDEN.sub(" ", text).strip()[:40] or "–"
