"""What programs may do with the team: as much as its pages, under the same rights and in the same words."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.models import Invitation, Person, ResetLink, Token
from tocsin.people.roles import Right, Role
from tocsin.people.tests.cast import is_in, join

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


class Program:
    """Calls the API with a token of one person."""

    def __init__(self, person: Person, *rights: Right) -> None:
        self._token = actions.issue_token(person, "a program", rights, 30)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        sent: dict[str, Any] = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = Client().generic(method, f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {self._token}", **sent)
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def lead(alice: Person) -> Program:
    return Program(alice, Right.PEOPLE)


def test_a_program_invites_and_the_link_is_told_once(lead: Program) -> None:
    status, made = lead.call("POST", "invitations", {"roles": ["analyst", "approver"], "note": "New in Lagos"})
    assert status == 201
    _, listed = lead.call("GET", "invitations")
    assert [(one["note"], one["roles"]) for one in listed] == [("New in Lagos", ["analyst", "approver"])]
    assert made["link"] not in str(listed)
    join(Client(), made["link"].removeprefix("http://testserver"))
    assert Person.objects.get(email="nadia@example.org").role_set == Role.ANALYST | Role.APPROVER
    assert lead.call("GET", "invitations") == (200, [])
    assert lead.call("DELETE", f"invitations/{made['id']}")[0] == 404


def test_a_program_ends_an_invitation(lead: Program) -> None:
    _, made = lead.call("POST", "invitations", {"roles": []})
    assert lead.call("DELETE", f"invitations/{made['id']}")[0] == 204
    assert not Invitation.objects.exists()
    assert Client().get(made["link"]).status_code == 404


def test_roles_are_changed_and_the_last_lead_stays(lead: Program, alice: Person, bob: Person) -> None:
    status, told = lead.call("PUT", f"people/{bob.pk}/roles", {"roles": ["auditor", "responder", "auditor"]})
    assert (status, told["roles"]) == (200, ["responder", "auditor"])
    entry = Entry.objects.get(verb="people.roles_changed")
    assert (entry.actor, entry.facts) == (alice.pk, {"before": 2, "after": 68})
    status, told = lead.call("PUT", f"people/{alice.pk}/roles", {"roles": ["analyst"]})
    assert (status, "last lead" in told["detail"]) == (409, True)
    assert lead.call("PUT", f"people/{bob.pk}/roles", {"roles": ["owner"]})[0] == 422


def test_accounts_are_closed_opened_and_signed_out(lead: Program, bob: Person, browse: Browse) -> None:
    client, program = browse(bob), Program(bob, Right.READ)
    assert lead.call("POST", f"people/{bob.pk}/end-sessions")[0] == 200
    assert not is_in(client)
    assert program.call("GET", "me")[0] == 401
    assert lead.call("POST", f"people/{bob.pk}/deactivate")[1]["active"] is False
    assert lead.call("POST", f"people/{bob.pk}/reset-link", {})[0] == 404
    assert lead.call("POST", f"people/{bob.pk}/reactivate")[1]["active"] is True
    assert lead.call("GET", f"people/{bob.pk}")[1]["active"] is True


def test_a_program_makes_links_for_others_and_never_for_its_own_person(
    lead: Program, alice: Person, bob: Person
) -> None:
    status, made = lead.call("POST", f"people/{bob.pk}/reset-link", {"second_factor": True})
    assert (status, made["hours"]) == (201, 24)
    assert Client().get(made["link"]).status_code == 200
    assert lead.call("POST", f"people/{alice.pk}/reset-link", {})[0] == 409
    assert not ResetLink.objects.filter(person=alice).exists()


def test_one_token_of_a_person_is_ended(lead: Program, bob: Person) -> None:
    lost, kept = Program(bob, Right.READ), Program(bob, Right.READ)
    _, listed = lead.call("GET", f"people/{bob.pk}/tokens")
    first = min(one["id"] for one in listed)
    assert lead.call("DELETE", f"people/{bob.pk}/tokens/{first}")[0] == 204
    assert lead.call("DELETE", f"people/{bob.pk}/tokens/{first}")[0] == 404
    assert (lost.call("GET", "me")[0], kept.call("GET", "me")[0]) == (401, 200)
    assert Token.objects.get(pk=first).revoked_at is not None


CALLS = [
    ("GET", "people/{}"), ("GET", "people/{}/tokens"), ("PUT", "people/{}/roles"), ("POST", "people/{}/reset-link"),
    ("POST", "people/{}/deactivate"), ("DELETE", "people/{}/tokens/1"), ("GET", "invitations"),
    ("POST", "invitations"), ("DELETE", "invitations/1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_only_a_lead_with_a_token_for_people_may(alice: Person, bob: Person, method: str, path: str) -> None:
    before = Entry.objects.exclude(verb="people.token_issued").count()
    body = {"roles": ["lead"]} if method in {"PUT", "POST"} else None
    for program in (Program(alice, Right.READ, Right.SOURCES), Program(bob, Right.READ)):
        assert program.call(method, path.format(bob.pk), body)[0] == 403
    assert Entry.objects.exclude(verb="people.token_issued").count() == before
    with pytest.raises(actions.RefusedError):
        actions.issue_token(bob, "mine", [Right.PEOPLE], 30)


def test_somebody_who_does_not_exist_is_not_found(lead: Program) -> None:
    for method, path in CALLS:
        if "{}" in path:
            body: dict[str, Any] | None = {"roles": []} if method == "PUT" else {} if method == "POST" else None
            assert lead.call(method, path.format(2**60), body)[0] == 404, path
