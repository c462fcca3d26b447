"""What the detectors of levels and of numbers of texts share: findings that last, close, or become the usual."""

from abc import abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tocsin.analysis.detectors.base import Judgement, State, Verdict, Watcher, span
from tocsin.analysis.detectors.rivals import change_rivals
from tocsin.analysis.series import Cell, Rival


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a finding lasts; spans in seconds. The keywords of the detectors say what each means."""

    calm: int
    adopt: float
    stale: float
    forget: float


@dataclass(slots=True, kw_only=True)
class LastingRun:
    """An open or closed finding in the making: when it began and opened, and since when it has been calm again."""

    since: float
    at: float
    before: float
    intervals: int = 1
    rate: float = 0.0
    calm: int = 0
    calm_since: float = 0.0
    closed: float | None = None
    ending: str = ""

    def close(self, time: float, ending: str) -> None:
        """End it at ``time``, never before it began."""
        self.closed, self.ending = max(time, self.since), ending


class LastingJudgement(Judgement, Protocol):
    """A judgement that knows how long a past it rests on, and how soon it would find a total loss."""

    def weeks(self) -> float:
        """How long a past it rests on."""

    def seconds_to_find(self, now: float | None) -> float | None:
        """Seconds until what begins now would be found; None: never."""


class LastingWatcher(Watcher):
    """Keeps the keywords that these detectors share, and answers what follows from them alone."""

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float,
        least: float,
        calm: int,
        adopt: timedelta,
        late: timedelta,
        stale: timedelta,
        forget: timedelta,
    ) -> None:
        self.entry = entry
        self.least = least
        self.calm = calm
        self.adopt = adopt
        self.stale = stale
        self.forget = forget
        super().__init__(cell, late=late)

    def delay(self, now: datetime | None = None) -> timedelta | None:
        """See ``Detector.delay``."""
        return span(self._lasting().seconds_to_find(None if now is None else now.timestamp()))

    @abstractmethod
    def _lasting(self) -> LastingJudgement:
        """The live judgement that answers for its past."""

    @abstractmethod
    def _settings(self) -> Patience:
        """All parameters but ``late``, as the judgement takes them."""

    def _parameters(self) -> State:
        return {**asdict(self._settings()), "late": self.late.total_seconds()}

    def _rivals(self, verdict: Verdict) -> tuple[Rival, ...]:
        return change_rivals(verdict, weeks=self._lasting().weeks())

    def _patience(self) -> dict[str, float]:
        """The spans in seconds, by the names of ``Patience``."""
        return {name: getattr(self, name).total_seconds() for name in ("adopt", "stale", "forget")}
