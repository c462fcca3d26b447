"""Open plans by program: read, begun, written, their tasks moved; never approved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role
from tocsin.responses import actions
from tocsin.responses.log import acts
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def plan(alice: Person) -> Book:
    return actions.begin(alice, acts.Begun(severity=3), CONTENT, [TASK], None)


@pytest.fixture
def call(bob: Person) -> Call:
    return _caller(bob, Right.PLANS)


def _caller(person: Person, *rights: Right) -> Call:
    token = str(issue_token(person, "a program", list(rights), 30))

    def send(method: str, path: str, body: object = None) -> tuple[int, Any]:
        sent: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        how = getattr(Client(), method.lower())
        answer = how(f"/api/{path}", headers={"authorization": f"Bearer {token}"}, **sent)
        return answer.status_code, answer.json() if answer.content else None

    return send


def test_a_plan_is_begun_from_a_playbook_listed_and_read(call: Call) -> None:
    status, made = call("POST", "plans", {"severity": 4, "title": "Held", "playbook": "detained"})
    assert status == 201
    assert len(made["tasks"]) > 15
    assert [one["title"] for one in call("GET", "plans?show=mine")[1]["items"]] == ["Held"]
    assert call("GET", f"plans/{made['public_id']}")[1]["standing"] == "draft"
    assert call("POST", "plans", {"severity": 4, "title": "Held", "playbook": "nothing"})[0] == 404


def test_who_wrote_upon_an_old_version_gets_the_differences(plan: Book, call: Call, alice: Person) -> None:
    read = call("GET", f"plans/{plan.id}")[1]
    actions.write(plan, alice, replace(CONTENT, objective="Alice's."), 1)
    status, said = call(
        "PUT", f"plans/{plan.id}/content", {"base": 1, "content": {**read["content"], "resources": "x"}}
    )
    assert status == 409
    assert (said["version"], said["differences"][0]["after"]) == (2, "Alice's.")
    now = call("GET", f"plans/{plan.id}")[1]["content"]
    assert call("PUT", f"plans/{plan.id}/content", {"base": 2, "content": {**now, "resources": "x"}})[0] == 200
    status, said = call("PUT", f"plans/{plan.id}/content", {"base": 3, "content": {**now, "chosen": "nope"}})
    assert (status, said["fields"][0]["field"]) == (422, "body.chosen")


def test_tasks_are_added_changed_and_moved(plan: Book, call: Call, alice: Person, vera: Person) -> None:
    status, made = call("POST", f"plans/{plan.id}/tasks", {"title": "Lock it", "protection": "lock"})
    assert status == 201
    task = next(one for one in made["tasks"] if one["title"] == "Lock it")
    assert task["risk_check"]
    assert call("POST", f"plans/{plan.id}/tasks/t1/move", {"state": "done", "words": "x"})[0] == 409
    asked = actions.ask(plan, alice, vera, None)
    actions.approve(plan, vera, asked.digest)
    assert call("POST", f"plans/{plan.id}/tasks/t1/move", {"state": "done"})[0] == 422
    assert call("POST", f"plans/{plan.id}/tasks/t1/move", {"state": "done", "words": "link"})[0] == 200
    assert plan.read().tasks[0].state is State.DONE
    charlie = Person.objects.create(email="n@example.org", name="Nobody", roles=0)
    assert call("PUT", f"plans/{plan.id}/tasks/t1", {"title": "Again", "owner": charlie.pk})[0] == 409


def test_a_program_asks_and_a_person_answers(plan: Book, call: Call, vera: Person) -> None:
    assert call("POST", f"plans/{plan.id}/ask", {"approver": vera.pk})[0] == 200
    assert plan.read().standing is Standing.ASKED
    for verb in ("approve", "answer", "decline"):
        assert call("POST", f"plans/{plan.id}/{verb}", {"digest": plan.read().digest})[0] == 404
    lines = call("GET", f"plans/{plan.id}/log?limit=2")[1]
    assert [one["verb"] for one in lines["items"]] == ["asked", "task"]
    assert all(one["proved"] for one in lines["items"])
    assert call("GET", f"plans/{plan.id}/log?cursor={lines['next']}")[1]["next"] is None


def test_a_token_without_the_right_and_a_plan_of_others_give_nothing(plan: Book, bob: Person) -> None:
    assert _caller(bob, Right.READ)("GET", "plans")[0] == 403
    stan = Person.objects.create(email="stan@example.org", name="Stan", roles=int(Role.STAKEHOLDER))
    assert _caller(stan, Right.READ)("GET", f"plans/{plan.id}")[0] == 403
    assert _caller(bob, Right.PLANS)("GET", "plans/zzzzzzzz")[0] == 404
