"""The page of what was learned from corrections: its versions, its words, and the press that takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.analysis.taxonomy import HARMS
from tocsin.analysis.text import learning
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.signals import teaching
from tocsin.signals.actions import RefusedError
from tocsin.signals.agreement import agreements, examples
from tocsin.signals.models import HarmModel, Signal

_VERSIONS = 30


@dataclass(frozen=True, slots=True)
class Word:
    """A feature in words: what it is, how much it weighs, and whether it speaks for the answer."""

    text: str
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Moved:
    """What a model said of a text, and the words that moved it."""

    version: int
    label: str
    probability: float
    took_its_place: bool
    words: Sequence[Word]


def title_of(label: str) -> str:
    """An answer in words."""
    own = {
        learning.NONE: _("no harm told"),
        learning.DEAD: _("dead"),
        learning.NOT_OURS: _("not about us"),
        "": _("can’t tell"),
    }
    return own.get(label) or next((_(one.title) for one in HARMS if one.key == label), label)


def _words(named: Sequence[tuple[str, float]]) -> list[Word]:
    titles = {one.key: _(one.title) for one in HARMS}
    said = []
    for name, weight in named:
        kind, _sep, text = name.partition(":")
        if kind == "harm":
            said.append(Word(_("the word list for “%(harm)s”") % {"harm": titles.get(text, text)}, "list", weight))
        elif kind == "our":
            said.append(Word(_("our own people or projects"), "list", weight))
        else:
            said.append(Word(text.strip(), "word" if kind == "w" else "letters", weight))
    return said


def moved(signal: Signal) -> Moved | None:
    """What the model of its version said of a stored text; None for a text that none was asked about.

    The words are worked out from the text each time: they are not stored beside it, and go when it expires.
    """
    told = signal.why.get("learned")
    if not told:
        return None
    model = teaching.of_version(told["version"])
    words = learning.moved_by(model, teaching.seen_of(signal), told["label"]) if model is not None else []
    return Moved(
        told["version"], title_of(told["label"]), told["probability"], bool(told["took_its_place"]), _words(words)
    )


@require_safe
@needs(Right.READ)
def page(request: HttpRequest) -> HttpResponse:
    """What stands, what it rests on, its strongest words, and every version before."""
    model = teaching.in_force()
    rows = HarmModel.objects.defer("weights").select_related("ended_by").order_by("-version")[:_VERSIONS]
    answers = [(title_of(one), _words(learning.strongest(model, one))) for one in model.classes] if model else []
    context = {
        "standing": next((one for one in rows if one.standing == HarmModel.Standing.STANDS), None),
        "rows": rows,
        "answers": answers,
        "agreements": list(agreements(examples())),
        "lessons": len(teaching.lessons_given()),
        "may_assess": person_of(request).may(Right.ASSESS),
    }
    return render(request, "signals/learned.html", context)


@require_POST
@needs(Right.ASSESS)
def back(request: HttpRequest) -> HttpResponse:
    """Take the model in force back."""
    try:
        before = teaching.take_back(person_of(request))
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        if before is None:
            messages.success(request, _("Taken back. The word lists stand alone again."))
        else:
            messages.success(request, _("Taken back. Version %(n)s stands again.") % {"n": before.version})
    return redirect("signals:learned")
