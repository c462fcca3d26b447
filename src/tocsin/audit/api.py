"""The record, for programs. Whoever mounts this router gives it its guard: this room knows no people."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.audit import access, protection
from tocsin.audit.models import Checkpoint
from tocsin.lib.inputs import BIGGEST_ID, Line, Moment
from tocsin.lib.pages import Listed, Part

router = Router(tags=["audit"])


class EntryOut(Schema):
    """One act: ids, counts and purpose, never a body."""

    id: int
    at: datetime
    actor: int | None = Field(description="A person's id; null: the system itself.")
    verb: str
    target: str
    purpose: str
    facts: dict[str, Any]
    sequence: int | None = Field(description="Its place in the chain; null: it waits to be sealed.")


class CheckpointOut(Schema):
    """A digest of the chain's head at one moment."""

    sequence: int
    digest: str
    at: datetime
    told: bool = Field(description="Whether an outside witness was told.")


class ChainOut(Schema):
    """How far the chain has come. It checks nothing: that is what `tocsin audit verify` is for."""

    sequence: int = Field(description="The newest place; 0: nothing is sealed yet.")
    digest: str
    sealed_at: datetime | None
    waiting: int = Field(description="Entries that are not sealed yet.")
    checkpoint: CheckpointOut | None = Field(description="The newest one.")
    protected: bool = Field(description="Whether the database itself refuses to change what was recorded.")


class EntryFilters(Part):
    """Which entries are wanted."""

    actor: Annotated[int, Field(ge=0, le=BIGGEST_ID)] | None = Field(None, description="A person's id; 0: the system.")
    verb: Annotated[Line, Field(max_length=80)] = Field("", description="How the verb begins, such as `people.`")
    target: Annotated[Line, Field(max_length=120)] = Field("", description="`kind:id`, or a kind alone.")
    since: Moment | None = Field(None, description="From this moment on.")
    until: Moment | None = Field(None, description="Before this moment.")


@router.get("/audit/entries", response=Listed[EntryOut], summary="Read the record")
def entries(request: HttpRequest, filters: Query[EntryFilters]) -> Listed[EntryOut]:
    """Who did what, newest first."""
    wanted = access.Wanted(
        actor=filters.actor, verb=filters.verb, target=filters.target, since=filters.since, until=filters.until
    )
    found = access.entries(wanted, before=filters.cursor, limit=filters.limit + 1)
    more = len(found) > filters.limit
    shown = found[: filters.limit]
    return Listed[EntryOut](items=[_entry(one) for one in shown], next=shown[-1].entry.pk if more else None)


@router.get("/audit/chain", response=ChainOut, summary="The state of the chain")
def chain(request: HttpRequest) -> ChainOut:
    """How far the record is sealed, and what was last told to a witness."""
    state = access.chain_state()
    return ChainOut(
        sequence=state.sequence,
        digest=state.digest,
        sealed_at=state.sealed_at,
        waiting=state.waiting,
        checkpoint=_checkpoint(state.checkpoint) if state.checkpoint is not None else None,
        protected=protection.is_protected(),
    )


def _entry(one: access.Shown) -> EntryOut:
    row = one.entry
    return EntryOut(
        id=row.pk,
        at=row.at,
        actor=row.actor,
        verb=row.verb,
        target=row.target,
        purpose=row.purpose,
        facts=row.facts,
        sequence=one.sequence,
    )


def _checkpoint(row: Checkpoint) -> CheckpointOut:
    return CheckpointOut(sequence=row.sequence, digest=row.digest, at=row.at, told=bool(row.witness))
