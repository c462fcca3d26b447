"""Every write to people: joining, roles, links, sessions, settings and API tokens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.people.access import open_invitation, open_reset_link
from tocsin.people.models import Invitation, Person, ResetLink, Token
from tocsin.people.roles import Right, Role, rights
from tocsin.people.secrets import ApiToken, InviteToken, ResetToken

INVITATION_DAYS = 7
RESET_HOURS = 24
TOKEN_DAYS = 365


class RefusedError(Exception):
    """The write can't be done; the message says why, in words for the person who asked."""


class LinkError(Exception):
    """A one-time link that is unknown, used or too old."""


class AddressError(Exception):
    """An address that can't be used for a new account."""


def _target(person: Person) -> str:
    return f"person:{person.pk}"


# Joining


@transaction.atomic
def invite(actor: Person | None, roles: Role, note: str) -> tuple[Invitation, str]:
    """Make a one-time link for somebody new; gives the row and the link's path, which can't be had again.

    ``actor`` is None for the system itself.
    """
    token = InviteToken.mint()
    invitation = Invitation.objects.create(
        token_hash=token.digest,
        roles=int(roles),
        invited_by=actor,
        note=note,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    record(actor.pk if actor else None, "people.invited", f"invitation:{invitation.pk}", roles=int(roles))
    # This room's addresses alone stand at the root: the whole list would load every page's code before the start.
    return invitation, reverse("people_join", args=[token], urlconf="tocsin.people.urls")


@transaction.atomic
def first_invitation() -> str | None:
    """The path that creates the first account, a lead's; None once anybody has joined. Earlier ones stop working."""
    if Person.objects.exists():
        return None
    for earlier in Invitation.objects.filter(invited_by=None, used_at=None):
        _withdraw(None, earlier)
    return invite(None, Role.LEAD, "")[1]


@transaction.atomic
def withdraw(actor: Person, invitation: Invitation) -> None:
    """Make an invitation that nobody used stop working."""
    _withdraw(actor.pk, invitation)


def _withdraw(actor: int | None, invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk, used_at=None).delete()
    record(actor, "people.invitation_withdrawn", f"invitation:{invitation.pk}")


def join(token: InviteToken, name: str, email: str, password: str, time_zone: str = "") -> Person:
    """Use an invitation: makes the account. Of two who use it at once, one gets it. Without a zone it is the house's.

    Raises:
        LinkError: when the invitation is unknown, used or too old.
        AddressError: when the address has an account already.
    """
    person = Person(email=email.strip().lower(), name=name.strip(), time_zone=time_zone)
    person.set_password(password)
    try:
        return _join(token, person)
    except (IntegrityError, AddressError) as error:
        open_invitation(token).update(refused=F("refused") + 1)
        raise AddressError from error


@transaction.atomic
def _join(token: InviteToken, person: Person) -> Person:
    invitation = open_invitation(token).first()
    if invitation is None or not open_invitation(token).update(used_at=timezone.now()):
        raise LinkError
    if Person.objects.filter(email=person.email).exists():
        raise AddressError
    person.roles = invitation.roles
    person.save()
    record(person.pk, "people.joined", _target(person), invitation=invitation.pk, roles=person.roles)
    return person


# What a lead does


@transaction.atomic
def change_roles(actor: Person, person: Person, roles: Role) -> None:
    """Give a person exactly these roles.

    Raises:
        RefusedError: when nobody would be left to lead.
    """
    team = _locked()
    before = team[person.pk]
    if Role.LEAD in before.role_set and Role.LEAD not in roles:
        _keep_a_lead(team, person)
    Person.objects.filter(pk=person.pk).update(roles=int(roles))
    record(actor.pk, "people.roles_changed", _target(person), before=before.roles, after=int(roles))


@transaction.atomic
def deactivate(actor: Person, person: Person) -> None:
    """End a person's access: sessions, links and tokens stop at once. The account stays, for the record's sake.

    Raises:
        RefusedError: when nobody would be left to lead.
    """
    team = _locked()
    if Role.LEAD in team[person.pk].role_set:
        _keep_a_lead(team, person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    _end_sessions(person)
    record(actor.pk, "people.deactivated", _target(person), tokens=_end_tokens(person))


@transaction.atomic
def reactivate(actor: Person, person: Person) -> None:
    """Give a person access again, with the roles of before; their tokens stay ended."""
    Person.objects.filter(pk=person.pk).update(is_active=True)
    record(actor.pk, "people.reactivated", _target(person))


def _locked() -> dict[int, Person]:
    # Everybody is locked, in one order and before anything is read, so that of two leads who remove each other at once
    # one succeeds: locking oneself first and then the rest would let each wait for the other.
    return {person.pk: person for person in Person.objects.select_for_update().order_by("pk")}


def _keep_a_lead(team: dict[int, Person], leaving: Person) -> None:
    if not any(one.is_active and Role.LEAD in one.role_set for one in team.values() if one.pk != leaving.pk):
        raise RefusedError(_("This is the last lead. Make somebody else a lead first."))


@transaction.atomic
def end_sessions(actor: Person, person: Person) -> None:
    """Sign a person out everywhere, and end their API tokens."""
    _end_sessions(person)
    record(actor.pk, "people.sessions_ended", _target(person), tokens=_end_tokens(person))


@transaction.atomic
def end_token(actor: Person, person: Person, pk: int) -> bool:
    """End one API token of a person; False if they have no such one that still works."""
    now = timezone.now()
    ended = Token.objects.filter(pk=pk, person=person, revoked_at=None, expires_at__gt=now).update(revoked_at=now)
    if ended:
        record(actor.pk, "people.token_ended", f"token:{pk}", person=person.pk)
    return bool(ended)


def _end_sessions(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    _delete_sessions(UserSession.objects.filter(user=person).values_list("session_key", flat=True))


def _end_tokens(person: Person) -> int:
    """End every API token of a person that still works; gives how many there were."""
    now = timezone.now()
    return Token.objects.filter(person=person, revoked_at=None, expires_at__gt=now).update(revoked_at=now)


def _delete_sessions(keys: Collection[str]) -> int:
    keys = list(keys)
    Session.objects.filter(session_key__in=keys).delete()
    return int(UserSession.objects.filter(session_key__in=keys).delete()[0])


@transaction.atomic
def reset_link(actor: Person | None, person: Person, second_factor: bool = False) -> str:
    """The path of a one-time link that sets a new password; an earlier one stops working.

    With ``second_factor`` it also takes passkeys, app and recovery codes away, for somebody who lost them.
    """
    token = ResetToken.mint()
    ResetLink.objects.filter(person=person, used_at=None).delete()
    link = ResetLink.objects.create(
        token_hash=token.digest,
        person=person,
        made_by=actor,
        second_factor=second_factor,
        expires_at=timezone.now() + timedelta(hours=RESET_HOURS),
    )
    by = actor.pk if actor else None
    record(by, "people.reset_link_made", _target(person), link=link.pk, second_factor=second_factor)
    return reverse("people_reset", args=[token])


@transaction.atomic
def use_reset_link(token: ResetToken, password: str) -> Person:
    """Set a new password with a one-time link, and end every session and API token of that person.

    Raises:
        LinkError: when the link is unknown, used or too old.
    """
    link = open_reset_link(token).select_related("person").first()
    if link is None or not open_reset_link(token).update(used_at=timezone.now()):
        raise LinkError
    person = link.person
    person.set_password(password)
    person.save(update_fields=["password"])
    if link.second_factor:
        Authenticator.objects.filter(user=person).delete()
    _end_sessions(person)
    ended = _end_tokens(person)
    both = link.second_factor
    record(person.pk, "people.password_reset", _target(person), link=link.pk, second_factor=both, tokens=ended)
    return person


# What a person does for themselves


@transaction.atomic
def signed_in(person: Person, method: str) -> None:
    """Note that somebody signed in; ``method`` is what they gave last, such as ``totp`` or ``webauthn``."""
    record(person.pk, "people.signed_in", _target(person), method=method)


@transaction.atomic
def end_own_sessions(person: Person, keys: Collection[str]) -> int:
    """End some of one's own sessions, given by key; gives how many there were."""
    own = UserSession.objects.filter(user=person, session_key__in=list(keys)).values_list("session_key", flat=True)
    ended = _delete_sessions(own)
    record(person.pk, "people.own_sessions_ended", _target(person), count=ended)
    return ended


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to be addressed and shown things. Empty: as the device or the server says."""

    name: str
    time_zone: str = ""
    language: str = ""
    theme: str = ""


@transaction.atomic
def save_preferences(person: Person, preferences: Preferences) -> None:
    """Keep a person's own settings."""
    person.name = preferences.name
    person.time_zone = preferences.time_zone
    person.language = preferences.language
    person.theme = preferences.theme
    person.save(update_fields=["name", "time_zone", "language", "theme"])
    record(person.pk, "people.settings_saved", _target(person))


@transaction.atomic
def issue_token(person: Person, name: str, asked: Collection[Right], days: int) -> ApiToken:
    """Make an API token limited to some rights and days; its text can't be had again.

    Raises:
        RefusedError: for no right, a right that the person does not hold, or more than 365 days.
    """
    if not asked or not set(asked) <= rights(person.role_set):
        raise RefusedError(_("Choose at least one right, and only rights that you hold yourself."))
    if not 1 <= days <= TOKEN_DAYS:
        raise RefusedError(_("A token lasts between 1 and 365 days."))
    secret = ApiToken.mint()
    token = Token.objects.create(
        token_hash=secret.digest,
        person=person,
        name=name,
        rights=sorted(asked),
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(person.pk, "people.token_issued", f"token:{token.pk}", rights=" ".join(sorted(asked)), days=days)
    return secret


@transaction.atomic
def revoke_token(person: Person, pk: int) -> bool:
    """End one of the person's own API tokens; False if there is no such one."""
    revoked = Token.objects.filter(pk=pk, person=person, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record(person.pk, "people.token_revoked", f"token:{pk}")
    return bool(revoked)
