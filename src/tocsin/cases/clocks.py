"""Clocks that are stopped leave one row that leads nowhere: which clock, in which month, how it was kept."""

from datetime import datetime

from tocsin.cases.kinds.support import Promise
from tocsin.cases.models import Outcome


def stop(clock: str, at: datetime, result: Outcome.Result) -> None:
    """Leave a row about a clock."""
    Outcome.objects.create(clock=clock, month=f"{at:%Y-%m}", result=result)


def stop_promise(promise: Promise, at: datetime) -> None:
    """A promise was kept in time, kept late, or could not be kept."""
    if promise.state != "kept":
        stop("promise", at, Outcome.Result.MISSED)
        return
    late = promise.moved or (promise.due is not None and at.date() > promise.due)
    stop("promise", at, Outcome.Result.LATE if late else Outcome.Result.MET)
