"""How well texts are grouped into the stories that they tell, beside two rivals on the same texts.

FOLDER holds ``stories/*.jsonl.gz``: ``id,time,language,source,title,text,story``. Ours reads one text after another in
the order of time (of the file, where there is none), each with nothing but what came before it; what it says of a text
may change when later ones come, as it does at work. The rivals see all texts at once: average link over TF-IDF, with
the threshold that does best on the very set, and Taranis AI's method with words in place of its neural model, its
threshold tuned likewise.

What was fitted on which sets: the threshold, the weight of rarity, of names and of titles, on the sets named
``giveme5w1h`` and ``ecbplus-dev``; nothing on others.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import _stories_rivals as rivals

from tocsin.analysis.evaluation.clusters import bcubed, pairwise, v_measure
from tocsin.analysis.text import Text, read
from tocsin.analysis.text.stories import Entry, Stories

_TRIES = [round(0.02 * step, 2) for step in range(2, 30)]
_UNDATED = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Article:
    """One line of a set."""

    at: datetime | None
    language: str
    source: str
    title: str
    text: str
    story: str


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench stories", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", help="sets whose name holds this")
    parser.add_argument("--batch", type=int, default=1, help="texts that arrive together")
    given = parser.parse_args(argv)
    files = [one for one in sorted((given.data / "stories").glob("*.jsonl.gz")) if (given.only or "") in one.name]
    if not files:
        print(f"There is no set of stories in {given.data / 'stories'}.", file=sys.stderr)
        return 2
    sets = {}
    for file in files:
        name = file.name.removesuffix(".jsonl.gz")
        try:
            articles = _articles(file)
        except (OSError, ValueError, KeyError) as error:
            print(f"{file.name} is not in its plain form: {type(error).__name__}.", file=sys.stderr)
            return 2
        if articles:
            sets[name] = _measured(articles, given.batch)
            _print(name, articles, sets[name])
    print(json.dumps({"bench": "stories", "batch": given.batch, "sets": sets}))
    return 0


def _articles(file: Path) -> list[Article]:
    found = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            at = datetime.fromisoformat(row["time"]) if row.get("time") else None
            words = (row.get("language") or "", row.get("source") or "", row.get("title") or "", row.get("text") or "")
            found.append(Article(at if at is None or at.tzinfo else at.replace(tzinfo=UTC), *words, str(row["story"])))
    # Those without a time stay where they stand in the file.
    if all(one.at is not None for one in found):
        found.sort(key=lambda one: one.at or _UNDATED)
    return found


def _measured(articles: Sequence[Article], batch: int) -> dict[str, dict[str, Any]]:
    true = [one.story for one in articles]
    begun = time.process_time()
    found = {"tocsin": _scored(true, streamed(articles, batch))}
    found["tocsin"]["seconds"] = round(time.process_time() - begun, 2)
    texts = [f"{one.title}\n{one.text}" for one in articles]
    begun = time.process_time()
    similar = rivals.tfidf(texts)
    made = time.process_time() - begun
    found["tfidf-tuned"] = _best(true, {least: rivals.average(similar, least) for least in _TRIES})
    found["tfidf-tuned"]["seconds"] = round(made + (time.process_time() - begun - made) / len(_TRIES), 2)
    begun = time.process_time()
    found["taranis-tuned"] = _best(true, rivals.taranis(texts, _TRIES))
    found["taranis-tuned"]["seconds"] = round(time.process_time() - begun, 2)
    return found


def _best(true: Sequence[str], tried: dict[float, list[int]]) -> dict[str, Any]:
    """The labels that do best on the very set, which no system at work could know."""
    best = max(tried, key=lambda least: bcubed(true, tried[least]).f1)
    return {**_scored(true, tried[best]), "threshold": best}


def streamed(articles: Sequence[Article], batch: int = 1) -> list[int]:
    """The group of each article in the end, as the worker makes them."""
    stories, group_of, fresh = Stories(), [0] * len(articles), len(articles)
    stirred: dict[int, set[int]] = {}
    for number, article in enumerate(articles):
        reading = read(Text(article.title, article.text, article.language))
        entry = Entry(
            number, article.at or _UNDATED, reading.country, reading.harm, reading.terms, reading.fingerprint,
            article.source,
        )  # fmt: skip
        place = stories.place(entry)
        group_of[number] = number if place.group is None else place.group
        stories.add(entry, group_of[number])
        stirred.setdefault(group_of[number], set()).update(place.close)
        if (number + 1) % batch and number + 1 < len(articles):
            continue
        for group, close in stirred.items():
            for part in stories.regrouped(group, sorted(close)):
                fresh += part.group is None
                home = fresh if part.group is None else part.group
                for one in part.entries:
                    if group_of[one] != home:
                        stories.move(one, home)
                        group_of[one] = home
        stirred.clear()
    return group_of


def _scored(true: Sequence[str], found: Sequence[int]) -> dict[str, Any]:
    scored: dict[str, Any] = {}
    for name, measure in (("pairwise", pairwise), ("bcubed", bcubed)):
        how = measure(true, found)
        scored |= {f"{name}_precision": how.precision, f"{name}_recall": how.recall, f"{name}_f1": how.f1}
    scored["v_measure"] = v_measure(true, found).f1
    return {key: round(value, 4) for key, value in scored.items()} | {"groups": len(set(found))}


def _print(name: str, articles: Sequence[Article], found: dict[str, dict[str, Any]]) -> None:
    print(f"\n{name}: {len(articles)} texts, {len({one.story for one in articles})} stories")
    print(
        f"{'':14} {'pairwise P':>10} {'R':>6} {'F1':>6} {'B-cubed P':>10} {'R':>6} {'F1':>6} {'V':>6} {'groups':>6} s"
    )
    for system, how in found.items():
        print(
            f"{system:14} {how['pairwise_precision']:>10.3f} {how['pairwise_recall']:>6.3f} {how['pairwise_f1']:>6.3f} "
            f"{how['bcubed_precision']:>10.3f} {how['bcubed_recall']:>6.3f} {how['bcubed_f1']:>6.3f} "
            f"{how['v_measure']:>6.3f} {how['groups']:>6} {how['seconds']:>6.1f}"
        )
