"""Every word that leaves for a phone. Written for a screen that others can see: no content, no names, no country."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.alerts.channels.base import Message
from tocsin.alerts.models import Lane, Notice, Page, Severity
from tocsin.alerts.secrets import number_of, proof_of, token_of

# What became of an alert that somebody had been told of. The reader need do nothing.
TOLD: dict[str, str | Promise] = {
    "answered": gettext_lazy("Somebody has it. You need do nothing."),
    "also": gettext_lazy("Somebody else says that they have it too. Agree who does."),
    "taken_over": gettext_lazy("Somebody took it over. You need do nothing."),
    "lapsed": gettext_lazy("Nobody confirmed it in time. It calls again."),
    "snoozed": gettext_lazy("Somebody put it off. It comes back by itself."),
    "resolved": gettext_lazy("It is resolved. You need do nothing."),
    "more": gettext_lazy("More came in under it. Please look."),
    "rest": gettext_lazy("Somebody on the rota needs rest. Please open the rota."),
    "substitute": gettext_lazy("You are asked to stand in on the rota. Please open it."),
    "swap": gettext_lazy("You are asked to swap duty. Please open the rota."),
    "gap": gettext_lazy("A rota has hours without anybody. Please open it."),
    "verify": gettext_lazy("Something that you look after is to be checked again. Please look."),
    "rule": gettext_lazy("A rule was wrong too often and wakes nobody now. Please look."),
    "plan_task": gettext_lazy("Something that you said you would do is due. Please look."),
    "plan_update": gettext_lazy("Somebody waits to hear from you how it stands. Please look."),
    "plan_lesson": gettext_lazy("Something that was to change is due. Please look."),
    "drill_task": gettext_lazy("A drill: something that you said you would do is due. Please look."),
    "drill_update": gettext_lazy("A drill: somebody waits to hear from you how it stands. Please look."),
    "drill_lesson": gettext_lazy("From a drill: something that was to change is due. Please look."),
    "promise": gettext_lazy("Something that you promised is late. Please look."),
    "sheet": gettext_lazy("A sheet that you look after was opened. You need do nothing."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that may be asked, and its answers by key, each with its words."""

    words: str | Promise
    answers: dict[str, str | Promise]


QUESTIONS: dict[str, Question] = {
    "safe": Question(
        gettext_lazy("Are you safe?"),
        {"safe": gettext_lazy("I am safe"), "help": gettext_lazy("I need help")},
    ),
    "help": Question(
        gettext_lazy("Can you help now?"),
        {"yes": gettext_lazy("I can"), "later": gettext_lazy("Later today"), "no": gettext_lazy("Not this time")},
    ),
    "checkin": Question(
        gettext_lazy("It is time to check in. Are you well?"),
        {"safe": gettext_lazy("I am well"), "help": gettext_lazy("I need help")},
    ),
    "test": Question(
        gettext_lazy("This is the test that you asked for. Did it arrive?"),
        {"arrived": gettext_lazy("It arrived")},
    ),
    "keys": Question(
        gettext_lazy("Keys of something that you look after were asked for. Please open Tocsin and look now."),
        {"seen": gettext_lazy("I have seen it")},
    ),
    "custodians": Question(
        gettext_lazy("Somebody chose who can give away keys of something that you look after. Please open Tocsin now."),
        {"seen": gettext_lazy("I have seen it")},
    ),
    "custodian": Question(
        gettext_lazy("You now keep a share of the keys of something. Please open Tocsin and look at your vault."),
        {"seen": gettext_lazy("I have seen it")},
    ),
    "standin": Question(
        gettext_lazy("Somebody on the rota needs rest. Can you stand in?"),
        {"yes": gettext_lazy("I stand in"), "no": gettext_lazy("I can’t")},
    ),
}


def message(page: Page, attempt: int) -> Message:
    """What goes out for a page: the same link and number each time that it is sent again."""
    notice = page.notice
    language = notice.person.language if notice.person is not None else ""
    with translation.override(language or settings.LANGUAGE_CODE):
        subject, text = _words(page)
    token = token_of(page.public_id)
    answerable = notice.purpose in {Notice.Purpose.ALERT, Notice.Purpose.PULSE} or bool(notice.options)
    return Message(
        page=page.public_id,
        attempt=attempt,
        code=page.code,
        subject=subject,
        text=text,
        link="" if notice.own_words else link(page),
        number=number_of(page.public_id) if answerable else "",
        reply_token=str(token) if answerable else "",
        urgent=notice.lane != Lane.QUIET,
    )


def link(page: Page) -> str:
    """The one-page, one-person address."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/a/{token_of(page.public_id)}"


def _words(page: Page) -> tuple[str, str]:
    notice = page.notice
    name = settings.PAGING.pager_name
    if notice.own_words:
        return notice.own_words[:60], notice.own_words
    if notice.purpose == Notice.Purpose.VERIFY:
        number = proof_of(page.public_id)
        return name, _("%(name)s: type %(number)s to prove that this is yours.") % {"name": name, "number": number}
    if notice.purpose == Notice.Purpose.PULSE:
        return f"{name} · {page.code}", _("The pager's own heartbeat. Nobody need read it.")
    if notice.purpose == Notice.Purpose.TOLD:
        told = TOLD.get(notice.words, TOLD["answered"])
        return f"{name} · {page.code}", f"{name} {page.code}: {told} {link(page)}"
    if notice.purpose == Notice.Purpose.ASK:
        return f"{name} · {page.code}", _asking(page, name)
    # What is only practised says so first: nobody is to fear for somebody who is in no danger.
    name = _("DRILL %(name)s") % {"name": name} if _is_drill(notice) else name
    return f"{name} · {page.code}", _calling(page, name)


def _is_drill(notice: Notice) -> bool:
    """Whether everything that it calls about is a drill."""
    return notice.alerts.exists() and not notice.alerts.filter(alert__drill=False).exists()


def _calling(page: Page, name: str) -> str:
    says = page.address is not None and page.address.says_severity
    severity = Severity(page.notice.severity) if says else None
    opens = f"{link(page)} {_number(page)}"
    return calling(f"{name} {page.code}", severity, page.notice.alerts.count(), opens)


def calling(begin: str, severity: Severity | None, count: int, opens: str) -> str:
    """The words of a page about so many alerts; ``opens`` is what stands at their end: the link and the number."""
    if severity is not None:
        begin += f" ({severity.label})"
    ask = ngettext("Please look.", "Please look: %(count)d together.", count) % {"count": count}
    return f"{begin}: {ask} {opens}"


def _number(page: Page) -> str:
    return _("Number: %(number)s") % {"number": number_of(page.public_id)}


def _asking(page: Page, name: str) -> str:
    question = QUESTIONS.get(page.notice.words, QUESTIONS["checkin"])
    number = number_of(page.public_id)
    replies = " / ".join(f"{number} {one.upper()}" for one in page.notice.options)
    return f"{name} {page.code}: {question.words} {link(page)} " + _("Or reply: %(replies)s") % {"replies": replies}
