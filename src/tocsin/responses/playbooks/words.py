"""Words of playbooks in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tocsin.responses.playbooks.authorities import Advice, Answer
from tocsin.responses.playbooks.covering import HEAD
from tocsin.responses.playbooks.faults import Fault
from tocsin.responses.playbooks.protecting import TABLE
from tocsin.responses.playbooks.shapes import Function, Phase, Protection, Severity, Undone

Words = str | Promise

FUNCTIONS: Final[Mapping[Function, Words]] = {
    Function.LEAD: _("the lead"),
    Function.DUTY: _("whoever is on duty"),
    Function.CASEWORK: _("the caseworker"),
    Function.LEGAL: _("legal"),
    Function.SECURITY: _("security"),
    Function.COMMUNITY: _("community"),
    Function.COMMUNICATIONS: _("communications"),
    Function.POLICY: _("policy"),
    Function.EXECUTIVE: _("the executive"),
}
PHASES: Final[Mapping[Phase, Words]] = {
    Phase.HOUR: _("First hour"),
    Phase.DAY: _("First day"),
    Phase.WEEK: _("First week"),
}
SEVERITIES: Final[Mapping[Severity, Words]] = {
    Severity.MINOR: _("minor"),
    Severity.MODERATE: _("moderate"),
    Severity.SEVERE: _("severe"),
    Severity.EXTREME: _("extreme"),
}
UNDONE: Final[Mapping[Undone, Words]] = {
    Undone.YES: _("can be taken back"),
    Undone.PARTLY: _("can be taken back in part"),
    Undone.NO: _("can’t be taken back"),
}
PARTS: Final[Mapping[str, Words]] = {
    HEAD: _("Title, kinds of harm and how grave"),
    "Use this when": _("Use this when"),
    "Must be told": _("Must be told"),
    "First hour": _("First hour"),
    "First day": _("First day"),
    "First week": _("First week"),
    "What not to do": _("What not to do"),
    "Words for the person": _("Words for the person"),
    "Indicators": _("What to watch"),
    "Stop when": _("Stop when"),
    "Options": _("Options"),
    "What helps nobody": _("What helps nobody"),
}
"""What a page calls each part of a playbook."""


def part_name(key: str, name: str, known: Mapping[str, Protection]) -> str:
    """What a page calls a part of a text: of the table, the protection's title."""
    if key == TABLE:
        return gettext(known[name].title) if name in known else gettext("Remarks") if name == HEAD else name
    return str(PARTS.get(name, name))


@dataclass(frozen=True, slots=True)
class Shape:
    """A mark and words, so that nothing is told by colour alone."""

    mark: str
    word: Words
    grave: bool = False


_ANSWERS: Final[Mapping[Answer, Shape]] = {
    Answer.YES: Shape("■", _("may be told")),
    Answer.NO: Shape("▲", _("must not be told"), grave=True),
    Answer.ASK: Shape("●", _("ask counsel first"), grave=True),
}


def answer(given: Advice) -> Shape:
    """What holds, as a mark and words."""
    return _ANSWERS[given.answer]


def because(given: Advice) -> str:
    """Why that holds, for a reader."""
    if given.row is None:
        return gettext("Nobody has written down what holds here. Not known is no yes.")
    if given.written == "yes" and given.answer is not Answer.YES:
        if given.stale:
            return gettext("Somebody wrote yes, but nobody has verified it for more than 180 days.")
        return gettext("Somebody wrote yes, but nobody else has verified it.")
    if given.written == "unknown":
        return gettext("It is not known. Not known is no yes.")
    if given.stale:
        return gettext("Nobody has verified this for more than 180 days.")
    if not given.verified:
        return gettext("Nobody else has verified this yet.")
    return ""


def fault(one: Fault) -> str:
    """What is wrong with a text, with its line."""
    said = gettext(one.words) % dict(one.given)
    if not one.line:
        return said
    return gettext("Line %(line)d: %(said)s") % {"line": one.line, "said": said}


def length(given: timedelta) -> str:
    """How long something may take: “15 minutes”, “4 hours”, “2 days”."""
    minutes = int(given.total_seconds()) // 60
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours, days = minutes // 60, minutes // 1440
    if minutes < 1440 or minutes % 1440:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
