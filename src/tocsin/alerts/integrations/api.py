"""Integrations, for programs. Secrets are in the answer that made them and nowhere else."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema
from pydantic import Field

from tocsin.alerts.actions import RefusedError
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.access import access_integration, integrations_for
from tocsin.alerts.integrations.actions import MOST_PER_HOUR, Opened, Wanted
from tocsin.alerts.models import Integration, Lane, Policy, Severity
from tocsin.alerts.rules import precision
from tocsin.lib.inputs import Line
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.roles import Right

router = Router(tags=["integrations"])

_DUTY = Bearer(Right.DUTY)
ShapeName = Literal["alertmanager", "pagerduty", "grafana", "cap"]
SeverityName = Literal["minor", "moderate", "severe", "extreme"]
LaneName = Literal["life", "wake", "quiet"]
PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$")]


class IntegrationIn(Schema):
    """What people choose of an integration."""

    name: Line = Field(min_length=1, max_length=80)
    lane: LaneName = "wake"
    policy: PublicId | None = Field(None, description="A policy's id; nothing for the default one.")
    wakes_from: SeverityName = Field("minor", description="Less grave ones wait for the day; never in the lane `life`.")
    quota_per_hour: int = Field(120, ge=1, le=MOST_PER_HOUR)
    signed: bool = False


class NewIntegrationIn(IntegrationIn):
    """A new integration."""

    shape: ShapeName


class IntegrationOut(Schema):
    """One integration. In the lane for life and liberty nothing tells when an alert came, or how many."""

    id: str
    name: str
    shape: ShapeName
    address: str = Field(description="Where its system posts alerts.")
    lane: LaneName
    policy: str | None
    wakes_from: SeverityName
    quota_per_hour: int
    signed: bool
    made_at: datetime
    last_used_at: datetime | None
    refused: int
    refused_why: str
    right: int | None = Field(description="Of its last judged alerts, how many were right.")
    false: int | None = Field(description="Of its last judged alerts, how many were false.")
    may_wake: bool
    revoked_at: datetime | None


class OpenedOut(Schema):
    """An integration with its secrets; the token can't be had again."""

    integration: IntegrationOut
    token: str
    signing_key: str


class IntegrationTestOut(Schema):
    """The drill that was sent."""

    alert: str


@router.get("/integrations", response=list[IntegrationOut], auth=_DUTY, summary="List integrations")
def integrations(request: HttpRequest) -> list[IntegrationOut]:
    """Every integration, those that are open first."""
    return [_out(request, row) for row in integrations_for(caller(request))[:200]]


@router.post("/integrations", response={201: OpenedOut}, auth=_DUTY, summary="Make an integration")
def add_integration(request: HttpRequest, given: NewIntegrationIn) -> OpenedOut:
    """Open a door for another system. Needs a token, not a session."""
    _by_token(request)
    return _opened(request, actions.create(caller(request), given.shape, _wanted(given)))


@router.get("/integrations/{public_id}", response=IntegrationOut, auth=_DUTY, summary="Read one integration")
def integration(request: HttpRequest, public_id: PublicId) -> IntegrationOut:
    """One integration."""
    return _out(request, access_integration(caller(request), public_id))


@router.put("/integrations/{public_id}", response=IntegrationOut, auth=_DUTY, summary="Change an integration")
def change_integration(request: HttpRequest, public_id: PublicId, given: IntegrationIn) -> IntegrationOut:
    """Put these values in the place of those that were. The shape can't change."""
    person = caller(request)
    actions.change(person, access_integration(person, public_id), _wanted(given))
    return _out(request, access_integration(person, public_id))


@router.delete("/integrations/{public_id}", response={204: None}, auth=_DUTY, summary="Revoke an integration")
def revoke_integration(request: HttpRequest, public_id: PublicId) -> HttpResponse:
    """Close the door for good. Alerts that came through it stay."""
    person = caller(request)
    actions.revoke(person, access_integration(person, public_id))
    return HttpResponse(status=204)


@router.post("/integrations/{public_id}/rotate", response=OpenedOut, auth=_DUTY, summary="Make new secrets")
def rotate_integration(request: HttpRequest, public_id: PublicId) -> OpenedOut:
    """New secrets; the old ones stop working at once. Needs a token, not a session."""
    _by_token(request)
    person = caller(request)
    return _opened(request, actions.rotate(person, access_integration(person, public_id)))


@router.post("/integrations/{public_id}/test", response={201: IntegrationTestOut}, auth=_DUTY, summary="Send a test")
def test_integration(request: HttpRequest, public_id: PublicId) -> IntegrationTestOut:
    """A drill that reaches whomever a real alert of this integration would."""
    person = caller(request)
    return IntegrationTestOut(alert=actions.send_test(person, access_integration(person, public_id)).public_id)


def _by_token(request: HttpRequest) -> None:
    # The console asks for a fresh sign-in before it shows a secret; a session here would go round that.
    if not request.headers.get("Authorization"):
        raise RefusedError("Secrets are handed out to API tokens, and on the console's own page.")


def _wanted(given: IntegrationIn) -> Wanted:
    policy = None
    if given.policy is not None:
        policy = Policy.objects.filter(public_id=given.policy, ended_at=None).first()
        if policy is None:
            raise RefusedError("There is no such policy, or it has ended.")
    least = Severity[given.wakes_from.upper()]
    return Wanted(given.name, Lane(given.lane), policy, given.quota_per_hour, given.signed, least)


def _opened(request: HttpRequest, opened: Opened) -> OpenedOut:
    row = _out(request, opened.integration)
    return OpenedOut(integration=row, token=str(opened.token), signing_key=str(opened.key))


def _out(request: HttpRequest, row: Integration) -> IntegrationOut:
    judged = None if row.lane == Lane.LIFE else precision(row.rule)
    return IntegrationOut.model_validate(
        {
            "id": row.public_id,
            "name": row.name,
            "shape": row.shape,
            "address": request.build_absolute_uri(reverse("alerts:knock", args=[row.public_id])),
            "lane": row.lane,
            "policy": row.policy.public_id if row.policy is not None else None,
            "wakes_from": Severity(row.wakes_from).name.lower(),
            "quota_per_hour": row.quota_per_hour,
            "signed": row.signed,
            "made_at": row.made_at,
            "last_used_at": row.last_used_at,
            "refused": row.refused,
            "refused_why": row.refused_why,
            "right": judged.right if judged is not None else None,
            "false": judged.false if judged is not None else None,
            "may_wake": row.rule.may_wake,
            "revoked_at": row.revoked_at,
        }
    )
