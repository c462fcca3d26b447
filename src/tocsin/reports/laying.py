"""Turns a draft into the document that its audience would get at this moment; hints and dropped facts stay behind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from tocsin.lib.tlp import Tlp
from tocsin.reports import coarsening, present
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.composing import whole
from tocsin.reports.document import (
    Block,
    Bullets,
    Document,
    Figure,
    Heading,
    Paragraph,
    Sentence,
    Table,
    WorldMap,
)
from tocsin.reports.facts import Fact
from tocsin.reports.gathering.period import Period
from tocsin.reports.keeping import chart_in, digest, document_out, fact_in
from tocsin.reports.models import Draft, named
from tocsin.reports.outward import Leaving, outward
from tocsin.reports.speaking import speaking
from tocsin.reports.wording import applied

_RTL = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})
_STRICT = tuple(Tlp)


def is_rtl(language: str) -> bool:
    """Whether a language is written from right to left."""
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return language.split("-")[0].lower() in _RTL


def facts_of(draft: Draft) -> dict[str, Fact]:
    """Every fact of a draft by its key: what was gathered, and its own. While it is open, under today's ceilings."""
    facts = [fact_in(kept) for kept in [*draft.gathered.facts, *draft.own_facts]]
    return {one.key: one for one in (present.as_now(facts) if draft.state == Draft.State.OPEN else facts)}


def document_of(draft: Draft, issue: str = "") -> Document:
    """The document as its audience would get it now; ``issue`` is what it will be called."""
    known = facts_of(draft)
    dropped = frozenset(draft.dropped)
    blocks = [block for piece in applied(draft.blocks) for block in block_of(piece, dropped)]
    blocks = _without_empty_parts(blocks)
    cited = {key: known[key] for key in _cited(blocks) if key in known}
    tlp = strictest(cited.values())
    if AUDIENCES[draft.audience].outside:
        with speaking(draft.language):
            # Which places may be named is decided for the original: a version names no other.
            cleared = draft.original.cleared if draft.original is not None else draft.cleared
            leaving, told = Leaving.of(draft.audience, cleared), _told(blocks)
            blocks = [_ours(one, leaving, cited) for one in blocks]
            cited = {key: outward(one, leaving, told.get(key, "")) for key, one in cited.items()}
    period = period_of(draft)
    return Document(
        title=draft.title,
        audience=draft.audience,
        language=draft.language,
        rtl=is_rtl(draft.language),
        tlp=tlp,
        since=period.first,
        until=period.last,
        made_at=draft.changed_at,
        issue=issue or named(draft.report.public_id, next_number(draft), *version_of(draft)),
        blocks=blocks,
        facts=cited,
        exercise=draft.report.exercise,
        corrects=draft.corrects.name if draft.corrects is not None else "",
        title_by=_whose_title(draft),
    )


def _whose_title(draft: Draft) -> str:
    if draft.title_by and AUDIENCES[draft.audience].outside:
        with speaking(draft.language):
            return _("our team")
    return draft.title_by


def period_of(draft: Draft) -> Period:
    """The time that a draft covers, in the zone of its report."""
    zone = ZoneInfo(draft.report.time_zone)
    return Period(draft.since.astimezone(zone), draft.until.astimezone(zone))


def next_number(draft: Draft) -> int:
    """The number that this draft gets when it is released; a language version has that of its original."""
    if draft.translates is not None:
        return draft.translates.number
    if draft.original is not None:
        return next_number(draft.original)
    last = draft.report.issues.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def version_of(draft: Draft) -> tuple[str, int]:
    """The language and the edition of a language version; of an original neither."""
    if draft.original_id is None:
        return "", 1
    if draft.translates_id is None:
        return draft.language, 1
    earlier = draft.report.issues.filter(translates=draft.translates_id, language=draft.language).exclude(draft=draft)
    return draft.language, earlier.count() + 1


def strictest(facts: Iterable[Fact]) -> Tlp:
    """The strictest TLP among facts; clear for none."""
    return max((one.tlp for one in facts), key=_STRICT.index, default=Tlp.CLEAR)


def digest_of(document: Document) -> str:
    """The hash that names this very content."""
    return digest(document_out(document))


def block_of(piece: Mapping[str, Any], dropped: frozenset[str]) -> list[Block]:
    """What a reader sees of one block of a draft: itself, or nothing."""
    match piece["kind"]:
        case "heading":
            hand = piece.get("by_hand", False)
            return [Heading(piece["text"], piece["level"], piece.get("by", ""), by_hand=hand)]
        case "paragraph" | "bullets":
            kept = [_sentence(whole(one, dropped)) for one in piece["sentences"] if _stays(one, dropped)]
            if not kept:
                return []
            if piece["kind"] == "paragraph":
                return [Paragraph(tuple(kept))]
            return [Bullets(tuple(Paragraph((one,)) for one in kept))]
        case "table":
            return _table(piece, dropped)
        case "figure":
            return _figure(piece, dropped)
        case "map":
            return _map(piece, dropped)
    return []


def _sentence(kept: Mapping[str, Any]) -> Sentence:
    return Sentence(kept["text"], tuple(kept["facts"]), kept["opinion_of"], kept.get("by_hand", False))


def _stays(kept: Mapping[str, Any], dropped: frozenset[str]) -> bool:
    """A sentence goes with the last fact that it rests on; one without any stays, so that it blocks the release."""
    return not kept["facts"] or not set(kept["facts"]) <= dropped


def _left(keys: Sequence[str], dropped: frozenset[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key not in dropped)


def _table(piece: Mapping[str, Any], dropped: frozenset[str]) -> list[Block]:
    rows = [row for row in piece["rows"] if not set(row["facts"]) & dropped]
    if not rows:
        return []
    cells = tuple(tuple(row["cells"]) for row in rows)
    keys = tuple(key for row in rows for key in row["facts"])
    return [Table(piece["title"], tuple(piece["columns"]), cells, keys, frozenset(piece["numeric"]), piece["note"])]


def _figure(piece: Mapping[str, Any], dropped: frozenset[str]) -> list[Block]:
    # Strips stand in the order of their facts.
    pairs = [(key, strip) for key, strip in zip(piece["facts"], piece["chart"]["strips"], strict=True)]
    kept = [(key, strip) for key, strip in pairs if key not in dropped]
    if not kept:
        return []
    chart = chart_in({**piece["chart"], "strips": [strip for _key, strip in kept]})
    return [Figure(chart, tuple(key for key, _strip in kept))]


def _map(piece: Mapping[str, Any], dropped: frozenset[str]) -> list[Block]:
    countries = [(code, level) for code, level, keys in piece["countries"] if not set(keys) & dropped]
    if not countries:
        return []
    keys, missing = _left(piece["facts"], dropped), frozenset(piece["missing"])
    shown = {*missing, *(code for code, _level in countries)}
    names = {code: name for code, name in piece.get("names", {}).items() if code in shown}
    return [WorldMap(piece["title"], piece["description"], dict(countries), missing, keys, names)]


def _without_empty_parts(blocks: Sequence[Block]) -> list[Block]:
    """Without headings under which nothing stands."""
    return [
        block
        for at, block in enumerate(blocks)
        if not isinstance(block, Heading) or _between(blocks[at + 1 :], block.level)
    ]


def _between(after: Sequence[Block], level: int) -> bool:
    """Whether anything but headings stands before the next heading of this level or above."""
    for one in after:
        if not isinstance(one, Heading):
            return True
        if one.level <= level:
            return False
    return False


def _told(blocks: Iterable[Block]) -> dict[str, str]:
    """The sentence that tells each fact, by the fact's key: the first that is no opinion, or else the first."""
    found: dict[str, Sentence] = {}
    for block in blocks:
        items = block.items if isinstance(block, Bullets) else [block] if isinstance(block, Paragraph) else []
        for one in (each for item in items for each in item.sentences):
            for key in one.facts:
                if key not in found or (found[key].opinion_of and not one.opinion_of):
                    found[key] = one
    return {key: one.text for key, one in found.items()}


def _ours(block: Block, leaving: Leaving, known: Mapping[str, Fact]) -> Block:
    """A block that leaves: whose assessment it is says that it is ours, not the name of one of us; tables name no
    country that is not named outside."""
    if isinstance(block, Heading):
        return replace(block, worded_by=_("our team")) if block.worded_by else block
    if isinstance(block, Paragraph):
        return Paragraph(tuple(_our_opinion(one) for one in block.sentences))
    if isinstance(block, Bullets):
        return Bullets(tuple(Paragraph(tuple(_our_opinion(one) for one in item.sentences)) for item in block.items))
    if isinstance(block, Table):
        about = leaving.unnamed & {place for key in block.facts if key in known for place in known[key].places}
        rows = tuple(tuple(coarsening.coarsened(cell, about) for cell in row) for row in block.rows)
        return replace(block, rows=rows)
    return block


def _our_opinion(sentence: Sentence) -> Sentence:
    return replace(sentence, opinion_of=_("our team")) if sentence.opinion_of else sentence


def _cited(blocks: Iterable[Block]) -> list[str]:
    """The keys of facts in the order in which blocks cite them, each once."""
    found: dict[str, None] = {}
    for block in blocks:
        match block:
            case Paragraph():
                found |= {key: None for one in block.sentences for key in one.facts}
            case Bullets():
                found |= {key: None for item in block.items for one in item.sentences for key in one.facts}
            case Table() | Figure() | WorldMap():
                found |= dict.fromkeys(block.facts)
            case Heading():
                pass
    return list(found)
