"""Who the caller is, the team, and one's own tokens, for programs."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, Part, after
from tocsin.people import actions
from tocsin.people.access import with_second_factor
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person, Token
from tocsin.people.roles import Right, Role, rights

router = Router(tags=["people"])


class MeOut(Schema):
    """The caller."""

    id: int
    name: str
    email: str
    roles: list[str]
    rights: list[str] = Field(description="What the roles allow. A token may hold fewer.")
    time_zone: str
    language: str


class PersonOut(Schema):
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


@router.get("/people", response=Listed[PersonOut], auth=Bearer(Right.PEOPLE), summary="List the team")
def people(request: HttpRequest, part: Query[Part]) -> Listed[PersonOut]:
    """Everybody with an account, those who joined last first."""
    rows, following = after(Person.objects.all(), part.cursor, part.limit)
    protected = with_second_factor(rows)
    return Listed[PersonOut](items=[_person(row, row.pk in protected) for row in rows], next=following)


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


def _working(person: Person) -> QuerySet[Token]:
    return Token.objects.filter(person=person, revoked_at=None, expires_at__gt=timezone.now())


def _person(row: Person, protected: bool) -> PersonOut:
    return PersonOut(
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
