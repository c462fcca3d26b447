"""The fixed lists of this room with their words: kinds of allies, kinds of help, and how an ally stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.lib.tlp import Tlp

Words = str | Promise

KINDS: Mapping[str, Words] = {
    "lawyer": gettext_lazy("lawyer"),
    "host": gettext_lazy("host or shelter"),
    "counsellor": gettext_lazy("counsellor"),
    "interpreter": gettext_lazy("interpreter"),
    "fund": gettext_lazy("emergency fund"),
    "affiliate": gettext_lazy("affiliate"),
    "functionary": gettext_lazy("functionary of a community"),
    "platform": gettext_lazy("platform contact"),
    "diplomat": gettext_lazy("diplomatic contact"),
    "partner": gettext_lazy("partner organisation"),
}


@dataclass(frozen=True, slots=True)
class Help:
    """A kind of help; ``response`` is the type of response in ``analysis.taxonomy`` that it serves."""

    words: Words
    response: str


HELPS: Mapping[str, Help] = {
    "legal": Help(gettext_lazy("legal aid"), "legal-aid"),
    "money": Help(gettext_lazy("money in an emergency"), "emergency-support"),
    "shelter": Help(gettext_lazy("shelter"), "emergency-support"),
    "relocation": Help(gettext_lazy("relocation and visas"), "emergency-support"),
    "medical": Help(gettext_lazy("medical help"), "emergency-support"),
    "care": Help(gettext_lazy("counselling"), "wellbeing"),
    "digital": Help(gettext_lazy("digital safety"), "digital-safety"),
    "accounts": Help(gettext_lazy("action on accounts or content"), "account-action"),
    "access": Help(gettext_lazy("restoring access"), "access"),
    "interpreting": Help(gettext_lazy("interpreting and translation"), "referral"),
    "diplomacy": Help(gettext_lazy("quiet diplomacy"), "diplomacy"),
    "advocacy": Help(gettext_lazy("advocacy"), "advocacy"),
    "press": Help(gettext_lazy("press and public words"), "communications"),
    "community": Help(gettext_lazy("community governance"), "community"),
    "verification": Help(gettext_lazy("verifying what happened"), "verify"),
    "other": Help(gettext_lazy("another referral"), "referral"),
}
CEILINGS: Mapping[str, Words] = {
    Tlp.CLEAR: gettext_lazy("TLP:CLEAR, only what anyone may know"),
    Tlp.GREEN: gettext_lazy("TLP:GREEN, what our wider community may know"),
    Tlp.AMBER: gettext_lazy("TLP:AMBER, what they need, to share inside their organisation"),
    Tlp.AMBER_STRICT: gettext_lazy("TLP:AMBER+STRICT, what they need, for those who work on it"),
    Tlp.RED: gettext_lazy("TLP:RED, for this very person alone"),
}
# What stands with a slice, said to the ally who reads it.
SHARING: Mapping[str, Words] = {
    Tlp.CLEAR: gettext_lazy("You may share it with anyone."),
    Tlp.GREEN: gettext_lazy("You may share it with people of your field, not in public."),
    Tlp.AMBER: gettext_lazy("You may share it inside your organisation and with those it serves, if they need it."),
    Tlp.AMBER_STRICT: gettext_lazy("You may share it inside your organisation, with who needs it."),
    Tlp.RED: gettext_lazy("It is for you alone. Share it with nobody."),
}
FEES: Mapping[str, Words] = {
    "": gettext_lazy("not known"),
    "free": gettext_lazy("free"),
    "reduced": gettext_lazy("free or reduced, by arrangement"),
    "paid": gettext_lazy("costs money"),
}
# Why somebody opens how a protected ally is reached. A code, never a sentence: the record must name nobody.
PURPOSES: Mapping[str, Words] = {
    "refer": gettext_lazy("to hand somebody over to them"),
    "urgent": gettext_lazy("to ask for help at once"),
    "verify": gettext_lazy("to verify them"),
    "correct": gettext_lazy("to correct what stands there"),
}
ANSWERS: Mapping[str, Words] = {
    "accept": gettext_lazy("I can help"),
    "cannot": gettext_lazy("I can’t help"),
    "question": gettext_lazy("I have a question"),
}
_LADDER = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)


def within(tlp: str, ceiling: str) -> bool:
    """Whether something of this TLP may be told under this ceiling."""
    return _LADDER.index(Tlp(tlp)) <= _LADDER.index(Tlp(ceiling))


def titles(keys: Iterable[str], known: Mapping[str, Words | Help]) -> list[str]:
    """The words of some keys, in the order of the list that knows them."""
    chosen = set(keys)
    return [str(one.words if isinstance(one, Help) else one) for key, one in known.items() if key in chosen]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an ally stands: ``key`` names a look, ``mark`` is a shape that stands beside the word."""

    key: str
    mark: str
    word: str


def standing(key: str) -> Standing:
    """The standing of this name."""
    return {
        "proposed": Standing("proposed", "◔", _("proposed, not vetted yet")),
        "vetted": Standing("vetted", "✓", _("vetted")),
        "stale": Standing("stale", "●", _("to be verified again")),
        "suspended": Standing("suspended", "■", _("suspended")),
        "let_go": Standing("let_go", "–", _("let go")),
    }[key]
