"""The log of a case, for its owners and an auditor: who did what, when and why, by ids and keyed hashes alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tocsin.cases import access, looking
from tocsin.cases.evidence.items import Act
from tocsin.cases.evidence.wording import act_words
from tocsin.cases.kinds.base import Words
from tocsin.cases.roles import COMPARTMENTS, LOOKS, PURPOSES, ROLES
from tocsin.cases.views.opening import in_case, page
from tocsin.keys.safes import OpenSafe

_PAGE = 200
_FORMS: Final = ("add", "step", "correct", "heard", "share")
_PAGES: Final[Mapping[str, Words]] = {
    "case": gettext_lazy("the overview"),
    "people": gettext_lazy("the people"),
    "log": gettext_lazy("this log"),
    "close": gettext_lazy("how it is closed"),
    "keeping": gettext_lazy("how long it is kept"),
    "reseal": gettext_lazy("what is sealed anew"),
    "handover": gettext_lazy("the hand-over sheet"),
    **dict.fromkeys(_FORMS, gettext_lazy("a form")),
}
# Sentences; {who}, {where}, {whom}, {day} are put in. A code that is not known is shown as it is.
LINES: Final[Mapping[str, Words]] = {
    "founded": gettext_lazy("{who} began the case."),
    "viewed": gettext_lazy("{who} looked at {where}."),
    "wrote": gettext_lazy("{who} wrote a record in {where}."),
    "did": gettext_lazy("{who} did a further step of a record in {where}."),
    "corrected": gettext_lazy("{who} corrected a record in {where}."),
    "ticked": gettext_lazy("{who} ticked a step of a protocol in {where}."),
    "identity": gettext_lazy("{who} opened who it is about."),
    "evidence": gettext_lazy("{who} worked with a piece of evidence: {act}."),
    "let_in": gettext_lazy("{who} let in {whom} as {role}."),
    "put_out": gettext_lazy("{who} put out {whom}."),
    "kept_out": gettext_lazy("{who} wrote down somebody who is kept out."),
    "duty": gettext_lazy("{who} chose who opens the duty sheet: {whom}."),
    "followed": gettext_lazy("The duty sheet followed the rota in a session of {who}: {whom}."),
    "sheet": gettext_lazy("{who} opened the duty sheet. The owners were told."),
    "heard": gettext_lazy("{who} heard from the person."),
    "duress": gettext_lazy("{who} heard the word for danger; duty was called."),
    "closed": gettext_lazy("{who} closed the case."),
    "reopened": gettext_lazy("{who} opened the case again."),
    "timer": gettext_lazy("Its clock began: it is kept until {day}."),
    "timer extended": gettext_lazy("{who} keeps it longer, until {day}: {reason}"),
    "timer stopped": gettext_lazy("Its clock was stopped by {who}."),
    "end_asked": gettext_lazy("{who} asked another owner to shred it."),
    "end_taken_back": gettext_lazy("{who} lets it be kept after all."),
    "counted": gettext_lazy("{who} counted it for a report, with others."),
    "desk": gettext_lazy("{who} saw what is due of it on their desk."),
    "handed_over": gettext_lazy("{who} opened the hand-over sheet."),
    "shared": gettext_lazy("{who} made a sealed link for an ally."),
    "answered": gettext_lazy("An ally’s answer was taken in, in a session of {who}."),
    "custodians": gettext_lazy("{who} chose its custodians: {whom}."),
    "recovery asked": gettext_lazy("{who} asked the custodians to give its keys to {whom}."),
    "recovery agreed": gettext_lazy("{who} agreed, as a custodian, to give its keys."),
    "recovery stopped": gettext_lazy("{who} stopped the giving of its keys."),
    "recovered": gettext_lazy("{who} got its keys from the custodians: {whom}."),
    "shredded": gettext_lazy("{who} shredded {where}."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as it is read. ``record`` is a keyed hash; ``purpose`` is empty where none is asked for."""

    at: datetime
    words: str
    purpose: str
    record: str


@require_safe
@in_case
def log(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """Who opened and did what, when, and why. An auditor reads ids; an owner the names of colleagues."""
    if "log" not in safe.compartments:
        raise Http404
    read = list(reversed(safe.read_log()))
    names = _names(read) if safe.me.role == "owner" else {}
    code, person = request.GET.get("code", ""), request.GET.get("who", "")
    wanted = [one for one in read if code in {"", one["code"]} and person in {"", str(one.get("by", ""))}]
    shown = wanted if request.GET.get("all") else wanted[:_PAGE]
    lines = [_line(one, names) for one in shown]
    people = sorted({int(one["by"]) for one in read if "by" in one})
    more: dict[str, Any] = {
        "lines": lines,
        "older": len(wanted) - len(shown),
        "by_id": not names,
        "people": [(str(one), _who(one, names)) for one in people],
        "who": person,
    }
    return page(request, safe, "log", current="log", **more)


def _names(read: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    found: set[int] = set()
    for one in read:
        found |= {int(one.get("by", 0)), *_others(one)}
    return {number: person.name for number, person in access.people(found).items()}


def _others(one: Mapping[str, Any]) -> Collection[int]:
    """Whom a line is about, beside who did it."""
    single = [one[name] for name in ("person", "holder") if name in one]
    return [int(each) for name in ("people", "let_in", "put_out", "agreed") for each in one.get(name, [])] + single


def _who(number: int, names: Mapping[int, str]) -> str:
    return names.get(number) or (_("Person %(number)s") % {"number": number} if number else _("somebody"))


def _line(one: Mapping[str, Any], names: Mapping[int, str]) -> Shown:
    day = parse_date(str(one.get("due") or one.get("until") or ""))
    given = {
        "who": _who(int(one.get("by", 0)), names),
        "where": _where(one),
        "whom": ", ".join(_who(each, names) for each in _others(one)) or _("nobody"),
        "role": str(ROLES.get(str(one.get("role", "")), "")),
        "act": _act(str(one.get("act", ""))),
        "day": date_format(day) if day else "–",
        "reason": str(one.get("reason", "")),
    }
    code = str(one["code"])
    words = str(LINES[code]).format(**given) if code in LINES else f"{given['who']}: {code}"
    why = str(one.get("purpose", ""))
    purpose = str(LOOKS.get(why, "") or PURPOSES.get(why, ""))
    return Shown(datetime.fromisoformat(one["at"]), words, purpose, str(one.get("record", "")))


def _act(act: str) -> str:
    return act_words(Act(act)) if act in set(Act) else _("read its description")


def _where(one: Mapping[str, Any]) -> str:
    part, shown = str(one.get("compartment", "")), str(one.get("page", ""))
    named = COMPARTMENTS.get(part)
    if named and shown in _FORMS:
        return _("a form of %(part)s") % {"part": named}
    return str(named or _PAGES.get(shown) or _("the overview"))


@require_POST
@in_case
def purpose(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Say why one looks, for this session and this case."""
    looking.choose(request, safe.id, request.POST.get("purpose", ""))
    return redirect("cases:case", safe.id)
