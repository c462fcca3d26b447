"""Every write to integrations: making one, new secrets, changes, the end, and the test."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.actions import New, RefusedError, accept, rule
from tocsin.alerts.integrations.receiving import KIND, open_policy
from tocsin.alerts.integrations.secrets import IntegrationToken, SigningKey, signing_key
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.models import Alert, Integration, Lane, Policy, Rule, Severity
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.people.models import Person

MOST_PER_HOUR = 10_000
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What people choose of an integration. Without a ``policy`` its alerts take the default one.

    Less grave ones than ``wakes_from`` wait for the day; about life and liberty it has no meaning.
    """

    name: str
    lane: Lane = Lane.WAKE
    policy: Policy | None = None
    quota_per_hour: int = 120
    signed: bool = False
    wakes_from: Severity = Severity.MINOR


@dataclass(frozen=True, slots=True)
class Opened:
    """An integration with the secrets that its system needs; the token can't be had again."""

    integration: Integration
    token: IntegrationToken
    key: SigningKey


@transaction.atomic
def create(person: Person, shape: str, wanted: Wanted) -> Opened:
    """Open a door for another system, with a rule of its own that learns how often it is right.

    Raises:
        RefusedError: for an unknown shape, no name, or a quota out of range.
    """
    if shape not in SHAPES:
        raise RefusedError(_("Choose one of the ways of writing alerts that are listed."))
    _check(wanted)
    public_id, token = random_name(12), IntegrationToken.mint()
    row = Integration.objects.create(
        public_id=public_id,
        name=wanted.name.strip(),
        shape=shape,
        token_hash=token.digest,
        signed=wanted.signed,
        policy=wanted.policy,
        rule=rule(f"webhook:{public_id}", wanted.name.strip()),
        lane=wanted.lane,
        quota_per_hour=wanted.quota_per_hour,
        wakes_from=wanted.wakes_from,
        made_by=person,
        made_at=clock.now(),
    )
    _record(person, "integration.created", row)
    return Opened(row, token, signing_key(row))


@transaction.atomic
def change(person: Person, integration: Integration, wanted: Wanted) -> Integration:
    """Give an integration another name, lane, policy, quota, least severity that wakes, or duty to sign.

    Raises:
        RefusedError: when it is revoked, without a name, or for a quota out of range.
    """
    _check(wanted)
    row = _open(integration)
    row.name, row.lane, row.policy = wanted.name.strip(), wanted.lane, wanted.policy
    row.quota_per_hour, row.signed, row.wakes_from = wanted.quota_per_hour, wanted.signed, wanted.wakes_from
    row.save(update_fields=["name", "lane", "policy", "quota_per_hour", "signed", "wakes_from"])
    Rule.objects.filter(pk=row.rule_id).update(name=row.name)
    _record(person, "integration.changed", row)
    return row


@transaction.atomic
def rotate(person: Person, integration: Integration) -> Opened:
    """New secrets; the old ones stop working at once.

    Raises:
        RefusedError: when it is revoked.
    """
    row, token = _open(integration), IntegrationToken.mint()
    row.token_hash, row.generation = token.digest, row.generation + 1
    row.refused, row.refused_why = 0, ""
    row.save(update_fields=["token_hash", "generation", "refused", "refused_why"])
    record(person.pk, "integration.rotated", _target(row), generation=row.generation)
    return Opened(row, token, signing_key(row))


@transaction.atomic
def show_key(person: Person, integration: Integration) -> SigningKey:
    """The present signing key, and a note in the record of who saw it.

    Raises:
        RefusedError: when it is revoked.
    """
    row = _open(integration)
    record(person.pk, "integration.key_shown", _target(row), generation=row.generation)
    return signing_key(row)


@transaction.atomic
def revoke(person: Person, integration: Integration) -> None:
    """Close the door for good. Alerts that came through it stay, and go on calling.

    Raises:
        RefusedError: when it is revoked already.
    """
    row = _open(integration)
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    record(person.pk, "integration.revoked", _target(row))


@transaction.atomic
def send_test(person: Person, integration: Integration) -> Alert:
    """A drill as if it had come by this integration: its lane, its policy, its way of writing.

    Raises:
        RefusedError: when it is revoked.
    """
    row, at = _open(integration), clock.now()
    shape = SHAPES[row.shape]
    (reported,) = shape.read(shape.example(at))
    accepted = accept(
        New(
            kind=KIND,
            severity=reported.severity,
            lane=Lane(row.lane),
            dedupe=f"in:{row.public_id}:test:{random_name(12)}",
            reference=f"integration:{row.public_id}",
            policy=open_policy(row),
            integration=row,
            raised_by=person,
            occurred_at=reported.occurred_at,
            drill=True,
            via="console",
        )
    )
    record(person.pk, "integration.tested", _target(row), alert=accepted.alert.public_id)
    return accepted.alert


def _check(wanted: Wanted) -> None:
    if not wanted.name.strip() or len(wanted.name.strip()) > _LONGEST_NAME:
        raise RefusedError(_("Give it a name of up to 80 characters."))
    if not 1 <= wanted.quota_per_hour <= MOST_PER_HOUR:
        raise RefusedError(_("The quota lies between 1 and 10,000 an hour."))
    if wanted.policy is not None and wanted.policy.ended_at is not None:
        raise RefusedError(_("That policy has ended. Choose another one."))


def _open(integration: Integration) -> Integration:
    row = Integration.objects.select_for_update(of=("self",)).select_related("policy").get(pk=integration.pk)
    if row.revoked_at is not None:
        raise RefusedError(_("It is revoked. Make a new integration instead."))
    return row


def _target(row: Integration) -> str:
    return f"integration:{row.public_id}"


def _record(person: Person, verb: str, row: Integration) -> None:
    record(
        person.pk,
        verb,
        _target(row),
        shape=row.shape,
        lane=row.lane,
        policy=row.policy.public_id if row.policy is not None else None,
        quota=row.quota_per_hour,
        signed=row.signed,
        wakes_from=int(row.wakes_from),
    )
