"""How well persecution is read from one text, beside the paper that published the set and rivals that read nothing.

FOLDER holds ``hrdsattack/train.json`` and ``hrdsattack/SPLIT.json`` as published (Ran et al. 2023, HRDsAttack). What
ships was learned from the training part alone; here it is tried on another part, and, learned anew from four fifths at
a time, on the training part itself: where the two differ much, something was fitted to the part that it is tried on.

Three measures: *exact* is the paper's (strings, "January" is not "January 2020"; an empty label is right only for an
empty answer, which the paper's own system never gives); *normalised* compares ISO countries (also misspelt by one
letter), numbers of months, folded names, nothing with nothing; *stated* is normalised over the articles whose label
says something, so that silence earns nothing. Intervals are 95 %.

``--learn`` learns the weights that ship from the training part, and writes them into this checkout.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.analysis.evaluation import PlainError
from tocsin.analysis.evaluation.answering import (
    Traits,
    Writing,
    always_empty,
    answer_of,
    majority,
    of_publication,
    traits,
    writing_of,
)
from tocsin.analysis.evaluation.masked import masked_of
from tocsin.analysis.evaluation.persecution import FIELDS, Answer, Labelled, Rates, Score, Share, articles, score
from tocsin.analysis.text.persecution import RULE
from tocsin.analysis.text.persecution.learning import Case, folds, learn, look
from tocsin.analysis.text.persecution.telling import told_of
from tocsin.analysis.text.persecution.weights import Weights, shipped, written

# Best of the paper's systems for each row, on its test part.
_PAPER = {
    "violation_f1": 71.39, "perpetrator_type": 62.0, "perpetrator_mention_f1": 96.81, "country": 66.0, "region": 3.0,
    "city": 23.0, "year": 50.0, "month": 33.0, "day": 14.0, "victim_name_f1": 47.44, "victim_name_near_f1": 51.16,
    "victim_type": 72.41, "victim_sex": 89.66, "victim_age": 93.10,
}  # fmt: skip
_WEIGHTS = Path(__file__).parents[1] / "src" / "tocsin" / "analysis" / "text" / "persecution" / "weights.json"


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench persecution", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--split", default="dev", help="the part to try on (default: dev)")
    parser.add_argument("--quick", action="store_true", help="leave out the learning anew over parts of the training")
    parser.add_argument("--learn", action="store_true", help="learn the weights that ship, from the training part")
    given = parser.parse_args(argv)
    folder = given.data / "hrdsattack"
    if given.split != Path(given.split).name:
        print("A part is named by one word, such as dev.", file=sys.stderr)
        return 2
    try:
        train, tried = articles(folder / "train.json"), articles(folder / f"{given.split}.json")
    except PlainError as error:
        print(f"{error}. Look at the README of the set.", file=sys.stderr)
        return 2
    if not train or not tried:
        print("A part holds no labelled article.", file=sys.stderr)
        return 2
    # Threads of the linear algebra wait for each other on a busy machine; these tables are small.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return _run(train, tried, given)


def _run(train: Sequence[Labelled], tried: Sequence[Labelled], given: argparse.Namespace) -> int:
    writing = writing_of(train)
    trained = look([one.example for one in train]) if given.learn or not given.quick else []
    if given.learn:
        weights = learn(trained, {"set": "HRDsAttack train", "texts": len(train)})
        _WEIGHTS.write_text(written(weights), "utf-8")
        print(f"Learned from {len(train)} texts: {_WEIGHTS.name}, rule {RULE}.")
    else:
        weights = shipped()
    cases = look([one.example for one in tried])
    systems: dict[str, Score] = {"tocsin": score(tried, _answers(cases, weights, writing))}
    if not given.quick:
        systems["held out"] = score(train, _held_out(train, trained))
    systems["empty"] = score(tried, [always_empty()] * len(tried))
    systems["majority"] = score(tried, [majority(train)] * len(tried))
    systems["published"] = score(tried, [of_publication(one) for one in tried])
    found = traits(tried, [case.seen for case in cases])
    _print(given.split, len(tried), systems, found)
    hidden = masked_of(tried)
    for words, one in (("names of victims", hidden.victims), ("other rows of capitalised words", hidden.others)):
        print(f"Masked: {one.percent:.1f} % ({one.low:.1f}–{one.high:.1f}) of {one.of} {words}.")
    said = {name.replace(" ", "_"): _said(how) for name, how in systems.items() if name != "tocsin"}
    print(json.dumps({
        "bench": "persecution", "split": given.split, "articles": len(tried), "rule": str(RULE),
        "masked": {"victims": _one(hidden.victims.percent), "others": _one(hidden.others.percent)},
        **_said(systems["tocsin"], found), "paper": _PAPER, **said,
    }))  # fmt: skip
    return 0


def _answers(cases: Sequence[Case], weights: Weights, writing: Writing) -> list[Answer]:
    return [answer_of(told_of(case.seen, weights), case.seen.text.source, writing) for case in cases]


def _held_out(train: Sequence[Labelled], cases: Sequence[Case]) -> list[Answer]:
    """Answers about each fifth of the training part by what was learned from the others."""
    answers: dict[int, Answer] = {}
    for inside, outside in folds(len(cases)):
        weights = learn([cases[i] for i in inside], {})
        writing = writing_of([train[i] for i in inside])
        answers |= zip(outside, _answers([cases[i] for i in outside], weights, writing), strict=True)
    return [answers[i] for i in range(len(cases))]


def _said(how: Score, found: Traits | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "violation_f1": _one(how.violations.f1), "violation_precision": _one(how.violations.precision),
        "violation_recall": _one(how.violations.recall), "perpetrator_type": _one(how.perpetrator.percent),
        "perpetrator_mention_f1": _one(how.mention.f1), "victim_name_f1": _one(how.names.f1),
        "victim_name_near_f1": _one(how.names_near.f1), **{name: _one(how.exact[name].percent) for name in FIELDS},
        "normalised": {
            **{name: _one(how.normalised[name].percent) for name in FIELDS},
            "violation_f1": _one(how.violations_normalised.f1), "country_repaired": _one(how.repaired.percent),
        },
        "stated": {name: _one(how.stated[name].percent) for name in FIELDS},
        "intervals": {
            **{name: _pair(how.exact[name]) for name in FIELDS}, "perpetrator_type": _pair(how.perpetrator),
            "violation_f1": [_one(end) for end in how.violations.interval],
        },
    }  # fmt: skip
    if found is not None:
        told |= {f"victim_{name}": _one(getattr(found, key).percent)
                 for name, key in (("type", "kind"), ("sex", "sex"), ("age", "age"))}  # fmt: skip
    return told


def _one(number: float) -> float:
    return round(number, 1)


def _pair(one: Share) -> list[float]:
    return [_one(one.low), _one(one.high)]


_ROWS = (
    ("violation type", "F1", "violation_f1"), ("perpetrator mentioned", "F1", "perpetrator_mention_f1"),
    ("perpetrator type", "acc", "perpetrator_type"), ("country", "acc", "country"), ("region", "acc", "region"),
    ("city", "acc", "city"), ("year", "acc", "year"), ("month", "acc", "month"), ("day", "acc", "day"),
    ("victim name", "F1", "victim_name_f1"), ("victim name, near", "F1", "victim_name_near_f1"),
)  # fmt: skip


def _print(split: str, n: int, systems: Mapping[str, Score], found: Traits) -> None:
    said = {name: _said(how) for name, how in systems.items()}
    print(f"\n{split}: {n} articles, exact match as the paper counts (percent; its own numbers are of its test part)\n")
    others = [name for name in systems if name != "tocsin"]
    heads = "".join(f" {name:>9}" for name in others)
    print(f"{'':22} {'':3} {'paper':>6} {'tocsin':>7} {'95 %':>11}{heads}")
    for title, measure, key in _ROWS:
        rest = "".join(f" {said[name][key]:>9.1f}" for name in others)
        ours = f"{said['tocsin'][key]:>7.1f} {_span(systems['tocsin'], key):>11}"
        print(f"{title:22} {measure:3} {_PAPER[key]:>6.1f} {ours}{rest}")
    for name, one in (("type", found.kind), ("sex", found.sex), ("age", found.age)):
        print(
            f"victim {name:15} acc {_PAPER[f'victim_{name}']:>6.1f} {one.percent:>7.1f} {_ends(one.low, one.high):>11}"
        )
    _print_forgiving(systems, said)


def _ends(low: float, high: float) -> str:
    return f"{low:.0f}–{high:.0f}"


def _span(how: Score, key: str) -> str:
    by: dict[str, Share | Rates] = {
        **how.exact, "violation_f1": how.violations, "perpetrator_type": how.perpetrator,
        "perpetrator_mention_f1": how.mention, "victim_name_f1": how.names, "victim_name_near_f1": how.names_near,
    }  # fmt: skip
    one = by[key]
    low, high = (one.low, one.high) if isinstance(one, Share) else one.interval
    return _ends(low, high)


def _print_forgiving(systems: Mapping[str, Score], said: Mapping[str, Mapping[str, Any]]) -> None:
    print("\nnormalised, and stated: of the articles whose label says something\n")
    print(f"{'':22}" + "".join(f" {name:>16}" for name in systems))
    for field in FIELDS:
        normal, stated = ({name: one[key] for name, one in said.items()} for key in ("normalised", "stated"))
        cells = "".join(f" {normal[name][field]:>8.1f}{stated[name][field]:>8.1f}" for name in systems)
        print(f"{field:22}{cells}")
    for title, key in (("country, slips mended", "country_repaired"), ("violation type F1", "violation_f1")):
        print(f"{title:22}" + "".join(f" {said[name]['normalised'][key]:>8.1f}{'':8}" for name in systems))
