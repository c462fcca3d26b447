"""For ``report``: a made-up year of cases, drafted for everybody by the real code, and attacked."""

import json
import os
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

# Mean cases a month: a few large places, many small ones; regions stand for countries that are not named.
PLACES = {
    "034": 70.0, "145": 40.0, "015": 9.0, "IN": 12.0, "NG": 7.0, "BR": 4.0, "MX": 4.0, "KE": 3.0, "ID": 3.0, "FR": 1.5,
    "NO": 0.6, "NZ": 0.3,
}  # fmt: skip
# What helped first; the last stands for nothing yet.
HELP = {"legal": 0.3, "digital": 0.2, "safety": 0.15, "money": 0.1, "mind": 0.1, "": 0.15}
KINDS = {"detention": 0.3, "harassment": 0.25, "legal": 0.2, "doxxing": 0.15, "surveillance": 0.1}
MONTHS = 12


def run(seed: int) -> None:
    """Issue the year with suppression and without, attack both; prints how much was found."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tocsin.people.models import Person
    from tocsin.people.roles import Role
    from tocsin.reports.counting import LEAST_SHOWN
    from tocsin.reports.disclosure import Block, alike
    from tocsin.reports.disclosure.attacking import Said, determined, right

    call_command("migrate", verbosity=0)
    lead = Person.objects.create(email="alice@example.org", name="Alice", roles=int(Role.LEAD))
    both = _year(seed)
    truth = {**both[0], **both[1]}
    same = _same(both)
    found: dict[str, int] = {"cells": len(truth), "cells_of_help": len(both[1])}

    months = {month: _of_month(both, month) for month in sorted({cell.month for cell in truth})}
    cut = {month: alike(tables, LEAST_SHOWN) for month, tables in months.items()}
    blocks = [block for shown in cut.values() for one in shown for block in one]
    issued = list(_issued(lead, cut, "kept"))
    everything = [*_said(issued, truth), *(Said(block.cells, block.total) for block in blocks)]
    shown = {cell for block in blocks if len(block.cells) == 1 for cell in block.cells}
    told = right(determined(truth, everything, same), truth) - shown
    sure = {cell for block in blocks for cell in block.cells - shown if _certain(cell, block, months[cell.month])}
    found |= {"issues": len(issued), "numbers": sum(map(len, issued)), "recovered": len(told | sure)}
    found |= {"recovered_of_help": len((told | sure) & both[1].keys())}
    found |= {"shown": len(shown), "blocks": len(blocks)}

    bare = {month: tuple(tuple(Block(count, frozenset({cell})) for cell, count in table.items()) for table in tables)
            for month, tables in months.items()}  # fmt: skip
    issued = list(_issued(lead, bare, "bare"))
    found["numbers_unsuppressed"] = sum(map(len, issued))
    naive = right(determined(truth, _said(issued, truth), same), truth)
    found["recovered_unsuppressed"] = len(naive)
    found["recovered_of_help_unsuppressed"] = len(naive & both[1].keys())
    sums = [issue for issue in issued if issue and "," in issue[0][0]]
    found["recovered_from_sums_unsuppressed"] = len(right(determined(truth, _said(sums, truth), same), truth))
    print(json.dumps(found))


def _year(seed: int) -> tuple[dict[Any, int], dict[Any, int]]:
    """The same people counted twice: by what threatened them, and by what helped them."""
    from tocsin.reports.disclosure import Cell

    dice = random.Random(seed)
    kinds: dict[Any, int] = {}
    helped: dict[Any, int] = {}
    for first in _firsts():
        month = f"{first:%Y-%m}"
        for place, mean in PLACES.items():
            kinds |= {Cell(month, place, kind): 0 for kind in KINDS}
            helped |= {Cell(month, place, f"{_HELPED}{one}"): 0 for one in HELP}
            for kind, share in KINDS.items():
                number = _poisson(dice, mean * share)
                kinds[Cell(month, place, kind)] = number
                for one in dice.choices(list(HELP), list(HELP.values()), k=number):
                    helped[Cell(month, place, f"{_HELPED}{one}")] += 1
    return kinds, helped


# Both tables stand among the same cells: a kind of help is told from a kind of threat by this.
_HELPED = "help "


def _of_month(both: tuple[Mapping[Any, int], ...], month: str) -> tuple[dict[Any, int], ...]:
    return tuple({cell: count for cell, count in table.items() if cell.month == month} for table in both)


def _same(both: tuple[Mapping[Any, int], ...]) -> list[Any]:
    """Each place has as many people in one table as in the other: who attacks knows that."""
    from tocsin.reports.disclosure.attacking import Same

    by: list[dict[tuple[str, str], set[Any]]] = [{}, {}]
    for at, table in enumerate(both):
        for cell in table:
            by[at].setdefault((cell.month, cell.place), set()).add(cell)
    return [Same(frozenset(cells), frozenset(by[1][where])) for where, cells in by[0].items()]


def _poisson(dice: random.Random, mean: float) -> int:
    count, gone = 0, dice.expovariate(1)
    while gone < mean:
        count, gone = count + 1, gone + dice.expovariate(1)
    return count


def _firsts() -> list[date]:
    """The first days of the last twelve months that are over, earliest first."""
    day, found = datetime.now(UTC).date().replace(day=1), []
    for _month in range(MONTHS):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(day)
    return found[::-1]


def _spans() -> Iterator[tuple[str, date, date]]:
    """Series by name with their periods: each month, each quarter, the year, and the running year after each month."""
    firsts = _firsts()
    ends = [*firsts[1:], (firsts[-1] + timedelta(days=31)).replace(day=1)]
    for number in range(MONTHS):
        yield "month", firsts[number], ends[number]
        yield "running", firsts[0], ends[number]
        if number % 3 == 2:
            yield "quarter", firsts[number - 2], ends[number]
    yield "year", firsts[0], ends[-1]


def _issued(lead: Any, months: Mapping[str, Any], name: str) -> Iterator[list[tuple[str, int, bool]]]:
    """Keep these blocks, draft every issue for every audience, and give the counts that each of them prints."""
    from tocsin.alerts import clock
    from tocsin.reports.arranging import Wanted, arrange, draft_now
    from tocsin.reports.audiences import AUDIENCES
    from tocsin.reports.counting import LEAST_SHOWN
    from tocsin.reports.disclosure.keeping import packed
    from tocsin.reports.facts import Nature
    from tocsin.reports.gathering.period import Period
    from tocsin.reports.laying import document_of
    from tocsin.reports.models import CountedMonth

    CountedMonth.objects.all().delete()
    for month, (blocks, helped) in months.items():
        CountedMonth.objects.create(
            month=month, least=LEAST_SHOWN, blocks=packed(blocks), supports=packed(_plain(one) for one in helped),
            decided_at=clock.now(),
        )  # fmt: skip
    for series, since, until in _spans():
        period = Period(*(datetime(one.year, one.month, 1, tzinfo=UTC) for one in (since, until)))
        gathered = None
        for audience in AUDIENCES:
            once = f"{name}-{series}-{audience}"
            report = arrange(lead, Wanted(title=once, audience=audience, cadence="hand", once=once))
            draft = draft_now(lead, report, period, gathered)
            gathered = draft.gathered
            facts = document_of(draft).facts.values()
            yield [
                (one.key, int(one.value.amount), one.value.high is not None)
                for one in facts if one.nature is Nature.COUNTED and one.value is not None
            ]  # fmt: skip


def _plain(block: Any) -> Any:
    """A block of help as it is kept: in a table of its own."""
    from tocsin.reports.disclosure import Block, Cell

    cells = (Cell(one.month, one.place, one.kind.removeprefix(_HELPED)) for one in block.cells)
    return Block(block.total, frozenset(cells))


def _said(issued: list[list[tuple[str, int, bool]]], truth: Mapping[Any, int]) -> list[Any]:
    """What the printed counts say about cells."""
    from tocsin.reports.disclosure.attacking import Said

    said = set()
    for key, number, whole in {one for issue in issued for one in issue}:
        _people, months, what, *rest = key.split(":")
        place, _slash, kind = (rest[0] if rest else "").partition("/")
        among = set(months.split(","))
        if what == "support":
            cells = frozenset(
                cell for cell in truth if cell.month in among and cell.place == place and cell.kind == _HELPED + kind
            )
            said.add(Said(cells, number, exactly=whole))
        elif what != "elsewhere":
            cells = frozenset(
                cell for cell in truth
                if cell.month in among and (what == "all" or cell.place == place) and kind in {"", cell.kind}
                and not cell.kind.startswith(_HELPED)
            )  # fmt: skip
            said.add(Said(cells, number, exactly=whole))
    return list(said)


def _certain(cell: Any, block: Any, tables: tuple[dict[Any, int], ...]) -> bool:
    """Whether no two months that would have been kept alike differ in this cell, for who knows the rule.

    Another month has other people: where a place has more or fewer of them in one table, it has in the other.
    """
    from tocsin.reports.counting import LEAST_SHOWN
    from tocsin.reports.disclosure import alike
    from tocsin.reports.disclosure.worlds import rivals

    at = next(number for number, table in enumerate(tables) if cell in table)
    kept = [set(one) for one in alike(tables, LEAST_SHOWN)]
    numbers = set()
    for world in rivals(block, cell, tables[at], LEAST_SHOWN, lambda _place: ""):
        moved = [dict(table) for table in tables]
        moved[at], moved[1 - at] = world, _following(tables[1 - at], world)
        if [set(one) for one in alike(moved, LEAST_SHOWN)] == kept:
            numbers.add(world[cell])
    return len(numbers) < 2


def _following(table: Mapping[Any, int], world: Mapping[Any, int]) -> dict[Any, int]:
    """The other table of a month with other people: where the sum of a place moved, all stand in its first cell."""
    sums: dict[str, list[int]] = {}
    for at, one in enumerate((table, world)):
        for cell, count in one.items():
            sums.setdefault(cell.place, [0, 0])[at] += count
    found = dict(table)
    for place, (was, now) in sums.items():
        if was != now:
            here = sorted(cell for cell in table if cell.place == place)
            found |= dict.fromkeys(here, 0) | {here[0]: now}
    return found
