"""Takes a list of allies from a table (CSV): all of it, or nothing with what is wrong by line. All are proposed."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.alliances import actions, drafts, reading
from tocsin.alliances.drafts import ContactDraft, ReachDraft
from tocsin.alliances.refusals import RefusedError
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person

MOST_ROWS = 500
MOST_SHOWN = 200
COLUMNS = (
    "name", "organisation", "kinds", "helps", "help_words", "countries", "regions", "languages", "within_hours",
    "by_night", "tlp", "fees", "fee_words", "conflict_countries", "conflict_organisations", "conflict_words",
    "ways", "instructions", "protected",
)  # fmt: skip
NEEDED = frozenset({"name", "kinds", "helps"})
_YES, _NO = frozenset({"yes", "y", "true", "1", "x"}), frozenset({"", "no", "n", "false", "0"})


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong on one line of the list; ``line`` is counted from 1, the header's, 0 for the whole."""

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: how many allies were added, or why none was."""

    count: int
    wrong: tuple[Wrong, ...]


def take(by: Person, body: bytes, owner: int) -> Taken:
    """Add every ally of a list, or none. ``owner`` looks after all of them."""
    given: list[tuple[ContactDraft, ReachDraft]] = []
    wrong: list[Wrong] = []
    seen: set[tuple[str, str]] = set()
    for number, row in _rows(body, wrong):
        try:
            draft, reach = _drafts(row, owner)
            _new(draft, seen)
        except RefusedError as refusal:
            wrong.append(Wrong(number, refusal.field, refusal.message))
        else:
            given.append((draft, reach))
    if not wrong and not given:
        wrong.append(Wrong(0, "", _("There is no ally in it.")))
    if wrong:
        return Taken(0, tuple(wrong[:MOST_SHOWN]))
    try:
        return Taken(len(actions.propose_all(by, given)), ())
    except RefusedError as refusal:  # somebody else was faster
        return Taken(0, (Wrong(0, refusal.field, refusal.message),))


def _rows(body: bytes, wrong: list[Wrong]) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        wrong.append(Wrong(0, "", _("It is not in UTF-8. Save it as “CSV UTF-8”.")))
        return
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        problem = _header(header)
        if problem:
            wrong.append(Wrong(1, "", problem))
            return
        for count, cells in enumerate(reader):
            if count >= MOST_ROWS:
                wrong.append(Wrong(0, "", _("At most %(n)s allies at once. Split it.") % {"n": MOST_ROWS}))
                return
            if any(cell.strip() for cell in cells):
                yield from _row(reader.line_num, header, cells, wrong)
    except csv.Error:
        wrong.append(
            Wrong(reader.line_num, "", _("This line can’t be read as CSV: look for a quote without its other."))
        )


def _header(header: Sequence[str]) -> str:
    unknown = [name[:40] for name in header if name not in COLUMNS]
    if unknown:
        return _("This column is not known: %(name)s. Known are: %(list)s.") % {
            "name": unknown[0] or "–",
            "list": ", ".join(COLUMNS),
        }
    if len(set(header)) != len(header):
        return _("A column stands there twice.")
    missing = sorted(NEEDED - set(header))
    return _("These columns are needed: %(list)s.") % {"list": ", ".join(missing)} if missing else ""


def _row(
    number: int, header: Sequence[str], cells: Sequence[str], wrong: list[Wrong]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    if len(cells) != len(header):
        words = _("It has %(n)s cells, and the first line has %(all)s.") % {"n": len(cells), "all": len(header)}
        wrong.append(Wrong(number, "", words))
        return
    yield number, {**dict.fromkeys(COLUMNS, ""), **dict(zip(header, cells, strict=True))}


def _drafts(row: Mapping[str, str], owner: int) -> tuple[ContactDraft, ReachDraft]:
    draft = ContactDraft(
        name=row["name"],
        organisation=row["organisation"],
        kinds=_keys(row["kinds"]),
        helps=_keys(row["helps"]),
        help_words=row["help_words"],
        countries=reading.country_codes(row["countries"]),
        regions=reading.region_codes(row["regions"]),
        languages=reading.language_codes(row["languages"]),
        within_hours=_hours(row["within_hours"]),
        by_night=_yes(row["by_night"], "by_night"),
        tlp=row["tlp"].strip().lower().removeprefix("tlp:") or Tlp.CLEAR.value,
        fees=row["fees"].strip().lower(),
        fee_words=row["fee_words"],
        conflict_countries=reading.country_codes(row["conflict_countries"]),
        conflict_organisations=reading.entries(row["conflict_organisations"]),
        conflict_words=row["conflict_words"],
        protected=_yes(row["protected"], "protected"),
        owner=owner,
    )
    reach = ReachDraft(row["ways"], row["instructions"])
    drafts.checked_reach(reach)
    return draft, reach


def _new(draft: ContactDraft, seen: set[tuple[str, str]]) -> None:
    columns = drafts.checked(draft)
    name, organisation = str(columns["name"]), str(columns["organisation"])
    key = name.casefold(), organisation.casefold()
    if key in seen:
        raise RefusedError(_("It stands in the list twice."), "name")
    if actions.same_name(name, organisation):
        raise RefusedError(_("An ally of this name stands there already."), "name")
    seen.add(key)


def _keys(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for one in reading.entries(text) for word in one.split())


def _hours(text: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit() or len(plain) > 4:
        raise RefusedError(_("Say how fast they answer in hours, from 1 to 720."), "within_hours")
    return int(plain)


def _yes(text: str, field: str) -> bool:
    plain = text.strip().lower()
    if plain not in _YES | _NO:
        raise RefusedError(_("Write yes or no."), field)
    return plain in _YES
