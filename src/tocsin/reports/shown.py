"""What pages show of a draft: its facts with where each stands and why not elsewhere, and its blocks to edit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from tocsin.lib.charts import draw as draw_chart
from tocsin.lib.charts import sparkline, table_rows
from tocsin.reports.audiences import AUDIENCES, Audience
from tocsin.reports.composing import Composed, Piece
from tocsin.reports.document import Block, Figure, Table, WorldMap
from tocsin.reports.drafting import lay, title_of
from tocsin.reports.eyes import Closed, seen_of
from tocsin.reports.facts import NATURES, Fact, Topic
from tocsin.reports.forms import Form, render
from tocsin.reports.gathering import words
from tocsin.reports.keeping import fact_out
from tocsin.reports.laying import block_of, document_of, facts_of
from tocsin.reports.layout import Line
from tocsin.reports.measures.forecasting import Step
from tocsin.reports.measures.saying import said
from tocsin.reports.measures.trend import Trend
from tocsin.reports.models import Draft
from tocsin.reports.speaking import speaking
from tocsin.reports.wording import applied
from tocsin.signals.drawing import words as chart_words

TOPICS: Mapping[Topic, str | Promise] = {
    Topic.CHANGE: gettext_lazy("What changed"),
    Topic.SITUATION: gettext_lazy("The state of the world"),
    Topic.FORECAST: gettext_lazy("Forecasts"),
    Topic.ACTIVITY: gettext_lazy("What we did"),
    Topic.MEASURE: gettext_lazy("Measures"),
    Topic.WORKED: gettext_lazy("What worked and what did not"),
    Topic.PEOPLE: gettext_lazy("Numbers of people"),
    Topic.BLIND: gettext_lazy("What could not be seen"),
    Topic.ASK: gettext_lazy("What we ask"),
    Topic.ADVICE: gettext_lazy("What you can do"),
    Topic.CORRECTION: gettext_lazy("Corrections, and what every issue says"),
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as the editor sees it. ``where`` is the part in which it stands; else ``why`` it stands nowhere."""

    fact: Fact
    nature: str
    where: str
    why: str
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The facts of one topic."""

    title: str
    lines: tuple[FactLine, ...]


@dataclass(frozen=True, slots=True)
class EditedBlock:
    """One block of a draft: its place, itself, and as its readers get it (None: they get nothing)."""

    place: int
    piece: Piece
    block: Block | None


def groups(lines: Iterable[FactLine]) -> list[Group]:
    """Facts by topic, in the order in which topics are listed."""
    rows = list(lines)
    found = [(words, tuple(one for one in rows if one.fact.topic is topic)) for topic, words in TOPICS.items()]
    return [Group(str(words), chosen) for words, chosen in found if chosen]


def standing(draft: Draft, closed: Closed) -> list[FactLine]:
    """Each fact of a draft but for what is closed to the reader, and where it stands in it as it is now."""
    where: dict[str, str] = {}
    part = _("At the top")
    for piece in draft.blocks:
        if piece["kind"] == "heading":
            part = closed.said(piece["text"])
        for key in _cited(piece):
            where.setdefault(key, part)
    why = composed(draft, AUDIENCES[draft.audience], closed).left
    dropped = set(draft.dropped)
    taken_out = _("No sentence rests on it now.")
    return [
        _line(fact, where.get(key, ""), str(why.get(key, taken_out)), key in dropped)
        for key, fact in facts_of(draft).items()
        if key not in closed.keys
    ]


def _cited(piece: Piece) -> Sequence[str]:
    return [key for one in piece.get("sentences", ()) for key in one["facts"]] or piece.get("facts", ())


def _line(fact: Fact, where: str, why: str, dropped: bool = False) -> FactLine:
    return FactLine(
        fact, str(NATURES[fact.nature]), "" if dropped else where, "" if where and not dropped else why, dropped
    )


def composed(draft: Draft, audience: Audience, closed: Closed) -> Composed:
    """The facts of a draft as they would be laid out for an audience, in the language of the draft."""
    with speaking(draft.language):
        return lay(draft, audience, without=closed.keys).composed


def preview(
    draft: Draft, audience: Audience, closed: Closed, lines: Sequence[Line] | None = None
) -> tuple[list[FactLine], SafeString]:
    """What another audience would get of the same facts, by its layout or another: where each stands or why not, and
    the page that it would see; without what is closed to who looks."""
    with speaking(draft.language):
        laid = lay(draft, audience, lines, without=closed.keys)
    made, known = laid.composed, {**facts_of(draft), **{one.key: one for one in laid.own}}
    copy = Draft(
        report=draft.report, gathered=draft.gathered, audience=audience.key, language=draft.language, since=draft.since,
        until=draft.until, blocks=made.blocks, own_facts=[fact_out(one) for one in laid.own],
        changed_at=draft.changed_at,
    )  # fmt: skip
    copy.title = title_of(copy)
    drawn = mark_safe(render(document_of(copy), Form.HTML).decode())  # noqa: S308  # all text is escaped there
    found = [_line(one, made.placed.get(key, ""), str(made.left.get(key, ""))) for key, one in known.items()
             if key in made.placed or key in made.left]  # fmt: skip
    return found, drawn


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, and for each audience the part in which it stands, or why it does not."""

    fact: Fact
    cells: tuple[tuple[bool, str], ...]

    @property
    def named(self) -> list[tuple[bool, str, str]]:
        """The same with the name of each audience."""
        return [
            (there, words, str(one.name)) for (there, words), one in zip(self.cells, AUDIENCES.values(), strict=True)
        ]


def everywhere(draft: Draft, closed: Closed) -> list[Row]:
    """Each gathered fact across all audiences: where it appears, and why not elsewhere."""
    made = [composed(draft, one, closed) for one in AUDIENCES.values()]
    rows = []
    for key, fact in facts_of(draft).items():
        if key in closed.keys or key.startswith(("nothing:", "report:")):
            continue
        cells = tuple(
            (True, one.placed[key]) if key in one.placed else (False, str(one.left.get(key, ""))) for one in made
        )
        rows.append(Row(fact, cells))
    return rows


def pieces(draft: Draft, closed: Closed) -> list[EditedBlock]:
    """The blocks of a draft, each with what its readers get of it, as far as who edits may see it."""
    dropped = frozenset(draft.dropped) | closed.keys
    found = []
    for place, piece in enumerate(applied([seen_of(one, closed, draft.dropped) for one in draft.blocks])):
        blocks = block_of(piece, dropped)
        found.append(EditedBlock(place, piece, blocks[0] if blocks else None))
    return found


def figure(block: Figure) -> SafeString:
    """A chart as it is drawn; its text is escaped where it is made."""
    chart = replace(block.chart, words=chart_words(_("not measured")))
    return mark_safe(draw_chart(chart))  # noqa: S308  # made of escaped parts alone


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a page shows it: each cell with what its column is called."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]


def grid(block: Table | Figure | WorldMap) -> Grid:
    """A table, or the numbers behind a picture."""
    match block:
        case Table():
            title, columns, rows = block.title, block.columns, block.rows
        case Figure():
            head, *body = table_rows(block.chart)
            title, columns, rows = block.chart.title, head, tuple(body)
        case WorldMap():
            title, columns = block.title, (_("Country"), _("Level"))
            levels = tuple((words.place(code), words.percent(level)) for code, level in block.levels.items())
            rows = (*levels, *((words.place(code), _("not measured")) for code in sorted(block.missing)))
    return Grid(title, columns, tuple(tuple(zip(columns, row, strict=True)) for row in rows))


def as_gathered(fact: Fact) -> FactLine:
    """A fact as it was gathered, wherever it stands."""
    return _line(fact, "", "")


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure as a page shows it: words for now, its range, before, its standard; the trend as a small picture."""

    trend: Trend
    now: str
    between: str
    before: str
    standard: str
    picture: SafeString

    @property
    def has_number(self) -> bool:
        """Whether there is a number now or before to show."""
        return bool(self.now or self.before)


def measure_line(found: Trend) -> MeasureLine:
    """A measure in words."""
    unit, now = found.measure.unit, found.now
    between = ""
    if now is not None and now.low is not None and now.high is not None:
        between = f"{said(now.low, unit)} – {said(now.high, unit)}"
    values = [one.amount if one is not None else None for one in found.values]
    title = _("%(title)s over the last %(n)d periods") % {"title": found.measure.title, "n": len(values)}
    drawn = sparkline(values, title=title, rtl=get_language_bidi())
    return MeasureLine(
        found,
        said(now.amount, unit) if now is not None else "",
        between,
        said(found.before.amount, unit) if found.before is not None else "",
        said(found.measure.standard, unit) if found.measure.standard is not None else "",
        mark_safe(drawn),  # noqa: S308  # made of escaped parts alone
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """One word of likelihood in the picture of forecasts: where it stands, from 0 to 100, and its range."""

    x: int
    y: int
    low: int
    high: int


def dots(steps: Iterable[Step]) -> list[Dot]:
    """The picture of forecasts: across how likely it was said to be, upwards how often it happened."""
    found = []
    for one in steps:
        low, high = one.happened.low or 0.0, 1.0 if one.happened.high is None else one.happened.high
        found.append(Dot(*(round(100 * share) for share in (one.said, 1 - one.happened.amount, 1 - high, 1 - low))))
    return found
