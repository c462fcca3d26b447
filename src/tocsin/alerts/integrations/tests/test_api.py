"""What the pages can do, programs can do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tocsin.alerts.integrations.tests.conftest import Sender, said
from tocsin.alerts.integrations.tests.test_shapes import entry, group
from tocsin.alerts.models import Alert, Lane, Policy
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right

pytestmark = pytest.mark.django_db

Call = Callable[..., HttpResponse]
Opens = Callable[..., Sender]


@pytest.fixture
def call(alice: Person) -> Call:
    """Calls the API with a token that may arrange duty."""
    token = issue_token(alice, "a program", [Right.DUTY], 1)

    def made(method: str, path: str, body: Any = None) -> HttpResponse:
        answer: Any = Client().generic(
            method,
            f"/api/integrations{path}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer  # type: ignore[no-any-return]

    return made


def test_a_program_opens_a_door_and_uses_it(call: Call) -> None:
    made = call("POST", "", {"name": "Probes", "shape": "grafana", "lane": "quiet", "quota_per_hour": 9})
    assert made.status_code == 201
    opened = said(made)
    assert set(opened) == {"integration", "token", "signing_key"}
    row = opened["integration"]
    assert (row["lane"], row["quota_per_hour"], row["last_used_at"], row["right"]) == ("quiet", 9, None, 0)
    answer = Client().post(
        row["address"],
        group(entry()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {opened['token']}"},
    )
    assert answer.status_code == 200
    assert said(call("GET", f"/{row['id']}"))["last_used_at"] is not None
    listed = call("GET", "")
    assert [one["id"] for one in said(listed)] == [row["id"]]  # type: ignore[index]
    assert opened["token"] not in listed.content.decode()


def test_a_program_changes_tests_rotates_and_revokes(call: Call, opens: Opens) -> None:
    Policy.objects.create(public_id="mine", name="Mine")
    sender = opens()
    path = f"/{sender.row.public_id}"
    changed = call("PUT", path, {"name": "New", "lane": "life", "policy": "mine", "quota_per_hour": 5, "signed": False})
    assert (said(changed)["policy"], said(changed)["right"]) == ("mine", None)
    assert sender.now().lane == Lane.LIFE
    tested = said(call("POST", f"{path}/test"))
    assert Alert.objects.get(public_id=tested["alert"]).drill
    assert said(call("POST", f"{path}/rotate"))["token"] != sender.token
    assert sender.post(group(entry())).status_code == 401
    assert call("DELETE", path).status_code == 204
    assert call("DELETE", path).status_code == 409
    assert call("PUT", path, {"name": "Again"}).status_code == 409


def test_a_policy_that_is_not_there_is_refused(call: Call) -> None:
    assert call("POST", "", {"name": "x", "shape": "cap", "policy": "nowhere"}).status_code == 409


def test_a_session_gets_no_secrets(browse: Callable[[Person], Client], alice: Person, opens: Opens) -> None:
    sender = opens()
    client = browse(alice)
    assert client.get("/api/integrations").status_code == 200
    answer = client.post(f"/api/integrations/{sender.row.public_id}/rotate", content_type="application/json")
    assert answer.status_code == 409
    assert sender.post(group(entry())).status_code == 200


def test_who_may_not_arrange_duty_is_refused(bob: Person) -> None:
    token = issue_token(bob, "a program", [Right.ALERTS], 1)
    answer = Client().get("/api/integrations", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
