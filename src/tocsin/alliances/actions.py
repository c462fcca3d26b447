"""Every write about allies: who they are, how they are reached, how they were vetted, where they stand."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import drafts, slices
from tocsin.alliances import usability as _usability
from tocsin.alliances.access import may_reach
from tocsin.alliances.drafts import ContactDraft, ReachDraft, VerificationDraft
from tocsin.alliances.models import Again, Contact, Event, Reach, Verification
from tocsin.alliances.record import note
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.secrets import Link
from tocsin.alliances.slices import forget_replies, make_slice, recall, replies
from tocsin.alliances.usability import Suggestion, Usable, require_usable, usable
from tocsin.alliances.words import PURPOSES
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right

__all__ = [
    "Link",
    "RefusedError",
    "Suggestion",
    "Usable",
    "change",
    "forget",
    "forget_replies",
    "let_go",
    "lift",
    "make_slice",
    "open_reach",
    "propose",
    "propose_all",
    "recall",
    "replies",
    "require_usable",
    "set_reach",
    "suggest",
    "suspend",
    "take_back",
    "undo",
    "usable",
    "verify",
]

_REMEMBERED = ("state", "reason", "state_at", "verified_at", "next_due", "altered_at")
_IDENTITY = {"name", "organisation"}


def suggest(country: str, language: str, need: str, tlp: str = "", *, at: datetime | None = None) -> list[Suggestion]:
    """Allies who fit a need, best first, each with reasons and cautions in words. Empty strings ask for nothing.

    ``need`` is a key of ``words.HELPS``.
    """
    rows = Contact.objects.exclude(state__in=[Contact.State.SUSPENDED, Contact.State.LET_GO]).select_related("owner")
    moment = at or clock.now()
    return _usability.suggest(rows.order_by("pk"), moment, country=country, language=language, need=need, tlp=tlp)


def propose(by: Person, draft: ContactDraft, reach: ReachDraft, once: str) -> Contact:
    """Add an ally, who is proposed until somebody vets them. The same form sent twice adds one.

    Raises:
        RefusedError: for what can't be used, or an ally of this name who stands there already.
    """
    _needs(by, Right.ALLIES)
    standing = Contact.objects.filter(once=drafts.once_of(once)).first()
    if standing is not None:
        return standing
    try:
        with transaction.atomic():
            return _add(by, draft, reach, once)
    except IntegrityError:
        return Contact.objects.get(once=once)


def propose_all(by: Person, given: Sequence[tuple[ContactDraft, ReachDraft]]) -> list[Contact]:
    """Add several allies, or none of them.

    Raises:
        RefusedError: for the first that can't be added.
    """
    _needs(by, Right.VET)
    with transaction.atomic():
        return [_add(by, draft, reach, random_name(16)) for draft, reach in given]


def _add(by: Person, draft: ContactDraft, reach: ReachDraft, once: str) -> Contact:
    columns, ways, at = drafts.checked(draft), drafts.checked_reach(reach), clock.now()
    if same_name(str(columns["name"]), str(columns["organisation"])):
        raise RefusedError(_("An ally of this name stands there already."), "name")
    row = Contact.objects.create(public_id=random_name(10), once=once, made_at=at, made_by=by, state_at=at, **columns)
    Reach.objects.create(contact=row, **ways)
    _log(row, "proposed", by, at)
    note(by, "propose", row)
    return row


def same_name(name: str, organisation: str) -> bool:
    """Whether an ally who was not let go has this name already, whatever its case."""
    rows = Contact.objects.exclude(state=Contact.State.LET_GO)
    return rows.filter(name__iexact=name, organisation__iexact=organisation).exists()


def change(by: Person, contact: Contact, draft: ContactDraft) -> Contact:
    """Change what stands about an ally. Another name or organisation asks for a new verification.

    Raises:
        RefusedError: for what can't be used.
    """
    _needs(by, Right.VET)
    columns = drafts.checked(draft)
    with transaction.atomic():
        row, at = _locked(contact), clock.now()
        changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
        if not changed:
            return row
        for name in changed:
            setattr(row, name, columns[name])
        _altered(row, at, anew=bool(_IDENTITY & set(changed)))
        row.save()
        named = [name.removesuffix("_id") for name in changed]
        _log(row, "changed", by, at, fields=named)
        note(by, "change", row, fields=",".join(named))
        return row


def set_reach(by: Person, contact: Contact, draft: ReachDraft) -> Contact:
    """Change how an ally is reached, which asks for a new verification: a swapped number is how allies are stolen.

    Raises:
        RefusedError: for what is too long.
    """
    _needs(by, Right.VET)
    columns = drafts.checked_reach(draft)
    with transaction.atomic():
        row, at = _locked(contact), clock.now()
        reach = Reach.objects.get(contact=row)
        if (reach.ways, reach.instructions) == (columns["ways"], columns["instructions"]):
            return row
        anew = reach.ways != columns["ways"]
        Reach.objects.filter(pk=reach.pk).update(**columns)
        _altered(row, at, anew=anew)
        row.save()
        _log(row, "reach", by, at)
        note(by, "reach", row, anew=anew)
        return row


def open_reach(by: Person, contact: Contact, purpose: str = "") -> Reach:
    """How an ally is reached. Of a protected one every opening is recorded, with its purpose.

    Raises:
        RefusedError: when this person may not see it, or names no purpose.
    """
    if not may_reach(by, contact):
        raise RefusedError(_("They are protected: only who looks after them and whoever leads sees this. Ask them."))
    if contact.protected:
        if purpose not in PURPOSES:
            raise RefusedError(_("Say what you need it for."), "purpose")
        with transaction.atomic():
            note(by, "open", contact, purpose=purpose)
            _log(contact, "opened", by, clock.now(), reason=purpose)
    return Reach.objects.get(contact=contact)


def verify(by: Person, contact: Contact, draft: VerificationDraft) -> Verification:
    """Write down that somebody made sure of an ally. Where it holds, a proposed one is vetted; where it fails, a
    vetted one is suspended and what was shared with them is recalled.

    Raises:
        RefusedError: for what can't be used, or an ally who was let go.
    """
    _needs(by, Right.VET)
    with transaction.atomic():
        row, at = _locked(contact), clock.now()
        if row.state == Contact.State.LET_GO:
            raise RefusedError(_("They were let go. Take them back first."))
        columns = drafts.checked_verification(draft, at.date())
        before = _memory(row)
        made = Verification.objects.create(contact=row, at=at, by=by, **columns)
        if made.outcome == Verification.Outcome.HOLDS:
            row.verified_at, row.next_due, row.altered_at = at, made.next_due, None
            if row.state == Contact.State.PROPOSED:
                _state(row, Contact.State.VETTED, at)
            _close_agains(row, at)
        elif row.state == Contact.State.VETTED:
            _state(row, Contact.State.SUSPENDED, at, _("A verification failed."))
            slices.recall_all(row, by)
        row.save()
        _log(row, "verified", by, at, before=before, verification=made)
        note(by, "verify", row, outcome=made.outcome)
        return made


def suspend(by: Person, contact: Contact, reason: str) -> Contact:
    """Turn to them no more for now. Whatever was shared with them is recalled at once.

    Raises:
        RefusedError: without a reason, or when they are not in use.
    """
    usual = {Contact.State.PROPOSED, Contact.State.VETTED}
    return _move(by, contact, "suspended", usual, Contact.State.SUSPENDED, reason)


def let_go(by: Person, contact: Contact, reason: str) -> Contact:
    """They are no ally any more. Whatever was shared with them is recalled; after a year they are erased.

    Raises:
        RefusedError: without a reason, or when they were let go already.
    """
    usual = {Contact.State.PROPOSED, Contact.State.VETTED, Contact.State.SUSPENDED}
    return _move(by, contact, "let_go", usual, Contact.State.LET_GO, reason)


def lift(by: Person, contact: Contact, reason: str) -> Contact:
    """End a suspension; they are as they were vetted, or only proposed.

    Raises:
        RefusedError: without a reason, when they are not suspended, or when their newest verification failed.
    """
    newest = contact.verifications.filter(undone_at=None).order_by("-at", "-pk").first()
    if newest is not None and newest.outcome == Verification.Outcome.FAILS:
        raise RefusedError(_("Their newest verification failed. Verify them again first."))
    to = Contact.State.VETTED if contact.verified_at is not None else Contact.State.PROPOSED
    return _move(by, contact, "lifted", {Contact.State.SUSPENDED}, to, reason)


def take_back(by: Person, contact: Contact, reason: str) -> Contact:
    """Somebody who was let go is proposed again, and vetted anew.

    Raises:
        RefusedError: without a reason, or when they were not let go.
    """
    return _move(by, contact, "taken_back", {Contact.State.LET_GO}, Contact.State.PROPOSED, reason)


def _move(
    by: Person, contact: Contact, verb: str, usual: set[Contact.State], to: Contact.State, reason: str
) -> Contact:
    _needs(by, Right.VET)
    words = drafts.reason_of(reason)
    with transaction.atomic():
        row, at = _locked(contact), clock.now()
        if row.state not in usual:
            raise RefusedError(_("It changed meanwhile. Look again how they stand."))
        before = _memory(row)
        ends = to in {Contact.State.SUSPENDED, Contact.State.LET_GO}
        _state(row, to, at, words if ends else "")
        if verb == "taken_back":
            row.verified_at = row.next_due = row.altered_at = None
        if ends:
            slices.recall_all(row, by)
            _close_agains(row, at)
        row.save()
        _log(row, verb, by, at, reason=words, before=before)
        note(by, verb, row)
        return row


def undo(by: Person, contact: Contact) -> Contact:
    """Take the newest step back: a verification, a suspension or a letting go. What was recalled stays recalled.

    Raises:
        RefusedError: when nothing is left to undo.
    """
    _needs(by, Right.VET)
    with transaction.atomic():
        row, at = _locked(contact), clock.now()
        event = undoable(row)
        if event is None:
            raise RefusedError(_("There is nothing to undo."))
        assert event.before is not None
        altered = row.altered_at
        for name, value in event.before.items():
            setattr(row, name, _moment(name, value))
        # What was altered after that step was never verified.
        if altered is not None and altered > event.at:
            row.altered_at = altered
        row.save()
        Event.objects.filter(pk=event.pk).update(undone_at=at)
        if event.verification_id is not None:
            Verification.objects.filter(pk=event.verification_id).update(undone_at=at)
        _log(row, "undone", by, at)
        note(by, "undo", row, event=event.pk)
        return row


def undoable(contact: Contact) -> Event | None:
    """The step that ``undo`` would take back."""
    return contact.events.filter(before__isnull=False, undone_at=None).order_by("-pk").first()


def forget(by: Person | None, contact: Contact) -> None:
    """Erase an ally who was let go: every word about them, their history and their slices.

    Raises:
        RefusedError: when they were not let go.
    """
    if by is not None:
        _needs(by, Right.VET)
    with transaction.atomic():
        row = _locked(contact)
        if row.state != Contact.State.LET_GO:
            raise RefusedError(_("Let them go first."))
        if by is not None:
            note(by, "forget", row)
        row.delete()


def _needs(by: Person, right: Right) -> None:
    if not by.may(right):
        raise RefusedError(_("Your roles don’t let you do this. Ask whoever leads."))


def _locked(contact: Contact) -> Contact:
    return Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)


def _state(row: Contact, state: Contact.State, at: datetime, reason: str = "") -> None:
    row.state, row.state_at, row.reason = state, at, reason


def _altered(row: Contact, at: datetime, *, anew: bool) -> None:
    if anew and row.verified_at is not None:
        row.altered_at = at


def _close_agains(row: Contact, at: datetime) -> None:
    Again.objects.filter(contact=row, closed_at=None).update(closed_at=at)


def _memory(row: Contact) -> dict[str, object]:
    values = {name: getattr(row, name) for name in _REMEMBERED}
    return {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in values.items()}


def _moment(name: str, value: str | None) -> object:
    if value is None or name in {"state", "reason"}:
        return value
    return date.fromisoformat(value) if name == "next_due" else datetime.fromisoformat(value)


def _log(
    row: Contact,
    verb: str,
    by: Person,
    at: datetime,
    *,
    fields: Sequence[str] = (),
    reason: str = "",
    before: dict[str, object] | None = None,
    verification: Verification | None = None,
) -> None:
    Event.objects.create(
        contact=row,
        verb=verb,
        by=by,
        at=at,
        fields=list(fields),
        reason=reason,
        before=before,
        verification=verification,
    )
