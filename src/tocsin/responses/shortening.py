"""What of a version's form lies open: what is missing, wrong or new. The rest is folded, and says what it holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from tocsin.responses import phrases
from tocsin.responses.forms import Draft
from tocsin.responses.log.content import WrongError

OVER = ("exit_condition", "update_hours")
BESIDE = ("not_to_do", "resources")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a part that repeats, and what it says in a line while it is folded."""

    form: forms.Form
    said: str
    open: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The form as it lies: the rows of each part, the names of the sections that lie open, and what is missing."""

    rows: Mapping[str, Sequence[Row]]
    sections: frozenset[str]
    lacking: Sequence[WrongError] = ()
    said: Mapping[str, str] = field(default_factory=dict)


def shown(draft: Draft, lacking: Sequence[WrongError], *, added: str = "", everything: bool = False) -> Shown:
    """Fold a draft. ``added`` is the part with a new row; ``everything``: nothing is folded, two wrote at once."""
    wanted = {one.name for one in lacking}
    rows = {
        name: [
            Row(
                one,
                _said(name, one),
                everything or _needed(name, one, wanted) or (name == added and one is forms_of[-1]),
            )
            for one in forms_of
        ]
        for name, forms_of in draft.rows.items()
    }
    sections = {name for name, found in rows.items() if everything or name == added or any(one.open for one in found)}
    for name, names in {"over": OVER, "beside": BESIDE}.items():
        if everything or wanted & set(names) or any(draft.head[one].errors for one in names):
            sections.add(name)
    said = {name: _line(draft.head[one].value()) for name, one in (("over", OVER[0]), ("beside", BESIDE[0]))}
    return Shown(rows, frozenset(sections), lacking, said)


def _needed(part: str, row: forms.Form, wanted: Collection[str]) -> bool:
    if row.errors or not _said(part, row):
        return True
    return part == "options" and "options" in wanted and not str(row["risk"].value() or "").strip()


def _said(part: str, row: forms.Form) -> str:
    match part:
        case "options":
            return _line(row["title"].value())
        case "stakeholders":
            who = dict(row.fields["person"].choices).get(_number(row["person"].value()))  # type: ignore[attr-defined]
            whom = str(who) if _number(row["person"].value()) and who else _line(row["name"].value())
            return _joined(phrases.FUNCTIONS, row["function"], whom or _line(row["part"].value()))
        case "words":
            return _joined(phrases.AUDIENCES, row["audience"], _line(row["text"].value()))
        case _:
            return _line(row["text"].value())


def _joined(kinds: Mapping[Any, Any], chosen: forms.BoundField, words: str) -> str:
    kind = next((said for key, said in kinds.items() if key == chosen.value()), "")
    return f"{kind}: {words}" if words else ""


def _number(value: Any) -> int:
    said = str(value or "")
    # Python reads no number of thousands of digits.
    return int(said) if said.isdecimal() and len(said) < 20 else 0


def _line(value: Any) -> str:
    words = " ".join(str(value or "").split())
    return words if len(words) <= 90 else f"{words[:89]}…"
