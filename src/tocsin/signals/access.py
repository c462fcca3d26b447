"""How signals are obtained: only those that a person may read, in every list and count."""

from django.db.models import QuerySet
from django.http import Http404

from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.models import CellState, Correction, Finding, Judgement, Replay, Signal
from tocsin.streams.models import Source


def signals_for(person: Person) -> QuerySet[Signal]:
    """The signals that this person may read; none without the right to read at all."""
    if not person.may(Right.READ):
        return Signal.objects.none()
    rows = Signal.objects.filter(readable(person))
    # A source that was restricted a moment ago hides its signals at once, before the worker has followed.
    hidden = Source.objects.exclude(readable(person)).values_list("pk", flat=True)
    return rows.exclude(item__source__in=list(hidden)) if hidden else rows


def findings_for(person: Person) -> QuerySet[Finding]:
    """The measured findings that this person may read, but those of rules that are no longer in force."""
    if not person.may(Right.READ):
        return Finding.objects.none()
    return Finding.objects.filter(readable(person), retired_at=None)


def access_signal(person: Person, number: int) -> Signal:
    """One signal.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    signal = signals_for(person).select_related("item__source", "finding", "copy_of").filter(pk=number).first()
    if signal is None:
        raise Http404
    return signal


def access_finding(person: Person, number: int) -> Finding:
    """One measured finding.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    finding = findings_for(person).filter(pk=number).first()
    if finding is None:
        raise Http404
    return finding


def access_correction(person: Person, signal: int, number: int) -> Correction:
    """One correction of a signal that this person may read.

    Raises:
        Http404: when either does not exist or is not for this person; all look the same.
    """
    row = access_signal(person, signal)
    correction = Correction.objects.filter(pk=number, signal=row).first()
    if correction is None:
        raise Http404
    return correction


def cells_for(person: Person) -> QuerySet[CellState]:
    """The measured cells, with how blind each is. All are of open data."""
    if not person.may(Right.READ):
        return CellState.objects.none()
    return CellState.objects.all()


def replays_for(person: Person) -> QuerySet[Replay]:
    """How far the past of each kind was judged anew. All is of open data."""
    if not person.may(Right.READ):
        return Replay.objects.none()
    return Replay.objects.order_by("kind")


def access_cell(person: Person, number: int) -> CellState:
    """One measured cell.

    Raises:
        Http404: when there is none.
    """
    cell = cells_for(person).filter(pk=number).first()
    if cell is None:
        raise Http404
    return cell


def access_judgement(person: Person, signal: int, number: int) -> Judgement:
    """A word on what the text of a signal that this person may read says happened.

    Raises:
        Http404: when either does not exist or is not for this person; all look the same.
    """
    row = access_signal(person, signal)
    judgement = Judgement.objects.select_related("by").filter(pk=number, signal=row).first()
    if judgement is None:
        raise Http404
    return judgement
