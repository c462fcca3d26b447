"""How well places are found: names of countries in many languages, regions, and the country that a text is about.

FOLDER may hold: ``gaz-world-countries`` (names of countries in 37 languages, and ISO 3166-2 regions), ``hrdsattack``
(articles with the country of their event), ``harm/hatecheck-*.jsonl.gz`` (sentences that name no place).

*Found* means that the right country is among the mentions; *answered*, that it is the country of the text. A name is
read alone, with its language as the source's. *False finds* are mentions of any place in sentences about people and
groups, and in the words of the interfaces of Django and of other installed packages (buttons, errors, dates, in all
their languages; without names of languages, and messages that name a place in English), where no place is meant;
every mention counts, so the numbers are bounds from above. A word is a run of letters: a sentence, in scripts without
spaces.

What was looked at while the rules were made: the names, the sentences, the words of interfaces, and the articles named
``train``; not those named ``dev``. (The words of the other interfaces, before they were looked at: 20 in 100,000.)
"""

import argparse
import csv
import gettext
import gzip
import html
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import _places_rivals as rivals
from django.conf.global_settings import LANGUAGES

from tocsin.analysis.evaluation import share_interval
from tocsin.analysis.evaluation.countries import country_code
from tocsin.analysis.evaluation.intervals import rate_interval
from tocsin.analysis.text import Text, read

_MARKUP = re.compile(r"%\([^)]*\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|&\w+;")
_TAG, _BREAK = re.compile(r"<[^>]*>"), re.compile(r"</p>|<br ?/?>", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_JOINED = {"HK": "CN", "MO": "CN"}
Sentences = dict[str, list[str]]  # by language


def main(argv: list[str]) -> int:
    """Run the benchmark; prints tables and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench places", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="print up to N names that are not found")
    given = parser.parse_args(argv)
    said: dict[str, Any] = {"bench": "places"}
    try:
        said |= _of_names(given.data / "gaz-world-countries" / "country_names_by_language.json", given.misses)
        said |= _of_regions(given.data / "gaz-world-countries" / "subdivisions.csv.gz")
        said |= _of_articles(sorted((given.data / "hrdsattack").glob("*.json")))
        said |= _of_sentences(sorted((given.data / "harm").glob("hatecheck-*.jsonl.gz")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"A set is not in its published form: {type(error).__name__}.", file=sys.stderr)
        return 2
    print(json.dumps(said))
    return 0


def _percent(right: int, of: int) -> dict[str, Any]:
    low, high = share_interval(right, of)
    return {"percent": round(100 * right / of, 2), "low": round(100 * low, 2), "high": round(100 * high, 2), "n": of}


def _row(name: str, how: dict[str, Any], more: str = "") -> None:
    print(f"  {name:34} {how['percent']:6.2f} %  ({how['low']:.2f} to {how['high']:.2f})  of {how['n']:,}  {more}")


def _of_names(file: Path, misses: int) -> dict[str, Any]:
    if not file.exists():
        return {"names_found_percent": None}
    listed = json.loads(file.read_text("utf-8"))
    names = [
        (code.upper(), language.partition("-")[0], name)
        for code, by_language in listed.items()
        for language, name in by_language.items()
        if language != "alpha3"
    ]
    found: Counter[str] = Counter()
    by_language: Counter[str] = Counter()
    lost = []
    for code, language, name in names:
        reading = read(Text(name, "", language))
        if code in {mention.key for mention in reading.places}:
            found["tocsin"] += 1
            by_language[language] += 1
        else:
            lost.append(f"{language} {code} {name}")
        found["answered"] += reading.country == code
        found["cldr"] += rivals.exact(language).get(name.lower()) == code
        found["cldr_everywhere"] += code in {one.code for one in rivals.everywhere().find(name)}
    if rivals.has_pycountry():
        found["pycountry_fuzzy"] = sum(rivals.fuzzy(name) == code for code, _, name in names)
    scored = {system: _percent(right, len(names)) for system, right in found.items()}
    print(f"\nNames of countries, {len(names):,} in {len({language for _, language, _ in names})} languages, found:")
    for system, how in scored.items():
        _row(_SYSTEMS[system], how)
    spoken = Counter(language for _, language, _ in names)
    worst = sorted(spoken, key=lambda language: by_language[language] / spoken[language])[:6]
    print("  weakest: " + ", ".join(f"{one} {100 * by_language[one] / spoken[one]:.1f} %" for one in worst))
    if misses:
        print("  not found: " + "; ".join(lost[:misses]))
    return {"names_found_percent": scored["tocsin"]["percent"], "names": scored}


_SYSTEMS = {
    "tocsin": "Tocsin",
    "answered": "Tocsin, as the text's country",
    "cldr": "CLDR, its name in that language",
    "cldr_everywhere": "CLDR, its names in all languages",
    "pycountry_fuzzy": "pycountry, fuzzy search",
    "most_named": "CLDR in English, named most",
    "named_first": "CLDR in English, named first",
}


def _of_regions(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {"regions_found_percent": None}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if not row["parent"]]
    found = listed = right = 0
    for row in rows:
        names = {row["name"], row["name_en"]} - {""}
        told = {mention.key for name in names for mention in read(Text(name, "")).region_mentions}
        found += row["code"] in told
        listed += bool(told)
        right += row["code"] in told and len(told) == 1
    print(f"\nFirst-level regions, {len(rows):,} by their name or English name alone:")
    _row("found", _percent(found, len(rows)), f"of {listed:,} answers, {found:,} hold the right one")
    return {"regions_found_percent": round(100 * found / len(rows), 2), "regions_answered": listed, "regions": right}


def _of_articles(files: Sequence[Path]) -> dict[str, Any]:
    scored: dict[str, Any] = {}
    for file in files:
        labelled = _labelled(file)
        gold = [country for _, country in labelled]
        texts = [f"{text.title}\n{text.body}" for text, _ in labelled]
        systems: dict[str, Callable[[int], str]] = {
            "tocsin": lambda i, labelled=labelled: read(labelled[i][0]).country,  # type: ignore[misc]
            "most_named": lambda i, texts=texts: rivals.english().most_named(texts[i]),  # type: ignore[misc]
            "named_first": lambda i, texts=texts: next(  # type: ignore[misc]
                (one.code for one in rivals.english().find(texts[i])), ""
            ),
        }
        print(f"\nThe country of the event, {file.stem}, {len(gold)} articles ({gold.count('')} labelled with none):")
        sets: dict[str, Any] = {}
        for system, answer in systems.items():
            begun = time.process_time()
            answers = [answer(i) for i in range(len(gold))]
            seconds = time.process_time() - begun
            joined = [_JOINED.get(one, one) for one in answers]
            told = [(want, got) for want, got in zip(gold, joined, strict=True) if want]
            sets[system] = {
                "all": _percent(sum(want == got for want, got in zip(gold, joined, strict=True)), len(gold)),
                "labelled": _percent(sum(want == got for want, got in told), len(told)),
                "apart": _percent(sum(want == got for want, got in zip(gold, answers, strict=True)), len(gold)),
            }
            _row(_SYSTEMS[system], sets[system]["all"], f"{seconds:.1f} s")
            _row("  where the label names one", sets[system]["labelled"])
            if sets[system]["apart"] != sets[system]["all"]:
                _row("  Hong Kong and Macau kept apart", sets[system]["apart"])
        scored[file.stem] = sets
    chosen = scored.get("dev") or next(iter(scored.values()), None)
    return {"country_percent": chosen and chosen["tocsin"]["all"]["percent"], "articles": scored}


def _labelled(file: Path) -> list[tuple[Text, str]]:
    """Articles with the country of their event (ISO 3166-1; empty: none, or none that the label tells)."""
    found = []
    for row in json.loads(file.read_text("utf-8")):
        sample, label = row["sample"], str(row["merged_sample"]["country"] or "").strip()
        body = _TAG.sub("", _BREAK.sub("\n", sample["Input.article_interface"] or ""))
        said = "" if label.lower() in ("", "none", "unknown") else label
        # A label may be a people, or a part of a country.
        code = country_code(said) if len(said) > 2 else ""
        code = code or (read(Text("", said, "en")).country if said else "")
        found.append((Text(sample["Input.title"] or "", html.unescape(body)), _JOINED.get(code, code)))
    return found


def _of_sentences(files: Sequence[Path]) -> dict[str, Any]:
    sets = {
        "people and groups": _sentences(files),
        "words of an interface": _interface(("django",)),
        "words of other interfaces": _interface(("allauth", "axes", "apprise")),
    }
    finds: Counter[str] = Counter()
    words = 0
    scored: dict[str, Any] = {}
    for name, by_language in sets.items():
        print(f"\nFalse finds in sentences without a place: {name}")
        scored[name] = {}
        for language, (many, counted) in sorted(_counted(by_language).items()):
            scored[name][language] = {"words": many, **counted}
            finds.update(counted)
            words += many
        _print_false(scored[name])
    if not words:
        return {"false_per_1000_words": None}
    low, high = rate_interval(finds["tocsin"], words / 100_000)
    every = {system: round(100_000 * count / words, 2) for system, count in finds.items()}
    print(
        f"\n  In all, per 100,000 words: Tocsin {every['tocsin']} ({low:.1f} to {high:.1f}), "
        f"CLDR's names in all languages {every['cldr_everywhere']}; {words:,} words"
    )
    return {
        "false_per_1000_words": round(1_000 * finds["tocsin"] / words, 4),
        "false_per_100000_words": every,
        "false": scored,
    }


def _print_false(scored: dict[str, dict[str, int]]) -> None:
    worst = sorted(scored, key=lambda one: (-scored[one]["tocsin"], -scored[one]["words"]))
    for language in worst[:12]:
        how = scored[language]
        print(
            f"  {language:8} {how['words']:>8,} words  Tocsin {how['tocsin']:>4}  "
            f"CLDR everywhere {how['cldr_everywhere']:>5}"
        )
    if len(worst) > 12:
        rest = [scored[one] for one in worst[12:]]
        sums = {key: sum(one[key] for one in rest) for key in ("words", "tocsin", "cldr_everywhere")}
        print(
            f"  {len(rest)} more  {sums['words']:>8,} words  Tocsin {sums['tocsin']:>4}  "
            f"CLDR everywhere {sums['cldr_everywhere']:>5}"
        )


def _counted(by_language: Sentences) -> dict[str, tuple[int, dict[str, int]]]:
    found = {}
    for language, texts in by_language.items():
        finds = {"tocsin": 0, "cldr_everywhere": 0}
        for text in texts:
            finds["tocsin"] += len(read(Text("", text, language.partition("_")[0])).places)
            finds["cldr_everywhere"] += len(rivals.everywhere().find(text))
        found[language] = sum(len(_WORD.findall(text)) for text in texts), finds
    return found


def _sentences(files: Iterable[Path]) -> Sentences:
    found: Sentences = {}
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                found.setdefault(row.get("language") or "und", []).append(row["text"])
    return found


def _interface(packages: Sequence[str]) -> Sentences:
    """What packages say in each of their languages, without marks and without the names of languages."""
    passed = {name for _, name in LANGUAGES}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for package in packages:
        spec = find_spec(package)
        folders = spec.submodule_search_locations or [] if spec else []
        for file in sorted(one for folder in folders for one in Path(folder).glob("**/LC_MESSAGES/*.mo")):
            with file.open("rb") as opened:
                catalog: dict[Any, str] = gettext.GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
            for said, text in catalog.items():
                if said and isinstance(said, str) and said not in passed and not read(Text("", said, "en")).places:
                    found[file.parts[-3]].append(_MARKUP.sub(" ", text))
    return dict(found)
