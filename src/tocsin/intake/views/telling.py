"""The way from “what is happening” to the receipt: one thing a page, one address for all of them."""

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from tocsin.intake import actions, desks, drafts, pages, proofs, receipts, storing
from tocsin.intake.configured import LONGEST_TEXT, door
from tocsin.intake.drafts import Draft
from tocsin.intake.queueing import Makers
from tocsin.intake.views.plain import closed, wrong
from tocsin.keys.uploads import Fault, Posted

STEPS: Final = ("tell", "now", "who", "answer", "check", "files")
FAULTS: Final = {
    Fault.FILE: "error_file",
    Fault.TOTAL: "error_total",
    Fault.ROOM: "error_room",
    Fault.LONG: "error_long",
    Fault.BROKEN: "error_broken",
    Fault.BUSY: "error_busy",
    Fault.FOREIGN: "error_old",
}
# Whoever presses twice must see their words: the browser shows the second answer only.
_SHOWN_AGAIN_FOR: Final = 300.0
_SHOWN_AT_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Page:
    """A step as it is to be shown."""

    step: str
    draft: Draft
    fault: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
async def tell(request: HttpRequest, language: str) -> HttpResponse:
    """One step after the other. What was said so far comes and goes sealed in the page."""
    posted: Posted | None = request.scope.get("tocsin.posted")  # type: ignore[attr-defined]  # an ASGI request
    if not desks.read(door().folder).usable:
        return closed(request, language)
    if request.method != "POST":
        return _show(request, language, _Page("tell", Draft()))
    if posted is None:
        return closed(request, language)
    draft, step = drafts.reopen(posted.one("draft")), posted.one("at")
    if draft is None or step not in STEPS:
        return _lost(request, language, posted)
    draft = draft.with_step(step, posted)
    if posted.fault is not None:
        return _show(request, language, _Page(step, draft, FAULTS[posted.fault]), status=400)
    go = posted.one("go")
    if go in {"language", "before"}:
        return _show(request, language, _Page(step if go == "language" else _beside(step, -1), draft))
    if fault := _fault(step, draft, language):
        return _show(request, language, _Page(step, draft, fault), status=400)
    if go == "send":
        return await _send(request, language, draft, posted)
    return _show(request, language, _Page(_beside(step, 1), draft))


def _beside(step: str, by: int) -> str:
    return STEPS[min(max(STEPS.index(step) + by, 0), len(STEPS) - 1)]


def _lost(request: HttpRequest, language: str, posted: Posted) -> HttpResponse:
    """The page was too old, or broken: what was written on this page at least is given back."""
    fault = FAULTS[posted.fault] if posted.fault else "error_old"
    if posted.one("text"):
        return _show(request, language, _Page("tell", Draft().with_step("tell", posted), fault), status=400)
    return wrong(request, language, fault)


def _fault(step: str, draft: Draft, language: str) -> str:
    """What is missing on a page, as the key of a sentence; empty if nothing."""
    if step in {"tell", "check"} and not draft.text:
        return "error_empty"
    if step in {"tell", "check"} and len(draft.text.encode()) > LONGEST_TEXT:
        return "error_long"
    if step == "answer" and not draft.answer:
        return "error_choice"
    if step == "answer" and draft.answer == "channel" and not draft.where:
        return "error_where"
    if step == "who" and _desk(draft, language) is None:
        return "who_none_left"
    return ""


def _desk(draft: Draft, language: str) -> desks.Desk | None:
    return desks.read(door().folder).choose(language, desks.named(draft.hidden))


async def _send(request: HttpRequest, language: str, draft: Draft, posted: Posted) -> HttpResponse:
    if (desk := _desk(draft, language)) is None:
        return _show(request, language, _Page("who", draft, "who_none_left"), status=400)
    proven = proofs.holds(posted.one("proof"))
    words, receipt = await makers().run(partial(receipts.make, door(), language), proven)
    accept = partial(
        actions.accept, draft, desks.named(draft.hidden), language, desk, receipt, storing.sealed_of(posted)
    )
    if await sync_to_async(accept)():
        _remember(draft.form, words)
        return pages.page(request, "receipt.html", language, words=words)
    if words := _remembered(draft.form):
        return pages.page(request, "receipt.html", language, words=words)
    return pages.page(request, "already.html", language)


@cache
def makers() -> Makers:
    """The line of those who send."""
    return Makers()


_shown: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()


def _remember(form: str, words: list[str]) -> None:
    """In memory, for some minutes."""
    while len(_shown) >= _SHOWN_AT_MOST:
        _shown.popitem(last=False)
    _shown[form] = (time.monotonic(), words)


def _remembered(form: str) -> list[str]:
    forget_shown()
    return _shown[form][1] if form in _shown else []


def forget_shown() -> None:
    """Forget words that were shown some minutes ago."""
    while _shown and time.monotonic() - next(iter(_shown.values()))[0] > _SHOWN_AGAIN_FOR:
        _shown.popitem(last=False)


def _show(request: HttpRequest, language: str, page: _Page, status: int = 200) -> HttpResponse:
    words = pages.words(language)
    context = _CONTEXTS[page.step](page.draft, language) if page.step in _CONTEXTS else {}
    # On the page where they stand to be changed the words need not travel twice.
    draft = replace(page.draft, text="") if page.step in {"tell", "check"} else page.draft
    return pages.page(
        request,
        f"{page.step}.html",
        language,
        status=status,
        step=page.step,
        progress=words.filled("step", number=STEPS.index(page.step) + 1, total=len(STEPS)),
        draft=page.draft,
        sealed=drafts.close(draft),
        fault=page.fault,
        ask=proofs.challenge(proofs.bits_for(makers().waiting())),
        **context,
    )


def _of_tell(draft: Draft, language: str) -> dict[str, Any]:
    return {"kinds": _choices("kind", drafts.KINDS, draft.kind, language)}


def _of_now(draft: Draft, language: str) -> dict[str, Any]:
    return {
        "safe": _choices("safe", drafts.SAFE, draft.safe, language),
        "urgency": _choices("urgency", drafts.URGENCY, draft.urgency, language),
    }


def _of_who(draft: Draft, language: str) -> dict[str, Any]:
    found = desks.read(door().folder)
    groups = [(f"desk:{one.id}", one.name(language)) for one in found.usable]
    people = [(f"person:{one.id}", one.name) for one in found.people()]
    return {
        "groups": [(value, name, value in draft.hidden) for value, name in groups],
        "people": [(value, name, value in draft.hidden) for value, name in people],
    }


def _of_answer(draft: Draft, language: str) -> dict[str, Any]:
    return {"answers": _choices("answer", drafts.ANSWERS, draft.answer, language)}


def _of_check(draft: Draft, language: str) -> dict[str, Any]:
    words, found = pages.words(language), desks.read(door().folder)
    who = _of_who(draft, language)
    names = [name for _, name, marked in [*who["people"], *who["groups"]] if marked]
    desk = found.choose(language, desks.named(draft.hidden))
    said = [
        ("check_urgency", words[f"urgency_{draft.urgency}"] if draft.urgency else ""),
        ("check_safe", words[f"safe_{draft.safe}"] if draft.safe else ""),
        ("check_answer", "\n".join([words[f"answer_{draft.answer}"], draft.where, draft.when, draft.say]).strip()),
        ("check_who", ", ".join(names) or words["check_nobody"]),
        ("check_desk", desk.name(language) if desk else ""),
    ]
    return {"said": [(words[key], value) for key, value in said if value]}


def _choices(name: str, values: tuple[str, ...], chosen: str, language: str) -> list[tuple[str, str, bool]]:
    words = pages.words(language)
    return [(value, words[f"{name}_{value}"], value == chosen) for value in values]


_CONTEXTS: Final = {"tell": _of_tell, "now": _of_now, "who": _of_who, "answer": _of_answer, "check": _of_check}
