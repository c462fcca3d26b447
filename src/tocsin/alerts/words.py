"""What pages say about alerts, in the reader's language. What leaves for a phone is in ``wording``."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from tocsin.alerts.channels.here import channels
from tocsin.alerts.models import Alert, Reached
from tocsin.alerts.titles import titles
from tocsin.lib.locales import reader_locale
from tocsin.people.models import Person
from tocsin.people.roles import Right

Words = str | Promise

KINDS: Mapping[str, Words] = {
    "situation": gettext_lazy("A situation"),
    "source": gettext_lazy("A source that is silent"),
    "blind": gettext_lazy("A blind spot"),
    "person": gettext_lazy("Somebody asks for help"),
    "webhook": gettext_lazy("Another system"),
    "integration": gettext_lazy("Alerts of another system don’t come through"),
    "pager": gettext_lazy("The pager itself"),
    "drill": gettext_lazy("A drill"),
    "rollcall": gettext_lazy("A roll-call"),
    "journey": gettext_lazy("A journey"),
    "silence": gettext_lazy("Several people are silent"),
    "case": gettext_lazy("Somebody must be looked after"),
    "plan_ask": gettext_lazy("A plan waits for a yes or no"),
    "plan_ratify": gettext_lazy("Something was done first and waits for a yes or no"),
    "plan_silent": gettext_lazy("A plan under way is silent"),
    "plan_overdue": gettext_lazy("A task of a plan is overdue"),
    "plan_lesson": gettext_lazy("What a debrief promised is overdue"),
    "letter": gettext_lazy("A report came in"),
    "letters": gettext_lazy("Many reports came in"),
    "letter_late": gettext_lazy("Somebody waits for an answer"),
    "letter_wish": gettext_lazy("Somebody takes back what they entrusted to us"),
    "signal_lost": gettext_lazy("A Signal message may be lost: ask those who wrote to write again"),
    "door_stuck": gettext_lazy("Something at the public door can’t be brought in"),
    "mail_silent": gettext_lazy("Mail to the emergency address may not arrive"),
}
# One alert for all of a plan, which counts each once.
_MANY = {
    "plan_overdue": ngettext_lazy("%(n)s task of a plan became overdue", "%(n)s tasks of a plan became overdue", "n"),
    "plan_lesson": ngettext_lazy(
        "%(n)s thing that a debrief promised became overdue", "%(n)s things that a debrief promised became overdue", "n"
    ),
}
VIA: Mapping[str, Words] = {
    "console": gettext_lazy("in the console"),
    "link": gettext_lazy("by the link in a message"),
    "sms": gettext_lazy("by text message"),
    "signal": gettext_lazy("by Signal"),
    "voice": gettext_lazy("by the keys of a phone"),
    "mail": gettext_lazy("by e-mail"),
    "api": gettext_lazy("by a program"),
    "rule": gettext_lazy("by a rule"),
}
WITHHELD: Mapping[str, Words] = {
    "precision": gettext_lazy("Its rule was wrong too often, so it wakes nobody: it waits for the day."),
    "budget": gettext_lazy("Its rule has used up its pages of the week, so it wakes nobody: it waits for the day."),
}
REASONS: Mapping[str, Words] = {
    "waiting": gettext_lazy("I wait for an answer"),
    "known": gettext_lazy("It is known and under way"),
    "daylight": gettext_lazy("It needs somebody who works by day"),
    "other": gettext_lazy("Another reason"),
}
URGENCY: Mapping[str, Words] = {
    "immediate": pgettext_lazy("urgency", "now"),
    "expected": pgettext_lazy("urgency", "within the hour"),
    "future": pgettext_lazy("urgency", "soon"),
    "past": pgettext_lazy("urgency", "no longer"),
}
# Where a reference leads, and the right without which the place looks as if it were not there.
_PLACES: Mapping[str, tuple[str, Right | None]] = {
    "situation": ("situations:situation", Right.READ),
    "source": ("streams:source", Right.READ),
    "requirement": ("streams:requirement", Right.READ),
    "signal": ("signals:signal", Right.READ),
    "rota": ("oncall:rota", Right.ROTAS),
    "integration": ("alerts:integration", Right.DUTY),
    # Whoever has a part in these may come from outside the team.
    "rollcall": ("rollcalls:rollcall", None),
    "journey": ("rollcalls:journey", None),
    "silence": ("rollcalls:silence", None),
    "case": ("cases:called", None),
    "plan": ("responses:called", None),
    "arrival": ("mailbox:arrival", None),
    "desk": ("mailbox:desk", None),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """What an alert refers to, by its title (``titled``) or as ``kind:id``, and where it leads; ``url`` is empty where
    this reader can't follow it.
    """

    text: str
    url: str
    titled: bool = False


def bars(severity: int) -> str:
    """A severity drawn in four squares, which stands beside its word."""
    return "■" * severity + "□" * (4 - severity)


def kind(alert: Alert) -> str:
    """What an alert is about, in a few words."""
    if alert.rule is not None and alert.kind not in {"person", "drill"}:
        return alert.rule.name
    if alert.kind in _MANY and alert.seen_count > 1:
        return str(_MANY[alert.kind] % {"n": alert.seen_count})
    return str(KINDS.get(alert.kind, alert.kind))


_UNWOKEN = gettext_lazy(
    "It went out by quiet ways only, such as e-mail: it woke nobody. It calls as soon as somebody can be woken."
)
UNREACHED = {
    Reached.NOBODY: gettext_lazy("Nobody could be reached. It calls as soon as somebody can."),
    Reached.LEADS_UNWOKEN: _UNWOKEN,
    Reached.UNWOKEN: _UNWOKEN,
}


def place(text: str, person: Person, known: Mapping[str, str] | None = None) -> Reference | None:
    """A reference, as this person may see it, and where it leads; None for none. ``known`` are titles by reference."""
    if not text:
        return None
    name, _colon, number = text.partition(":")
    view, right = _PLACES.get(name, ("", None))
    title = (titles(person, [text]) if known is None else known).get(text, "")
    url = ""
    if view and (right is None or person.may(right)):
        with suppress(NoReverseMatch, ValueError):
            url = reverse(view, args=[int(number) if number.isdecimal() else number])
    return Reference(title or text, url, bool(title))


def channel(key: str) -> str:
    """What people call a channel."""
    found = channels().get(key)
    return str(found.title) if found is not None else key


def language_name(code: str) -> str:
    """A language's name in the reader's own; its code where nobody knows the name."""
    names = languages()
    return names.get(code.replace("-", "_")) or names.get(code.partition("-")[0]) or code


def languages() -> Mapping[str, str]:
    """Names of languages by their code, in the reader's own."""
    found: Mapping[str, str] = reader_locale().languages
    return found


def happened(verb: str, who: str, facts: Mapping[str, object]) -> str:
    """One line of a timeline. ``who`` is a name, or empty for the system itself."""
    if verb == "called":
        return _("Step %(step)d was called: %(people)s") % {
            "step": _number(facts, "rung") + 1,
            "people": people(_number(facts, "people")),
        }
    if verb == "nobody" and not _number(facts, "people"):
        return _("Nobody can be reached: nobody on any step, and nobody who leads")
    if verb == "nobody":
        return _("No step had anybody who can be reached. Called instead: %(people)s") % {
            "people": people(_number(facts, "people"))
        }
    if verb == "resolved" and not who and facts.get("outcome") == Alert.Outcome.DRILL:
        return _("The drill ended by itself")
    if verb == "resolved":
        outcome = str(facts.get("outcome", ""))
        said = Alert.Outcome(outcome).label if outcome in Alert.Outcome.values else outcome
        return _("%(who)s resolved it: %(outcome)s") % {"who": who or _("Somebody"), "outcome": said}
    if verb == "snoozed":
        minutes = _number(facts, "minutes")
        return _("%(who)s put it off for %(minutes)d minutes") % {"who": who or _("Somebody"), "minutes": minutes}
    if verb == "answered" and facts.get("confirmed") is False:
        return _("%(who)s has it, to be confirmed: answered without signing in") % {"who": who or _("Somebody")}
    if verb == "remote_resolved":
        return f"{over(str(facts.get('kind', '')))} {_('Somebody must still look.')}"
    plain = _by_somebody(who or _("Somebody")) if who or verb not in {"accepted", "raised"} else _by_itself()
    return plain.get(verb, verb.replace("_", " "))


def _by_somebody(who: str) -> dict[str, str]:
    named = {"who": who}
    return {
        "accepted": _("%(who)s raised it") % named,
        "raised": _("%(who)s made it graver: everybody is called anew") % named,
        "answered": _("%(who)s has it") % named,
        "confirmed": _("%(who)s confirmed it") % named,
        "also": _("%(who)s says that they have it too") % named,
        "taken_over": _("%(who)s took it over") % named,
        "passed_on": _("%(who)s can’t, and passed it on") % named,
        "escalated": _("%(who)s called the next step at once") % named,
        "lapsed": _("%(who)s did not confirm it in time: it calls again") % named,
        "woke": _("It was put off until now: it calls again"),
        "reminded": _("%(who)s was reminded: it has no outcome yet") % named,
        "left": _("%(who)s gave it no outcome: it calls everybody again") % named,
        "reopened": _("%(who)s opened it again") % named,
        "severity_assumed": _("The other system gave no severity that is known here: taken as severe"),
        "let_in": _("%(who)s let somebody know of it") % named,
        "unheard": _("Nobody answered while everybody was called once"),
        "forgotten": _("Who was called was forgotten; it was long ago"),
        "rule_stopped": _("Its rule was wrong too often, and wakes nobody until a person lets it"),
    }


def over(kind: str) -> str:
    """What is known when whatever raised an alert says that it is over; ``kind`` is empty for another system's."""
    match kind:
        case "source":
            # A source is no danger that ended: it was silent, and what happened meanwhile nobody here saw.
            return _("The source speaks again. What it would have told meanwhile may be missing.")
        case "blind":
            return _("What was silent speaks again. What it would have told meanwhile may be missing.")
        case "":
            return _("The other system says that it is over.")
    return _("What it told of is over.")


def _by_itself() -> dict[str, str]:
    return {
        "accepted": _("It came in"),
        "raised": _("It became graver: everybody is called anew"),
    }


def people(count: int) -> str:
    """So many people."""
    if count == 1:
        return _("1 person")
    return _("%(n)d people") % {"n": count}


def _number(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name, 0)
    return value if isinstance(value, int) else 0
