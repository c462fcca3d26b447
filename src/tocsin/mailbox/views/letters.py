"""One letter: what it says, what to do first, both clocks, and every act."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.alerts import words as alerts
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import actions, arriving, checklists, desks, files, letters, onward, phrases, words
from tocsin.mailbox.forms import AsideForm, ConflictForm, IntoForm, ReplyForm
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.mail import openpgp
from tocsin.mailbox.models import Letter, Withdrawal
from tocsin.mailbox.views.acting import for_members, tried
from tocsin.people.models import Person


@require_safe
@for_members
def letter(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
    """One letter, opened. That it was opened stands in the desk's log."""
    one = letters.one(vault, number)
    one.safe.log("opened", letter=number.hex)
    return render(request, "mailbox/letter.html", _context(request, one))


@require_safe
@for_members
def arrival(request: HttpRequest, vault: OpenVault, number: str) -> HttpResponseBase:
    """The letter that an alert called about. Which one it is, is sealed."""
    public_id, _dot, called = number.partition(".")
    found = letters.by_arrival(*desks.one(vault, public_id), called)
    return redirect("mailbox:letter", found) if found is not None else redirect("mailbox:index")


def _context(request: HttpRequest, one: Opened) -> dict[str, Any]:
    content, row = one.content, one.letter
    spoken = phrases.of(request.GET.get("language") or row.language)
    english = {phrase.key: phrase.text for phrase in phrases.of("en").acknowledge}
    kind = request.GET.get("kind", content.kind)
    people = Person.objects.in_bulk({line.by for line in one.did} | set(content.hidden) | {content.by})
    return {
        "one": one,
        "letter": row,
        "content": content,
        "door": words.DOORS.get(row.door, row.door),
        "kind": words.KINDS.get(content.kind, ""),
        "is_safe": words.SAFE.get(content.safe, ""),
        "urgency": words.URGENCY.get(row.urgency or content.urgency, ""),
        "language_of_it": alerts.language_name(row.language) if row.language else "",
        "clocks": [(words.CLOCKS[each.clock], each) for each in one.head.clocks],
        "checklist": checklists.of(kind),
        "lists": [(key, each.title) for key, each in checklists.LISTS.items()],
        "reaches": _reaches(one),
        "spoken": spoken,
        "spoken_name": alerts.language_name(spoken.code),
        "phrases": [(phrase, english.get(phrase.key, "")) for phrase in spoken.acknowledge],
        "languages": [(code, alerts.language_name(code)) for code in phrases.languages()],
        "reply": ReplyForm(initial={"subject": spoken.acknowledge[0].subject}),
        "needs_subject": row.door == "mail" and not content.sender_key,
        "aside": AsideForm(),
        "conflict": ConflictForm(_outside(one)),
        "case": _into_form(one, None),
        "did": [(line, people.get(line.by), words.VERBS.get(line.verb, line.verb)) for line in reversed(one.did)],
        "hidden": [people[each].name for each in content.hidden if each in people],
        "typed_by": people.get(content.by),
        "fingerprint": openpgp.fingerprint(content.sender_key) if content.sender_key else "",
        "follows": _before(one),
        "wish": Withdrawal.objects.filter(lookup=bytes(row.lookup)).first() if row.wish else None,
        "held": desks.held(one.desk),
        "files": [(each, files.is_here(each)) for each in content.files],
        "open": row.state not in {Letter.State.DONE, Letter.State.ASIDE},
    }


def _outside(one: Opened) -> list[Person]:
    """Who could be called and does not read this desk."""
    inside = arriving.members(one.desk)
    return [each for each in Person.objects.filter(is_active=True).order_by("name", "pk") if each.pk not in inside]


def _into_form(one: Opened, given: QueryDict | None) -> IntoForm | None:
    found = onward.way()
    if one.content.unreadable and not one.content.encrypted:
        return None
    return IntoForm(found.choices(one.safe.vault), given) if found is not None else None


@require_POST
@for_members
def into(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
    """Put a letter into a case, or begin one with it."""
    one, way = letters.one(vault, number), onward.way()
    form = _into_form(one, request.POST)
    if way is None or form is None or not form.is_valid():
        messages.error(request, _("Choose a case, or say in a line what the new one is about, without a name."))
        return redirect("mailbox:letter", number)
    address: list[str] = []
    given = form.cleaned_data
    said = _("It stands in the case now. Here it is finished.")
    done = tried(request, lambda: address.append(way.put(vault, one, given["case"], given["line"])), said)
    return redirect(address[0]) if done else redirect("mailbox:letter", number)


def _reaches(one: Opened) -> str:
    """Where an answer from here goes; empty when it can go nowhere."""
    if one.content.box:
        return _("to their box at the door, sealed")
    if one.letter.door == "mail" and one.content.sender:
        return _("to %(sender)s") % {"sender": one.content.sender}
    if one.letter.door == "signal" and one.content.sender:
        return _("to %(sender)s by Signal") % {"sender": one.content.sender}
    return ""


def _before(one: Opened) -> list[Letter]:
    """Other letters from the same box."""
    lookup = bytes(one.letter.lookup)
    if not lookup:
        return []
    return list(one.desk.letters.filter(lookup=lookup).exclude(pk=one.letter.pk).order_by("arrived_on"))


def _acting(act: Callable[[HttpRequest, OpenVault, Opened], object]) -> Callable[..., HttpResponseBase]:
    @require_POST
    @for_members
    def view(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
        act(request, vault, letters.one(vault, number))
        return redirect("mailbox:letter", number)

    return view


def _acknowledge(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    chosen = phrases.one(request.POST.get("language", ""), request.POST.get("phrase", ""))
    send = request.POST.get("said") != "1"
    said = _("Sent. The first clock has stopped.") if send else _("Noted. The first clock has stopped.")
    return tried(request, lambda: actions.acknowledge(vault, one, chosen.subject, chosen.text.strip(), send=send), said)


def _reply(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    text, subject = request.POST.get("text", ""), request.POST.get("subject", "")[:120]
    send = request.POST.get("said") != "1"
    said = _("Answered. Both clocks have stopped.")
    return tried(request, lambda: actions.reply(vault, one, subject, text, send=send), said)


def _aside(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    why = request.POST.get("why", "")
    if why not in Letter.Aside.values:
        return False
    said = _("Set aside. You can take it back until its key is destroyed.")
    return tried(request, lambda: actions.set_aside(vault, one, Letter.Aside(why)), said)


def _back(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    return tried(request, lambda: actions.take_back(vault, one), _("It waits again."))


def _finish(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    said = _("Finished. Its words go when its key is destroyed, a week or so from now.")
    return tried(request, lambda: actions.finish(vault, one), said)


def _conflict(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    given = request.POST.get("person", "")
    person = Person.objects.filter(pk=int(given) if given.isdecimal() and len(given) < 18 else 0).first()
    if person is None:
        return False
    said = _("Noted. Nothing about this letter calls %(who)s any more.") % {"who": person.name}
    return tried(request, lambda: actions.keep_from(vault, one, person), said)


def _freeze(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    frozen = request.POST.get("frozen") == "1"
    said = _("The box looks empty from now on.") if frozen else _("The box shows answers again.")
    return tried(request, lambda: actions.freeze(vault, one, frozen=frozen), said)


def _called_back(request: HttpRequest, vault: OpenVault, one: Opened) -> object:
    return tried(request, lambda: actions.call_back(vault, one), _("Noted: they meant it."))


@require_POST
@for_members
def destroy(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
    """Do what the sender asked for, once it was made sure."""
    one = letters.one(vault, number)
    if tried(request, lambda: actions.destroy(vault, one), _("It is gone, and so is their box.")):
        return redirect("mailbox:index")
    return redirect("mailbox:letter", number)


called_back, conflict = _acting(_called_back), _acting(_conflict)
acknowledge, reply, aside = _acting(_acknowledge), _acting(_reply), _acting(_aside)
back, finish, freeze = _acting(_back), _acting(_finish), _acting(_freeze)


@require_safe
@for_members
def file(request: HttpRequest, vault: OpenVault, number: UUID, place: int) -> HttpResponseBase:
    """One thing that came along, as a download: nothing of it is ever shown as a page of ours."""
    one = letters.one(vault, number)
    if place >= len(one.content.files):
        raise Http404
    found = one.content.files[place]
    if not files.is_here(found):
        messages.error(request, _("This file is not here. Ask the sender for it again."))
        return redirect("mailbox:letter", number)
    one.safe.log("file", letter=number.hex, file=place)
    if not found.place:
        answer: HttpResponseBase = HttpResponse(found.data, content_type="application/octet-stream")
    else:
        answer = StreamingHttpResponse(files.pieces(found), content_type="application/octet-stream")
        answer["Content-Length"] = str(found.size)
    return _as_download(answer, found.name)


@require_safe
@for_members
def raw(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
    """What can't be read here, as it came, for a machine that may break."""
    one = letters.one(vault, number)
    if not one.content.unreadable:
        raise Http404
    one.safe.log("file", letter=number.hex, file="raw")
    return _as_download(HttpResponse(letters.raw(one), content_type="application/octet-stream"), "letter.raw")


def _as_download(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = files.disposition(name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
