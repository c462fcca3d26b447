"""What a text says happened, on the page of its signal and in triage: shown with its words, judged by a press."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tocsin.analysis.text.persecution.account import RULE
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import judging
from tocsin.signals.access import access_judgement, access_signal
from tocsin.signals.accounts import is_personal
from tocsin.signals.actions import RefusedError
from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.statements import FIELDS, Field, Statement, attack_of, choices_of, statements_of


@dataclass(frozen=True, slots=True)
class Missed:
    """A field of several values, with those that can be added."""

    field: Field
    choices: list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """The panel. ``row`` is None where the machine was not asked; ``newest``: the judgement that a key takes back."""

    row: Account | None
    rule: str
    attack: Statement
    told: list[Statement]
    unsaid: list[Statement]
    missed: list[Missed]
    left: int
    newest: int | None


def shown(signal: Signal) -> Shown | None:
    """What the panel of a signal shows; None where there is no text."""
    if signal.item_id is None or signal.item is None:
        return None
    row = Account.objects.filter(signal=signal).first()
    if row is None and not is_personal(signal) and not Judgement.objects.filter(signal=signal).exists():
        return Shown(None, "", attack_of(signal), [], [], [], 0, None)
    statements = statements_of(signal)
    told = [one for one in statements if one.before or one.now]
    held = {(one.field.key, one.slot) for one in statements}
    missed = [
        Missed(field, left) for field in FIELDS
        if field.many and (left := [one for one in choices_of(field) if (field.key, one[0]) not in held])
    ]  # fmt: skip
    judged = Judgement.objects.filter(signal=signal, undone_at=None).order_by("-pk")
    return Shown(
        row,
        rule_of(row),
        attack_of(signal),
        told,
        [one for one in statements if not one.before and not one.now],
        missed,
        sum(one.judgement is None for one in told),
        judged.values_list("pk", flat=True).first(),
    )


def rule_of(row: Account | None) -> str:
    """The rule and version that read a text; empty before that."""
    return f"{RULE.name}/{row.version}" if row is not None and row.version else ""


@require_POST
@needs(Right.ASSESS)
def judge(request: HttpRequest, number: int) -> HttpResponse:
    """Take a person's word on what the text of a signal says happened."""
    person = person_of(request)
    row = access_signal(person, number)
    take(request, person, row)
    return redirect(reverse("signals:signal", args=[row.pk]) + "#happened")


def take(request: HttpRequest, person: Person, row: Signal) -> list[Judgement]:
    """Do what the pressed button of the panel says, and tell the person; gives the judgements that were made."""
    given = request.POST
    try:
        made = _done(person, row, given)
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return []
    messages.success(request, _said(given.get("do", ""), len(made)))
    return made


def _done(person: Person, row: Signal, given: Mapping[str, str]) -> list[Judgement]:
    what, field, before = given.get("do", ""), given.get("field", ""), given.get("before", "")
    if what == "confirm":
        return [judging.confirm(person, row, field, before)]
    if what == "correct":
        return [judging.correct(person, row, field, before, given.get("value", ""), given.get("words", ""))]
    if what == "all":
        return judging.confirm_all(person, row, _number(given.get("version", "")))
    if what == "no_attack":
        return [judging.no_attack(person, row)]
    if what == "ask":
        judging.ask(person, row)
    elif what == "undo":
        judging.undo(person, access_judgement(person, row.pk, _number(given.get("judgement", ""))))
    else:
        raise RefusedError(_("That is no answer. Press one of the buttons."))
    return []


def _number(written: str) -> int:
    """The number of a row or version; of what is none, 0."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 18 else 0


def _said(what: str, made: int) -> str:
    if what == "undo":
        return _("Undone.")
    if what == "ask":
        return _("The machine reads it as soon as a worker comes to it. Look again in a moment.")
    if not made:
        return _("Nothing was left to confirm.")
    if what == "no_attack":
        return _("Kept: the text tells of no attack. You can undo it.")
    return _("Confirmed. You can undo it.") if what in ("confirm", "all") else _("Corrected. You can undo it.")
