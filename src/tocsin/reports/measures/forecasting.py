"""Forecasts: how near assessments came to what turned out, once that is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.models import Alert
from tocsin.lib.tlp import LIKELIHOOD, Tlp
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Better, Measure, Measured, mean, share
from tocsin.situations.models import Assessment, Situation

# A closed situation whose last assessment left no doubt says how it ended; the assessments before it are scored.
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class Scored:
    """A forecast, and what came of it."""

    situation: str
    at: datetime
    probability: float
    happened: bool
    known_at: datetime

    @property
    def error(self) -> float:
        """Its Brier score: 0 is perfect, 0.25 is what a coin would get, 1 is surely wrong."""
        return (self.probability - float(self.happened)) ** 2


@dataclass(frozen=True, slots=True)
class Step:
    """Forecasts with the same word: how many, how likely they said it was, how often it happened, with its range."""

    word: str
    said: float
    happened: Measured


def scored(period: Period, exercise: bool) -> list[Scored]:
    """The forecasts whose outcome became known in the period, restricted situations left out."""
    rows = Situation.objects.filter(readers=0, exercise=exercise).exclude(state=Situation.State.MERGED)
    found = []
    for row in rows.filter(assessments__at__lt=period.until).distinct().order_by("pk"):
        made = list(Assessment.objects.filter(situation=row, at__lt=period.until).order_by("version"))
        outcome = _outcome(row, made)
        if outcome is None or not period.holds(outcome[1]):
            continue
        happened, known_at, judges = outcome
        before = [one for one in made if one.at < known_at and one.version not in judges]
        found += [Scored(row.public_id, one.at, one.probability, happened, known_at) for one in before]
    return found


def _outcome(row: Situation, made: list[Assessment]) -> tuple[bool, datetime, frozenset[int]] | None:
    """Whether it was so, since when that is known, and which assessments said it rather than forecast it."""
    alerts = Alert.objects.filter(reference=f"situation:{row.public_id}", named=False, drill=False)
    judged = alerts.filter(outcome__in=[Alert.Outcome.TRUE, Alert.Outcome.FALSE], resolved_at__isnull=False)
    last = judged.order_by("-resolved_at").first()
    if last is not None and last.resolved_at is not None:
        return last.outcome == Alert.Outcome.TRUE, last.resolved_at, frozenset()
    if row.state == Situation.State.CLOSED and made and not 1 - _SURE < made[-1].probability < _SURE:
        return made[-1].probability >= _SURE, made[-1].at, frozenset({made[-1].version})
    return None


def _brier(period: Period, exercise: bool) -> Measured | None:
    # A situation that was assessed ten times is one event: its forecasts count as one.
    by_situation: dict[str, list[float]] = {}
    for one in scored(period, exercise):
        by_situation.setdefault(one.situation, []).append(one.error)
    found = mean([sum(errors) / len(errors) for errors in by_situation.values()])
    if found is None or found.low is None or found.high is None:
        return found
    return Measured(found.amount, found.of, max(0.0, found.low), min(1.0, found.high))


def calibration(forecasts: Iterable[Scored]) -> Iterator[Step]:
    """For each word of likelihood how often what it was said of happened."""
    rows, low = list(forecasts), 0.0
    for limit, word in LIKELIHOOD:
        here = [one for one in rows if low <= one.probability < limit]
        low = limit
        happened = share(sum(one.happened for one in here), len(here))
        if happened is not None:
            yield Step(word, sum(one.probability for one in here) / len(here), happened)


BRIER = Measure(
    "forecasts",
    _("Forecasts scored"),
    _("The Brier score of assessments whose outcome became known in the period: the average square of the distance "
      "between the probability given and what happened. 0 is perfect, 0.25 is what a coin gets. What happened is what "
      "an alert about it was judged to be, or what the last assessment of a closed situation says with at least 95 %. "
      "A situation counts once, however often it was assessed."),
    "score",
    Better.LESS,
    Tlp.CLEAR,
    _brier,
    standard=0.25,
    standard_of=_("a coin"),
)  # fmt: skip
