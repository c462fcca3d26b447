"""What to do in which order for each kind of threat, and who must approve what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds.base import Words

APPROVERS: Final[Mapping[str, Words]] = {
    "legal": _("legal"),
    "security": _("security"),
    "communications": _("communications"),
    "vice-president": _("vice president"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a list; ``approver`` must say yes to it before it is done."""

    key: str
    words: Words
    approver: str = ""


_BASE: Final = (
    Step("first-aid", _("First aid: what keeps them safe in the next hour, whoever they are")),
    Step("safe-way", _("Agree on a safe way to talk, and on words for “not now”")),
    Step("vetting", _("Vet who asks, before anything of substance")),
    Step("consent", _("Ask what they want, and for consent to each step that others will see")),
)
_END: Final = (
    Step("duty", _("Write the duty sheet")),
    Step("promises", _("Write down what was promised, with a day and a name")),
)
_BY_THREAT: Final[Mapping[str, tuple[Step, ...]]] = {
    "violence": (
        Step("place", _("Are they in a safe place now? If not: how, with whom, by which way")),
        Step("local", _("Local emergency services: only if they are safe to call for this person")),
        Step("move", _("Relocation, or a guard"), "security"),
        Step("tell", _("Tell others who are in the same danger"), "security"),
    ),
    "self": (
        Step("stay", _("Somebody stays with them, by voice if need be, until a person near them has taken over")),
        Step("helpline", _("Local crisis line or counsellor in their language")),
        Step("services", _("Emergency services without their consent, only if life is at stake now"), "vice-president"),
        Step("team", _("Look after the colleague who took the call")),
    ),
    "detention": (
        Step("where", _("Where are they, since when, who saw it")),
        Step("counsel", _("Counsel of their own choice, today"), "legal"),
        Step("family", _("Family: who speaks for whom; what they were told to keep quiet about")),
        Step("accounts", _("Rights and access of their accounts: protect, don’t reveal that we know"), "security"),
        Step("others", _("Who else stands on their phone, and must be warned")),
        Step("silence", _("Silence or publicity: decide, don’t drift"), "communications"),
        Step("state", _("Contact with a state, a mission or the United Nations"), "vice-president"),
    ),
    "doxxing": (
        Step("keep", _("Keep what was published, where and when, before it changes")),
        Step("remove", _("Removal by the platform, oversight or suppression"), "communications"),
        Step("home", _("Home, work, family: what changes tonight"), "security"),
    ),
    "legal": (
        Step("paper", _("Get the paper itself, with its day of service; nobody answers it yet")),
        Step("counsel", _("Counsel before any answer"), "legal"),
        Step("limit", _("Write down the time limit as a day that matters")),
        Step("hold", _("A legal hold, if anything must not be erased"), "legal"),
    ),
    "surveillance": (
        Step("device", _("Which devices and accounts may be read; talk by none of them")),
        Step("rights", _("Advanced rights of their accounts"), "security"),
        Step("clean", _("Safe devices, and how they reach them unseen"), "security"),
    ),
}


def steps(threat: str) -> tuple[Step, ...]:
    """The list for a kind of threat; for one without a list of its own what holds for all."""
    return (*_BASE, *_BY_THREAT.get(threat, ()), *_END)
