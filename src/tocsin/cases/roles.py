"""What somebody may be in a case, and which compartments that opens."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from tocsin.cases.kinds.base import Words

COMPARTMENTS: Final[Mapping[str, Words]] = {
    "account": _("Account"),
    "identity": _("Identity"),
    "legal": _("Legal"),
    "communications": _("Publicity"),
    "security": _("Security"),
    "money": _("Money"),
    "evidence": _("Evidence"),
    "duty": _("Duty"),
}
ROLES: Final[Mapping[str, Words]] = {
    "owner": _("owner"),
    "caseworker": _("caseworker"),
    "legal": _("legal"),
    "security": _("security"),
    "communications": _("communications"),
    "duty": _("on duty"),
    "auditor": _("auditor"),
}
# What allies answer is sealed to this one's public key; it is read by taking it into the other parts.
ANSWERS_PART: Final = "answers"
OPENS: Final[Mapping[str, tuple[str, ...]]] = {
    "owner": (*COMPARTMENTS, ANSWERS_PART, "log"),
    "caseworker": (*COMPARTMENTS, ANSWERS_PART),
    "legal": ("legal", "evidence"),
    "security": ("security", "duty"),
    "communications": ("communications",),
    "duty": ("duty",),
    "auditor": ("log",),
}
# Whose yes each role can give in a protocol. A vice president is asked by an owner, who writes down what was said.
APPROVES: Final[Mapping[str, tuple[str, ...]]] = {
    "owner": ("vice-president",),
    "legal": ("legal",),
    "security": ("security",),
    "communications": ("communications",),
}
PURPOSES: Final[Mapping[str, Words]] = {
    "contact": _("to get in touch with them"),
    "legal": _("for counsel or a court"),
    "referral": _("to prepare a referral"),
    "safety": _("to keep them safe tonight"),
    "check": _("to make sure that it is them"),
    "correct": _("to correct what stands there"),
}
# Why somebody looks at a case. Chosen once for a session and a case; the first is meant where nobody chose.
LOOKS: Final[Mapping[str, Words]] = {
    "work": _("to work on the case"),
    "cover": _("to stand in for somebody"),
    "handover": _("to take it over"),
    "advise": _("because they were asked for advice"),
    "review": _("to review how it is handled"),
    "audit": _("to audit who looked"),
}
