"""Reading the record: entries by filter, the state of the chain and of its witness."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from tocsin.audit.actions import PRIVATE
from tocsin.audit.models import Checkpoint, Entry, Seal
from tocsin.audit.work import CHECKPOINT_EVERY, CURSOR
from tocsin.lib.claims import LOOK_BACK, database_now, position

_OVERDUE = 2 * CHECKPOINT_EVERY + timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: ``actor`` is a person's id, 0 for the system; words match from their beginning."""

    actor: int | None = None
    verb: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> Q:
        """The same as a condition of a query."""
        condition = Q()
        if self.actor is not None:
            condition &= Q(actor=self.actor or None) if self.actor else Q(actor__isnull=True)
        if self.verb:
            condition &= Q(verb__startswith=self.verb)
        if self.target:
            condition &= Q(target=self.target) if ":" in self.target else Q(target__startswith=f"{self.target}:")
        if self.since is not None:
            condition &= Q(at__gte=self.since)
        if self.until is not None:
            condition &= Q(at__lt=self.until)
        return condition


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry and its place in the chain; None while it waits to be sealed."""

    entry: Entry
    sequence: int | None


def entries(wanted: Wanted, before: int | None = None, limit: int = 50) -> list[Shown]:
    """Up to ``limit`` entries, newest first, with ids below ``before``."""
    rows = Entry.objects.filter(wanted.condition()).exclude(target=PRIVATE)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[:limit])
    places = dict(Seal.objects.filter(entry__in=[one.pk for one in found]).values_list("entry", "sequence"))
    return [Shown(one, places.get(one.pk)) for one in found]


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far the chain has come, how many entries wait, and the newest checkpoint."""

    sequence: int
    digest: str
    sealed_at: datetime | None
    waiting: int
    checkpoint: Checkpoint | None


def chain_state() -> ChainState:
    """The state of the chain now; cheap, it checks nothing."""
    head = Seal.objects.order_by("-sequence").first()
    unsealed = Entry.objects.filter(
        ~Exists(Seal.objects.filter(entry=OuterRef("pk"))), pk__gt=position(CURSOR) - LOOK_BACK
    )
    return ChainState(
        sequence=head.sequence if head else 0,
        digest=head.digest if head else "",
        sealed_at=head.sealed_at if head else None,
        waiting=unsealed.count(),
        checkpoint=Checkpoint.objects.order_by("-pk").first(),
    )


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How the outside witness is. ``problem`` says what is wrong, ``mend`` what to do; both empty when all is well."""

    path: str
    last_told: datetime | None
    problem: str = ""
    mend: str = ""

    @property
    def configured(self) -> bool:
        """Whether a witness is named at all."""
        return bool(self.path)


def witness_state() -> WitnessState:
    """Whether the outside witness hears the checkpoints."""
    path: str = settings.CONFIGURATION.audit_witness
    if not path:
        return WitnessState("", None)
    heard = Checkpoint.objects.exclude(witness="").order_by("-pk").first()
    last_told = heard.at if heard else None
    problem, mend = _problem(Path(path), last_told)
    return WitnessState(path, last_told, problem, mend)


def _problem(path: Path, last_told: datetime | None) -> tuple[str, str]:
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return f"{path} can't be written.", "Mount its disk, or give this user the right to write it."
    if last_told is None and Checkpoint.objects.exists():
        return f"{path} was never told anything.", "See whether the worker runs, and what its log says."
    if last_told is not None and database_now() - last_told > _OVERDUE:
        return f"{path} has heard nothing for more than two hours.", "See whether the worker runs."
    return "", ""
