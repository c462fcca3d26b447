"""A document as PDF/UA-1, set by typst in the jail. Whatever people wrote goes in as data, never as markup."""

import base64
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from importlib.resources import files
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from tocsin.lib import jail
from tocsin.reports.forms import fonts, pictures
from tocsin.reports.forms.cleaning import seen
from tocsin.reports.forms.ready import Drawn, Grid, Picture, Points, Ready, Said, Text, Title
from tocsin.reports.forms.refused import TooLongError, UndrawnError

Data: TypeAlias = dict[str, Any]

_MB = 1024 * 1024
LIMITS = jail.Limits(memory=2048 * _MB, cpu=120, wall=120.0, output=128 * _MB, payload=128 * _MB, files=128, restarts=0)
THREADS = "tocsin.reports.forms.typesetting:threads"
_LONG, _LONG_IN_TABLE = re.compile(r"[!-~]{24}(?=[!-~]{8})"), re.compile(r"[!-~]{9}(?=[!-~]{3})")
# What is drawn as lines, heard, or a key of the template's own.
_SPOKEN = {"svg", "alt", "title_of_file", "language", "families", "kind", "colour"}
_USUAL, _ONE_PAGE = (10.0,), (10.0, 9.5, 9.0, 8.5, 8.0, 7.5)
# Words are not made smaller than this for the sake of a picture.
_BESIDE_A_PICTURE = (10.0, 9.5, 9.0)


def draw(ready: Ready) -> bytes:
    """The PDF: tagged, with title and language, its fonts inside.

    Raises:
        GlyphError, NoFontsError: for what can't be drawn.
        TooLongError: for a report of one page that needs more.
        UndrawnError: if typst stops.
    """
    made = _set(ready, _sizes(ready))
    if made["pages"] > 1 and ready.one_page and _pictured(ready):
        ready = _words_alone(ready)
        made = _set(ready, _sizes(ready))
    if ready.one_page and made["pages"] > 1:
        raise TooLongError(made["pages"])
    return base64.b64decode(made["pdf"])


def _set(ready: Ready, sizes: tuple[float, ...]) -> Any:
    data = {**_document(ready), "words": _words(ready)}
    data["families"] = fonts.chosen(ready.language, sorted(characters(data)))
    given = {
        "template": template("drawing.typ") + template("report.typ"),
        "document": breakable(data),
        "sizes": sizes,
        "most": int(ready.one_page),
    }
    return run("pages", given, moment=int(ready.made_at.timestamp()))


def _sizes(ready: Ready) -> tuple[float, ...]:
    if not ready.one_page:
        return _USUAL
    return _BESIDE_A_PICTURE if _pictured(ready) else _ONE_PAGE


def _pictured(ready: Ready) -> bool:
    return any(isinstance(one, Picture) for one in ready.blocks)


def _words_alone(ready: Ready) -> Ready:
    """Where one page can't hold both, words come first: without pictures, and without what only they rest on."""
    blocks = tuple(one for one in ready.blocks if not isinstance(one, Picture))
    cited = {number for one in blocks for number in _cited(one)}
    return replace(ready, blocks=blocks, notes=tuple(one for one in ready.notes if one.number in cited))


def _cited(block: Drawn) -> Iterator[int]:
    match block:
        case Text():
            yield from (number for one in block.said for number in one.notes)
        case Points():
            yield from (number for item in block.items for number in _cited(item))
        case Grid() | Picture():
            yield from block.notes


def template(name: str) -> str:
    """A typst file of this folder."""
    return files("tocsin.reports.forms").joinpath(name).read_text(encoding="utf-8")


def breakable(data: Any, long: re.Pattern[str] = _LONG) -> Any:
    """The same data; a word too long for a line gets places where it may be broken, which nobody sees."""
    if isinstance(data, str):
        return long.sub(lambda found: f"{found.group()}\u200b", data)
    if isinstance(data, dict):
        inside = {"rows": _LONG_IN_TABLE, "columns": _LONG_IN_TABLE}
        return {key: one if key in _SPOKEN else breakable(one, inside.get(key, long)) for key, one in data.items()}
    return [breakable(one, long) for one in data] if isinstance(data, list) else data


def run(what: str, given: Mapping[str, Any], **argument: Any) -> Any:
    """Call a function of ``typesetting`` in the jail."""
    folders = [str(one) for one in fonts.folders()]
    with tempfile.TemporaryDirectory(prefix="empty-") as root:
        result = jail.run(
            f"tocsin.reports.forms.typesetting:{what}",
            json.dumps(given, ensure_ascii=False).encode(),
            limits=LIMITS,
            argument={"fonts": folders, "root": root, **argument},
            folders=folders,
            threads=THREADS,
        )
    if result.failure is not None:
        raise UndrawnError(f"{result.failure.code} {result.failure.where}")
    return result.data


def shades(ready: Ready) -> list[Data]:
    """The legend of maps."""
    if not any(isinstance(one, Picture) and one.levels is not None for one in ready.blocks):
        return []
    known = [{"colour": colour, "says": says} for colour, says in pictures.shades()]
    return [*known, {"colour": "", "says": _("not measured")}]


def _words(ready: Ready) -> dict[str, str]:
    return {
        "sources": _("What this rests on"),
        "page": _("page"),
        "made": _("Numbers in brackets lead to it. Made with Tocsin."),
        "issue": _("Issue %(number)s") % {"number": ready.issue} if ready.issue else "",
    }


def _document(ready: Ready) -> Data:
    language, _dash, region = ready.language.partition("-")
    return {
        "title": ready.title,
        "title_of_file": ready.title,
        "lang": language.lower() if 2 <= len(language) <= 3 and language.isascii() and language.isalpha() else "en",
        "region": region.upper() if len(region) == 2 and region.isascii() and region.isalpha() else "",
        "dir": "rtl" if ready.rtl else "ltr",
        "other": ready.other if ready.other.isalpha() else "en" if ready.other else "",
        "tlp": {"label": ready.label, "key": ready.tlp.value},
        "marks": list(ready.marks),
        "about": list(ready.about),
        "one_page": ready.one_page,
        "blocks": [_block(one) for one in ready.blocks],
        "shades": shades(ready),
        "notes": [
            {"n": str(one.number), "sources": [source.words for source in one.sources], "how": one.how}
            for one in ready.notes
        ],
    }


def _block(block: Drawn) -> Data:
    match block:
        case Title():
            return {
                "kind": "heading", "text": block.text, "level": block.level, "apart": block.apart,
                "language": block.language,
            }  # fmt: skip
        case Text():
            return {"kind": "text", "said": [_said(one) for one in block.said]}
        case Points():
            return {"kind": "points", "items": [[_said(one) for one in item.said] for item in block.items]}
        case Grid():
            return {
                "kind": "table",
                "title": block.title,
                "columns": list(block.columns),
                "rows": [list(row) for row in block.rows],
                "numeric": sorted(block.numeric),
                "note": block.note,
                "notes": [str(one) for one in block.notes],
            }
        case Picture():
            return {
                "kind": "picture",
                "title": block.title,
                "about": block.description,
                "parts": [{"alt": one.spoken, "picture": drawing(one)} for one in pictures.parts(block)],
                "map": block.levels is not None,
                "notes": [str(one) for one in block.notes],
            }


def drawing(picture: Picture) -> Data:
    """A picture as data for typst."""
    return asdict(pictures.printed(picture))


def _said(said: Said) -> Data:
    notes = [str(one) for one in said.notes]
    return {"text": said.text, "opinion": said.opinion, "notes": notes, "language": said.language}


def characters(data: Any) -> set[str]:
    """What the fonts have to draw: every string of the data, but for what is only spoken or drawn as lines."""
    return set().union(*(seen(one) for one in _strings(data)), "0123456789[],/–•")


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, one in data.items():
            if key not in _SPOKEN:
                yield from _strings(one)
    elif isinstance(data, list | tuple):
        for one in data:
            yield from _strings(one)
