"""Facts and documents as JSON and back, and the hash that names one exact version."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias

from tocsin.lib import charts
from tocsin.lib.tlp import Tlp
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
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value

Kept: TypeAlias = dict[str, Any]


def fact_out(fact: Fact) -> Kept:
    """A fact as JSON; words that wait for a translation are said in the language of this moment."""
    kept = asdict(fact)
    kept["sources"] = [{**asdict(one), "title": str(one.title), "at": one.at.isoformat()} for one in fact.sources]
    kept["as_of"] = fact.as_of.isoformat()
    kept["says"] = str(fact.says)
    kept["words"] = {key: str(words) for key, words in fact.words.items()}
    # Said only where there is one: what was kept before this was known keeps its hash.
    del kept["course"]
    return {**kept, "course": [[at.isoformat(), amount] for at, amount in fact.course]} if fact.course else kept


def fact_in(kept: Mapping[str, Any]) -> Fact:
    """A fact that was kept."""
    given = {one.name: kept[one.name] for one in fields(Fact) if one.name in kept}
    given["topic"], given["nature"], given["tlp"] = Topic(kept["topic"]), Nature(kept["nature"]), Tlp(kept["tlp"])
    given["sources"] = tuple(Source(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in kept["sources"])
    given["as_of"] = datetime.fromisoformat(kept["as_of"])
    given["value"] = Value(**kept["value"]) if kept.get("value") else None
    given["places"], given["harms"] = tuple(kept["places"]), tuple(kept["harms"])
    given["course"] = tuple((datetime.fromisoformat(at), amount) for at, amount in kept.get("course", ()))
    return Fact(**given)


def chart_out(chart: charts.Chart) -> Kept:
    """A chart as JSON; its words are those of whoever draws it."""
    return {
        "name": chart.name,
        "title": chart.title,
        "description": chart.description,
        "start": chart.start.isoformat(),
        "end": chart.end.isoformat(),
        "rtl": chart.rtl,
        "strips": [
            {
                "title": strip.title,
                "step": strip.step.total_seconds(),
                "bars": strip.bars,
                "top": strip.top,
                "marks": [[one.time.isoformat(), one.value, one.low, one.high, one.note] for one in strip.marks],
                "usual": [[one.time.isoformat(), one.level, one.low, one.high] for one in strip.usual],
                "windows": [
                    [one.start.isoformat(), one.end and one.end.isoformat(), one.label] for one in strip.windows
                ],
            }
            for strip in chart.strips
        ],
    }


def chart_in(kept: Mapping[str, Any]) -> charts.Chart:
    """A chart that was kept."""
    strips = [
        charts.Strip(
            one["title"],
            timedelta(seconds=one["step"]),
            [charts.Mark(datetime.fromisoformat(time), *rest) for time, *rest in one["marks"]],
            [charts.Usual(datetime.fromisoformat(time), *rest) for time, *rest in one["usual"]],
            [charts.Window(datetime.fromisoformat(at), _moment(end), label) for at, end, label in one["windows"]],
            bars=one["bars"],
            top=one["top"],
        )
        for one in kept["strips"]
    ]
    start, end = datetime.fromisoformat(kept["start"]), datetime.fromisoformat(kept["end"])
    return charts.Chart(kept["name"], kept["title"], kept["description"], start, end, strips, kept["rtl"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _sentence_out(sentence: Sentence) -> Kept:
    kept: Kept = {"text": sentence.text, "facts": list(sentence.facts), "opinion_of": sentence.opinion_of}
    return {**kept, "by_hand": True} if sentence.by_hand else kept


def _sentence_in(kept: Mapping[str, Any]) -> Sentence:
    return Sentence(kept["text"], tuple(kept["facts"]), kept["opinion_of"], kept.get("by_hand", False))


def block_out(block: Block) -> Kept:
    """A block as JSON, its kind with it."""
    match block:
        case Heading():
            whose = {"worded_by": block.worded_by} if block.worded_by else {}
            hand = {"by_hand": True} if block.by_hand else {}
            return {"kind": "heading", "text": block.text, "level": block.level, **whose, **hand}
        case Paragraph():
            return {"kind": "paragraph", "sentences": [_sentence_out(one) for one in block.sentences]}
        case Bullets():
            return {
                "kind": "bullets",
                "items": [[_sentence_out(one) for one in item.sentences] for item in block.items],
            }
        case Table():
            kept = {"kind": "table", "title": block.title, "note": block.note, "numeric": sorted(block.numeric)}
            rows = [list(row) for row in block.rows]
            return {**kept, "columns": list(block.columns), "rows": rows, "facts": list(block.facts)}
        case Figure():
            return {"kind": "figure", "chart": chart_out(block.chart), "facts": list(block.facts)}
        case WorldMap():
            kept = {"kind": "map", "title": block.title, "description": block.description}
            named: Kept = {"names": dict(block.names)} if block.names else {}
            shaded = {"levels": dict(block.levels), "missing": sorted(block.missing), "facts": list(block.facts)}
            return {**kept, **shaded, **named}


def block_in(kept: Mapping[str, Any]) -> Block:
    """A block that was kept.

    Raises:
        ValueError: for a kind that there is none of.
    """
    facts = tuple(kept.get("facts", ()))
    match kept["kind"]:
        case "heading":
            return Heading(kept["text"], kept["level"], kept.get("worded_by", ""), by_hand=kept.get("by_hand", False))
        case "paragraph":
            return Paragraph(tuple(_sentence_in(one) for one in kept["sentences"]))
        case "bullets":
            return Bullets(tuple(Paragraph(tuple(_sentence_in(one) for one in item)) for item in kept["items"]))
        case "table":
            rows = tuple(tuple(row) for row in kept["rows"])
            columns = tuple(kept["columns"])
            return Table(kept["title"], columns, rows, facts, frozenset(kept["numeric"]), kept["note"])
        case "figure":
            return Figure(chart_in(kept["chart"]), facts)
        case "map":
            names, missing = kept.get("names", {}), frozenset(kept["missing"])
            return WorldMap(kept["title"], kept["description"], kept["levels"], missing, facts, names)
    raise ValueError("there is no such kind of block")


def document_out(document: Document) -> Kept:
    """A document as JSON."""
    return {
        "title": document.title,
        "audience": document.audience,
        "language": document.language,
        "rtl": document.rtl,
        "tlp": document.tlp.value,
        "since": document.since.isoformat(),
        "until": document.until.isoformat(),
        "made_at": document.made_at.astimezone(UTC).isoformat(),
        "issue": document.issue,
        "blocks": [block_out(one) for one in document.blocks],
        "facts": {key: fact_out(one) for key, one in document.facts.items()},
        "exercise": document.exercise,
        "privileged": document.privileged,
        "corrects": document.corrects,
        # Said only where there is something to say: what was released before this was known keeps its hash.
        **({"title_by": document.title_by} if document.title_by else {}),
    }


def document_in(kept: Mapping[str, Any]) -> Document:
    """A document that was kept."""
    return Document(
        title=kept["title"],
        audience=kept["audience"],
        language=kept["language"],
        rtl=kept["rtl"],
        tlp=Tlp(kept["tlp"]),
        since=date.fromisoformat(kept["since"]),
        until=date.fromisoformat(kept["until"]),
        made_at=datetime.fromisoformat(kept["made_at"]),
        issue=kept["issue"],
        blocks=[block_in(one) for one in kept["blocks"]],
        facts={key: fact_in(one) for key, one in kept["facts"].items()},
        exercise=kept["exercise"],
        privileged=kept["privileged"],
        corrects=kept["corrects"],
        title_by=kept.get("title_by", ""),
    )


def digest(kept: Mapping[str, Any]) -> str:
    """SHA-256 over JSON in one form: 64 hexadecimal digits that name this very content."""
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
