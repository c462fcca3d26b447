"""Every write about a case, each sealed by the vault of who does it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances.actions import recall
from tocsin.cases import checkins, gates, protocols
from tocsin.cases.access import REPORTER
from tocsin.cases.allies import named
from tocsin.cases.checkins import begin, end_deadline
from tocsin.cases.clocks import stop_promise
from tocsin.cases.entries import Entry, body, entries, entry, first, hashed, of
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Kind, Verb, WrongError, checked
from tocsin.cases.kinds.consent import Consent
from tocsin.cases.kinds.course import About, Closing, Ending, Opening
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.registry import SINGLE, offered
from tocsin.cases.kinds.reporters import Farewell, Report
from tocsin.cases.kinds.safety import CheckIn, Protocol
from tocsin.cases.kinds.support import Promise, Referral
from tocsin.cases.refusals import RefusedError
from tocsin.cases.releasing import release
from tocsin.cases.roles import ANSWERS_PART, APPROVES, COMPARTMENTS, OPENS, PURPOSES
from tocsin.keys import retention, safes
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Right

T = TypeVar("T")


def changing(vault: OpenVault, case: UUID, act: Callable[[OpenSafe], T]) -> T:
    """Open a case, act on it, and store what changed.

    Raises:
        Http404: when it is not this person's to open.
        RefusedError: when somebody else changed the same thing meanwhile.
    """
    try:
        return safes.changing(vault, case, act)
    except NotInError:
        raise Http404 from None
    except ChangedError:
        raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew.")) from None


def found(by: Person, vault: OpenVault, about: About, happened: Happened, kind: str = "case") -> UUID:
    """Begin a case; its founder is its owner, and for now holds every key alone.

    Raises:
        RefusedError: when this person may not take on cases.
        WrongError: for what can't stand like this.
    """
    if not by.may(Right.CASES):
        raise RefusedError(_("Your roles don’t let you take on cases. Ask whoever leads."))
    checked(about)
    checked(happened)
    safe = safes.found(vault, kind, (*COMPARTMENTS, ANSWERS_PART), "owner", (ANSWERS_PART,))
    at = clock.now()
    safe.add("account", body(about, at, vault.person))
    safe.add("account", body(happened, at, vault.person))
    safe.log("founded")
    safe.commit()
    return safe.id


def write(vault: OpenVault, case: UUID, what: Kind, compartment: str) -> UUID:
    """Add a record; of what there is one of, change it.

    Raises:
        WrongError: for what can't stand like this, or before something that must come first.
        RefusedError: for a compartment that is not this person's, or a closed case.
    """
    checked(what)
    if isinstance(what, CheckIn):
        return begin(vault, case, what)

    what = named(what)

    def act(safe: OpenSafe) -> UUID:
        _may_write(safe, what, compartment)
        now = clock.now()
        rows = entries(safe)
        gates.before_writing(what, rows, now.date())
        at_once = entries(safe, compartment)
        standing = next((one for one in at_once if one.what.kind == what.kind), None) if what.kind in SINGLE else None
        if standing is not None:
            safe.change(standing.id, standing.version, body(what, now, vault.person, standing))
            row = standing.id
        else:
            row = safe.add(compartment, body(what, now, vault.person))
        safe.log("wrote", compartment=compartment, record=hashed(row))
        return row

    return changing(vault, case, act)


def _may_write(safe: OpenSafe, what: Kind, compartment: str) -> None:
    mine = compartment in what.compartments and compartment in safe.compartments
    if not mine or what.kind not in offered(safe.kind):
        raise RefusedError(_("You don’t hold this part of the case."))
    open_or_refuse(safe)


def open_or_refuse(safe: OpenSafe) -> None:
    """Ask whether the case is open, as far as this person can see.

    Raises:
        RefusedError: when it was closed.
    """
    _entry, about = first(entries(safe, "account"), About)
    if about is not None and about.state == "closed":
        raise RefusedError(_("The case is closed. Open it again first."))


def do(vault: OpenVault, case: UUID, row: UUID, version: int, verb: Verb, given: Mapping[str, Any]) -> Entry:
    """One later step of a record that was read in this version; gives the record as it stands now.

    Raises:
        WrongError: for what can't stand like this.
        RefusedError: when it is not theirs to do, or stands differently by now.
    """

    def act(safe: OpenSafe) -> tuple[Entry, Kind, list[str]]:
        before = read(safe, row)
        if before.version != version:
            raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew."))
        if not before.what.goes_on:
            open_or_refuse(safe)
        gates.may(before, verb, vault.person)
        wanted = {name: given[name] for name in verb.fields if name in given}
        after = checked(replace(before.what, **wanted, **verb.sets), verb.fields)
        now = clock.now()
        gates.before_verb(verb, after, entries(safe), now.date())
        if isinstance(after, Report) and after.state == "released":
            after = release(after, before.at.date(), entries(safe), Person.objects.get(pk=vault.person), now.date())
        safe.log("did", compartment=before.compartment, record=hashed(row))
        safe.change(row, version, body(after, now, vault.person, before))
        return before, after, _stop_sharing(safe, before, after)

    before, after, slices = changing(vault, case, act)
    _after(after)
    for one in slices:
        recall(one, Person.objects.get(pk=vault.person))
    return replace(before, what=after, version=version + 1)


def _stop_sharing(safe: OpenSafe, before: Entry, after: Kind) -> list[str]:
    """What allies may open no longer, now that a referral was recalled, or the consent withdrawn on which it stood."""
    if isinstance(after, Referral) and after.state == "recalled":
        return [after.slice] if after.slice else []
    if not isinstance(after, Consent) or after.state != "withdrawn":
        return []
    gone = []
    for one, what in of(entries(safe), Referral):
        if what.consent == str(before.id) and what.is_open:
            over = replace(what, state="recalled", why_recalled=_("The consent was withdrawn."))
            safe.change(one.id, one.version, body(over, clock.now(), safe.vault.person, one))
            gone += [what.slice] if what.slice else []
    return gone


def _after(after: Kind) -> None:
    if isinstance(after, Promise) and not after.is_open:
        stop_promise(after, clock.now())
    if isinstance(after, CheckIn) and not after.is_open:
        end_deadline(after.deadline)


def read(safe: OpenSafe, row: UUID) -> Entry:
    """One record of this room.

    Raises:
        Http404: when there is none that this person can read.
    """
    try:
        found_entry = entry(safe.record(row))
    except NotInError:
        raise Http404 from None
    if found_entry is None:
        raise Http404
    return found_entry


def correct(vault: OpenVault, case: UUID, row: UUID, version: int, what: Kind) -> None:
    """Write a record anew; what its verbs keep stays as it was.

    Raises:
        WrongError: for what can't stand like this.
        RefusedError: when somebody changed it meanwhile.
    """

    if isinstance(what, CheckIn):
        checkins.correct(vault, case, row, version, what)
        return

    def act(safe: OpenSafe) -> None:
        before = read(safe, row)
        if before.version != version or type(before.what) is not type(what):
            raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew."))
        open_or_refuse(safe)
        names = base.first_fields(type(what))
        after = checked(named(replace(before.what, **{name: getattr(what, name) for name in names})))
        safe.log("corrected", compartment=before.compartment, record=hashed(row))
        safe.change(row, version, body(after, clock.now(), vault.person, before))

    changing(vault, case, act)


def tick(vault: OpenVault, case: UUID, row: UUID, key: str, said: str) -> None:
    """Tick a step of a protocol, or take the tick back. A step that needs a yes is ticked by who can give it.

    Raises:
        RefusedError: when it is not theirs to tick, or a yes lacks the words of who said so.
    """

    def act(safe: OpenSafe) -> None:
        before = read(safe, row)
        one = before.what
        if not isinstance(one, Protocol):
            raise Http404
        open_or_refuse(safe)
        step = next((step for step in protocols.steps(one.threat) if step.key == key), None)
        if step is None or one.state != "open":
            raise Http404
        if step.approver and step.approver not in APPROVES.get(safe.me.role, ()):
            who = protocols.APPROVERS[step.approver]
            raise RefusedError(_("This needs the yes of %(who)s, who gives it here.") % {"who": who})
        kept = tuple(tick for tick in one.done if not tick.startswith(f"{key}|"))
        if kept == one.done:
            words = " ".join(said.split())[:200]
            if step.approver and not words:
                raise RefusedError(_("Write who said yes, and to what."))
            kept = (*kept, f"{key}|{vault.person}|{clock.now().date().isoformat()}|{words}")
        safe.log("ticked", compartment=before.compartment, record=hashed(row))
        safe.change(row, before.version, body(replace(one, done=kept), clock.now(), vault.person, before))

    changing(vault, case, act)


def open_identity(safe: OpenSafe, purpose: str, words: str) -> list[Entry]:
    """Who the case is about. Every opening is logged with its purpose; the words stay in the compartment itself.

    Raises:
        RefusedError: without a purpose, or when identity is not this person's.
    """
    if purpose not in PURPOSES:
        raise RefusedError(_("Say what you need it for."))
    if "identity" not in safe.compartments:
        raise RefusedError(_("You don’t hold this part of the case."))
    note = ""
    if words.strip():
        what = checked(Opening(words=" ".join(words.split())[: base.LINE_MOST]))
        made = body(what, clock.now(), safe.vault.person)
        note = str(changing(safe.vault, safe.id, lambda one: one.add("identity", made)))
    safe.log("identity", purpose=purpose, note=note)
    return [one for one in entries(safe, "identity") if not isinstance(one.what, Opening)]


def close(vault: OpenVault, case: UUID, closing: Closing) -> None:
    """Close a case. Refused while anything that was promised or begun is open.

    Raises:
        RefusedError: with what is open, or when this person is no owner.
    """
    checked(closing)

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        rows = entries(safe)
        if pending(rows):
            raise RefusedError(_("Something is open still. See to each of these first."))
        if safe.kind == REPORTER and first(rows, Farewell)[0] is None:
            raise RefusedError(_("Write down first how the reporter was thanked and let go."))
        before, about = first(rows, About)
        if before is None or about is None or about.state == "closed":
            raise RefusedError(_("The case is closed already."))
        now = clock.now()
        end = (now + timedelta(days=retention.days_of(*about.policy))).date().isoformat()
        after = replace(about, state="closed", closed_on=now.date().isoformat(), erase_on=end)
        safe.change(before.id, before.version, body(after, now, vault.person, before))
        safe.add("account", body(closing, now, vault.person))
        safe.log("closed")
        policy[:] = [about.policy]

    policy: list[tuple[str, int]] = []
    changing(vault, case, act)
    # The clock runs only once the case is closed: were it cut off here, the next page of it begins the clock.
    for name, usual in policy:
        with suppress(ChangedError):
            retention.start(OpenSafe(vault, case), name, usual)


def reopen(vault: OpenVault, case: UUID) -> None:
    """Open a closed case again: its clock stops, and nobody is asked any more to shred it.

    Raises:
        RefusedError: when it is open, or this person is no owner.
    """

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        before, about = first(entries(safe, "account"), About)
        if before is None or about is None or about.state != "closed":
            raise RefusedError(_("The case is open."))
        after = replace(about, state="open", closed_on="", erase_on="")
        # Nothing is shredded while this goes on: the clock ends before the case is open.
        retention.stop(safe)
        safe.change(before.id, before.version, body(after, clock.now(), vault.person, before))
        asked, _ending = first(entries(safe, "account"), Ending)
        if asked is not None:
            safe.drop(asked.id)
        safe.log("reopened")

    changing(vault, case, act)


def pending(rows: list[Entry]) -> list[Entry]:
    """What a closing must wait for."""
    return [one for one in rows if one.what.is_open]


def owner_or_refuse(safe: OpenSafe) -> None:
    """Ask whether this person owns the case.

    Raises:
        RefusedError: when not.
    """
    if safe.me.role != "owner" or not set(OPENS["owner"]) <= safe.compartments:
        raise RefusedError(_("Only an owner of the case can do this."))


__all__ = [
    "WrongError",
    "changing",
    "close",
    "correct",
    "do",
    "found",
    "open_identity",
    "pending",
    "read",
    "reopen",
    "tick",
    "write",
]
