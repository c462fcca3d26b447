"""Every kind of record there is. A new one is a class in one of the files beside this one, and a line here."""

from collections.abc import Mapping
from typing import Final

from tocsin.cases.kinds.base import Kind
from tocsin.cases.kinds.consent import Consent, Vetting
from tocsin.cases.kinds.course import About, Closing, Conflict, Ending, Handover, Opening
from tocsin.cases.kinds.detention import Date, Detention
from tocsin.cases.kinds.happened import Citation, Contact, Happened, Instruction, Threat
from tocsin.cases.kinds.people import Capacity, Need, PersonAtRisk
from tocsin.cases.kinds.position import Position
from tocsin.cases.kinds.reporters import Farewell, Report, Task, Terms
from tocsin.cases.kinds.safety import CheckIn, Duress, DutySheet, Eligible, HarmCheck, Protocol
from tocsin.cases.kinds.support import Money, Promise, Referral, Support

_ALL: Final[tuple[type[Kind], ...]] = (
    Contact, Happened, Promise, Consent, Vetting, Threat, Need, Capacity, Support, Referral, HarmCheck,
    Instruction, Protocol, Citation, Handover, PersonAtRisk, Detention, Date, Position, Money, DutySheet, CheckIn,
    Report, Task, Terms, Farewell, About, Conflict, Closing, Ending, Opening, Duress, Eligible,
)  # fmt: skip
KINDS: Final[Mapping[str, type[Kind]]] = {one.kind: one for one in _ALL}
# Made by a page of their own, not by the form that adds a record.
APART: Final = frozenset({"about", "conflict", "closing", "ending", "opening", "duress", "eligible"})
# Seen by what they do, not as a record.
UNSEEN: Final = frozenset({"about", "duress", "eligible"})
# There is one in each case: adding another changes it.
SINGLE: Final = frozenset({"sheet", "about"})
# A reporter's safe holds these beside what keeps them safe; a case holds none of them.
REPORTING: Final = frozenset({"report", "task", "terms", "farewell"})
_OF_REPORTERS: Final = REPORTING | {
    "contact", "promise", "vetting", "threat", "need", "support", "harm", "instruction", "protocol", "handover",
    "person", "money", "sheet", "checkin",
}  # fmt: skip


def offered(safe_kind: str) -> list[str]:
    """What may be added to a safe of this kind, in the order in which it is offered."""
    if safe_kind == "reporter":
        return [
            name for name in dict.fromkeys(("report", "task", "terms", "farewell", *KINDS)) if name in _OF_REPORTERS
        ]
    return [name for name in KINDS if name not in APART | REPORTING]
