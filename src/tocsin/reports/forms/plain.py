"""A document as plain text for mail: 72 letters a line, sources at the end."""

import textwrap
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from tocsin.reports.forms.ready import Drawn, Grid, Picture, Points, Ready, Said, Text, Title

_WIDTH = 72


def draw(ready: Ready) -> str:
    """The text; it begins and ends with the TLP, and with what is said on every page."""
    marks = [ready.label, *ready.marks]
    lines = [
        *marks,
        "",
        *_wrapped(ready.title),
        "=" * min(len(ready.title), _WIDTH),
        *_wrapped(" · ".join(ready.about)),
    ]
    for block in ready.blocks:
        lines += ["", *_block(block)]
    if ready.notes:
        lines += ["", *_heading(_("What this rests on"), "-")]
        for note in ready.notes:
            words = "; ".join(one.words for one in note.sources)
            lines += _wrapped(f"{words} · {note.how}", f"[{note.number}] ")
    return "\n".join([*lines, "", *marks, ""])


def _block(block: Drawn) -> Iterator[str]:
    match block:
        case Title():
            yield from _heading(block.text, "-" if block.level == 1 else "")
        case Text():
            yield from _wrapped(_sentences(block.said))
        case Points():
            for item in block.items:
                yield from _wrapped(_sentences(item.said), "* ")
        case Grid():
            yield from _wrapped(block.title + _cites(block.notes))
            for row in block.rows:
                cells = (f"{name}: {cell or '–'}" for name, cell in zip(block.columns, row, strict=False))
                yield from _wrapped("; ".join(cells), "* ")
            yield from _wrapped(block.note)
        case Picture():
            yield from _wrapped(block.title + _cites(block.notes))
            yield from _wrapped(f"{block.description} {block.summary}".strip())
            if block.levels is not None:
                yield from _wrapped("; ".join(f"{name} {level}" for name, level in block.table[1:]))


def _heading(text: str, under: str) -> list[str]:
    return [*_wrapped(text), *([under * min(len(text), _WIDTH)] if under else [])]


def _sentences(said: Sequence[Said]) -> str:
    return " ".join(f"{one.opinion} {one.text}{_cites(one.notes)}".strip() for one in said)


def _cites(notes: Sequence[int]) -> str:
    return f" [{', '.join(map(str, notes))}]" if notes else ""


def _wrapped(text: str, lead: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_on_hyphens=False,
    )
