"""What programs may read of playbooks, protections and authorities."""

import json
from typing import Any

import pytest
from django.test import Client

from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.playbooks import authorities, library
from tocsin.responses.playbooks.authorities import Given

pytestmark = pytest.mark.django_db


def call(person: Person, path: str, *asked: Right) -> tuple[int, Any]:
    token = str(issue_token(person, "a program", asked or (Right.READ,), 30))
    answer = Client().get(f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {token}")
    return answer.status_code, json.loads(answer.content)


def test_playbooks_are_listed_and_read_in_each_language(sam: Person) -> None:
    status, found = call(sam, "playbooks")
    assert status == 200
    assert {"detained", "self-harm"} <= {one["key"] for one in found}
    status, one = call(sam, "playbooks/detained?language=fr")
    book = library.playbook("detained", "fr")
    assert book is not None
    assert (status, one["title"], one["digest"], one["stale"]) == (200, book.title, book.digest, False)
    assert one["languages"] == ["en", "ar", "es", "fr"]
    assert one["steps"][0]["minutes"] == 10
    assert call(sam, "playbooks/detained?language=pt")[0] == 404
    assert call(sam, "playbooks/nothere")[0] == 404


def test_the_table_is_read(sam: Person) -> None:
    status, found = call(sam, "playbooks/protections")
    assert status == 200
    assert next(one for one in found if one["key"] == "office-action")["risk_check"] is True


def test_a_program_goes_by_the_answer_and_not_by_what_was_written(sam: Person, rosa: Person, alice: Person) -> None:
    assert call(sam, "authorities/KE")[1]["answer"] == "ask"
    row = authorities.state(rosa, "KE", Given("yes", "legal"))
    found = call(sam, "authorities")[1]
    assert [(one["country"], one["answer"], one["written"]) for one in found] == [("KE", "ask", "yes")]
    authorities.verify(alice, row)
    assert call(sam, "authorities/KE")[1]["answer"] == "yes"
    assert call(sam, "authorities/ZZ")[0] == 422


def test_numbers_of_disclosures_need_the_right_to_plan(sam: Person, rosa: Person) -> None:
    assert call(rosa, "disclosures/quarters", Right.PLANS) == (200, [])
    assert call(sam, "disclosures/quarters")[0] == 403
