"""Every kind of record there is. A new one is a class in one of the files beside this one, and a line here."""

from collections.abc import Mapping
from typing import Final

from tocsin.cases.kinds.base import Kind
from tocsin.cases.kinds.consent import Consent, Vetting
from tocsin.cases.kinds.course import About, Closing, Conflict, Handover, Opening
from tocsin.cases.kinds.detention import Date, Detention
from tocsin.cases.kinds.happened import Citation, Contact, Happened, Instruction, Threat
from tocsin.cases.kinds.people import Capacity, Need, PersonAtRisk
from tocsin.cases.kinds.position import Position
from tocsin.cases.kinds.safety import CheckIn, Duress, DutySheet, HarmCheck, Protocol
from tocsin.cases.kinds.support import Money, Promise, Referral, Support

_ALL: Final[tuple[type[Kind], ...]] = (
    Contact, Happened, Promise, Consent, Vetting, Threat, Need, Capacity, Support, Referral, HarmCheck, Instruction,
    Protocol, Citation, Handover, PersonAtRisk, Detention, Date, Position, Money, DutySheet, CheckIn,
    About, Conflict, Closing, Opening, Duress,
)  # fmt: skip
KINDS: Final[Mapping[str, type[Kind]]] = {one.kind: one for one in _ALL}
# Made by a page of their own, not by the form that adds a record.
APART: Final = frozenset({"about", "conflict", "closing", "opening", "duress"})
# There is one in each case: adding another changes it.
SINGLE: Final = frozenset({"sheet", "about"})
