"""The page of one signal: what it says, what the machine made of it, and the correction that takes one action."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.analysis.taxonomy import ACTORS, HARMS, TARGETS
from tocsin.lib import charts, territories
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.signals import account_views, actions
from tocsin.signals.access import access_signal, signals_for
from tocsin.signals.drawing import cells_of, chart
from tocsin.signals.learned import moved
from tocsin.signals.models import Correction, Judgement, Signal
from tocsin.streams import masking
from tocsin.streams.access import access_item

_TEXT_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One field that a person may correct: its values with their words, and the present one."""

    name: str
    label: str
    values: list[tuple[str, str]]
    now: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction in the words of the form: what was corrected, what it was, and what a person made of it."""

    row: Correction
    what: str
    was: str
    now: str


@require_safe
@needs(Right.READ)
def signal(request: HttpRequest, number: int) -> HttpResponse:
    """One signal, with its original one click away."""
    person = person_of(request)
    row = access_signal(person, number)
    drawn = None
    if row.finding is not None:
        drawn = chart(f"measured-{row.pk}", cells_of([row.finding]), [row.finding])
    choices = _choices(row)
    context = {
        "signal": row,
        "text": masking.body(row.item)[:_TEXT_SHOWN] if row.item is not None else "",
        "hidden": row.item is not None and bool(masking.spans_of(row.item)),
        "hides_address": row.item is not None and row.url != row.item.url,
        "cut": row.item is not None and len(row.item.text) > _TEXT_SHOWN,
        "drawing": mark_safe(charts.draw(drawn)) if drawn is not None else "",  # noqa: S308 — escaped where drawn
        "table": charts.table_rows(drawn) if drawn is not None else [],
        "moved": moved(row),
        "choices": choices if person.may(Right.ASSESS) else [],
        "corrections": _corrections(row, choices),
        "account": account_views.shown(row),
        "undo_key": _account_was_last(row),
        "may_assess": person.may(Right.ASSESS),
        "copies": signals_for(person).filter(copy_of=row).count(),
    }
    return render(request, "signals/signal.html", context)


@require_safe
@needs(Right.READ)
def of_item(request: HttpRequest, number: int) -> HttpResponseBase:
    """Lead from an item to the signal that was made of it; back to the item while there is none."""
    person = person_of(request)
    item = access_item(person, number)
    found = signals_for(person).filter(item=item).values_list("pk", flat=True).first()
    if found is None:
        messages.info(request, _("The machine has not read this item yet. Look again in a moment."))
        return redirect("streams:item", item.pk)
    return redirect("signals:signal", found)


@require_POST
@needs(Right.ASSESS)
def correct(request: HttpRequest, number: int) -> HttpResponse:
    """Put a person's word over the machine's, for every field that was changed."""
    person = person_of(request)
    row = access_signal(person, number)
    changed = [one for one in _choices(row) if request.POST.get(one.name, one.now) != one.now]
    try:
        for one in changed:
            actions.correct(person, row, one.name, request.POST[one.name])
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("Corrected. You can undo it below.") if changed else _("Nothing was changed."))
    return redirect("signals:signal", row.pk)


@require_POST
@needs(Right.ASSESS)
def undo(request: HttpRequest, number: int, correction: int) -> HttpResponse:
    """Take a correction back."""
    person = person_of(request)
    row = access_signal(person, number)
    found = Correction.objects.filter(pk=correction, signal=row).first()
    if found is None:
        raise Http404
    try:
        actions.undo(person, found)
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("Undone."))
    return redirect("signals:signal", row.pk)


def _choices(row: Signal) -> list[Choice]:
    none = [("", _("none"))]
    language = get_language() or "en"
    return [
        Choice("country", _("Where it happened"), none + territories.choices(language), row.country),
        Choice("harm", _("Kind of harm"), none + [(one.key, _(one.title)) for one in HARMS], row.harm),
        Choice("actor", _("Who acts"), none + [(one.key, _(one.title)) for one in ACTORS], row.actor),
        Choice("target", _("On whom"), none + [(one.key, _(one.title)) for one in TARGETS], row.target),
        Choice("our_link", _("Our people or projects"), [("yes", _("yes")), ("no", _("no"))], _yes_no(row.our_link)),
        Choice(
            "state",
            _("Does it concern us?"),
            [
                (Signal.State.READ.value, _("yes")),
                (Signal.State.NOT_OURS.value, _("no: not about us")),
                (Signal.State.DEAD.value, _("no: dead, nothing to read")),
            ],
            row.state,
        ),
    ]


def _corrections(row: Signal, choices: list[Choice]) -> list[Corrected]:
    fields = {one.name: one for one in choices}
    found = []
    for one in Correction.objects.filter(signal=row).select_related("by").order_by("-pk"):
        field = fields.get(one.field)
        words = dict(field.values) if field is not None else {}
        label = field.label if field is not None else one.field
        found.append(Corrected(one, label, words.get(one.before, one.before), words.get(one.after, one.after)))
    return found


def _account_was_last(row: Signal) -> bool:
    """Whether the newest word of a person that holds is one on what the text says happened."""
    judged, corrected = (
        kind.objects.filter(signal=row, undone_at=None).order_by("-at").values_list("at", flat=True).first()
        for kind in (Judgement, Correction)
    )
    return judged is not None and (corrected is None or corrected < judged)


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
