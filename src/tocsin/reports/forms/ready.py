"""A document made ready: text cleaned, notes numbered, words in its language. Every form draws this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_interval
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.lib import charts, territories
from tocsin.lib.tlp import Tlp
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import Bullets, Document, Figure, Heading, Paragraph, Sentence, Table, WorldMap
from tocsin.reports.facts import NATURES, Fact, Source
from tocsin.reports.forms.cleaning import apart, clean
from tocsin.reports.speaking import spoken
from tocsin.signals.drawing import words as chart_words

ONE_PAGE = "executive"
# What the mark of an issue means to readers outside, who may never have met it.
_MAY: Mapping[Tlp, str | Promise] = {
    Tlp.CLEAR: gettext_lazy("anybody may read this and pass it on"),
    Tlp.GREEN: gettext_lazy("for you and your community: pass it on among yourselves, don’t publish it"),
}


@dataclass(frozen=True, slots=True)
class Cited:
    """A source in words; ``url`` is a page of this console, or empty."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a sentence rests on: ``how`` it came to be, of when, how sure, by whom."""

    number: int
    sources: tuple[Cited, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with the numbers of its notes. ``opinion`` names it as somebody's assessment; ``language`` is that of
    the text where it is not the document's."""

    text: str
    notes: tuple[int, ...]
    opinion: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """A heading of level 1 or 2. ``apart``: it begins a page of its own. ``language`` is that of the text where it is
    not the document's."""

    text: str
    level: int
    apart: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list of paragraphs."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; ``numeric`` are positions of columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    note: str
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, or a map (``levels`` and ``missing`` by country), with the same as words and as a table behind it."""

    name: str
    title: str
    description: str
    summary: str
    table: tuple[tuple[str, ...], ...]
    notes: tuple[int, ...]
    chart: charts.Chart | None = None
    levels: Mapping[str, float] | None = None

    @property
    def spoken(self) -> str:
        """What stands for the picture to those who don't see it."""
        return " ".join(one for one in (self.title + ".", self.description, self.summary) if one)


Drawn: TypeAlias = Title | Text | Points | Grid | Picture


@dataclass(frozen=True, slots=True)
class Ready:
    """A document whose every text is fit to be drawn. ``marks`` are said on every page, ``about`` once, at the top.

    ``spoken`` is the language of every word that no person wrote: the document's own, or English where that is not
    spoken. ``name`` is made of letters, digits and hyphens; of two documents on one page it differs.
    """

    name: str
    title: str
    language: str
    spoken: str
    rtl: bool
    tlp: Tlp
    label: str
    marks: tuple[str, ...]
    about: tuple[str, ...]
    issue: str
    made_at: datetime
    one_page: bool
    blocks: tuple[Drawn, ...]
    notes: tuple[Note, ...]

    @property
    def other(self) -> str:
        """The language of every word that no person wrote, where it is not the document's; else empty."""
        return self.spoken if self.spoken != self.language else ""


def ready(document: Document) -> Ready:
    """Clean, number and word a document; called with its language active."""
    locale = locale_of(spoken(document.language))
    numbers = _Numbers(document, locale)
    start = _name(f"{document.audience}-{document.issue}")
    blocks = tuple(_block(f"{start}-{place}", one, document, numbers) for place, one in enumerate(document.blocks))
    marks = [_("EXERCISE: nothing here is real")] if document.exercise else []
    if document.privileged:
        marks.append(_("Privileged and confidential: legal advice"))
    return Ready(
        name=start,
        title=apart(clean(document.title), document.rtl),
        language=document.language,
        spoken=spoken(document.language),
        rtl=document.rtl,
        tlp=document.tlp,
        label=f"TLP:{document.tlp.value.upper()}",
        marks=tuple(marks),
        about=tuple(apart(one, document.rtl) for one in _about(document, locale)),
        issue=clean(document.issue),
        made_at=document.made_at,
        one_page=document.audience == ONE_PAGE,
        blocks=blocks,
        notes=tuple(numbers.notes),
    )


def _name(words: str) -> str:
    return "r-" + "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in words)


def locale_of(language: str) -> Locale:
    """CLDR's locale of a language; British English where it knows none."""
    try:
        found = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")
    return Locale("en", "GB") if str(found) in {"en", "en_XA", "ar_XB"} else found


def _about(document: Document, locale: Locale) -> list[str]:
    audience = AUDIENCES.get(document.audience)
    lines = [str(audience.name)] if audience else []
    if audience is not None and audience.outside and document.tlp in _MAY:
        lines.append(str(_MAY[document.tlp]))
    lines.append(format_interval(document.since, document.until, skeleton="yMMMd", locale=locale))
    if document.title_by:
        author = apart(clean(document.title_by), document.rtl)
        lines.append(_("title: assessment by %(author)s") % {"author": author})
    if document.issue:
        lines.append(_("Issue %(number)s") % {"number": clean(document.issue)})
    made = apart(moment(document.made_at, locale), document.rtl)
    lines.append(_("made %(moment)s") % {"moment": made})
    if document.corrects:
        lines.append(_("Corrects and replaces issue %(number)s") % {"number": clean(document.corrects)})
    if spoken(document.language) != document.language:
        lines.append(_("Days, sources and what nobody worded anew are in English."))
    return lines


def moment(time: datetime, locale: Locale) -> str:
    """A moment in UTC; a midnight is a day."""
    here = time.astimezone(UTC)
    if not here.hour and not here.minute:
        return str(format_date(here.date(), "medium", locale=locale))
    return f"{format_datetime(here, 'medium', locale=locale).replace(f':{here:%S}', '', 1)} UTC"


class _Numbers:
    """Gives facts their numbers as they are first cited; facts that rest on the same share one."""

    def __init__(self, document: Document, locale: Locale) -> None:
        self.notes: list[Note] = []
        self._facts, self._locale, self.rtl = document.facts, locale, document.rtl
        self.other = spoken(document.language) if spoken(document.language) != document.language else ""
        self._known: dict[tuple[tuple[Cited, ...], str], int] = {}

    def of(self, keys: Sequence[str]) -> tuple[int, ...]:
        return tuple(sorted({self._number(self._facts[key]) for key in keys if key in self._facts}))

    def _number(self, fact: Fact) -> int:
        body = tuple(self._cited(one) for one in fact.sources), self._how(fact)
        if body not in self._known:
            self._known[body] = len(self.notes) + 1
            self.notes.append(Note(self._known[body], *body))
        return self._known[body]

    def _how(self, fact: Fact) -> str:
        said = [clean(str(NATURES[fact.nature])), _("as of %(moment)s") % {"moment": self._when(fact.as_of)}]
        if fact.author:
            said.append(_("by %(author)s") % {"author": apart(clean(fact.author), self.rtl)})
        if fact.confidence:
            said.append(_("confidence: %(word)s") % {"word": clean(fact.confidence)})
        return apart(", ".join(said), self.rtl)

    def _when(self, time: datetime) -> str:
        return apart(moment(time, self._locale), self.rtl)

    def _cited(self, source: Source) -> Cited:
        title, number = (apart(clean(str(one)), self.rtl) for one in (source.title, source.id))
        # A source that leaves has no number of ours.
        named = f"{title} ({number})" if source.id else title
        words = apart(f"{named}, {self._when(source.at)}", self.rtl)
        return Cited(words, source.url if inside(source.url) else "")


def inside(url: str) -> bool:
    """Whether an address is a page of this console: a path, and nothing that a browser could take for a host."""
    plain = all("!" <= letter <= "~" and letter not in "\\\"'<>" for letter in url)
    return plain and url.startswith("/") and not url.startswith("//")


def _block(
    name: str, block: Heading | Paragraph | Bullets | Table | Figure | WorldMap, document: Document, numbers: _Numbers
) -> Drawn:
    match block:
        case Heading():
            said, level = apart(_heading(block, document.rtl), document.rtl), 1 if block.level <= 1 else 2
            return Title(said, level, block.apart, "" if block.by_hand else numbers.other)
        case Paragraph():
            return _text(block, numbers)
        case Bullets():
            return Points(tuple(_text(one, numbers) for one in block.items))
        case Table():
            rows = tuple(tuple(apart(clean(cell), document.rtl) for cell in row) for row in block.rows)
            columns = tuple(apart(clean(one), document.rtl) for one in block.columns)
            notes = numbers.of(block.facts)
            return Grid(clean(block.title), columns, rows, block.numeric, clean(block.note), notes)
        case Figure():
            return _chart(name, block, document, numbers)
        case WorldMap():
            return _map(name, block, document, numbers)


def _heading(block: Heading, rtl: bool) -> str:
    author = apart(clean(block.worded_by), rtl)
    return f"{clean(block.text)} ({_('worded by %(author)s') % {'author': author}})" if author else clean(block.text)


def _text(block: Paragraph, numbers: _Numbers) -> Text:
    return Text(tuple(_said(one, numbers) for one in block.sentences))


def _said(sentence: Sentence, numbers: _Numbers) -> Said:
    author = apart(clean(sentence.opinion_of), numbers.rtl)
    opinion = apart(_("Assessment by %(author)s:") % {"author": author}, numbers.rtl) if author else ""
    text, other = apart(clean(sentence.text), numbers.rtl), "" if sentence.by_hand else numbers.other
    return Said(text, numbers.of(sentence.facts), opinion, other)


def _chart(name: str, block: Figure, document: Document, numbers: _Numbers) -> Picture:
    chart = replace(
        block.chart,
        name=f"{name}-{block.chart.name}",
        title=clean(block.chart.title),
        description=clean(block.chart.description),
        strips=[_strip(one) for one in block.chart.strips],
        rtl=document.rtl,
        words=chart_words(_("not measured")),
    )
    summary = " ".join(_summary(chart, strip) for strip in chart.strips)
    table = tuple(charts.table_rows(chart))
    notes = numbers.of(block.facts)
    return Picture(chart.name, chart.title, chart.description, summary, table, notes, chart=chart)


def _strip(strip: charts.Strip) -> charts.Strip:
    marks = [replace(one, note=clean(one.note)) if one.note else one for one in strip.marks]
    windows = [replace(one, label=clean(one.label)) for one in strip.windows]
    return replace(strip, title=clean(strip.title), marks=marks, windows=windows)


def _summary(chart: charts.Chart, strip: charts.Strip) -> str:
    """A strip in one sentence: newest, lowest, highest, and what is not known."""
    words = chart.words
    known = [(one.time, one.value) for one in strip.marks if one.value is not None]
    if not known:
        return _("%(what)s: not measured.") % {"what": strip.title}
    time, newest = max(known)
    values = [value for _time, value in known]
    said = _("%(what)s: %(newest)s at the end (%(time)s), between %(low)s and %(high)s.") % {
        "what": strip.title,
        "newest": words.number(newest),
        "time": words.moment(time.astimezone(chart.start.tzinfo)),
        "low": words.number(min(values)),
        "high": words.number(max(values)),
    }
    intervals = max(round((chart.end - chart.start) / strip.step), len(strip.marks))
    gaps, unusable = intervals - len(strip.marks), len(strip.marks) - len(known)
    if gaps:
        said += " " + _("Not measured: %(n)d of %(all)d intervals.") % {"n": gaps, "all": intervals}
    if unusable:
        said += " " + _("Measured, not usable: %(n)d.") % {"n": unusable}
    return said


def _map(name: str, block: WorldMap, document: Document, numbers: _Numbers) -> Picture:
    levels = {code: min(max(level, 0.0), 1.0) for code, level in block.levels.items() if code not in block.missing}
    language = spoken(document.language)
    shown = (*levels, *block.missing)
    names = {code: clean(block.names.get(code) or territories.name(code, language)) for code in shown}
    ranked = sorted(levels.items(), key=lambda one: (-one[1], names[one[0]]))
    rows = [(names[code], f"{level:.0%}") for code, level in ranked]
    rows += sorted((names[code], _("not measured")) for code in block.missing)
    top = "; ".join(f"{name} {share}" for name, share in rows[:5] if share != _("not measured"))
    summary = _("Highest: %(countries)s.") % {"countries": top} if top else ""
    summary += " " + _("Every country that is not named in the table is not measured.")
    return Picture(
        f"{name}-map",
        clean(block.title),
        clean(block.description),
        summary.strip(),
        ((_("Country"), _("Level")), *rows),
        numbers.of(block.facts),
        levels=levels,
    )
