"""Every write about communities: who they are, what is said of where they live, what passed between them and us."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import drafts as plain
from tocsin.alliances.models import Contact
from tocsin.alliances.refusals import RefusedError
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import drafts
from tocsin.resilience.contexts import look_at, take, undo_batch
from tocsin.resilience.drafts import CommunityDraft, ConsentDraft, DealingDraft, StatementDraft
from tocsin.resilience.models import Community, Dealing, Statement, Tie
from tocsin.resilience.record import needs_right, note

__all__ = [
    "RefusedError",
    "add",
    "change",
    "end_promise",
    "forget",
    "hear",
    "look_at",
    "put_away",
    "reopen_promise",
    "say",
    "set_consent",
    "take",
    "take_back",
    "tie",
    "undo_batch",
    "untie",
    "withdraw",
]


def add(by: Person, draft: CommunityDraft, once: str) -> Community:
    """Add a community. The same form sent twice adds one.

    Raises:
        RefusedError: for what can't be used, or a community of this name that stands there already.
    """
    needs_right(by, Right.RESILIENCE)
    standing = Community.objects.filter(once=plain.once_of(once)).first()
    if standing is not None:
        return standing
    columns, at = drafts.checked(draft), clock.now()
    _new_name(str(columns["name"]), None)
    try:
        with transaction.atomic():
            row = Community.objects.create(public_id=random_name(10), once=once, made_at=at, made_by=by, **columns)
            note(by, "add", _target(row))
            return row
    except IntegrityError:
        return Community.objects.get(once=once)


def change(by: Person, community: Community, draft: CommunityDraft) -> Community:
    """Change what stands about a community.

    Raises:
        RefusedError: for what can't be used, or when it was put away.
    """
    needs_right(by, Right.RESILIENCE)
    columns = drafts.checked(draft)
    with transaction.atomic():
        row = _standing(community)
        _new_name(str(columns["name"]), row.pk)
        changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
        if changed:
            for name in changed:
                setattr(row, name, columns[name])
            row.save()
            note(by, "change", _target(row), fields=",".join(name.removesuffix("_id") for name in changed))
        return row


def set_consent(by: Person, community: Community, draft: ConsentDraft) -> Community:
    """Write down whether they want to be named outside the team.

    Raises:
        RefusedError: for what can't be used, or when it was put away.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row = _standing(community)
        for name, value in drafts.checked_consent(draft, clock.now().date()).items():
            setattr(row, name, value)
        row.save()
        note(by, "consent", _target(row), consent=row.consent)
        return row


def say(by: Person, community: Community, draft: StatementDraft) -> Statement:
    """Add a dated statement with its source.

    Raises:
        RefusedError: for what can't be used, or when the community was put away.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row, at = _standing(community), clock.now()
        made = Statement.objects.create(community=row, at=at, by=by, **drafts.checked_statement(draft, at.date()))
        note(by, "state", _target(row), statement=made.pk)
        return made


def withdraw(by: Person, community: Community, number: int, reason: str) -> Statement:
    """Take a statement back: it stays readable as withdrawn, with the reason.

    Raises:
        RefusedError: without a reason, or when it does not stand any more.
    """
    needs_right(by, Right.RESILIENCE)
    words = drafts.reason_of(reason)
    with transaction.atomic():
        row = _standing(community)
        made = row.statements.select_for_update(of=("self",)).filter(pk=number, withdrawn_at=None).first()
        if made is None:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        made.withdrawn_at, made.withdrawn_why = clock.now(), words
        made.save()
        note(by, "withdraw", _target(row), statement=made.pk)
        return made


def hear(by: Person, community: Community, draft: DealingDraft) -> Dealing:
    """Add what they told us, asked for, were promised or got.

    Raises:
        RefusedError: for what can't be used, or when the community was put away.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row, at = _standing(community), clock.now()
        made = Dealing.objects.create(community=row, at=at, by=by, **drafts.checked_dealing(draft, row, at.date()))
        note(by, made.kind, _target(row), dealing=made.pk)
        return made


def end_promise(by: Person, community: Community, number: int, kept: bool, on: date, reason: str = "") -> Dealing:
    """End a promise: it was kept on a day, or it is not kept, and why.

    Raises:
        RefusedError: when it ended already, for a day to come, or without a reason where it is not kept.
    """
    needs_right(by, Right.RESILIENCE)
    words = drafts.nobody(plain.line(reason, drafts.REASON, "reason"), "reason") if kept else drafts.reason_of(reason)
    with transaction.atomic():
        row, today = _standing(community), clock.now().date()
        made = _promise(row, number)
        if made.ended_on is not None:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        made.ended_on = drafts.past(on, today, "on")
        if made.ended_on < made.on:
            raise RefusedError(_("It can’t have ended before it was promised."), "on")
        made.ended_as = Dealing.End.KEPT if kept else Dealing.End.BROKEN
        made.ended_why = words
        made.save()
        note(by, made.ended_as, _target(row), dealing=made.pk)
        return made


def reopen_promise(by: Person, community: Community, number: int) -> Dealing:
    """Undo the end of a promise: it stands open again, late if its day has passed.

    Raises:
        RefusedError: when it is open.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row = _standing(community)
        made = _promise(row, number)
        if made.ended_on is None:
            raise RefusedError(_("There is nothing to undo."))
        made.ended_on, made.ended_as, made.ended_why = None, "", ""
        made.save()
        note(by, "reopen", _target(row), dealing=made.pk)
        return made


def tie(by: Person, community: Community, contact: Contact, words: str) -> Tie:
    """Name an ally as one whom this community trusts.

    Raises:
        RefusedError: when this person may not read about allies, or the ally was suspended or let go.
    """
    needs_right(by, Right.RESILIENCE)
    needs_right(by, Right.ALLIES)
    if contact.state in {Contact.State.SUSPENDED, Contact.State.LET_GO}:
        raise RefusedError(_("They are suspended or let go. Choose an ally who is in use."), "contact")
    said = drafts.nobody(plain.line(words, 200, "words"), "words")
    with transaction.atomic():
        row = _standing(community)
        made, new = Tie.objects.get_or_create(
            community=row, contact=contact, defaults={"words": said, "at": clock.now(), "by": by}
        )
        if new:
            note(by, "tie", _target(row), ally=contact.public_id)
        return made


def untie(by: Person, community: Community, contact: str) -> None:
    """An ally, by public id, is no trusted contact of this community any more.

    Raises:
        RefusedError: when they were none.
    """
    needs_right(by, Right.RESILIENCE)
    needs_right(by, Right.ALLIES)
    with transaction.atomic():
        row = _standing(community)
        if not Tie.objects.filter(community=row, contact__public_id=contact).delete()[0]:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        note(by, "untie", _target(row), ally=contact)


def put_away(by: Person, community: Community, reason: str) -> Community:
    """We work with them no more for now. Nothing is lost; it can be taken back.

    Raises:
        RefusedError: without a reason, or when they were put away already.
    """
    needs_right(by, Right.STEWARD)
    words = drafts.reason_of(reason)
    with transaction.atomic():
        row = _standing(community)
        row.put_away_at, row.put_away_why = clock.now(), words
        row.save()
        note(by, "put_away", _target(row))
        return row


def take_back(by: Person, community: Community) -> Community:
    """Undo putting away.

    Raises:
        RefusedError: when they were not put away, or another community has their name by now.
    """
    needs_right(by, Right.STEWARD)
    with transaction.atomic():
        row = _locked(community)
        if row.put_away_at is None:
            raise RefusedError(_("There is nothing to undo."))
        _new_name(row.name, row.pk)
        row.put_away_at, row.put_away_why = None, ""
        row.save()
        note(by, "take_back", _target(row))
        return row


def forget(by: Person, community: Community) -> None:
    """Erase a community that was put away: every word about it.

    Raises:
        RefusedError: when it was not put away.
    """
    needs_right(by, Right.STEWARD)
    with transaction.atomic():
        row = _locked(community)
        if row.put_away_at is None:
            raise RefusedError(_("Put them away first."))
        note(by, "forget", _target(row))
        row.delete()


def _new_name(name: str, own: int | None) -> None:
    if Community.objects.filter(name__iexact=name, put_away_at=None).exclude(pk=own or 0).exists():
        raise RefusedError(_("A community of this name stands there already."), "name")


def _locked(community: Community) -> Community:
    row = Community.objects.select_for_update(of=("self",)).filter(pk=community.pk).first()
    if row is None:
        raise RefusedError(_("It changed meanwhile. Look again how it stands."))
    return row


def _standing(community: Community) -> Community:
    row = _locked(community)
    if row.put_away_at is not None:
        raise RefusedError(_("They were put away. Take them back first."))
    return row


def _promise(row: Community, number: int) -> Dealing:
    kind = Dealing.Kind.PROMISED
    made = row.dealings.select_for_update(of=("self",)).filter(pk=number, kind=kind).first()
    if made is None:
        raise RefusedError(_("It changed meanwhile. Look again how it stands."))
    return made


def _target(row: Community) -> str:
    return f"community:{row.public_id}"
