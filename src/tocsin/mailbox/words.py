"""What pages say about letters and desks, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise

DOORS: Final[Mapping[str, Words]] = {
    "intake": _("by the door"),
    "mail": _("by mail"),
    "phone": _("told to a colleague"),
    "signal": _("by Signal"),
}
KINDS: Final[Mapping[str, Words]] = {
    "none": _("not said"),
    "violence": _("violence against others"),
    "self": _("harm to themselves"),
    "detention": _("arrest or detention"),
    "legal": _("a legal demand"),
    "exposed": _("name or home made public"),
    "threats": _("threats"),
    "watched": _("being watched"),
    "blocked": _("shut out"),
    "other": _("something else"),
}
SAFE: Final[Mapping[str, Words]] = {
    "yes": pgettext_lazy("safe now?", "yes"),
    "no": pgettext_lazy("safe now?", "no"),
    "unsure": pgettext_lazy("safe now?", "not sure"),
    "other": pgettext_lazy("safe now?", "it is about somebody else"),
}
URGENCY: Final[Mapping[str, Words]] = {
    "now": pgettext_lazy("urgency", "now"),
    "today": pgettext_lazy("urgency", "today"),
    "week": pgettext_lazy("urgency", "this week"),
    "later": pgettext_lazy("urgency", "later"),
    "bulk": pgettext_lazy("urgency", "a machine wrote it"),
}
CLOCKS: Final[Mapping[str, Words]] = {
    "acknowledge": _("a person’s acknowledgement"),
    "reply": _("an answer of substance"),
}
VERBS: Final[Mapping[str, Words]] = {
    "acknowledged": _("acknowledged it"),
    "answered": _("answered"),
    "aside": _("set it aside"),
    "back": _("took that back"),
    "done": _("finished it"),
    "frozen": _("froze the box"),
    "thawed": _("let the box show again"),
    "taken": _("opened a case from it"),
    "kept_from": _("noted that somebody must not see it"),
    "called_back": _("called back about the wish to delete"),
}
