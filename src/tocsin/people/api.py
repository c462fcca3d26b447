"""Who the caller is, the team, and one's own tokens, for programs."""

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.lib.inputs import Id, Line
from tocsin.lib.pages import Listed, Part, after
from tocsin.people import actions
from tocsin.people.access import with_second_factor
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Invitation, Person, Token
from tocsin.people.roles import Right, Role, rights

router = Router(tags=["people"])

RoleName = Literal["lead", "analyst", "responder", "stakeholder", "approver", "executive", "auditor"]


class MeOut(Schema):
    """The caller."""

    id: int
    name: str
    email: str
    roles: list[str]
    rights: list[str] = Field(description="What the roles allow. A token may hold fewer.")
    time_zone: str
    language: str


class AccountOut(Schema):
    """Somebody of the team."""

    id: int
    name: str
    email: str
    roles: list[str]
    active: bool
    joined_at: datetime
    second_factor: bool = Field(description="Whether a passkey or an app protects the account.")


class RoleOut(Schema):
    """A role and what it allows."""

    role: str
    rights: list[str]


class TokenOut(Schema):
    """One of your tokens that still works; its text can't be had again."""

    id: int
    name: str
    rights: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class RolesIn(Schema, extra="forbid"):
    """Roles by name."""

    roles: list[RoleName] = Field(max_length=len(Role), description="None at all: they sign in and see nothing.")

    def role_set(self) -> Role:
        """The same as one set."""
        return Role(sum({int(Role[name.upper()]) for name in self.roles}))


class ResetIn(Schema, extra="forbid"):
    """What somebody lost."""

    second_factor: bool = Field(False, description="Takes passkeys, app and recovery codes away as well.")


class InvitationLinkOut(Schema):
    """A one-time link; it can't be had again."""

    link: str
    hours: int = Field(description="How long it works.")


class InvitationIn(RolesIn):
    """A new invitation."""

    note: Annotated[Line, Field(max_length=120)] = Field("", description="For the team, to tell invitations apart.")


class InvitationOut(Schema):
    """An invitation that still works."""

    id: int
    roles: list[str]
    note: str
    invited_by: int | None = Field(description="A person's id; null: the system.")
    created_at: datetime
    expires_at: datetime


class InvitedOut(InvitationOut):
    """A new invitation, with its link."""

    link: str = Field(description="Give it to them yourself; it can't be had again.")


@router.get("/me", response=MeOut, auth=Bearer(None), summary="Who you are")
def me(request: HttpRequest) -> MeOut:
    """The person whose token, or session, makes this call."""
    person = caller(request)
    return MeOut(
        id=person.pk,
        name=person.name,
        email=person.email,
        roles=_names(person.role_set),
        rights=sorted(rights(person.role_set)),
        time_zone=person.time_zone,
        language=person.language,
    )


@router.get("/people", response=Listed[AccountOut], auth=Bearer(Right.PEOPLE), summary="List the team")
def people(request: HttpRequest, part: Query[Part]) -> Listed[AccountOut]:
    """Everybody with an account, those who joined last first."""
    rows, following = after(Person.objects.all(), part.cursor, part.limit)
    protected = with_second_factor(rows)
    return Listed[AccountOut](items=[_person(row, row.pk in protected) for row in rows], next=following)


@router.get("/people/{number}", response=AccountOut, auth=Bearer(Right.PEOPLE), summary="Read one person")
def person(request: HttpRequest, number: Id) -> AccountOut:
    """One person of the team."""
    return _known(_somebody(number))


@router.put("/people/{number}/roles", response=AccountOut, auth=Bearer(Right.PEOPLE), summary="Change roles")
def change_roles(request: HttpRequest, number: Id, given: RolesIn) -> AccountOut:
    """Give a person exactly these roles. The last lead stays one."""
    actions.change_roles(caller(request), _somebody(number), given.role_set())
    return _known(_somebody(number))


@router.post(
    "/people/{number}/reset-link",
    response={201: InvitationLinkOut},
    auth=Bearer(Right.PEOPLE),
    summary="Make a link for a new password",
)
def reset_link(request: HttpRequest, number: Id, given: ResetIn) -> InvitationLinkOut:
    """A one-time link for somebody who can't get in; an earlier one stops working. Nobody makes one for themselves."""
    actor, one = caller(request), _somebody(number)
    if not one.is_active:
        raise Http404
    if one.pk == actor.pk:
        raise actions.RefusedError(_("Your own password and second factor are changed in the console alone."))
    path = actions.reset_link(actor, one, second_factor=given.second_factor)
    return InvitationLinkOut(link=request.build_absolute_uri(path), hours=actions.RESET_HOURS)


@router.get(
    "/people/{number}/tokens", response=list[TokenOut], auth=Bearer(Right.PEOPLE), summary="List a person's tokens"
)
def tokens_of(request: HttpRequest, number: Id) -> list[TokenOut]:
    """The tokens of a person that still work, newest first; their text can't be had again."""
    return [_token(row) for row in _working(_somebody(number)).order_by("-pk")]


@router.delete(
    "/people/{number}/tokens/{token}",
    response={204: None},
    auth=Bearer(Right.PEOPLE),
    summary="End one token of a person",
)
def end_token(request: HttpRequest, number: Id, token: Id) -> None:
    """End one token of a person at once; their sessions and other tokens go on."""
    if not actions.end_token(caller(request), _somebody(number), token):
        raise Http404


@router.post(
    "/people/{number}/{verb}",
    response=AccountOut,
    auth=Bearer(Right.PEOPLE),
    summary="Close an account, open it again, or sign out",
)
def act(request: HttpRequest, number: Id, verb: Literal["deactivate", "reactivate", "end-sessions"]) -> AccountOut:
    """``deactivate``: end access; ``reactivate``: give it back; ``end-sessions``: end sessions and tokens."""
    verbs = {
        "deactivate": actions.deactivate,
        "reactivate": actions.reactivate,
        "end-sessions": actions.end_sessions,
    }
    verbs[verb](caller(request), _somebody(number))
    return _known(_somebody(number))


@router.get("/invitations", response=list[InvitationOut], auth=Bearer(Right.PEOPLE), summary="List open invitations")
def invitations(request: HttpRequest) -> list[InvitationOut]:
    """The invitations that still work, newest first; their links can't be had again."""
    return [_invitation(row) for row in _open_invitations().order_by("-pk")]


@router.post("/invitations", response={201: InvitedOut}, auth=Bearer(Right.PEOPLE), summary="Invite somebody")
def invite(request: HttpRequest, given: InvitationIn) -> InvitedOut:
    """A one-time link that makes an account with these roles. It is told this once."""
    row, path = actions.invite(caller(request), given.role_set(), given.note)
    return InvitedOut(**_invitation(row).dict(), link=request.build_absolute_uri(path))


@router.delete("/invitations/{number}", response={204: None}, auth=Bearer(Right.PEOPLE), summary="End an invitation")
def withdraw(request: HttpRequest, number: Id) -> None:
    """Make an invitation that nobody used stop working."""
    row = Invitation.objects.filter(pk=number, used_at=None).first()
    if row is None:
        raise Http404
    actions.withdraw(caller(request), row)


@router.get("/roles", response=list[RoleOut], auth=Bearer(None), summary="List the roles")
def roles(request: HttpRequest) -> list[RoleOut]:
    """Every role with the rights that it gives."""
    return [RoleOut(role=_name(role), rights=sorted(rights(role))) for role in Role]


@router.get("/me/tokens", response=list[TokenOut], auth=Bearer(None), summary="List your tokens")
def tokens(request: HttpRequest) -> list[TokenOut]:
    """Your own tokens that still work, newest first. A new one is made in the console's settings."""
    return [_token(row) for row in _working(caller(request)).order_by("-pk")]


@router.delete("/me/tokens/{number}", response={204: None}, auth=Bearer(None), summary="Revoke one of your tokens")
def revoke_token(request: HttpRequest, number: Id) -> None:
    """End one of your own tokens at once; also the one that makes this call."""
    if not actions.revoke_token(caller(request), number):
        raise Http404


def _somebody(number: int) -> Person:
    found = Person.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _known(row: Person) -> AccountOut:
    return _person(row, bool(with_second_factor([row])))


def _open_invitations() -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now())


def _invitation(row: Invitation) -> InvitationOut:
    return InvitationOut(
        id=row.pk,
        roles=_names(Role(row.roles)),
        note=row.note,
        invited_by=row.invited_by_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _working(person: Person) -> QuerySet[Token]:
    return Token.objects.filter(person=person, revoked_at=None, expires_at__gt=timezone.now())


def _person(row: Person, protected: bool) -> AccountOut:
    return AccountOut(
        id=row.pk,
        name=row.name,
        email=row.email,
        roles=_names(row.role_set),
        active=row.is_active,
        joined_at=row.joined_at,
        second_factor=protected,
    )


def _token(row: Token) -> TokenOut:
    return TokenOut(
        id=row.pk,
        name=row.name,
        rights=row.rights,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def _names(roles: Role) -> list[str]:
    return [_name(role) for role in Role if role in roles]


def _name(role: Role) -> str:
    return str(role.name).lower()
