"""What a situation is called: the title of the text nearest to its heart, or what is measured in the reader's words.

The rule, in this order. A person's title stands. Texts come by what their *title* says: it tells of the situation's
harm; it tells of no harm, or in a language without a word list, and its text tells of that harm; it tells of another;
it denies the harm, or says that it is over. Where no text of the first two kinds is there and something of this harm is
measured, the title says what is measured. Of one kind that text wins whose words most of the others share, weighed with
the grade of its source. A title that stands gives way to a better kind, or to one that is ``MARKEDLY`` nearer to the
heart.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from math import sqrt
from types import MappingProxyType
from typing import Any, Final

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from tocsin.analysis.fusion.facts import GRADES
from tocsin.analysis.series import Direction, Stream
from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.harms import TOLD, weigh
from tocsin.analysis.text.languages import detect
from tocsin.analysis.text.lexicon import lexicon
from tocsin.lib import territories
from tocsin.lib.locales import reader_locale
from tocsin.signals.measured import is_ours
from tocsin.signals.models import Finding, Signal
from tocsin.signals.wording import Moved, moved
from tocsin.situations.models import Situation
from tocsin.situations.reasons import Titled

RULE = "titling/1"
MARKEDLY: Final = 0.15
_COMPARED = 40
_CENTRAL = 0.7
_DOUBTS = frozenset(("deny", "denial", "undo"))
_DOUBTED = 0.05
_HARMFUL = MappingProxyType(
    {
        Stream.BLOCKING.value: Direction.RISE,
        Stream.VIEWS.value: Direction.DROP,
        Stream.CONNECTIVITY.value: Direction.DROP,
    }
)

Terms = Mapping[int, Sequence[Sequence[Any]]]


class Fit(IntEnum):
    """How a text's title fits the harm of its situation, the best first."""

    TELLS = 0
    SILENT = 1
    OTHER = 2
    DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Title:
    """A title, what it was made from where it is no text's, and a line for the log that names no word of a text."""

    words: str
    facts: dict[str, Any]
    why: str


def choose(situation: Situation, seen: Sequence[Signal], terms: Callable[[Collection[int]], Terms]) -> Title | None:
    """What the machine would call a situation with these members now; None: as it is called already.

    ``terms`` gives the weighed words of signals, by their numbers.
    """
    texts = [one for one in seen if one.finding_id is None]
    found = [
        one.finding for one in seen if one.finding is not None and one.harm == situation.harm and _harmful(one.finding)
    ]
    fits = {one.pk: fit(one, situation.harm) for one in texts}
    best = min(fits.values(), default=None)
    if found and (best is None or best >= Fit.OTHER):
        return _measured(situation, found)
    if best is None:
        return _told(situation, min(seen, key=lambda one: (one.reliability, one.at, one.pk))) if seen else None
    return _nearest(situation, [one for one in texts if fits[one.pk] is best], terms)


def fit(signal: Signal, harm: str) -> Fit:
    """How the title of a text fits a kind of harm; where there is none, all fit alike."""
    if not harm:
        return Fit.SILENT
    strength, bare, other = _said(signal.title, signal.language, harm)
    if bare - strength > _DOUBTED:
        return Fit.DOUBTS
    if strength >= TOLD:
        return Fit.TELLS
    return Fit.SILENT if signal.harm == harm and not other else Fit.OTHER


@lru_cache(maxsize=20_000)
def _said(title: str, language: str, harm: str) -> tuple[float, float, bool]:
    """How strongly a title by itself tells of a harm, how strongly it would without its words of denial (1 where it
    speaks of an end), and whether it tells of another harm."""
    folded = Folded(title[:500])
    hits = lexicon().hits(folded, detect(title[:500], "", language)[0])
    length = len(folded.plain)
    told = dict(weigh(hits, length, length).harms)
    bare = dict(weigh([hit for hit in hits if hit.sign.key not in _DOUBTS], length, length).harms)
    strength = told.pop(harm, 0.0)
    over = any(hit.sign.key == "undo" for hit in hits)
    return strength, 1.0 if over else bare.get(harm, 0.0), max(told.values(), default=0.0) >= max(TOLD, strength)


def _nearest(situation: Situation, texts: Sequence[Signal], terms: Callable[[Collection[int]], Terms]) -> Title | None:
    own = [one for one in texts if one.copy_of_id is None] or list(texts)
    standing = next((one for one in own if one.title == situation.title), None)
    if standing is not None and len(own) == 1:
        return None
    order = sorted(own, key=lambda one: (one is not standing, one.reliability, one.at, one.pk))[:_COMPARED]
    scores = _scores(order, terms([one.pk for one in order]))
    best = min(order, key=lambda one: (-scores[one.pk], one.at, one.pk))
    if standing is not None and scores[best.pk] < scores[standing.pk] + MARKEDLY:
        return None
    return _told(situation, best)


def _scores(texts: Sequence[Signal], terms: Terms) -> dict[int, float]:
    """From 0 to 1: how much of a text's weighed words the others share, and the grade of its source."""
    units = {one.pk: _unit(terms.get(one.pk, ())) for one in texts}
    centre: Counter[str] = Counter()
    for unit in units.values():
        centre.update(unit)
    length = sqrt(sum(weight * weight for weight in centre.values())) or 1.0
    top = max(GRADES.values())
    return {
        one.pk: _CENTRAL * sum(weight * centre[term] for term, weight in units[one.pk].items()) / length
        + (1 - _CENTRAL) * GRADES.get(one.reliability, 0.0) / top
        for one in texts
    }


def _unit(terms: Iterable[Sequence[Any]]) -> dict[str, float]:
    weights = {str(term): float(weight) for term, weight in terms}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


def _told(situation: Situation, signal: Signal) -> Title | None:
    if signal.measured is not None:
        # Something moved, and not the way that harms: its own sentence says so.
        return _said_of(situation, {"moved": asdict(signal.measured)}, Titled.MEASURED)
    if situation.title == signal.title and not situation.title_facts:
        return None
    return Title(signal.title, {}, Titled.TEXT.format(number=signal.pk))


def plain(situation: Situation) -> dict[str, Any]:
    """The facts of a title without a word of any text: the kind of harm and the country."""
    return {"harm": situation.harm, "country": situation.country}


def emptied(situation: Situation) -> Title:
    """What a situation is called when nothing is left that could give a title."""
    facts = plain(situation)
    return Title(_english(facts), facts, Titled.NOTHING.value)


def _said_of(situation: Situation, facts: dict[str, Any], why: Titled) -> Title | None:
    return None if facts == situation.title_facts else Title(_english(facts), facts, why.value)


def _english(facts: Mapping[str, Any]) -> str:
    with override("en"), timezone.override(UTC):
        return sentence(facts)[:500]


def _harmful(finding: Finding) -> bool:
    return finding.retired_at is None and _HARMFUL.get(finding.stream) == finding.direction


def _measured(situation: Situation, found: Sequence[Finding]) -> Title | None:
    """Ours before others, what lasts before what is over, all networks before one; the same subject while it lasts."""
    before = situation.title_facts.get("subject")
    chosen = min(
        found,
        key=lambda one: (
            not is_ours(one.subject),
            one.closed_at is not None,
            one.subject != before,
            bool(one.network),
            -one.score,
            one.pk,
        ),
    )
    same = [one for one in found if (one.stream, one.subject) == (chosen.stream, chosen.subject)]
    lasting = [one for one in same if one.closed_at is None] or same
    ends = [one.closed_at for one in lasting if one.closed_at is not None]
    facts = {
        "stream": chosen.stream,
        "subject": chosen.subject,
        "country": chosen.country,
        "since": min(one.began_at or one.opened_at for one in lasting).isoformat(),
        "until": max(ends).isoformat() if ends else "",
        "exercise": situation.exercise,
    }
    return _said_of(situation, facts, Titled.MEASURED)


def sentence(facts: Mapping[str, Any]) -> str:
    """What stands for a text's title, in the language and the zone of whoever reads."""
    if "moved" in facts:
        return moved(Moved(**facts["moved"]))
    if "stream" not in facts:
        return _plainly(str(facts["harm"]), str(facts["country"]))
    since, until = (_day(str(facts[name])) for name in ("since", "until"))
    place = territories.name(str(facts["country"]), get_language() or "en") or _("the world")
    values = {"subject": facts["subject"], "country": place, "since": since, "until": until}
    stream, over = facts["stream"], bool(until)
    if stream == Stream.BLOCKING:
        lasting, past = (
            _("Access to %(subject)s has been failing in %(country)s since %(since)s"),
            _("Access to %(subject)s failed in %(country)s from %(since)s to %(until)s"),
        )
    elif stream == Stream.CONNECTIVITY:
        lasting, past = (
            _("The network of %(country)s has been harder to reach since %(since)s"),
            _("The network of %(country)s was harder to reach from %(since)s to %(until)s"),
        )
    else:
        lasting, past = (
            _("Page views of %(subject)s have fallen in %(country)s since %(since)s"),
            _("Page views of %(subject)s fell in %(country)s from %(since)s to %(until)s"),
        )
    mark = territories.EXERCISE_MARK if facts["exercise"] else ""
    return mark + (past if over else lasting) % values


def _plainly(harm: str, country: str) -> str:
    what = _(harm_type(harm).title) if harm else _("Development")
    if not country:
        return what
    values = {"what": what, "country": territories.name(country, get_language() or "en")}
    return _("%(what)s in %(country)s") % values


def _day(moment: str) -> str:
    if not moment:
        return ""
    return str(format_date(timezone.localtime(datetime.fromisoformat(moment)), "d MMM y", locale=reader_locale()))
