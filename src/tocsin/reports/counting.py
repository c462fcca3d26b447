"""Counts the cases of a month, once, in the session of a person whose vault opens them; keeps whole blocks alone.

A case counts in the month in which it was begun, in UTC, where its first line says that it is, once by the kind of its
first threat and once by the first help that was taken, as they stand when the month is counted. Both tables are cut
together. What is read of a case is never stored, and its log says that it was counted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import regions
from tocsin.analysis.text.folding import fold_name
from tocsin.audit.actions import record
from tocsin.cases.access import CASE, open_all
from tocsin.cases.entries import entries, of
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import THREATS, Threat
from tocsin.cases.kinds.people import NEEDS
from tocsin.cases.kinds.support import Support
from tocsin.keys.models import Safe
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.lib import territories
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import coarsening
from tocsin.reports.disclosure import Block, Cell, alike
from tocsin.reports.disclosure.keeping import packed, unpacked
from tocsin.reports.gathering import words
from tocsin.reports.models import CountedMonth
from tocsin.reports.refusals import RefusedError

LEAST_SHOWN: Final = 10
"""The smallest number that is ever shown by itself."""
_BACK: Final = 24
_LANGUAGES: Final = (
    "am", "ar", "bn", "de", "es", "fa", "fr", "hi", "id", "pt", "ru", "sw", "tr", "uk", "ur", "vi", "zh", "en",
)  # fmt: skip
KINDS: Final = ("", *(key for key, _words in THREATS))
"""Kinds of threat, and none told."""
SUPPORTS: Final = ("", *(key for key, _words in NEEDS))
"""Kinds of help, and none that was taken yet."""
_GIVEN: Final = frozenset({"taken", "ended"})


@dataclass(frozen=True, slots=True)
class Counts:
    """The cases of a month in two tables of the same people: by what threatened them, and by what helped them."""

    kinds: dict[Cell, int]
    supports: dict[Cell, int]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What a person forbids to be shown by itself: cells of either table."""

    kinds: frozenset[Cell] = frozenset()
    supports: frozenset[Cell] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    """The blocks that both tables are cut into."""

    kinds: tuple[Block, ...]
    supports: tuple[Block, ...]


def first_day(month: str) -> date:
    """The first day of ``2026-11``."""
    return date.fromisoformat(f"{month}-01")


def end_of(month: str) -> datetime:
    """When a month is over: the first moment of the next one, in UTC."""
    day = (first_day(month) + timedelta(days=31)).replace(day=1)
    return datetime(day.year, day.month, 1, tzinfo=UTC)


def is_over(month: str, at: datetime) -> bool:
    """Whether a month can be counted."""
    return end_of(month) <= at


def months_in(first: date, last: date) -> list[str]:
    """The months of which every day lies between two days, both included."""
    found, day = [], first.replace(day=1)
    while day <= last:
        month = f"{day:%Y-%m}"
        after = (day + timedelta(days=31)).replace(day=1)
        if day >= first and after - timedelta(days=1) <= last:
            found.append(month)
        day = after
    return found


def waiting() -> list[str]:
    """Months of the last two years that are over and not counted, newest first."""
    now = clock.now()
    day, found = now.date().replace(day=1), []
    for _each in range(_BACK):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(f"{day:%Y-%m}")
    done = set(CountedMonth.objects.filter(month__in=found).values_list("month", flat=True))
    return [month for month in found if month not in done and is_over(month, now)]


def opens_all(vault: OpenVault) -> bool:
    """Whether a vault opens every case that there is, and at least one: else a count would be too small for good."""
    opened, _shut = open_all(vault, CASE)
    here = {one.id for one in opened}
    return bool(here) and here >= set(Safe.objects.filter(kind=CASE).values_list("pk", flat=True))


def cases_of(vault: OpenVault, month: str) -> Counts:
    """Every cell of a month with its count, as far as this vault opens cases. For this session; never store it."""
    listed = coarsening.protected()
    kinds: Counter[Cell] = Counter()
    supports: Counter[Cell] = Counter()
    opened, _shut = open_all(vault, CASE)
    for safe in opened:
        found = _case(safe, month, listed)
        if found is not None:
            place, kind, support = found
            kinds[Cell(month, place, kind)] += 1
            supports[Cell(month, place, support)] += 1
    return Counts(
        {cell: kinds[cell] for cell in _universe(month, listed, KINDS)},
        {cell: supports[cell] for cell in _universe(month, listed, SUPPORTS)},
    )


def _case(safe: OpenSafe, month: str, listed: Collection[str]) -> tuple[str, str, str] | None:
    """Where a case of this month is, what threatened first, and which help was taken first."""
    rows = entries(safe, "account")
    about = next(iter(of(rows, About)), None)
    if about is None or f"{about[0].at.astimezone(UTC):%Y-%m}" != month:
        return None
    safe.log("counted")
    threats = sorted(of(rows, Threat), key=lambda pair: pair[0].at)
    helped = sorted((one for one in of(rows, Support) if one[1].state in _GIVEN), key=lambda pair: pair[0].at)
    kind = threats[0][1].what if threats else ""
    support = helped[0][1].what if helped else ""
    place = _country(about[1].country)
    if place not in _places():
        place = ""
    place = coarsening.place(place, listed)
    return place, kind if kind in KINDS else "", support if support in SUPPORTS else ""


def _country(words_for_it: str) -> str:
    """The country that a line names: by its two letters, or in words."""
    code = words_for_it.strip().upper()
    return code if code in territories.TERRITORIES else _named().get(fold_name(words_for_it), "")


@cache
def _named() -> dict[str, str]:
    """Countries by their names, folded, in the languages in which cases are mostly written."""
    return {fold_name(name): code for language in _LANGUAGES for code, name in territories.choices(language)}


@cache
def _places() -> frozenset[str]:
    return frozenset(code for members in regions.MEMBERS.values() for code in members)


def _universe(month: str, listed: Collection[str], kinds: Iterable[str]) -> list[Cell]:
    places = {"", *(coarsening.place(code, listed) for code in _places())}
    return [Cell(month, place, kind) for place in sorted(places) for kind in kinds]


def would_show(counts: Counts, never: Forbidden = Forbidden()) -> Shown:
    """The blocks that a month would be cut into, both tables at once.

    Places stand side by side, not by region: among few cases a region mostly has one country with any, and to name that
    one would tell that its neighbours have none.
    """
    return Shown(*alike((counts.kinds, counts.supports), LEAST_SHOWN, (never.kinds, never.supports)))


def decide(
    by: Person, vault: OpenVault, month: str, never: Forbidden = Forbidden()
) -> CountedMonth:  # fmt: skip
    """Count a month, cut both tables of it into blocks, and keep those: for good.

    Raises:
        RefusedError: when this person may not, the vault does not open every case, the month goes on, or was counted.
    """
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not release reports. Ask a lead or an approver."))
    if month not in waiting():
        raise RefusedError(_("This month goes on, or it was counted already. A count is never changed."))
    if not opens_all(vault):
        # The same words for none and for some: whoever holds no key learns not even that there is a case.
        raise RefusedError(
            _("A count is for good, so whoever counts opens every case, and your vault does not. Ask a colleague who "
              "is a member of all of them to count this month, or to let you into them.")
        )  # fmt: skip
    shown = would_show(cases_of(vault, month), never)
    try:
        with transaction.atomic():
            row = CountedMonth.objects.create(
                month=month, least=LEAST_SHOWN, blocks=packed(shown.kinds), supports=packed(shown.supports),
                decided_by=by, decided_at=clock.now(),
            )  # fmt: skip
            record(by.pk, "report.counted", f"month:{month}")
    except IntegrityError:
        raise RefusedError(_("Somebody counted this month just now. A count is never changed.")) from None
    return row


def blocks_of(rows: Iterable[CountedMonth]) -> Sequence[Block]:
    """The blocks of months that were counted."""
    return [block for row in rows for block in unpacked(row.month, row.blocks)]


def supports_of(rows: Iterable[CountedMonth]) -> Sequence[Block]:
    """The blocks of the same months by what helped; none of a month that was counted before that was asked."""
    return [block for row in rows for block in unpacked(row.month, row.supports)]


def place_name(code: str) -> str:
    """What a place of a cell is called; a region stands for its countries that are not named."""
    if code in regions.MEMBERS:
        return _("%(region)s (countries that are not named)") % {"region": coarsening.region(code)}
    return words.place(code)


def kind_name(kind: str) -> str:
    """What a kind of threat is called."""
    return str(dict(THREATS).get(kind, _("no threat told")))


def support_name(support: str) -> str:
    """What a kind of help is called."""
    return str(dict(NEEDS).get(support, _("no help taken yet")))
