"""The words that stand beside the sentences of a report: titles, headings, columns, cells, captions, notes, countries.

In a language version each of them is a part like a sentence, with its original as ``source``; the same words are worded
once for the whole version, wherever they stand.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from tocsin.lib import territories
from tocsin.reports.composing import Piece, sentence
from tocsin.reports.speaking import spoken

TITLE = "title"

Say = Callable[[str], str]


def title_piece(title: str) -> Piece:
    """A piece that is drawn nowhere, and holds the title of a version."""
    return {"kind": "title", "words": [{**sentence(TITLE, title, []), "source": title}]}


def is_words(text: str) -> bool:
    """Whether there is anything to word in a text; a number alone is said alike in every language."""
    return any(one.isalpha() for one in text)


def reworded(piece: Piece, say: Say) -> Piece:
    """A piece with each of its words, but for sentences, as ``say`` gives them; what it rests on stays."""
    match piece["kind"]:
        case "heading":
            return {**piece, "text": say(piece["text"])}
        case "table":
            rows = [{**row, "cells": [say(cell) for cell in row["cells"]]} for row in piece["rows"]]
            columns = [say(one) for one in piece["columns"]]
            title = say(piece["title"])
            return {**piece, "title": title, "columns": columns, "rows": rows, "note": say(piece["note"])}
        case "figure":
            chart = piece["chart"]
            strips = [_strip(one, say) for one in chart["strips"]]
            said = {"title": say(chart["title"]), "description": say(chart["description"])}
            return {**piece, "chart": {**chart, **said, "strips": strips}}
        case "map":
            said = {"title": say(piece["title"]), "description": say(piece["description"])}
            names = {code: say(name) for code, name in piece.get("names", {}).items()}
            return {**piece, **said, **({"names": names} if names else {})}
    return piece


def _strip(strip: dict[str, Any], say: Say) -> dict[str, Any]:
    marks = [[time, value, low, high, say(note)] for time, value, low, high, note in strip["marks"]]
    windows = [[start, end, say(label)] for start, end, label in strip["windows"]]
    return {**strip, "title": say(strip["title"]), "marks": marks, "windows": windows}


def words_of(piece: Piece) -> list[str]:
    """Every text of a piece but for its sentences, in the order in which ``reworded`` asks for them."""
    found: list[str] = []

    def say(text: str) -> str:
        found.append(text)
        return text

    reworded(piece, say)
    return found


def named(piece: Piece, language: str) -> Piece:
    """A map with the names of its countries, which are words of it in a version; any other piece as it is."""
    if piece["kind"] != "map":
        return piece
    codes = [*(code for code, _level, _keys in piece["countries"]), *piece["missing"]]
    return {**piece, "names": {code: territories.name(code, spoken(language)) for code in codes}}


def to_word(piece: Piece, met: set[str]) -> list[Piece]:
    """A part for each text of a piece that is words and that no piece before it had; ``met`` learns them."""
    made = []
    for text, keys in _resting(piece):
        if is_words(text) and text not in met:
            met.add(text)
            name = "w" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            made.append({**sentence(name, text, keys), "source": text})
    return made


def _resting(piece: Piece) -> Iterator[tuple[str, Sequence[str]]]:
    """Each text with the facts that it tells of: a row of a table, or a strip of a chart, may be closed to somebody."""
    rows = piece.get("rows", ())
    own = [(cell, row["facts"]) for row in rows for cell in row["cells"]]
    if piece["kind"] == "figure":
        own = [(one["title"], [key]) for key, one in zip(piece["facts"], piece["chart"]["strips"], strict=True)]
    told = dict(own)
    yield from ((text, told.get(text, ())) for text in words_of(piece))


def is_worded(part: Piece) -> bool:
    """Whether a part of a version stands in its own language: a person worded it, or Tocsin knows it whole."""
    return bool(part.get("by_hand") or part.get("ours"))


def applied(blocks: Sequence[Piece]) -> Sequence[Piece]:
    """The blocks of a draft with its words as they were worded; the blocks of an original as they are."""
    worded = _worded(one for block in blocks for one in block.get("words", ()))
    if not worded:
        return blocks
    return [_applied(one, worded) for one in blocks]


def _worded(parts: Iterable[Piece]) -> dict[str, str]:
    return {one["source"]: one["text"] for one in parts if is_worded(one)}


def _applied(piece: Piece, worded: dict[str, str]) -> Piece:
    made = reworded(piece, lambda text: worded.get(text, text))
    return {**made, "by_hand": True} if piece["kind"] == "heading" and piece["text"] in worded else made
