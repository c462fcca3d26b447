"""The page of triage: one text after another, each answered by one key; every answer can be taken back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tocsin.analysis.taxonomy import HARMS
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import account_views, expecting, judging
from tocsin.signals import actions as signals
from tocsin.signals.access import access_correction, access_judgement, access_signal
from tocsin.signals.learned import moved
from tocsin.signals.models import Correction, Signal
from tocsin.signals.passages import pieces
from tocsin.situations import actions, triage
from tocsin.situations.access import access_event, access_situation
from tocsin.situations.models import Situation
from tocsin.streams import masking

_LAST = "triage_last"
_SHOWN = 1_600
_PLACE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)-([0-9]{1,18})")
_NUMBER = re.compile(r"[0-9]{1,18}")
# The gravest kinds lie under the digits, the rest under the row of letters below them.
KEYS = {
    "disappearance": "1", "killing": "2", "violence": "3", "self-harm": "4", "arrest": "5", "threat": "6",
    "surveillance": "7", "affiliate-attack": "8", "legal-demand": "9", "": "0",
    "site-ban": "q", "throttling": "w", "shutdown": "e", "law": "r", "disinformation": "t", "capture": "y",
}  # fmt: skip
_CANT_TELL, _DEAD, _NOT_OURS, _ACCEPT = "abstain", "dead", "not_ours", "accept"
_PICKED = "kind"  # out of the list that a phone shows in place of the buttons


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of harm with its key; ``now``: what the machine says."""

    value: str
    title: str
    key: str
    now: bool


@require_safe
@needs(Right.ASSESS)
def page(request: HttpRequest) -> HttpResponse:
    """The text that waits next, or the one that the address names, with everything needed to answer for it."""
    person = person_of(request)
    rows = triage.waiting(person).select_related("item__source").defer("terms", "fingerprint", "item__original")
    place = _place(request.GET.get("after", ""))
    queue = list(triage.behind(rows, place)[: triage.AHEAD + 1])
    chosen = request.GET.get("text", "")
    hand = access_signal(person, int(chosen)) if _NUMBER.fullmatch(chosen) else next(iter(queue), None)
    ahead = [one for one in queue if hand is None or one.pk != hand.pk][: triage.AHEAD]
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    context: dict[str, object] = {
        "hand": hand,
        "ahead": ahead,
        "after": request.GET.get("after", "") if place is not None else "",
        "progress": triage.progress(person, midnight),
        "unjudged": triage.unjudged(person),
        "last": _last(request, person),
        "ours_weighs": f"{expecting.OURS:.0f}",
    }
    if hand is not None:
        context |= _in_hand(person, hand)
    return render(request, "situations/triage.html", context)


def _in_hand(person: Person, hand: Signal) -> dict[str, object]:
    text = hand.item.text if hand.item is not None else ""
    copies = triage.together(person, hand, siblings=False)
    return {
        "beside": triage.beside(person, hand),
        "alike": len(triage.together(person, hand, siblings=True)) - len(copies),
        "copies": len(copies) - 1,
        "pieces": pieces(hand.item, _rests_on(hand), _SHOWN) if hand.item is not None else [],
        "hidden": hand.item is not None and bool(masking.spans_of(hand.item)),
        "cut": len(text) > _SHOWN,
        "kinds": _kinds(hand),
        "moved": moved(hand),
        "chance": expecting.chance(hand),
        "answered": triage.answered(hand),
        "behind": f"{hand.expected}-{hand.pk}",
        "account": account_views.shown(hand),
    }


def _kinds(hand: Signal) -> list[Kind]:
    titles = {one.key: _(one.title) for one in HARMS} | {"": _("No harm told")}
    return [Kind(key or "none", titles[key], pressed, key == hand.harm) for key, pressed in KEYS.items()]


def _rests_on(hand: Signal) -> list[tuple[int, int]]:
    """The spans that the verdict rests on; none in an exercise, whose texts are read without its mark."""
    spans = [] if hand.exercise else hand.why.get("harm_spans", []) + hand.why.get("our_spans", [])
    return [(one[0], one[1]) for one in spans]


def _place(written: str) -> tuple[float, int] | None:
    found = _PLACE.fullmatch(written)
    return (float(found[1]), int(found[2])) if found else None


def _onward(request: HttpRequest, text: int | None = None) -> HttpResponse:
    after = request.POST.get("after", "")
    asked = {"after": after} if _place(after) else {}
    if text is not None:
        asked["text"] = str(text)
    address = reverse("triage:page")
    return redirect(f"{address}?{urlencode(asked)}" if asked else address)


@require_POST
@needs(Right.ASSESS)
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Answer for one text and its copies; with ``alike`` also for what waits beside it and reads the same."""
    person = person_of(request)
    row = access_signal(person, number)
    before = triage.answered(row)
    if before is not None and str(before.pk) != request.POST.get("seen", ""):
        name = before.by.name if before.by is not None else _("Somebody")
        words = _(
            "%(name)s answered for “%(title)s” a moment ago. Your answer was not kept; open the text to change it."
        )
        messages.warning(request, words % {"name": name, "title": row.title})
        return _onward(request)
    said = request.POST.get("do", "")
    if said == _PICKED:
        said = request.POST.get("kind", "")
        if not said:
            messages.error(request, _("Choose a kind of harm first; nothing was kept."))
            return _onward(request, row.pk)
    if said not in {_ACCEPT, _DEAD, _NOT_OURS, _CANT_TELL} and said.removeprefix("harm:") not in _harms():
        messages.error(request, _("That is no answer. Press one of the buttons."))
        return _onward(request, row.pk)
    rows = triage.together(person, row, siblings="alike" in request.POST)
    with transaction.atomic():
        made = [_answer(person, one, said, row.harm) for one in rows]
    request.session[_LAST] = {"corrections": [[one.signal_id, one.pk] for one in made]}
    return _onward(request)


def _harms() -> set[str]:
    return {"none", *(one.key for one in HARMS)}


def _answer(person: Person, row: Signal, said: str, read: str) -> Correction:
    if said == _CANT_TELL:
        return signals.abstain(person, row)
    if said in (_DEAD, _NOT_OURS):
        return signals.correct(person, row, "state", said)
    if said == _ACCEPT:
        return signals.correct(person, row, "harm", read)
    key = said.removeprefix("harm:")
    return signals.correct(person, row, "harm", "" if key == "none" else key)


@require_POST
@needs(Right.ASSESS)
def account(request: HttpRequest, number: int) -> HttpResponse:
    """Take a person's word on what the text in hand says happened; the text stays in hand."""
    person = person_of(request)
    row = access_signal(person, number)
    made = account_views.take(request, person, row)
    if made:
        request.session[_LAST] = {"judgements": [[row.pk, one.pk] for one in made]}
    return _onward(request, row.pk)


def _at_home(request: HttpRequest, number: int) -> tuple[Person, Signal, Situation | None]:
    """Who asks, the text, and the situation that it is in; where there is none, they are told so."""
    person = person_of(request)
    row = access_signal(person, number)
    home = triage.beside(person, row).situation
    if home is None:
        messages.error(request, _("This text is in no situation."))
    return person, row, home


@require_POST
@needs(Right.ASSESS)
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Take the situation of this text into another one that is the same development."""
    person, row, home = _at_home(request, number)
    if home is None:
        return _onward(request, row.pk)
    try:
        into = access_situation(person, request.POST.get("into", "").strip().rstrip("/").rsplit("/", 1)[-1])
        event = actions.merge(person, into, home)
    except Http404:
        messages.error(request, _("Choose the situation that is the same development."))
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        request.session[_LAST] = {"event": [into.public_id, event.pk]}
        messages.success(request, _("Merged into “%(title)s”.") % {"title": into.title})
    return _onward(request, row.pk)


@require_POST
@needs(Right.ASSESS)
def split(request: HttpRequest, number: int) -> HttpResponse:
    """Let this text begin a situation of its own."""
    person, row, home = _at_home(request, number)
    if home is None:
        return _onward(request, row.pk)
    try:
        made = actions.split(person, home, [row.pk])
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        line = made.events.order_by("-pk").first()
        request.session[_LAST] = {"event": [made.public_id, line.pk if line is not None else 0]}
        messages.success(request, _("Split off: the text stands in a situation of its own."))
    return _onward(request, row.pk)


@require_POST
@needs(Right.ASSESS)
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last step back: an answer for one text or several, a word on what happened, a merge, or a split."""
    person = person_of(request)
    last = request.session.pop(_LAST, None) or {}
    text = None
    try:
        with transaction.atomic():
            for signal, number in last.get("corrections", []):
                signals.undo(person, access_correction(person, signal, number))
            for signal, number in last.get("judgements", []):
                judging.undo(person, access_judgement(person, signal, number))
            if "event" in last:
                situation = access_situation(person, last["event"][0])
                actions.undo(person, access_event(person, situation, last["event"][1]))
    except (signals.RefusedError, actions.RefusedError) as refusal:
        messages.error(request, refusal.args[0])
    else:
        done = last.get("corrections") or last.get("judgements")
        if done:
            text = done[0][0]
        said = (
            _("Undone.") if last else _("There is nothing to undo. Earlier steps are undone on the page of each text.")
        )
        messages.success(request, said)
    return _onward(request, text)


def _last(request: HttpRequest, person: Person) -> str:
    """The step that can be taken back, in words; empty for none."""
    last = request.session.get(_LAST) or {}
    if "event" in last:
        return _("a merge or a split")
    if "judgements" in last:
        return _("what you said of what happened")
    done: Sequence[Sequence[int]] = last.get("corrections", [])
    if not done:
        return ""
    try:
        row = access_correction(person, *done[0])
    except Http404:
        return ""
    title = row.signal.title[:80]
    if len(done) == 1:
        return _("your answer for “%(title)s”") % {"title": title}
    words = ngettext("your answer for %(n)s text", "your answer for %(n)s texts", len(done))
    return words % {"n": len(done)}
