"""Where a plan's log is kept: in rows for an open plan, in a safe of its own for a sealed one. Verbs know neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.audit.actions import record
from tocsin.keys import safes, sealing
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault
from tocsin.lib.claims import patient
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.responses import calling, clocks, models
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, marks, projecting, vouching
from tocsin.responses.log.acts import Act
from tocsin.responses.log.alone import rightful
from tocsin.responses.log.content import canonical, fits, readable
from tocsin.responses.log.folding import Line, Plan, fold
from tocsin.responses.log.keeping import Change
from tocsin.responses.models import Clock

SAFE = "plan"
"""The kind of a sealed plan's safe."""
NOBODY = 0
"""Who writes a line that the system writes by itself."""
PART = "plan"
"""The compartment that its log lies in."""


class OpenBook:
    """The log of an open plan."""

    sealed = False

    def __init__(self, public_id: str) -> None:
        self._id = public_id

    @property
    def id(self) -> str:
        """The plan's public id."""
        return self._id

    def read(self) -> Plan:
        """The plan as it stands.

        Raises:
            Http404: when there is none.
        """
        mark = None
        for look in range(vouching.LOOKS):
            row = models.Plan.objects.filter(public_id=self._id).first()
            if row is None:
                raise Http404
            if look and row.mark == mark:
                break
            # Row, lines and record are read one after the other: whoever writes in between forges nothing.
            plan, mark = plan_of(row, list(row.log.order_by("number"))), row.mark
            if plan.proved:
                break
        return plan

    @patient
    def change(self, by: int, change: Change) -> Plan:
        """Add lines in one transaction with their audit entries and with the rows that follow from them."""
        with transaction.atomic():
            row = models.Plan.objects.select_for_update().filter(public_id=self._id).first()
            if row is None:
                raise Http404
            lines = list(row.log.order_by("number"))
            plan = plan_of(row, lines)
            added = change(plan)
            if added and not plan.proved:
                # Another line would put this home's mark under what somebody forged.
                raise RefusedError(
                    _("The log of this plan is not as it was written. Tell whoever leads; begin a new one.")
                )
            _readable(plan, added)
            return _added(row, lines, by, added)


def begin(by: int, first: Sequence[Act], *, readers: int = 0, situation: int | None = None) -> OpenBook:
    """A new open plan with its first lines."""
    assert isinstance(first[0], acts.Begun)
    with transaction.atomic():
        at = time.now()
        row = models.Plan(
            public_id=random_name(), severity=first[0].severity, opened_at=at, changed_at=at, readers=readers
        )
        row.situation_id, row.owner_id = situation, by or None
        row.save()
        _added(row, [], by, first)
    return OpenBook(row.public_id)


def _added(row: models.Plan, lines: list[models.Line], by: int, added: Sequence[Act]) -> Plan:
    at = time.now()
    for act in added:
        fits("", act)
        line = models.Line(plan=row, number=len(lines) + 1, at=at, by=by, verb=act.verb, body=acts.packed(act))
        line.digest = marks.digest_of(row.public_id, line, lines[-1].digest if lines else "")
        line.mark = marks.mark_of(line.digest)
        line.save()
        lines.append(line)
        record(by or None, f"plan.{act.verb}", f"plan:{row.public_id}", line=line.number, digest=line.digest)
    plan = plan_of(row, lines, ending=False)
    if added:
        projecting.project(row, plan, lines[-1].digest)
        _follow(plan, by, row.readers)
    return plan


def _readable(plan: Plan, added: Sequence[Act]) -> None:
    for act in added:
        readable(act, (line.act for line in plan.lines))


def _follow(plan: Plan, by: int, readers: int = 0) -> None:
    """Wind the plan's clocks anew, ring what rings at once, and end the alerts of what it needs no more."""
    over = clocks.wind(plan, readers)
    for clock in Clock.objects.filter(plan=plan.id, rang_at=None, what__in=[Clock.What.ASK, Clock.What.RATIFY]):
        clock.rang_at = time.now()
        calling.ring(clock)
        clock.save()
    if over and (person := Person.objects.filter(pk=by).first()) is not None:
        calling.answered(over, person)


def plan_of(row: models.Plan, lines: Sequence[models.Line], *, ending: bool = True) -> Plan:
    """An open plan from its log; what is not as it was written is unproved, and still shown.

    Unless somebody is writing to it, its ``ending`` is proved too: by the row's mark and by the record.

    Raises:
        Http404: for a log of which nothing can be read.
    """
    read: list[Line] = []
    before, whole = "", not ending or _ends_there(row, lines)
    for number, line in enumerate(lines, 1):
        told = line.digest == marks.digest_of(row.public_id, line, before)
        proved = told and line.number == number and marks.right(line.mark, line.digest)
        before = line.digest
        try:
            act = acts.read(line.verb, line.body)
        except ValueError:
            whole = False
            continue
        read.append(Line(number, line.at, line.by, act, proved and rightful(line.by, line.at, act)))
    try:
        return fold(row.public_id, read, whole=whole)
    except ValueError:
        raise Http404 from None


def _ends_there(row: models.Plan, lines: Sequence[models.Line]) -> bool:
    """Whether the log ends where it was left: lines that were cut off took no mark and no entry of the record along."""
    if not lines or row.lines != len(lines):
        return False
    return vouching.stands(row, lines[-1].digest, vouching.noted(row.public_id))


@dataclass(frozen=True, slots=True)
class SealedBook:
    """The log of a sealed plan, as one open vault reads it."""

    vault: OpenVault
    safe: UUID
    sealed = True

    @property
    def id(self) -> str:
        """The id of its safe."""
        return str(self.safe)

    def read(self) -> Plan:
        """The plan as it stands.

        Raises:
            Http404: when there is none, or it is not this person's to open.
        """
        return sealed_plan(self._open())

    def _open(self) -> OpenSafe:
        try:
            safe = OpenSafe(self.vault, self.safe)
        except NotInError:
            raise Http404 from None
        if safe.kind != SAFE or PART not in safe.compartments:
            raise Http404
        return safe

    def change(self, by: int, change: Change) -> Plan:
        """Add lines, sealed and signed by this vault."""
        self._open()

        def act(safe: OpenSafe) -> Plan:
            plan = sealed_plan(safe)
            lines = list(plan.lines)
            added = change(plan)
            _readable(plan, added)
            for one in added:
                fits("", one)
                line = Line(len(lines) + 1, time.now(), by, one)
                safe.add(PART, _sealed_line(self.vault, str(self.safe), line, lines[-1] if lines else None))
                lines.append(line)
                safe.log(one.verb)
            return fold(str(self.safe), lines, sealed=True)

        with transaction.atomic():
            plan = safes.changing(self.vault, self.safe, act)
            _follow(plan, by)
            return plan


def begin_sealed(vault: OpenVault, first: Sequence[Act]) -> SealedBook:
    """A new sealed plan with its first lines, in a safe of its own that its founder holds alone for now."""
    safe = safes.found(vault, SAFE, (PART,), "owner")
    lines: list[Line] = []
    for act in first:
        fits("", act)
        line = Line(len(lines) + 1, time.now(), vault.person, act)
        safe.add(PART, _sealed_line(vault, str(safe.id), line, lines[-1] if lines else None))
        lines.append(line)
    safe.log("founded")
    with transaction.atomic():
        safe.commit()
        _follow(fold(str(safe.id), lines, sealed=True), vault.person)
    return SealedBook(vault, safe.id)


def _said(plan: str, line: Line, before: Line | None) -> bytes:
    number = 0 if before is None else before.number
    said = [plan, line.number, line.at.isoformat(), line.by, line.act.verb, acts.packed(line.act), number]
    return b"tocsin plan line\0" + sha256(canonical(said)).digest()


def _sealed_line(vault: OpenVault, plan: str, line: Line, before: Line | None) -> dict[str, object]:
    return {
        "number": line.number,
        "at": line.at.isoformat(),
        "by": line.by,
        "verb": line.act.verb,
        "is": acts.packed(line.act),
        "signature": vault.sign(_said(plan, line, before))[0].hex(),
        "generation": vault.generation,
    }


def sealed_plan(safe: OpenSafe) -> Plan:
    """A sealed plan from its safe. Each line must be signed by the keys that its writer had then.

    Raises:
        Http404: for a safe of which no plan can be read.
    """
    found = sorted((one.body for one in safe.records(PART)), key=lambda body: int(body["number"]))
    lines: list[Line] = []
    whole = True
    for body in found:
        try:
            act = acts.read(body["verb"], body["is"])
        except ValueError:
            whole = False
            continue
        line = Line(int(body["number"]), datetime.fromisoformat(body["at"]), int(body["by"]), act)
        before = lines[-1] if lines else None
        signed = _signed(safe.vault, line, _said(str(safe.id), line, before), body)
        right = signed and line.number == len(lines) + 1 and rightful(line.by, line.at, act)
        lines.append(Line(line.number, line.at, line.by, act, right))
    try:
        return fold(str(safe.id), lines, sealed=True, whole=whole)
    except ValueError:
        raise Http404 from None


def _signed(vault: OpenVault, line: Line, message: bytes, body: dict[str, object]) -> bool:
    try:
        keys = vault.directory.at(line.by, int(str(body["generation"])))
        if keys is None:
            return False
        sealing.verify(keys.sign, message, bytes.fromhex(str(body["signature"])))
    except (SealError, ValueError, LookupError):
        return False
    return True
