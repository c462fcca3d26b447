"""Calls people about a situation that endangers our own, by two rules; docs/alerts-rules.md says what they ask and why.

Rows are the memory: a situation calls once for each rule that it comes to meet, however often this looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.lib.claims import hold
from tocsin.signals.models import Signal
from tocsin.situations.credence import rank
from tocsin.situations.models import Member, Situation
from tocsin.situations.standing import live

# A machine's situation with two voices behind it is far from sure: only what is nearly sure wakes somebody.
SURE, LIKELY = 0.85, 0.6
GRAVE, GRAVEST = 4, 5
VOICES = 2
# A situation that was dealt with calls again only after it rested for so long.
RESTED = timedelta(days=14)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its name for people, how many of its alerts may wake somebody in a week, and its lane."""

    key: str
    name: str
    budget: int
    lane: Lane


SEVERE = Rule("situation.severe", "A grave situation that endangers our own", 7, Lane.WAKE)
EXPECTED = Rule("situation.likely", "A situation that may endanger our own", 50, Lane.QUIET)


def step() -> bool:
    """Call people about what came to meet a rule; True when there was anything."""
    if not hold("situations.paging"):
        return False
    found = [(one, rule) for one in _candidates() if (rule := _rule(one)) is not None]
    before = _before([one for one, _rule in found])
    called = [_call(one, rule) for one, rule in found if _is_news(one, rule, before.get(_key(one)))]
    return bool(called)


def _candidates() -> list[Situation]:
    """Situations about our own people and projects, in a country, grave and likely, with two independent voices."""
    least = rank(LIKELY, GRAVE, our_link=True)
    found = Situation.objects.filter(
        state=Situation.State.OPEN, our_link=True, rank__gte=least, probability__gte=LIKELY, impact__gte=GRAVE
    )
    # What history holds, judged anew by other rules, wakes nobody: what came as it happened has to be enough.
    voices = Member.objects.filter(situation=OuterRef("pk"), signal__replayed=False)
    found = found.filter(Exists(voices))
    return list(found.filter(independent__gte=VOICES).exclude(country="").order_by("-rank", "pk")[:_MOST])


def _rule(situation: Situation) -> Rule | None:
    probability, voices = live(situation)
    if probability < LIKELY or voices < VOICES:
        return None
    sure = probability >= SURE and _feeds(situation) >= VOICES
    return SEVERE if sure else EXPECTED


def _feeds(situation: Situation) -> int:
    """How many sources of ours and measured networks it rests on: many mastheads in one feed may be one fault."""
    mine = Signal.objects.filter(pk__in=Member.objects.filter(situation=situation).values("signal"))
    mine = mine.filter(Q(copy_of=None), state=Signal.State.READ, replayed=False)
    texts = mine.filter(item__isnull=False).values("item__source").distinct().count()
    return texts + mine.filter(finding__isnull=False).values("origin").distinct().count()


def _before(situations: Iterable[Situation]) -> dict[str, Alert]:
    """The newest alert about each of these, by its key."""
    keys = [_key(one) for one in situations]
    return {one.dedupe: one for one in Alert.objects.filter(dedupe__in=keys).select_related("rule").order_by("pk")}


def _is_news(situation: Situation, rule: Rule, before: Alert | None) -> bool:
    if before is None:
        return True
    if before.resolved_at is not None and situation.last_at > before.resolved_at + RESTED:
        return True
    # What became worse calls anew; what a person has judged does not call twice for the same.
    return _severity(situation, rule) > before.severity


def _severity(situation: Situation, rule: Rule) -> Severity:
    if rule is EXPECTED:
        return Severity.MODERATE
    return Severity.EXTREME if situation.impact >= GRAVEST else Severity.SEVERE


def _call(situation: Situation, rule: Rule) -> Alert:
    new = alerts.New(
        kind="situation",
        severity=_severity(situation, rule),
        lane=rule.lane,
        dedupe=_key(situation),
        reference=_key(situation),
        rule=alerts.rule(rule.key, rule.name, budget_per_week=rule.budget),
        readers=situation.readers,
        occurred_at=situation.first_at,
        exercise=situation.exercise,
        via="rule",
    )
    return alerts.accept(new).alert


def _key(situation: Situation) -> str:
    return f"situation:{situation.public_id}"
