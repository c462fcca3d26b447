"""For ``report``: a made-up year of cases, drafted for everybody by the real code, and attacked."""

import json
import os
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

# Mean cases a month: a few large places, many small ones; regions stand for countries that are not named.
PLACES = {
    "034": 24.0, "145": 15.0, "015": 9.0, "IN": 12.0, "NG": 7.0, "BR": 4.0, "MX": 4.0, "KE": 3.0, "ID": 3.0, "FR": 1.5,
    "NO": 0.6, "NZ": 0.3,
}  # fmt: skip
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
    from tocsin.reports.disclosure import Block, Published, controlled
    from tocsin.reports.disclosure.attacking import Said, determined, right

    call_command("migrate", verbosity=0)
    lead = Person.objects.create(email="alice@example.org", name="Alice", roles=int(Role.LEAD))
    truth = _year(seed)
    found: dict[str, int] = {"cells": len(truth)}

    control = controlled(truth, Published(), LEAST_SHOWN)
    issued = list(_issued(lead, control.published.months, "kept"))
    everything = [*_said(issued, truth), *(Said(block.cells, block.total) for block in control.blocks)]
    shown = {cell for block in control.blocks if len(block.cells) == 1 for cell in block.cells}
    told = right(determined(truth, everything), truth) - shown
    sure = {cell for block in control.blocks for cell in block.cells - shown if _certain(cell, block, truth)}
    found |= {"issues": len(issued), "numbers": sum(map(len, issued)), "recovered": len(told | sure)}
    found |= {"shown": len(shown), "blocks": len(control.blocks)}

    bare = {month: tuple(Block(truth[cell], frozenset({cell})) for cell in truth if cell.month == month)
            for month in {cell.month for cell in truth}}  # fmt: skip
    issued = list(_issued(lead, bare, "bare"))
    found["numbers_unsuppressed"] = sum(map(len, issued))
    found["recovered_unsuppressed"] = len(right(determined(truth, _said(issued, truth)), truth))
    sums = [issue for issue in issued if issue and "," in issue[0][0]]
    found["recovered_from_sums_unsuppressed"] = len(right(determined(truth, _said(sums, truth)), truth))
    print(json.dumps(found))


def _year(seed: int) -> dict[Any, int]:
    from tocsin.reports.disclosure import Cell

    dice = random.Random(seed)
    return {
        Cell(f"{first:%Y-%m}", place, kind): _poisson(dice, mean * share)
        for first in _firsts() for place, mean in PLACES.items() for kind, share in KINDS.items()
    }  # fmt: skip


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
    for month, blocks in months.items():
        CountedMonth.objects.create(month=month, least=LEAST_SHOWN, blocks=packed(blocks), decided_at=clock.now())
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


def _said(issued: list[list[tuple[str, int, bool]]], truth: Mapping[Any, int]) -> list[Any]:
    """What the printed counts say about cells."""
    from tocsin.reports.disclosure.attacking import Said

    said = set()
    for key, number, whole in {one for issue in issued for one in issue}:
        _people, months, what, *rest = key.split(":")
        place, _slash, kind = (rest[0] if rest else "").partition("/")
        among = set(months.split(","))
        if what != "elsewhere":
            cells = frozenset(
                cell for cell in truth
                if cell.month in among and (what == "all" or cell.place == place) and kind in {"", cell.kind}
            )  # fmt: skip
            said.add(Said(cells, number, exactly=whole))
    return list(said)


def _certain(cell: Any, block: Any, truth: Mapping[Any, int]) -> bool:
    """Whether no two years that would have been kept alike differ in this cell, for who knows the rule."""
    from tocsin.reports.counting import LEAST_SHOWN
    from tocsin.reports.disclosure import Published, controlled
    from tocsin.reports.disclosure.worlds import rivals

    month = {one: count for one, count in truth.items() if one.month == cell.month}
    kept = set(controlled(month, Published(), LEAST_SHOWN).blocks)
    numbers = {
        world[cell]
        for world in rivals(block, cell, month, LEAST_SHOWN, lambda _place: "")
        if set(controlled(world, Published(), LEAST_SHOWN).blocks) == kept
    }
    return len(numbers) < 2
