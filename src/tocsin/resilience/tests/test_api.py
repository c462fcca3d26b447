"""What programs may do with communities and context: the same as people, by the same rights."""

import json
from typing import Any

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, rights
from tocsin.resilience.models import Community
from tocsin.resilience.tests.conftest import PRESS

pytestmark = pytest.mark.django_db


class Program:
    """Calls with a token of some rights."""

    def __init__(self, person: Person, *asked: Right) -> None:
        self._token = str(issue_token(person, "a program", asked or tuple(rights(person.role_set)), 30))

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        header = {"HTTP_AUTHORIZATION": f"Bearer {self._token}"}
        answer = Client().generic(method, f"/api/{path}", **sent, **header)  # type: ignore[arg-type]
        return answer.status_code, json.loads(answer.content) if answer.content else None


def test_from_a_new_community_to_its_erasure(alice: Person) -> None:
    call, day = Program(alice), clock.now().date().isoformat()
    who = {"name": "Editors in Swahili", "kind": "language", "about": "Three hundred.", "languages": ["sw"],
           "countries": ["KE"], "owner": alice.pk}  # fmt: skip
    status, made = call("POST", "communities", {"community": who, "once": "k3v9x2mw7q"})
    assert status == 201
    at = f"communities/{made['id']}"
    given = {"consent": "given", "on": day, "words": "Asked at their meeting."}
    assert call("PUT", f"{at}/consent", given)[1]["consent"] == "given"
    law = {"part": "law", "words": "A bill is read.", "on": day, "source": "Gazette"}
    said = call("POST", f"{at}/statements", law)[1]["statements"][0]
    gone = call("POST", f"{at}/statements/{said['id']}/withdraw", {"reason": "It was another bill."})[1]
    assert gone["statements"][0]["withdrawn"] is True
    promise = {"kind": "promised", "words": "A guide.", "on": day, "due": day, "keeper": alice.pk}
    owed = call("POST", f"{at}/dealings", promise)[1]
    assert (owed["promises"], owed["late"], owed["dealings"][0]["keeper"]) == (1, 0, "Alice")
    number = owed["dealings"][0]["id"]
    assert call("POST", f"{at}/dealings/{number}/end", {"kept": False, "on": day})[0] == 422
    assert call("POST", f"{at}/dealings/{number}/end", {"kept": True, "on": day})[1]["promises"] == 0
    assert call("POST", f"{at}/dealings/{number}/reopen")[1]["promises"] == 1
    assert [one["id"] for one in call("GET", "communities?state=promised")[1]["items"]] == [made["id"]]
    assert call("PUT", at, who | {"name": "Wikimedians in Swahili"})[1]["name"] == "Wikimedians in Swahili"
    assert call("DELETE", at)[0] == 409
    assert call("POST", f"{at}/put-away", {"reason": "They dissolved themselves."})[1]["put_away"] is True
    assert call("DELETE", at)[0] == 204
    assert not Community.objects.exists()


def test_a_table_is_looked_at_taken_and_taken_back(alice: Person) -> None:
    call = Program(alice)
    status, seen = call("POST", "contexts/files", {"index": "press", "table": PRESS, "file": "rsf.csv"})
    assert (status, seen["new"], seen["refused_lines"][0]["line"]) == (201, 1, 3)
    assert call("GET", "contexts?country=KE")[1] == []
    assert call("POST", f"contexts/files/{seen['id']}/take")[1]["state"] == "taken"
    said = call("GET", "contexts?country=KE")[1]
    assert (said[0]["says"], said[0]["source"]) == ("rank 102, score 53.22", "Reporters Without Borders")
    assert call("POST", f"contexts/files/{seen['id']}/undo")[1]["state"] == "undone"
    assert call("GET", "contexts?country=KE")[1] == []
    assert [one["state"] for one in call("GET", "contexts/files")[1]["items"]] == ["undone"]


def test_a_token_that_reads_takes_nothing_in_and_others_see_nothing(alice: Person, vera: Person) -> None:
    reads = Program(alice, Right.RESILIENCE)
    assert reads("GET", "communities")[0] == 200
    assert reads("POST", "contexts/files", {"index": "press", "table": PRESS})[0] == 403
    for path in ("communities", "contexts?country=KE", "contexts/files", "communities/nothere"):
        assert Program(vera)("GET", path)[0] == 403
