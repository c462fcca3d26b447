"""Whoever collects every report that was really issued, as page, table, PDF and text, works no cell of a count out."""

import csv
import html
import io
import random
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from pypdfium2 import PdfDocument

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.reports import arranging, counting, releasing
from tocsin.reports.arranging import Wanted
from tocsin.reports.disclosure import Block, Cell, Published, controlled
from tocsin.reports.disclosure.attacking import Said, determined, right
from tocsin.reports.disclosure.keeping import packed
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import CountedMonth, Form

pytestmark = pytest.mark.django_db
MONTHS = ("2026-01", "2026-02", "2026-03")
PLACES = {"IN": 90, "NG": 60, "034": 120, "NO": 12}
KINDS = ("detention", "harassment", "legal")
READERS = ("operational", "public")


def _truth() -> dict[Cell, int]:
    """Three months of made-up cases: large places, a region, and a country with few."""
    dice = random.Random(7)
    return {
        Cell(month, place, kind): max(0, round(dice.gauss(mean, mean / 3) / (1 + at)))
        for month in MONTHS for place, mean in PLACES.items() for at, kind in enumerate(KINDS)
    }  # fmt: skip


def _spans() -> list[tuple[str, str]]:
    """The first and the last month of each issue: every run of months, so that each two can be subtracted."""
    return [(first, last) for at, first in enumerate(MONTHS) for last in MONTHS[at:]]


def _issue(lead: Person, vera: Person, blocks: Mapping[str, tuple[Block, ...]], name: str) -> None:
    """Keep these blocks, then draft and release each issue for each audience."""
    CountedMonth.objects.all().delete()
    for month, kept in blocks.items():
        least = counting.LEAST_SHOWN
        CountedMonth.objects.create(month=month, least=least, blocks=packed(kept), decided_at=clock.now())
    for audience in READERS:
        for number, (first, last) in enumerate(_spans()):
            once, day = f"{name}-{number}-{audience}", counting.first_day(first)
            report = arranging.arrange(lead, Wanted(once, audience, "hand", once))
            period = Period(datetime(day.year, day.month, 1, tzinfo=UTC), counting.end_of(last))
            draft = arranging.draft_now(lead, report, period)
            releasing.release(vera, draft, digest_of(document_of(draft)))


def _texts(name: str) -> Iterator[str]:
    """What somebody reads in each form of each issue."""
    for form in Form.objects.filter(issue__report__title__startswith=f"{name}-"):
        raw = bytes(form.body)
        if form.form == "pdf":
            with PdfDocument(raw) as pdf:
                yield " ".join(page.get_textpage().get_text_bounded() for page in pdf)
        elif form.form == "csv":
            for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))):
                yield " ".join(row)
        elif form.form == "html":
            yield html.unescape(re.sub(r"<[^>]+>", " ", raw.decode()))
        elif form.form == "text":
            yield raw.decode()


def _said(name: str, truth: Mapping[Cell, int]) -> set[Said]:
    """Every number of people that is read there, as the solver takes it."""
    months = {words.month(counting.first_day(one)): one for one in MONTHS}
    places = {counting.place_name(one): one for one in PLACES}
    kinds = {counting.kind_name(one): one for one in KINDS}
    when = "|".join(map(re.escape, months))
    where, what = ("|".join(sorted(map(re.escape, one), key=len, reverse=True)) for one in (places, kinds))
    over = rf"in ((?:{when})(?:, (?:{when}))*)\."
    sentence = re.compile(
        rf"(?:(?P<place>{where})(?:, (?P<kind>{what}))?: (?P<least>at least )?(?P<n>\d+) cases?"
        rf"|(?P<all>\d+) (?:people|person) or groups? at risk turned to us) {over}"
    )
    found = set()
    for text in _texts(name):
        for one in sentence.finditer(" ".join(text.split())):
            among = {months[each] for each in one.groups()[-1].split(", ")}
            place, kind = places.get(one["place"] or ""), kinds.get(one["kind"] or "")
            cells = frozenset(
                cell for cell in truth
                if cell.month in among and place in {None, cell.place} and kind in {None, cell.kind}
            )  # fmt: skip
            found.add(Said(cells, int(one["n"] or one["all"]), exactly=not one["least"]))
    return found


def test_what_was_issued_gives_away_no_cell_and_without_suppression_nearly_all(alice: Person, vera: Person) -> None:
    truth = _truth()
    control = controlled(truth, Published(), counting.LEAST_SHOWN)
    _issue(alice, vera, control.published.months, "kept")
    said = _said("kept", truth)
    shown = {cell for block in control.blocks if len(block.cells) == 1 for cell in block.cells}
    assert 0 < len(shown) < len(truth)
    assert len(said) > 2 * len(MONTHS), "numbers were read"
    assert all(_holds(one, truth) for one in said), "and they are as they were counted"
    assert right(determined(truth, said), truth) - shown == set()

    bare = {month: tuple(Block(truth[cell], frozenset({cell})) for cell in truth if cell.month == month)
            for month in MONTHS}  # fmt: skip
    _issue(alice, vera, bare, "bare")
    found = right(determined(truth, _said("bare", truth)), truth)
    assert len(found) >= 0.95 * len(truth), "so it is a real attack"


def _holds(one: Said, truth: Mapping[Cell, int]) -> bool:
    number = sum(truth[cell] for cell in one.cells)
    return number == one.number if one.exactly else number >= one.number
