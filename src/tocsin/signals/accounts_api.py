"""What a text says happened, for programs: the machine's proposal, people's word on it, and the way back."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tocsin.lib.inputs import Id, Line
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import judging
from tocsin.signals.access import access_judgement, access_signal
from tocsin.signals.account_views import rule_of
from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.statements import Statement, attack_of, statements_of

router = Router(tags=["signals"])


class QuoteOut(Schema):
    """Words of the text that a value rests on, with what stands around them; names are masked."""

    before: str
    words: str
    after: str


class JudgementOut(Schema):
    """A person's word on one value. `after` equal to `before`: it is right; empty: the text does not say."""

    id: int
    field: str
    before: str
    after: str
    by: str | None
    at: datetime
    undone_at: datetime | None


class ValueReadOut(Schema):
    """One value: `before` as the machine read it, `now` as it holds. An empty text means that it is not said."""

    field: str
    before: str
    now: str
    confidence: float | None = Field(description="Of the machine, 0 to 1; null where it said nothing.")
    quotes: list[QuoteOut]
    judgement: JudgementOut | None = Field(description="The word of a person that holds; null: the machine's holds.")


class WhatHappenedOut(Schema):
    """What a text says happened. It pages nobody and changes no list."""

    signal: int
    state: Literal["read", "waiting", "not_asked", "failed"]
    rule: str = Field(description="The rule and version that read it; empty before that.")
    language_known: bool = Field(description="False: only places and days were looked for; that is no “no violation”.")
    attack: ValueReadOut = Field(description="Whether it tells of an attack on a person: `yes` or `no`.")
    statements: list[ValueReadOut]


class JudgementIn(Schema, extra="forbid"):
    """A word on one value."""

    field: Literal[
        "attack", "violation", "mentioned", "perpetrator", "country", "region", "city", "year", "month", "day", "count",
        "kind", "sex", "age",
    ]  # fmt: skip
    before: Annotated[Line, Field(max_length=60)] = Field(
        description="The machine's value that is judged, as shown; empty where it said nothing, or to add another."
    )
    after: Annotated[Line, Field(max_length=60)] | None = Field(
        None, description="What is right; empty: the text does not say. Left out: `before` is right."
    )
    words: Annotated[str, Field(max_length=400)] = Field(
        "", description="Words of the text that say so, as shown, names masked."
    )


@router.get(
    "/signals/{number}/account",
    response=WhatHappenedOut,
    auth=Bearer(Right.READ),
    summary="Read what a text says happened",
)
def account(request: HttpRequest, number: Id) -> WhatHappenedOut:
    """What the machine read, each value with its words, and what people said of it."""
    return _account(access_signal(caller(request), number))


@router.post(
    "/signals/{number}/account",
    response=WhatHappenedOut,
    auth=Bearer(Right.ASSESS),
    summary="Let the machine look for what happened",
)
def ask(request: HttpRequest, number: Id) -> WhatHappenedOut:
    """For a text that tells of no harm to a person, in which the machine does not look by itself."""
    person = caller(request)
    signal = access_signal(person, number)
    judging.ask(person, signal)
    return _account(signal)


@router.post(
    "/signals/{number}/account/judgements",
    response={201: JudgementOut},
    auth=Bearer(Right.ASSESS),
    summary="Confirm or correct what a text says happened",
)
def judge(request: HttpRequest, number: Id, given: JudgementIn) -> JudgementOut:
    """Both the machine's value and yours are kept, and it can be undone."""
    person = caller(request)
    signal = access_signal(person, number)
    return _out(_judged(person, signal, given))


@router.post(
    "/signals/{number}/account/judgements/{judgement}/undo",
    response=JudgementOut,
    auth=Bearer(Right.ASSESS),
    summary="Undo a word on what happened",
)
def undo(request: HttpRequest, number: Id, judgement: Id) -> JudgementOut:
    """Take it back: what was said before holds again."""
    person = caller(request)
    judging.undo(person, access_judgement(person, number, judgement))
    return _out(access_judgement(person, number, judgement))


def _judged(person: Person, signal: Signal, given: JudgementIn) -> Judgement:
    if given.after is None:
        return judging.confirm(person, signal, given.field, given.before)
    return judging.correct(person, signal, given.field, given.before, given.after, given.words)


def _account(signal: Signal) -> WhatHappenedOut:
    row = Account.objects.filter(signal=signal).first()
    state: Literal["read", "waiting", "not_asked", "failed"] = "not_asked"
    if row is not None:
        state = "failed" if row.failure else "read" if row.version else "waiting"
    return WhatHappenedOut(
        signal=signal.pk,
        state=state,
        rule=rule_of(row),
        language_known=row is not None and row.known,
        attack=_statement(attack_of(signal)),
        statements=[_statement(one) for one in statements_of(signal) if one.before or one.judgement],
    )


def _statement(said: Statement) -> ValueReadOut:
    return ValueReadOut(
        field=said.field.key,
        before=said.before,
        now=said.now,
        confidence=said.confidence,
        quotes=[QuoteOut(before=one.before, words=one.words, after=one.after) for one in said.passages],
        judgement=_out(said.judgement) if said.judgement is not None else None,
    )


def _out(row: Judgement) -> JudgementOut:
    return JudgementOut(
        id=row.pk,
        field=row.field,
        before=row.before,
        after=row.after,
        by=row.by.name if row.by is not None else None,
        at=row.at,
        undone_at=row.undone_at,
    )
