"""Check-ins: agreed, heard of, or silent; and the word that says that somebody is not free.

What stands in clear is a random id, a moment and whom silence calls. It is stored before the case is: whatever dies in
between, somebody is called once too often, never once too little.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept, default_policy
from tocsin.alerts.ahead import stairs
from tocsin.alerts.models import Lane, Policy, Severity
from tocsin.cases import clocks
from tocsin.cases.entries import Entry, body, entries, entry, first, hashed, of
from tocsin.cases.kinds.base import WrongError, checked, first_fields
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.safety import CheckIn, Duress, folded
from tocsin.cases.models import Deadline, Outcome
from tocsin.cases.refusals import RefusedError
from tocsin.keys import safes
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

KIND = "case"
T = TypeVar("T")


def policy_of(public_id: str) -> Policy:
    """Whom silence calls: the policy of this id while it stands, else the default one."""
    found = Policy.objects.filter(public_id=public_id, ended_at=None).first() if public_id else None
    return found or default_policy()


def called_by(policy: Policy) -> set[int]:
    """Everybody whom an alert under a policy would call now, on any step or in the wider circle."""
    found = stairs(policy, Lane.LIFE)
    return {one.person.pk for step in found.steps for one in step.people} | {one.person.pk for one in found.wider}


def begin(vault: OpenVault, case: UUID, what: CheckIn) -> UUID:
    """Agree on check-ins; gives the record.

    Raises:
        WrongError: for a moment that lies behind us.
        RefusedError: when silence would call somebody who is kept out, or the duty part is not this person's.
    """
    now = clock.now()
    if what.next_at is None or what.next_at <= now:
        raise WrongError("next_at", _("Choose a moment that lies ahead."))
    deadline = _make(what, what.next_at, _whom(_open(vault, case), what))

    def act(safe: OpenSafe) -> UUID:
        if "duty" not in safe.compartments:
            raise RefusedError(_("You don’t hold this part of the case."))
        _entry, about = first(entries(safe, "account"), About)
        if about is not None and about.state == "closed":
            raise RefusedError(_("The case is closed. Open it again first."))
        if called_by(policy_of(what.policy)) & safe.head.barred:
            raise RefusedError(_("Silence would call somebody who is kept out of this case. Choose another policy."))
        row = safe.add("duty", body(replace(what, deadline=str(deadline.pk)), now, vault.person))
        safe.log("wrote", compartment="duty", record=hashed(row))
        return row

    return _kept(vault, case, deadline, act)


def correct(vault: OpenVault, case: UUID, row: UUID, version: int, what: CheckIn) -> None:
    """Write an agreement anew. Where its moment or its grace changed, the clock runs to the new one.

    Raises:
        WrongError: for a moment that lies behind us.
        RefusedError: when somebody changed it meanwhile, or the case is closed.
    """
    now, opened = clock.now(), _open(vault, case)
    standing = _checkin(opened, row)[1]
    names = first_fields(CheckIn)
    wanted = checked(replace(standing, **{name: getattr(what, name) for name in names}))
    moves = (wanted.next_at, wanted.grace_minutes) != (standing.next_at, standing.grace_minutes) and standing.is_open
    if moves and (wanted.next_at is None or wanted.next_at <= now):
        raise WrongError("next_at", _("Choose a moment that lies ahead."))
    deadline = _make(wanted, wanted.next_at, _whom(opened, wanted)) if moves and wanted.next_at else None

    def act(safe: OpenSafe) -> None:
        one, before = _checkin(safe, row)
        if one.version != version or before.deadline != standing.deadline:
            raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew."))
        _entry, about = first(entries(safe, "account"), About)
        if about is not None and about.state == "closed":
            raise RefusedError(_("The case is closed. Open it again first."))
        after = wanted
        if deadline is not None:
            after = replace(wanted, deadline=str(deadline.pk), earlier=(*before.earlier[-7:], before.deadline))
        safe.log("corrected", compartment="duty", record=hashed(row))
        safe.change(row, version, body(after, now, vault.person, one))

    _kept(vault, case, deadline, act)
    if deadline is not None:
        end_deadline(standing.deadline)


def heard(vault: OpenVault, case: UUID, row: UUID, word: str) -> None:
    """Somebody heard from them. A duress word looks like any other, and calls whoever is on duty at once.

    Raises:
        RefusedError: for a word that is neither, or when it was ended.
    """
    now, called = clock.now(), [""]
    opened = _open(vault, case)
    before = _checkin(opened, row)[1]
    again = _next(before, now)
    deadline = _make(before, again, _whom(opened, before)) if again is not None else None

    def act(safe: OpenSafe) -> None:
        one, what = _checkin(safe, row)
        if what.state != "open":
            raise RefusedError(_("These check-ins were ended."))
        given = folded(word)
        if given not in {folded(what.safe_word), folded(what.duress_word)}:
            raise RefusedError(_("This is neither of the agreed words. If you are not sure, don’t count it as heard."))
        forced = given == folded(what.duress_word)
        after = replace(
            what,
            next_at=again or what.next_at,
            deadline=str(deadline.pk) if deadline is not None else "",
            earlier=(*what.earlier[-7:], what.deadline),
            heard_at=now.isoformat(),
            duress_at=now.isoformat() if forced else what.duress_at,
            state="open" if again is not None else "ended",
        )
        called[:] = [what.deadline]
        safe.change(row, one.version, body(after, now, vault.person, one))
        if forced:
            safe.add("duty", body(Duress(), now, vault.person))
            barred = safe.head.barred & called_by(policy_of(what.policy))
            raise_alert(deadline.pk if deadline else row, what.policy, "duress", barred, safe.head.holders("duty"))
        safe.log("heard" if not forced else "duress", record=hashed(row))

    _kept(vault, case, deadline, act)
    for one in called:
        end_deadline(one, now)


def _next(what: CheckIn, now: datetime) -> datetime | None:
    if not what.every_hours or what.next_at is None:
        return None
    step = timedelta(hours=what.every_hours)
    after = what.next_at + step
    # Whoever was heard early is waited for at the next agreed moment, not at the same one again.
    missed = (now - after) // step + 1 if after <= now else 0
    return after + missed * step


def owners(safe: OpenSafe) -> list[int]:
    """Who owns a case, this person first if they do."""
    found = sorted(number for number, one in safe.head.members.items() if one.role == "owner")
    return sorted(found, key=lambda number: number != safe.vault.person)


def _whom(safe: OpenSafe, what: CheckIn) -> int | None:
    """Whom silence wakes before its policy: who was chosen while they own the case, else an owner; or nobody."""
    known = owners(safe)
    if what.first == 0 or not known:
        return None
    return what.first if what.first in known else known[0]


def wake_others(vault: OpenVault, case: UUID, gone: int) -> None:
    """Let another owner be woken first wherever somebody was who no longer owns the case."""
    safe = _open(vault, case)
    for _entry, what in of(entries(safe, "duty"), CheckIn):
        if what.is_open and what.deadline:
            Deadline.objects.filter(pk=what.deadline, wake=gone).update(wake=_whom(safe, what))


def _make(what: CheckIn, at: datetime, wake: int | None) -> Deadline:
    due = at + timedelta(minutes=what.grace_minutes)
    return Deadline.objects.create(pk=uuid4(), due=due, policy=what.policy, wake=wake)


def _kept(vault: OpenVault, case: UUID, deadline: Deadline | None, act: Callable[[OpenSafe], T]) -> T:
    """Change the case; take the deadline back when nothing came of it."""
    try:
        return safes.changing(vault, case, act)
    except (RefusedError, Http404, NotInError, ChangedError, WrongError) as error:
        if deadline is not None:
            Deadline.objects.filter(pk=deadline.pk).delete()
        if isinstance(error, NotInError):
            raise Http404 from None
        if isinstance(error, ChangedError):
            raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew.")) from None
        raise


def _open(vault: OpenVault, case: UUID) -> OpenSafe:
    try:
        return OpenSafe(vault, case)
    except NotInError:
        raise Http404 from None


def _checkin(safe: OpenSafe, row: UUID) -> tuple[Entry, CheckIn]:
    try:
        found = entry(safe.record(row))
    except NotInError:
        raise Http404 from None
    if found is None or not isinstance(found.what, CheckIn):
        raise Http404
    return found, found.what


def end_deadline(number: str, at: datetime | None = None) -> None:
    """They were heard of, or are waited for no more: nothing is left in clear but how the clock was kept."""
    if not number:
        return
    row = Deadline.objects.filter(pk=number).first()
    if row is None:
        return
    row.delete()
    if at is not None:
        late = row.called or row.due < at
        clocks.stop("checkin", at, Outcome.Result.LATE if late else Outcome.Result.MET)


def raise_alert(
    number: UUID,
    policy: str,
    about: str,
    barred: Iterable[int] = (),
    knowers: Iterable[int] = (),
    first: Collection[int] = (),
) -> None:
    """Call whoever is on duty, in the lane for life, about something of which the alert says nothing.

    ``first`` are called before the policy's first step, whether or not it would ever call them.
    """
    accept(
        New(
            kind=KIND,
            severity=Severity.EXTREME,
            lane=Lane.LIFE,
            dedupe=f"{KIND}:{number}:{about}",
            reference=f"{KIND}:{number}",
            policy=policy_of(policy),
            named=True,
            knowers=tuple(sorted(knowers)),
            watchers=tuple(sorted(Person.objects.filter(pk__in=first, is_active=True).values_list("pk", flat=True))),
            subjects=tuple(sorted(barred)),
            exercise=settings.EXERCISE,
            via="rule",
        )
    )


def call_silent(limit: int = 50) -> bool:
    """Hand every silence whose time has come to the pager, once; False when there was none."""
    due = Deadline.objects.filter(due__lte=clock.now(), called=False)
    numbers = list(due.order_by("due").values_list("pk", flat=True)[:limit])
    for number in numbers:
        with transaction.atomic():
            # Read again under the lock: they may have been heard of meanwhile.
            row = due.select_for_update().filter(pk=number).first()
            if row is not None:
                raise_alert(row.pk, row.policy, "silence", first=[row.wake] if row.wake else [])
                Deadline.objects.filter(pk=row.pk).update(called=True)
    return bool(numbers)
