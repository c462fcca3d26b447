"""Shutdown or outage: how well the cause of a loss of connectivity is told from how it began and went on.

FOLDER holds ``shutdown-events/ioda_investigated_2018_2021.csv``: losses that people looked at, a part of them with
their cause. Ordered by a government or for exams is told from every other cause that is named; losses without a known
cause are left out, but for what they tell of other losses (what came before, and what happened elsewhere).

Each country is judged by what was learned from all others. Only what could be known by then is used: at the onset,
after two hours, and afterwards. Elections and notices are not in the list, and are not used.
"""

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from _cause_losses import Case, ListError, read

from tocsin.analysis.evaluation.calibration import Bin, auc, brier, brier_base_rate, reliability
from tocsin.analysis.evaluation.intervals import mean_interval
from tocsin.analysis.fusion.fitting import Fit, fit
from tocsin.analysis.fusion.starts import PUBLISHED, Known, Regularity, answers

MAIN = Known.TWO_HOURS
_DRAWS = 500


@dataclass(frozen=True, slots=True)
class Score:
    """How well probabilities held. ``by_country`` lets each country weigh the same."""

    brier: float
    brier_interval: tuple[float, float] | None
    by_country: float
    auc: float | None
    auc_interval: tuple[float, float] | None
    bins: tuple[Bin, ...]

    @property
    def reliable(self) -> bool:
        """Whether the mean forecast lies in the interval of every range that has 30 cases or more."""
        return all(one.reliable for one in self.bins if one.cases >= 30)


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench cause", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--ridge", type=float, default=1.0, help="how far slopes are held back")
    parser.add_argument("--seed", type=int, default=1, help="of the intervals of the area under the curve")
    parser.add_argument("--weights", action="store_true", help="print what is learned from all countries, and stop")
    given = parser.parse_args(argv)
    try:
        cases, notes = read(given.data)
    except ListError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    known = [case for case in cases if case.ordered is not None]
    if len({case.ordered for case in known}) < 2 or len({case.loss.country for case in known}) < 3:
        print("Too few losses of known cause: both kinds, of three countries or more, are needed.", file=sys.stderr)
        return 2
    if given.weights:
        show_weights(known, given.ridge)
        return 0
    line = report(cases, known, notes, given.ridge, given.seed)
    print(json.dumps(line))
    return 0


def report(
    cases: Sequence[Case], known: Sequence[Case], notes: Mapping[str, int], ridge: float, seed: int
) -> dict[str, object]:
    """The tables, and the line."""
    truths = [bool(case.ordered) for case in known]
    countries = [case.loss.country for case in known]
    base = brier_base_rate(truths)
    even = _by_country(_base_elsewhere(truths, countries), truths, countries)
    print(f"{len(cases)} losses, {len(known)} of known cause in {len(set(countries))} countries: {sum(truths)} ordered")
    for reason, count in sorted(notes.items()):
        print(f"  {count} × {reason}")
    print(f"\nBrier of always saying the share: {base:.3f}")
    print(f"  of saying the share of all other countries, each country weighing the same: {even:.3f}")
    stages = {}
    for stage in Known:
        scores = {
            "tocsin": score(elsewhere(known, stage, ridge), truths, countries, seed),
            "regularities": score(published(known, stage), truths, countries, seed),
        }
        _table(stage, scores, base)
        stages[stage.value] = {name: _line(one) for name, one in scores.items()}
    unknown = score_unknown(cases, known, ridge)
    left = len(cases) - len(known)
    print(f"\nCounting the {left} of unknown cause as outages, which most of them are: AUC {unknown:.3f}")
    main_score: dict[str, object] = stages[MAIN.value]["tocsin"]
    return {
        "bench": "cause",
        "brier": main_score["brier"],
        "brier_base_rate": round(base, 4),
        "brier_regularities": stages[MAIN.value]["regularities"]["brier"],
        "auc": main_score["auc"],
        "auc_interval": main_score["auc_interval"],
        "n": len(known),
        "ordered": sum(truths),
        "countries": len(set(countries)),
        "stage": MAIN.value,
        "reliable": main_score["reliable"],
        "brier_base_rate_by_country": round(even, 4),
        "auc_unknown_as_outage": round(unknown, 4),
        "stages": stages,
    }


def elsewhere(known: Sequence[Case], stage: Known, ridge: float) -> list[float]:
    """The probability of each case, by what was learned from all other countries."""
    found = [0.0] * len(known)
    for country in sorted({case.loss.country for case in known}):
        learned = _learned([case for case in known if case.loss.country != country], stage, ridge)
        for place, case in enumerate(known):
            if case.loss.country == country:
                found[place] = learned.probability(answers(case.loss, stage))
    return found


def published(known: Sequence[Case], stage: Known) -> list[float]:
    """The published likelihood ratios alone, multiplied, on the odds of all other countries."""
    found = []
    for case in known:
        others = [bool(one.ordered) for one in known if one.loss.country != case.loss.country]
        odds = log((sum(others) + 0.5) / (len(others) - sum(others) + 0.5))
        for regularity, answer in answers(case.loss, stage).items():
            if answer is not None and regularity in PUBLISHED:
                odds += PUBLISHED[regularity][0 if answer else 1]
        found.append(1 / (1 + exp(-odds)))
    return found


def score_unknown(cases: Sequence[Case], known: Sequence[Case], ridge: float) -> float:
    """How well ordered losses rank above all others, those of unknown cause among them."""
    forecasts, truths = [], []
    learned: dict[str, Fit] = {}
    for case in cases:
        country = case.loss.country
        if country not in learned:
            learned[country] = _learned([one for one in known if one.loss.country != country], MAIN, ridge)
        forecasts.append(learned[country].probability(answers(case.loss, MAIN)))
        truths.append(bool(case.ordered))
    return auc(forecasts, truths) or 0.0


def _learned(cases: Sequence[Case], stage: Known, ridge: float) -> Fit:
    return fit([answers(case.loss, stage) for case in cases], [bool(case.ordered) for case in cases], ridge=ridge)


def score(forecasts: Sequence[float], truths: Sequence[bool], countries: Sequence[str], seed: int) -> Score:
    """All measures of one system. The interval of the area draws whole countries, for losses of one are alike."""
    squares = [(forecast - truth) ** 2 for forecast, truth in zip(forecasts, truths, strict=True)]
    return Score(
        brier=brier(forecasts, truths),
        brier_interval=mean_interval(squares, seed=seed),
        by_country=_by_country(forecasts, truths, countries),
        auc=auc(forecasts, truths),
        auc_interval=_drawn(forecasts, truths, countries, seed),
        bins=tuple(reliability(forecasts, truths)),
    )


def _drawn(
    forecasts: Sequence[float], truths: Sequence[bool], countries: Sequence[str], seed: int
) -> tuple[float, float] | None:
    places: dict[str, list[int]] = {}
    for place, country in enumerate(countries):
        places.setdefault(country, []).append(place)
    names, draw, found = sorted(places), random.Random(seed), []
    for _ in range(_DRAWS):
        drawn = [place for _one in names for place in places[draw.choice(names)]]
        area = auc([forecasts[place] for place in drawn], [truths[place] for place in drawn])
        if area is not None:
            found.append(area)
    found.sort()
    return (found[int(0.025 * len(found))], found[int(0.975 * len(found))]) if found else None


def _by_country(forecasts: Sequence[float], truths: Sequence[bool], countries: Sequence[str]) -> float:
    squares: dict[str, list[float]] = {}
    for forecast, truth, country in zip(forecasts, truths, countries, strict=True):
        squares.setdefault(country, []).append((forecast - truth) ** 2)
    return sum(sum(one) / len(one) for one in squares.values()) / len(squares)


def _base_elsewhere(truths: Sequence[bool], countries: Sequence[str]) -> list[float]:
    found = []
    for country in countries:
        others = [truth for truth, other in zip(truths, countries, strict=True) if other != country]
        found.append(sum(others) / len(others))
    return found


def _table(stage: Known, scores: Mapping[str, Score], base: float) -> None:
    heads = f"{'':14}{'Brier':>8}{'95 %':>18}{'of base':>9}{'by country':>12}{'AUC':>8}{'95 %':>18}  reliable"
    print(f"\n{stage.value}\n{heads}")
    for name, one in scores.items():
        numbers = f"{one.brier:>8.3f}{_between(one.brier_interval):>18}{one.brier / base:>9.0%}{one.by_country:>12.3f}"
        area = f"{one.auc or 0:>8.3f}{_between(one.auc_interval):>18}"
        print(f"{name:14}{numbers}{area}  {'yes' if one.reliable else 'no'}")
    print("  said         came true     95 %              cases")
    for each in scores["tocsin"].bins:
        mark = "" if each.cases < 30 else "  within" if each.reliable else "  outside"
        print(f"  {each.forecast:<13.2f}{each.came_true:<14.2f}{_between(each.interval):<18}{each.cases:>5}{mark}")


def _between(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _line(one: Score) -> dict[str, object]:
    return {
        "brier": round(one.brier, 4),
        "brier_interval": _rounded(one.brier_interval),
        "brier_by_country": round(one.by_country, 4),
        "auc": None if one.auc is None else round(one.auc, 4),
        "auc_interval": _rounded(one.auc_interval),
        "reliable": one.reliable,
        "bins": [
            {
                "said": round(each.forecast, 3),
                "came_true": round(each.came_true, 3),
                "interval": _rounded(each.interval),
                "cases": each.cases,
            }
            for each in one.bins
        ],
    }


def _rounded(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(end, 4) for end in interval]


def show_weights(known: Sequence[Case], ridge: float) -> None:
    """What is learned from all countries, as the core keeps it."""
    for stage in Known:
        learned = _learned(known, stage, ridge)
        print(f"{stage.name}: start {learned.start:.3f}")
        for regularity in Regularity:
            if regularity in learned.terms:
                slope, middle = learned.terms[regularity]
                print(f"    Regularity.{regularity.name}: ({slope:.3f}, {middle:.3f}),")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
