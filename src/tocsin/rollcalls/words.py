"""What pages of this room say: the fixed lists, and how somebody stands, as a shape beside its word."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

SKILLS: Mapping[str, Words] = {
    "legal": gettext_lazy("law"),
    "medical": gettext_lazy("medicine"),
    "shelter": gettext_lazy("shelter"),
    "digital": gettext_lazy("digital security"),
    "transport": gettext_lazy("transport"),
    "translation": gettext_lazy("translation"),
    "press": gettext_lazy("press"),
    "care": gettext_lazy("psychosocial care"),
}
ANSWERS: Mapping[str, Words] = {
    "safe": gettext_lazy("safe"),
    "help": gettext_lazy("asks for help"),
    "yes": gettext_lazy("can help"),
    "later": gettext_lazy("later today"),
    "no": gettext_lazy("not this time"),
}
ENDED: Mapping[str, Words] = {
    "arrived": gettext_lazy("arrived"),
    "off": gettext_lazy("called off"),
    "heard": gettext_lazy("ended by somebody who heard from them"),
    "over": gettext_lazy("over, after a good last answer"),
    "unproved": gettext_lazy("over, after a last answer from the phone number alone"),
}


@dataclass(frozen=True, slots=True)
class State:
    """How somebody stands: ``order`` is the place on the page, lower first; ``key`` names a look."""

    name: str
    key: str
    mark: str
    word: str
    order: int


def state(key: str) -> State:
    """The state of this name."""
    return {
        "help": State("help", "help", "▲", _("asks for help"), 0),
        "quiet": State("quiet", "help", "▲", _("asks for help, unseen"), 0),
        "silent": State("silent", "silent", "●", _("silent"), 1),
        "claimed": State("claimed", "silent", "●", _("silent, then “safe” from the phone number alone"), 1),
        "unreachable": State("unreachable", "silent", "○", _("can’t be reached"), 2),
        "unproved": State("unproved", "waits", "◌", _("“safe”, from the phone number alone"), 3),
        "again": State("again", "waits", "◔", _("asked again"), 4),
        "asked": State("asked", "waits", "◔", _("asked, no answer yet"), 5),
        "waiting": State("waiting", "waits", "·", _("about to be asked"), 6),
        "helped": State("helped", "calm", "▼", _("asked for help, looked after"), 7),
        "yes": State("yes", "calm", "✓", _("can help"), 0),
        "later": State("later", "calm", "◑", _("later today"), 7),
        "no": State("no", "calm", "–", _("not this time"), 9),
        "safe": State("safe", "calm", "✓", _("safe"), 8),
    }[key]
