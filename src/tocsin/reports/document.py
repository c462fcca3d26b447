"""A report as it is drawn: blocks of sentences that each cite facts, tables and figures. Every form draws this one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from tocsin.lib.charts import Chart
from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words, and the keys of the facts that they rest on. ``opinion_of`` marks an assessment by its author's name.

    ``by_hand``: a person worded it, in the document's language; others are in the language that Tocsin speaks of it.
    """

    text: str
    facts: tuple[str, ...] = ()
    opinion_of: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the parts) or 2. ``worded_by`` names who worded it, where it is not one that we ship.

    ``apart``: on paper it begins a page of its own. ``by_hand``: a person worded it in the document's language.
    """

    text: str
    level: int = 1
    worded_by: str = ""
    apart: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that belong together."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``rows`` of as many cells as ``columns``; ``numeric`` says which columns are numbers, by position.

    An empty cell is no value. A cell that disclosure control withholds says so in words; ``note`` explains it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the same numbers behind it as a table (``lib.charts.table_rows``)."""

    chart: Chart
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorldMap:
    """Countries shaded by a share from 0 to 1; ``missing`` are hatched: nothing was measured there.

    ``names`` are what countries are called where that was worded; others go by CLDR's names.
    """

    title: str
    description: str
    levels: Mapping[str, float]
    missing: frozenset[str]
    facts: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Figure | WorldMap


@dataclass(frozen=True, slots=True)
class Document:
    """One issue of a report for one audience.

    ``facts`` holds every fact that a block cites, by key; notes at the end list their sources. ``exercise`` is said on
    every page. ``corrects`` is the number of the issue that this one replaces. ``title_by`` names who worded the title;
    empty where it was generated.
    """

    title: str
    audience: str
    language: str
    rtl: bool
    tlp: Tlp
    since: date
    until: date
    made_at: datetime
    issue: str
    blocks: Sequence[Block]
    facts: Mapping[str, Fact]
    exercise: bool = False
    privileged: bool = False
    corrects: str = ""
    title_by: str = ""


def sentences(document: Document) -> list[Sentence]:
    """Every sentence of it, in order."""
    found: list[Sentence] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            found += block.sentences
        elif isinstance(block, Bullets):
            found += [one for item in block.items for one in item.sentences]
    return found


def unsourced(document: Document) -> list[str]:
    """What can't be published: the words of each sentence, table or figure that cites nothing that is there."""
    wrong = [one.text for one in sentences(document) if not one.facts or not document.facts.keys() >= set(one.facts)]
    for block in document.blocks:
        if isinstance(block, Table | WorldMap) and not _rests(block.facts, document):
            wrong.append(block.title)
        if isinstance(block, Figure) and not _rests(block.facts, document):
            wrong.append(block.chart.title)
    return wrong


def _rests(keys: tuple[str, ...], document: Document) -> bool:
    return bool(keys) and document.facts.keys() >= set(keys)
