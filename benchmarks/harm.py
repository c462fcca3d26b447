"""How well kinds of harm are told from texts, and whether corrections make it better.

FOLDER holds ``harm/*.jsonl.gz`` (``id,language,text,label`` and, for traps, ``functionality``) and may hold
``event-indiapoliceevents/sents.jsonl.gz``. Every set found is tried, each with labels of its own, in five parts:
learned from four, tried on the fifth. Texts of one template or document stand in one part, so that no system has seen
the template of a text that it is asked about. Where a set ``X-test`` stands beside ``X-dev`` or ``X-train``, it is
learned from those and tried on the test alone.

Systems: ours (the word lists' strengths, words, pairs, runs of letters; linear), TF-IDF with logistic regression, the
word lists alone (their answer put into the set's labels by the most frequent pairing in the part learned from), and the
most frequent label. ``recall at 10 %`` is the share of what endangers a person that stands in the tenth of the texts
that an analyst reads first.

The curve tells the whole way of a correction: labels put into our taxonomy, sittings of twenty texts by three accounts,
five jurors, and the verdict that would stand after 0, 50, 200 and all of them. "Unseen language" learns from all
languages of a set but one.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from _harm_sets import Labelled, sets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from tocsin.analysis.evaluation.labelled import macro_f1_interval, recall_at
from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.analysis.text import Text, read
from tocsin.analysis.text.learning import Seen, answers, macro_f1
from tocsin.analysis.text.training import Example, folds, says, train

SHARE = 0.1
_SITTING = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What one system says of each text: its label, and how much it is to be read first."""

    labels: list[str]
    scores: list[float]


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench harm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", default="", help="sets whose name holds this")
    parser.add_argument("--most", type=int, default=4000, help="texts of a set at most, whole templates (4000)")
    given = parser.parse_args(argv)
    try:
        found = {name: rows for name, rows in sets(given.data, given.most, given.only) if rows}
    except (OSError, ValueError, KeyError) as error:
        print(f"A set of labelled texts is not in its plain form: {type(error).__name__}.", file=sys.stderr)
        return 2
    if not found:
        print(f"There is no labelled set in {given.data / 'harm'}.", file=sys.stderr)
        return 2
    seen = {name: [_seen(row) for row in rows] for name, rows in found.items()}
    results = {}
    for name, rows in found.items():
        if not _learned_from(name, found):
            results[name] = _measured(name, rows, seen[name])
        else:
            results[name] = _tested(name, found, seen)
    unseen = _unseen_languages(found, seen)
    print(json.dumps({"bench": "harm", "sets": results, "unseen_language": unseen}))
    return 0


def _seen(row: Labelled) -> Seen:
    reading = read(Text(row.text, "", row.language))
    return Seen(row.text, reading.harms, reading.our_link)


def _learned_from(name: str, found: dict[str, list[Labelled]]) -> list[str]:
    base = name.removesuffix("-test")
    return [one for one in (f"{base}-dev", f"{base}-train") if base != name and one in found]


def _measured(name: str, rows: Sequence[Labelled], seen: Sequence[Seen]) -> dict[str, Any]:
    begun = time.process_time()
    parts = [(sorted(set(range(len(rows))) - held), sorted(held)) for held in _parts(rows)]
    told: dict[str, Told] = {system: Told([""] * len(rows), [0.0] * len(rows)) for system in SYSTEMS}
    for rest, held in parts:
        said = _systems([rows[n] for n in rest], [seen[n] for n in rest], [seen[n] for n in held])
        for system, one in said.items():
            for place, number in enumerate(held):
                told[system].labels[number] = one.labels[place]
                told[system].scores[number] = one.scores[place]
    result = _scored(name, rows, told)
    result["curve"] = _curve(rows, seen, parts)
    result["seconds"] = round(time.process_time() - begun, 1)
    return result


def _parts(rows: Sequence[Labelled], most: int = 5) -> list[set[int]]:
    """Five parts, no kin in two, the kins of each label spread over all of them."""
    label_of: dict[str, str] = {}
    for row in rows:
        # A document has sentences of many labels: the rarest kind, which is in danger, decides.
        if row.kin not in label_of or row.danger:
            label_of[row.kin] = row.label
    parts: list[set[int]] = [set() for _ in range(most)]
    for label in sorted(set(label_of.values())):
        numbers = [number for number, row in enumerate(rows) if label_of[row.kin] == label]
        for held in folds([rows[number].kin for number in numbers], most):
            min(parts, key=lambda part: sum(label_of[rows[n].kin] == label for n in part)).update(
                numbers[place] for place in held
            )
    return [part for part in parts if part]


def _tested(name: str, found: dict[str, list[Labelled]], seen: dict[str, list[Seen]]) -> dict[str, Any]:
    """A published test split: learned from its development or training part alone."""
    known = _learned_from(name, found)
    rows = [row for one in known for row in found[one]]
    told = _systems(rows, [one for part in known for one in seen[part]], seen[name])
    return _scored(name, found[name], told)


SYSTEMS = ("tocsin", "tfidf-lr", "lexicon", "majority")


def _systems(rows: Sequence[Labelled], known: Sequence[Seen], asked: Sequence[Seen]) -> dict[str, Told]:
    """What each system, which has learned from ``rows``, says of ``asked``."""
    labels = [row.label for row in rows]
    danger = {row.label for row in rows if row.danger}
    common = Counter(labels).most_common(1)[0][0]
    examples = [Example(one, label, row.kin) for one, label, row in zip(known, labels, rows, strict=True)]
    model = train(examples, jury=False)
    shares = [answers(model, one) for one in asked]
    ours = Told(
        [max(share, key=lambda label: share[label]) for share in shares],
        [sum(value for label, value in share.items() if label in danger) for share in shares],
    )
    paired: dict[str, Counter[str]] = {}
    for one, label in zip(known, labels, strict=True):
        paired.setdefault(one.listed, Counter())[label] += 1
    listed = [paired[one.listed].most_common(1)[0][0] if one.listed in paired else common for one in asked]
    lists = Told(listed, [max((harm_type(key).endangers * s for key, s in one.harms), default=0.0) for one in asked])
    majority = Told([common] * len(asked), [0.0] * len(asked))
    return {"tocsin": ours, "tfidf-lr": _tfidf(labels, danger, known, asked), "lexicon": lists, "majority": majority}


def _tfidf(labels: Sequence[str], danger: set[str], known: Sequence[Seen], asked: Sequence[Seen]) -> Told:
    weigh = TfidfVectorizer()
    model = LogisticRegression(max_iter=1000).fit(weigh.fit_transform([one.text for one in known]), labels)
    shares = model.predict_proba(weigh.transform([one.text for one in asked]))
    columns = [number for number, label in enumerate(model.classes_) if label in danger]
    return Told([str(model.classes_[row.argmax()]) for row in shares], [float(row[columns].sum()) for row in shares])


def _scored(name: str, rows: Sequence[Labelled], told: dict[str, Told]) -> dict[str, Any]:
    truth, danger = [row.label for row in rows], [row.danger for row in rows]
    print(f"\n{name}: {len(rows)} texts, {len(set(truth))} labels, {sum(danger)} that endanger a person")
    print(f"{'':10} {'macro F1':>9} {'95 %':>15} {'recall at 10 %':>15} {'95 %':>15} {'at most':>8}")
    systems = {}
    for system, one in told.items():
        low, high = macro_f1_interval(truth, one.labels)
        reached = recall_at(danger, one.scores, SHARE)
        systems[system] = {
            "macro_f1": round(macro_f1(truth, one.labels), 4),
            "macro_f1_interval": [round(low, 4), round(high, 4)],
            "recall_at_10_percent": round(reached.recall, 4),
            "recall_interval": [round(value, 4) for value in reached.interval],
            "recall_at_most": round(reached.most, 4),
        }
        print(
            f"{system:10} {systems[system]['macro_f1']:>9.3f} {low:>7.3f}–{high:<7.3f} {reached.recall:>15.3f} "
            f"{reached.interval[0]:>7.3f}–{reached.interval[1]:<7.3f} {reached.most:>8.3f}"
        )
    traps = _traps(rows, told)
    first = systems["tocsin"]
    kept = {key: first[key] for key in ("macro_f1", "recall_at_10_percent")}
    return {**kept, "systems": systems, **({"functionalities": traps} if traps else {})}


def _traps(rows: Sequence[Labelled], told: dict[str, Told]) -> dict[str, Any]:
    """By functionality: the share that a system takes for what endangers a person, and the share labelled right."""
    dangers = {row.label for row in rows if row.danger}
    found: dict[str, Any] = {}
    for functionality in sorted({row.functionality for row in rows} - {""}):
        numbers = [number for number, row in enumerate(rows) if row.functionality == functionality]
        one: dict[str, Any] = {"label": rows[numbers[0]].label, "n": len(numbers)}
        for system in ("tocsin", "tfidf-lr", "lexicon"):
            said = [told[system].labels[number] for number in numbers]
            one[system] = {
                "alarms": round(sum(label in dangers for label in said) / len(said), 4),
                "right": round(sum(label == one["label"] for label in said) / len(said), 4),
            }
        found[functionality] = one
    if found:
        print(
            f"  {'alarms (right)':24} {'':14} {'n':>4} "
            + " ".join(f"{s:>13}" for s in ("tocsin", "tfidf-lr", "lexicon"))
        )
        for functionality, one in found.items():
            shown = " ".join(
                f"{one[s]['alarms']:>5.2f} ({one[s]['right']:.2f})" for s in ("tocsin", "tfidf-lr", "lexicon")
            )
            print(f"  {functionality:24} {one['label']:14} {one['n']:>4} {shown}")
    return found


def _curve(
    rows: Sequence[Labelled], seen: Sequence[Seen], parts: Sequence[tuple[list[int], list[int]]]
) -> list[dict[str, Any]]:
    """The verdict that stands, in our taxonomy, after so many corrections."""
    truth = [row.harm for row in rows]
    if len(set(truth)) < 2:
        return []
    curve = []
    for most in (0, 50, 200, len(rows)):
        stands = [one.listed for one in seen]
        used = 0
        for rest, held in parts:
            order = sorted(rest, key=lambda n: (crc32(f"order {rows[n].id}".encode()), n))[:most]
            used = max(used, len(order))
            examples = [
                Example(seen[n], truth[n], f"{place // _SITTING % 3}:{place // _SITTING}")
                for place, n in enumerate(order)
            ]
            model = train(examples) if len({one.label for one in examples}) >= 2 else None
            for number in held:
                stands[number] = says(model, seen[number])
        danger = [one != "none" for one in truth]
        right = sum(one and said != "none" for one, said in zip(danger, stands, strict=True))
        alarms = sum(said != "none" for said in stands)
        curve.append(
            {
                "corrections": used,
                "macro_f1": round(macro_f1(truth, stands), 4),
                "recall": round(right / max(sum(danger), 1), 4),
                "precision": round(right / max(alarms, 1), 4),
            }
        )
    print(
        "  after corrections: "
        + "; ".join(
            f"{one['corrections']}: macro F1 {one['macro_f1']:.3f}, recall {one['recall']:.2f}, "
            f"precision {one['precision']:.2f}"
            for one in curve
        )
    )
    return curve


def _unseen_languages(found: dict[str, list[Labelled]], seen: dict[str, list[Seen]]) -> dict[str, Any]:
    """Sets of one kind in several languages: each learned from all the others."""
    kinds: dict[str, list[str]] = {}
    for name, rows in found.items():
        languages = {row.language for row in rows}
        if len(languages) == 1 and name.endswith(f"-{languages.pop()}"):
            kinds.setdefault(name.rpartition("-")[0], []).append(name)
    results: dict[str, Any] = {}
    for kind, names in kinds.items():
        for held in names if len(names) > 1 else ():
            others = [name for name in names if name != held]
            rows = [row for name in others for row in found[name][:500]]
            known = [one for name in others for one in seen[name][:500]]
            told = _systems(rows, known, seen[held])
            results[held] = _scored(f"{kind}, {found[held][0].language} unseen", found[held], told)
            results[held].pop("functionalities", None)
    return results
