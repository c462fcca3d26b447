"""Answers about persecution in the words of the labels: ours, and those of rivals that read nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel import Locale

from tocsin.analysis.evaluation.persecution import FIELDS, Answer, Labelled, Share, month_name, share
from tocsin.analysis.text.persecution import Account, Span, Value
from tocsin.analysis.text.persecution.seeing import Seen
from tocsin.analysis.text.persecution.victims import about_one


@dataclass(frozen=True, slots=True)
class Writing:
    """How the annotators of a training set most often write each country."""

    countries: Mapping[str, str]


def writing_of(labelled: Sequence[Labelled]) -> Writing:
    """The most frequent writing of each country."""
    seen: dict[str, Counter[str]] = {}
    for one in labelled:
        if one.example.truth.country:
            seen.setdefault(one.example.truth.country, Counter())[one.exact["country"]] += 1
    return Writing({code: counts.most_common(1)[0][0] for code, counts in seen.items()})


def answer_of(account: Account, source: str, writing: Writing) -> Answer:
    """Our account in the words of the labels; ``source`` is ``title + "\\n" + body``."""
    code = _word(account.country)
    written = writing.countries.get("CN" if code in ("HK", "MO") else code)
    fields = {
        "country": written or str(Locale("en").territories.get(code, "")),
        "region": _word(account.region), "city": _word(account.city),
        "year": _word(account.year), "month": month_name(_word(account.month)), "day": _word(account.day),
    }  # fmt: skip
    violations = frozenset(one.value for one in account.violations)
    return Answer(
        violations, account.perpetrator_told is not None, _word(account.perpetrator), fields, code,
        _names(account, source),
    )  # fmt: skip


def _word(value: Value | None) -> str:
    return value.value if value is not None else ""


def _names(account: Account, source: str) -> tuple[str, ...]:
    """Each full name once; a family name alone says nobody new."""
    written = [" ".join(source[span.start : span.end].split()) for span in account.victims.named]
    return tuple(dict.fromkeys(name for name in written if " " in name))


def always_empty() -> Answer:
    """The rival that says nothing, but that somebody did something."""
    return Answer(frozenset(), True, "", dict.fromkeys(FIELDS, ""))


def majority(labelled: Sequence[Labelled]) -> Answer:
    """The rival that gives, in each field, what was most frequent in training."""
    fields = {field: Counter(one.exact[field] for one in labelled).most_common(1)[0][0] for field in FIELDS}
    kinds = Counter(kind for one in labelled for kind in one.violations)
    often = frozenset(kind for kind, n in kinds.items() if n > 0.4 * len(labelled))
    perpetrator = Counter(one.perpetrator for one in labelled).most_common(1)[0][0]
    codes = Counter(one.example.truth.country for one in labelled)
    return Answer(often, True, perpetrator, fields, codes.most_common(1)[0][0])


def of_publication(one: Labelled) -> Answer:
    """The rival that dates every event by its publication."""
    day = one.text.published
    dated = {"year": str(day.year), "month": month_name(str(day.month)), "day": str(day.day)} if day is not None else {}
    return Answer(frozenset(), True, "", dict.fromkeys(FIELDS, "") | dated)


@dataclass(frozen=True, slots=True)
class Traits:
    """Accuracy over the labelled victims whose names stand in the text, as the published measure counts them."""

    kind: Share
    sex: Share
    age: Share


def traits(labelled: Sequence[Labelled], seen: Sequence[Seen]) -> Traits:
    """What we say of each labelled victim, by the words around the name."""
    right, n = Counter[str](), 0
    for one, text in zip(labelled, seen, strict=True):
        for victim in one.victims:
            spans = _stands(text.text.source, victim.name)
            if not spans:
                continue
            n += 1
            told = about_one(text, spans)
            kinds = set(told.kinds) or {"insufficient information"}
            right["kind"] += kinds == victim.kinds
            right["sex"] += (told.sex or "unknown") == victim.sex
            right["age"] += told.age == victim.age
    return Traits(*(share(right[name], n) for name in ("kind", "sex", "age")))


def _stands(source: str, name: str) -> tuple[Span, ...]:
    found: list[Span] = []
    start = source.find(name)
    while start >= 0 and len(found) < 8:
        found.append(Span(start, start + len(name)))
        start = source.find(name, start + 1)
    return tuple(found)
