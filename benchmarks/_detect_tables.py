"""The tables that people read, and the JSON line."""

from math import isfinite
from typing import Any

from _detect_runs import Outcome
from _detect_scores import Duel, Rate, beside, busy, cells, controls, duels, hits, overall, rates
from _detect_traps import Trap, snares, traps

from tocsin.analysis.evaluation import Bearable, Operating
from tocsin.analysis.evaluation.fitted import FITTED, fitted_on
from tocsin.analysis.evaluation.intervals import Interval
from tocsin.analysis.evaluation.systems import OURS

_NAMED = 12  # controls of a set that are printed one by one


def show(
    outcome: Outcome, *, made_up: Outcome | None = None, sparse: Outcome | None = None, quick: bool = False
) -> dict[str, Any]:
    """Print all tables; the JSON object that says the same."""
    line: dict[str, Any] = {"bench": "detect"}
    line["discarded"] = _notes(outcome)
    line["episodes"] = _episodes(outcome)
    line |= _rates(rates(outcome), outcome)
    line["controls"] = _controls(outcome)
    line["busy"] = _busy(outcome)
    line["beside_events"] = _beside(outcome)
    line["traps"], line["traps_by_system"] = _traps(traps(outcome) + (snares(made_up) if made_up else []))
    line |= {} if quick else _curves(outcome)
    line |= _cells(sparse, quick=quick) if sparse else {}
    print("\nFitted: " + ("; ".join(_fitted()) if FITTED else "nothing; every threshold is the same for all series."))
    return line


def _notes(outcome: Outcome) -> dict[str, int]:
    notes = outcome.recorded.notes
    points = sum(len(series.points) for series in outcome.recorded.series)
    print(
        f"{len(outcome.recorded.series)} series, {points:,} points, {len(outcome.recorded.episodes)} episodes, "
        f"{len(outcome.recorded.events):,} events."
    )
    for name in notes.missing:
        print(f"  not there: {name}")
    for (file, reason), rows in sorted(notes.discarded.items()):
        print(f"  discarded: {rows} in {file}: {reason}")
    return {f"{file}: {reason}": rows for (file, reason), rows in sorted(notes.discarded.items())}


def _episodes(outcome: Outcome) -> list[dict[str, Any]]:
    names = [system.name for system in outcome.systems]
    found = []
    if outcome.recorded.episodes:
        print("\nDays from onset to alarm, at each system's published threshold (end found: +, not found: -)")
        print(f"{'episode':56}" + "".join(f"{name:>17}" for name in names))
    for episode, by_system in hits(outcome):
        mark = "†" if fitted_on(episode.id) else " "
        title = f"{episode.id}{mark} {episode.series} ({episode.sort}{'' if episode.dated else ', undated'})"
        print(f"{title:56}" + "".join(f"{(by_system[name].words if name in by_system else '·'):>17}" for name in names))
        one: dict[str, Any] = {"id": episode.id, "series": episode.series, "kind": str(episode.sort)}
        one |= {
            "direction": "/".join(sorted(episode.directions)),
            "dated": episode.dated,
            "fitted_on": bool(fitted_on(episode.id)),
        }
        for name, hit in by_system.items():
            days = None if hit.delay is None else round(hit.days, 3)
            one[name] = {"detected": hit.delay is not None, "delay_days": days, "end_found": hit.end_found}
        found.append(one)
    return found


def _rates(found: list[Rate], outcome: Outcome) -> dict[str, Any]:
    print(
        "\nAlarms outside known events, for each series and year (exact 95 % interval), and for each country and year"
    )
    print(f"{'set':26}{'system':18}{'way':6}{'alarms':>8}{'years':>8}  {'a year':>7} {'interval':18}{'a country':>9}")
    for one in found:
        print(
            f"{one.set:26.25}{one.system:18}{one.direction:6}{one.alarms:>8}{one.years:>8.1f}  {one.rate:>7.2f} "
            f"{_interval(one.interval):18}{one.by_country:>9.2f}"
        )
    total = {}
    for system in outcome.systems:
        mine = [one for one in outcome.watched.values() if system.name in one.runs]
        years = sum(one.years for one in mine)
        alarms = sum(len(one.false(system)) for one in mine)
        total[system.name] = round(alarms / years, 3) if years else None
    return {
        "alarms_per_country_year": total,
        "alarms_by_set": [
            {"set": one.set, "system": one.system, "direction": str(one.direction), "alarms": one.alarms}
            | {"years": round(one.years, 3), "rate": round(one.rate, 3), "interval": _rounded(one.interval)}
            | {"by_country": round(one.by_country, 3)}
            for one in found
        ],
    }


def _controls(outcome: Outcome) -> list[dict[str, Any]]:
    rows = controls(outcome)
    for name in dict.fromkeys(one.set for one in rows):
        mine = [one for one in rows if one.set == name]
        print(f"\n{name}, {len(mine)} countries with series in which no episode is known: false alarms")
        # Where there are many, the table of rates says it all; those that alarmed most are named.
        for one in sorted(mine, key=lambda one: -one.alarms.get(OURS, 0))[:_NAMED]:
            said = ", ".join(f"{system} {count}" for system, count in one.alarms.items())
            print(f"  {one.country or 'world':8}{one.series:>4} series {one.years:>6.1f} years: {said}")
    return [
        {"set": one.set, "country": one.country, "series": one.series, "years": round(one.years, 3)}
        | {"alarms": dict(one.alarms)}
        for one in rows
    ]


def _traps(found: list[Trap]) -> tuple[dict[str, bool], dict[str, Any]]:
    if found:
        print("\nTraps: series with an alarm, of those that the system reads")
    for trap in found:
        said = ", ".join(f"{name} {count} of {trap.of[name]}" for name, count in trap.alarmed.items())
        print(f"  {trap.name} (wanted: {trap.wanted}): {said}")
    # Where many series are watched, some alarm by chance: a tenth of them is more than that.
    alarmed = {one.name: one.alarmed.get(OURS, 0) > 0.1 * one.of.get(OURS, 0) for one in found}
    return alarmed, {one.name: {"alarmed": dict(one.alarmed), "of": dict(one.of)} for one in found}


def _curves(outcome: Outcome) -> dict[str, Any]:
    print("\nMean days to find, at false alarms for each series and year: each system over its thresholds, same rows")
    all_duels = duels(outcome)
    for duel in all_duels:
        if duel.episodes:
            print(f"\n{duel.group}, {duel.series} series, {duel.years:.0f} years, {duel.episodes} episodes")
            print(f"  {OURS:16}" + _points(duel.our_curve))
            print(f"  {duel.rival:16}" + _points(duel.their_curve))
    print("\nMean delay in days from 0.5 to 5 alarms for each series and year, a miss as 30 (95 % over episodes)")
    print(f"{'series':20}{'episodes':>9}  {'rival':18}{'rival':>22}{OURS:>22}{'ratio':>8}{'floor':>8}{'at best':>9}")
    for duel in all_duels:
        if duel.ours is not None and duel.theirs is not None:
            ratio = duel.ours.days / duel.theirs.days if duel.theirs.days else float("nan")
            print(
                f"{duel.group:20}{duel.episodes:>9}  {duel.rival:18}{_bearable(duel.theirs):>22}"
                f"{_bearable(duel.ours):>22}{ratio:>8.2f}{duel.floor or 0.0:>8.2f}{_best(duel):>9}"
            )
    if all_duels:
        print("  floor: when the first interval that reaches beyond an onset is whole; at best: the ratio of the floor")
    means = overall(outcome)
    said = (f"{name} {one.days:.2f} ({len(one.episodes)})" for name, one in means.items() if one is not None)
    print("  over the episodes that each reads (how many): " + ", ".join(said))
    if FITTED:
        others = {name: _without_fitted(one) for name, one in means.items()}
        print(
            "  over those that nothing was fitted on: " + ", ".join(f"{name} {days}" for name, days in others.items())
        )
    return {
        "mean_delay_days_not_fitted_on": {name: _without_fitted(one) for name, one in means.items()},
        "mean_delay_days": {name: None if one is None else round(one.days, 3) for name, one in means.items()},
        "duels": [_duel(one) for one in all_duels],
    }


def _busy(outcome: Outcome) -> list[dict[str, Any]]:
    rows = busy(outcome)
    if rows:
        print("\nCountries with a usual level of 500 and more, events not taken out: alarms (flagged intervals) a year")
    for one in rows:
        flags = f" ({one.intervals / one.years:.2f} flagged intervals)" if one.intervals else ""
        print(
            f"  {one.set:26.25}{one.system:18}{one.direction:6}{one.alarms / one.years:>7.2f}{flags}, "
            f"{one.countries} countries, {one.years:.0f} years"
        )
    return [
        {"set": one.set, "system": one.system, "direction": str(one.direction), "countries": one.countries}
        | {"alarms_per_year": round(one.alarms / one.years, 3), "flags_per_year": round(one.intervals / one.years, 3)}
        for one in rows
    ]


def _beside(outcome: Outcome) -> list[dict[str, Any]]:
    rows = beside(outcome)
    if rows:
        print("\nAlarms within six days of known events: a series, a span and a direction each; at every threshold")
        print(
            f"{'flags of':18}{'system':18}{'threshold':>10}{'events':>8}{'alarmed':>9}{'by chance':>11}"
            f"{'flagged, too':>14}"
        )
    for one in rows:
        print(
            f"{one.flags_of:18}{one.system:18}{one.threshold:>10g}{one.events:>8}{one.alarmed:>9}{one.by_chance:>11.1f}"
            f"{one.flagged:>14}"
        )
        if one.lost and one.usual:
            print("    flagged, and not alarmed: " + ", ".join(one.lost))
    return [
        {"flags_of": one.flags_of, "system": one.system, "threshold": one.threshold, "events": one.events}
        | {"alarmed": one.alarmed, "by_chance": round(one.by_chance, 2), "flagged_too": one.flagged}
        for one in rows
    ]


def _cells(outcome: Outcome, *, quick: bool) -> dict[str, Any]:
    names = [system.name for system in outcome.systems if any(system.name in one.days for one in cells(outcome))]
    print("\nSparse cells, made up from a seed: mean days to find a block (a miss as 30), and how many were found")
    print(f"{'a reading every':18}{'measurements':>14}{'block':>9}{'blocks':>8}" + "".join(f"{n:>20}" for n in names))
    found = []
    for one in cells(outcome):
        said = "".join(f"{f'{one.days[name]:.2f} ({one.found[name]})':>20}" for name in names)
        print(f"{one.kind.words:18}{one.kind.measurements:>14}{one.kind.block:>9}{one.blocks:>8}{said}")
        row: dict[str, Any] = {
            "hours": one.kind.hours,
            "regular": one.kind.regular,
            "measurements": one.kind.measurements,
            "block": one.kind.block,
        }
        found.append(row | {"mean_delay_days": {name: round(one.days[name], 3) for name in names}})
    quiet = {
        name: [(len(one.false(system)), one.years) for one in outcome.watched.values()]
        for system in outcome.systems
        if (name := system.name) in names
    }
    rates_found = {name: sum(a for a, _ in said) / sum(y for _, y in said) for name, said in quiet.items()}
    print("  alarms a year while quiet: " + ", ".join(f"{name} {rate:.2f}" for name, rate in rates_found.items()))
    line: dict[str, Any] = {
        "sparse_cells": found,
        "sparse_alarms_per_year": {name: round(rate, 3) for name, rate in rates_found.items()},
    }
    if not quick:
        duel_rows = [one for one in duels(outcome) if one.group == "counts"]
        for duel in duel_rows:
            if duel.ours is not None and duel.theirs is not None:
                print(
                    f"  over the curve: {OURS} {_bearable(duel.ours)} against {duel.rival} {_bearable(duel.theirs)}: "
                    f"{duel.ours.days / duel.theirs.days:.2f} (at best {_best(duel)})"
                )
        line["sparse_duels"] = [_duel(one) for one in duel_rows]
    return line


def _duel(duel: Duel) -> dict[str, Any]:
    return {
        "group": duel.group,
        "rival": duel.rival,
        "episodes": duel.episodes,
        "series": duel.series,
        "years": round(duel.years, 3),
        "floor_days": None if duel.floor is None else round(duel.floor, 3),
        "mean_delay_days": {
            OURS: None if duel.ours is None else round(duel.ours.days, 3),
            duel.rival: None if duel.theirs is None else round(duel.theirs.days, 3),
        },
        "curve": {OURS: _curve(duel.our_curve), duel.rival: _curve(duel.their_curve)},
    }


def _best(duel: Duel) -> str:
    """The ratio that nobody can pass who waits for an interval to be whole."""
    if duel.floor is None or duel.theirs is None or not duel.theirs.days:
        return ""
    return f"{duel.floor / duel.theirs.days:.2f}"


def _curve(curve: Any) -> list[dict[str, Any]]:
    return [
        {"threshold": one.threshold, "rate": round(one.rate, 3), "interval": _rounded(one.interval)}
        | {"mean_delay_days": round(one.mean, 3)}
        for one in curve
    ]


def _points(curve: Any) -> str:
    ordered: list[Operating] = sorted(curve, key=lambda one: one.rate)
    return "  ".join(f"{one.rate:.2f}→{one.mean:.1f}" for one in ordered)


def _without_fitted(score: Bearable | None) -> float | None:
    """The mean over the episodes that no parameter was fitted on; None if there are none."""
    days = [] if score is None else [one for name, one in score.episodes.items() if not fitted_on(name)]
    return round(sum(days) / len(days), 3) if days else None


def _fitted() -> list[str]:
    return [
        f"{one.rule} {one.parameters} on {', '.join(one.episodes) or 'no episode'} ({one.series})" for one in FITTED
    ]


def _bearable(one: Bearable) -> str:
    if one.interval is None:
        return f"{one.days:.2f}"
    return f"{one.days:.2f} ({one.interval[0]:.1f}–{one.interval[1]:.1f})"


def _interval(interval: Interval) -> str:
    return f"{interval[0]:.2f}–{interval[1]:.2f}"


def _rounded(interval: Interval) -> list[float | None]:
    return [round(one, 3) if isfinite(one) else None for one in interval]
