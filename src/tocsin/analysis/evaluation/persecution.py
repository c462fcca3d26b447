"""Scores accounts of persecution against labels: the published measure, and one that forgives noise in the labels.

The published measure (Ran et al., "A New Task and Dataset on Detecting Attacks on Human Rights Defenders", 2023):
exact strings over all articles after little cleaning, where an empty label is right only for an empty answer; micro
F1 over sets of violation types, "unknown" standing in for none.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from rapidfuzz.distance import Levenshtein

from tocsin.analysis.evaluation.intervals import Interval, share_interval
from tocsin.analysis.evaluation.plain import PlainError
from tocsin.analysis.text import Text, read
from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.persecution.learning import Example, Truth

_NOTHING = frozenset(("", "none", "n/a", "n//a", "nan", "null"))
_UNSAID = _NOTHING | {"unknown", "not mentioned", "insufficient info", "insufficient information", "unspecified"}
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</p>|<br ?/?>", re.IGNORECASE)
_MONTH_LIST = "January February March April May June July August September October November December"
_MONTHS = tuple(_MONTH_LIST.split())
_LONG = 5
FIELDS = ("country", "region", "city", "year", "month", "day")


@dataclass(frozen=True, slots=True)
class Victim:
    """One victim as labelled."""

    name: str
    kinds: frozenset[str]
    sex: str
    age: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with its labels as the published measure reads them (empty: nothing), and as an example."""

    number: str
    text: Text
    exact: Mapping[str, str]
    violations: frozenset[str]
    mentioned: bool
    perpetrator: str
    victims: tuple[Victim, ...]
    example: Example


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system says of an article, in the words of the labels; ``code`` is the country as ISO 3166-1."""

    violations: frozenset[str]
    mentioned: bool
    perpetrator: str
    fields: Mapping[str, str]
    code: str = ""
    names: tuple[str, ...] = ()


def articles(file: Path) -> list[Labelled]:
    """The labelled articles of a file in the published form.

    Raises:
        PlainError: for a file in another form.
    """
    try:
        rows = json.loads(file.read_text("utf-8"))
        return [_labelled(row["sample"], row["merged_sample"]) for row in rows if "city" in row["merged_sample"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlainError(f"{file.name} is not in its published form") from error


def _labelled(sample: Mapping[str, Any], labels: Mapping[str, Any]) -> Labelled:
    body = html.unescape(_TAG.sub("", _BREAK.sub("\n", sample.get("Input.article_interface") or "")))
    published = moment(sample.get("Input.publish_date"))
    language = str(sample.get("Input.language") or sample.get("language") or "")
    text = Text(str(sample.get("Input.title") or ""), body, language, published=published)
    violations = frozenset(labels["violation_types"])
    violations = violations - {"unknown"} if len(violations) > 1 else violations
    exact = {
        "country": _cleaned(labels["country"]), "region": _cleaned(labels["region"]), "city": _cleaned(labels["city"]),
        "year": _whole(labels["year"]), "month": month_name(labels["month"]), "day": _whole(labels["date"]),
    }  # fmt: skip
    victims = tuple(
        Victim(
            str(one["victim_name"]),
            frozenset(one["victim_type"]),
            str(one["victim_sex_type"]),
            str(one["victim_age_group"]),
        )
        for one in labels["victims"]
        if one["victim_name"]
    )
    truth = Truth(
        violations, bool(labels["perpetrator_mention"]), str(labels["perpetrator_type"] or ""),
        iso(exact["country"]), said(exact["region"]), said(exact["city"]),
        number(exact["year"]), number(exact["month"]), number(exact["day"]),
        tuple(one.name for one in victims),
    )  # fmt: skip
    return Labelled(
        str(sample.get("Input.GLOBALEVENTID", "")), text, exact, violations, truth.mentioned, truth.perpetrator,
        victims, Example(text, truth),
    )  # fmt: skip


def moment(written: object) -> datetime | None:
    """A time of publication as the set writes it, aware; None for none."""
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _cleaned(label: object) -> str:
    text = str(label or "").strip()
    return "" if text.lower() in _NOTHING else text


def _whole(label: object) -> str:
    text = _cleaned(label)
    try:
        return str(int(float(text))) if text else ""
    except ValueError:
        return text


def month_name(label: object) -> str:
    """A month by its English name, from a number or a name; what is neither stays as it is."""
    text = _whole(label)
    return _MONTHS[int(text) - 1] if text.isdigit() and 1 <= int(text) <= 12 else text


def said(label: str) -> str:
    """A label, or nothing where it says that nothing is known."""
    return "" if label.strip().lower() in _UNSAID else label.strip()


def number(label: str) -> int:
    """A year, month or day as a number, months by name too, also misspelt; 0 for none."""
    text = said(label)
    if text.isdigit():
        return int(text)
    near = [index for index, name in enumerate(_MONTHS, 1) if name[:3].lower() == text[:3].lower()]
    return near[0] if near and text else 0


@cache
def iso(label: str) -> str:
    """The country that a label names, as ISO 3166-1; empty for none, or for what is no country."""
    if not said(label):
        return ""
    folded = fold_name(label)
    names = {fold_name(name): code for code, name in Locale("en").territories.items() if len(code) == 2}
    if folded in names:
        return _joined(names[folded])
    found = read(Text("", label, "en")).country
    if not found and len(folded) >= _LONG:
        # Misspelt by one letter: "Nigeia", "Columbia".
        near = [code for name, code in names.items() if Levenshtein.distance(name, folded, score_cutoff=1) <= 1]
        found = near[0] if len(near) == 1 else ""
    return _joined(found)


def _joined(code: str) -> str:
    """The labels count Hong Kong and Macau to China; the product keeps their own codes."""
    return "CN" if code in ("HK", "MO") else code


def normal(field: str, label: str) -> str:
    """A label or an answer in the form in which the normalised measure compares it; empty for nothing."""
    if field == "country":
        return iso(label)
    if field in ("year", "month", "day"):
        return str(number(label) or "")
    return fold_name(said(label))


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage with its 95 % interval (Wilson), and of how many."""

    percent: float
    low: float
    high: float
    of: int


def share(right: float, of: float) -> Share:
    """A share of ``of``."""
    low, high = share_interval(right, of)
    return Share(100 * right / of if of else 0.0, 100 * low, 100 * high, int(of))


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and F1 in percent; the interval of F1 is a jackknife's over articles."""

    precision: float
    recall: float
    f1: float
    interval: Interval


def rates(counts: Sequence[tuple[int, int, int]]) -> Rates:
    """Of counts for each article: right, given, wanted."""
    right, given, wanted = (sum(one[i] for one in counts) for i in range(3))
    whole = _f1(right, given, wanted)
    left_out = [_f1(right - a, given - b, wanted - c) for a, b, c in counts]
    n = len(counts)
    middle = sum(left_out) / n if n else 0.0
    error = ((n - 1) / n * sum((one - middle) ** 2 for one in left_out)) ** 0.5 if n > 1 else 0.0
    precision, recall = 100 * right / given if given else 0.0, 100 * right / wanted if wanted else 0.0
    return Rates(precision, recall, whole, (max(0.0, whole - 1.96 * error), min(100.0, whole + 1.96 * error)))


def _f1(right: int, given: int, wanted: int) -> float:
    return 200 * right / (given + wanted) if given + wanted else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """How a system did: by field, exact, normalised, and of the articles whose label says something.

    ``repaired`` is the normalised country where a label with no country, or a continent, but a country in the field of
    the city or region is read as meant: the annotators' fields slipped ("Africa / Addis Ababa / Ethiopia").
    """

    exact: Mapping[str, Share]
    normalised: Mapping[str, Share]
    repaired: Share
    stated: Mapping[str, Share]
    perpetrator: Share
    mention: Rates
    violations: Rates
    violations_normalised: Rates
    names: Rates
    names_near: Rates


def score(labelled: Sequence[Labelled], answers: Sequence[Answer]) -> Score:
    """Scores answers to articles, in the same order. Raises ValueError for another number of them."""
    pairs = list(zip(labelled, answers, strict=True))
    n = len(pairs)
    exact, normalised, stated = {}, {}, {}
    for field in FIELDS:
        exact[field] = share(sum(one.exact[field] == got.fields.get(field, "") for one, got in pairs), n)
        matches = [(normal(field, one.exact[field]), _normal_of(field, got)) for one, got in pairs]
        normalised[field] = share(sum(want == got for want, got in matches), n)
        telling = [(want, got) for want, got in matches if want]
        stated[field] = share(sum(want == got for want, got in telling), len(telling))
    meant = [(_meant(one), _normal_of("country", got)) for one, got in pairs]
    sets = [(one.violations, got.violations or frozenset(("unknown",))) for one, got in pairs]
    forgiving = [(want - {"unknown"}, got - {"unknown"}) for want, got in sets]
    return Score(
        exact=exact,
        normalised=normalised,
        repaired=share(sum(want == got for want, got in meant), n),
        stated=stated,
        perpetrator=share(sum(one.perpetrator == got.perpetrator for one, got in pairs), n),
        mention=rates([(one.mentioned and got.mentioned, got.mentioned, one.mentioned) for one, got in pairs]),
        violations=rates([(len(want & got), len(got), len(want)) for want, got in sets]),
        violations_normalised=rates([(len(want & got), len(got), len(want)) for want, got in forgiving]),
        names=rates([_names(one, got, near=False) for one, got in pairs]),
        names_near=rates([_names(one, got, near=True) for one, got in pairs]),
    )  # fmt: skip


def _meant(one: Labelled) -> str:
    return next((code for field in ("country", "city", "region") if (code := iso(one.exact[field]))), "")


def _normal_of(field: str, got: Answer) -> str:
    return _joined(got.code) if field == "country" else normal(field, got.fields.get(field, ""))


def _names(one: Labelled, got: Answer, *, near: bool) -> tuple[int, int, int]:
    wanted = [victim.name for victim in one.victims]
    if near:
        right = sum(any(name in other or other in name for other in wanted) for name in got.names)
    else:
        right = sum(name in wanted for name in got.names)
    return right, len(got.names), len(wanted)
