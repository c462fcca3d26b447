"""The REST routes: the same limits as the pages, and clear words for what can't be taken."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person, Token
from tocsin.people.roles import Right, Role
from tocsin.people.secrets import ApiToken
from tocsin.streams import work
from tocsin.streams.documents import original
from tocsin.streams.models import Item, Source
from tocsin.streams.sources.documents.kind import LARGEST
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.feed_texts import ONE, TWO, rss
from tocsin.streams.tests.server import Site

Call = Callable[..., Any]
FEED = {"name": "Daily", "kind": "feeds", "url": "https://x.example/feed", "countries": ["XS"]}


@pytest.fixture
def call() -> Call:
    """Calls a route as a person with a token for everything; gives status and content."""

    def as_person(person: Person, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token_of(person)}"}
        sent = b"" if body is None else json.dumps(body).encode()
        kind = "application/json" if sent else "application/octet-stream"
        answer = Client().generic(method, f"/api{path}", sent, content_type=kind, headers=headers)
        return answer.status_code, json.loads(answer.content or b"null")

    return as_person


def token_of(person: Person) -> str:
    secret = ApiToken.mint()
    Token.objects.create(
        token_hash=secret.digest,
        person=person,
        name="test",
        rights=[right.value for right in Right],
        expires_at=timezone.now() + timedelta(days=1),
    )
    return str(secret)


def test_a_source_lives_its_life_over_the_api(call: Call, bob: Person) -> None:
    status, made = call(bob, "POST", "/sources", FEED)
    assert (status, made["owner"], made["health"]) == (201, "Bob", "new")
    path = f"/sources/{made['id']}"
    assert call(bob, "PUT", path, {**FEED, "name": "Weekly", "interval_seconds": 900})[1]["name"] == "Weekly"
    assert call(bob, "POST", f"{path}/pause")[1]["blind"] is True
    assert call(bob, "POST", f"{path}/fetch")[0] == 409
    assert call(bob, "POST", f"{path}/resume")[1]["paused"] is False
    assert call(bob, "GET", "/sources?kind=feeds&country=XS")[1]["items"][0]["id"] == made["id"]
    assert call(bob, "DELETE", path)[0] == 204
    assert call(bob, "GET", path)[0] == 404


def test_items_come_in_parts(call: Call, vera: Person, served: Site, add_source: AddSource) -> None:
    source = add_source(served.put("/feed", rss(ONE, TWO)))
    work.step()
    first = call(vera, "GET", "/items?limit=1")[1]
    second = call(vera, "GET", f"/items?limit=1&cursor={first['next']}")[1]
    assert second["next"] is None
    assert {first["items"][0]["title"], second["items"][0]["title"]} == {ONE[1], TWO[1]}
    assert call(vera, "GET", f"/items/{first['items'][0]['id']}")[1]["text"]
    assert call(vera, "GET", f"/sources/{source.pk}/fetches")[1]["items"][0]["items"] == 2


def test_what_is_restricted_looks_missing(
    call: Call, alice: Person, vera: Person, served: Site, add_source: AddSource
) -> None:
    source = add_source(served.put("/feed", rss(ONE)), readers=int(Role.LEAD))
    work.step()
    paths = [f"/sources/{source.pk}", f"/items/{Item.objects.get().pk}", f"/sources/{source.pk}/fetches"]
    assert [call(alice, "GET", path)[0] for path in paths] == [200] * 3
    assert [call(vera, "GET", path)[0] for path in paths] == [404] * 3
    assert [call(vera, "GET", path)[1]["items"] for path in ("/sources", "/items", "/blind-spots")] == [[]] * 3


def test_rights_are_needed(call: Call, vera: Person, charlie: Person) -> None:
    assert call(vera, "POST", "/sources", FEED)[0] == 403
    assert call(vera, "POST", "/requirements", {"question": "Q?", "asked_by": "A"})[0] == 403
    assert call(charlie, "GET", "/sources")[0] == 403


def test_requirements_and_coverage(call: Call, bob: Person) -> None:
    question = {"question": "Who is arrested?", "asked_by": "the board", "countries": ["KE"], "streams": ["feeds"]}
    status, made = call(bob, "POST", "/requirements", question)
    assert (status, made["owner"]) == (201, "Bob")
    (row,) = call(bob, "GET", "/coverage")[1]
    assert (row["worst"], row["countries"][0]) == ("nobody", {"code": "KE", "cover": "nobody", "sources": []})
    path = f"/requirements/{made['id']}"
    assert call(bob, "PUT", path, {**question, "review_on": "2027-01-01"})[1]["review_on"] == "2027-01-01"
    assert call(bob, "POST", f"{path}/close")[1]["closed_at"]
    assert call(bob, "GET", "/coverage")[1] == []
    assert call(bob, "POST", f"{path}/reopen")[1]["closed_at"] is None


def test_a_list_of_feeds_and_a_document_over_the_api(call: Call, bob: Person, vera: Person) -> None:
    opml = '<opml version="2.0"><body><outline text="A & B" xmlUrl="https://a.example/feed"/></body></opml>'
    status, made = call(bob, "POST", "/imports", {"opml": opml})
    assert (status, made["state"], len(made["feeds"])) == (201, "proposed", 1)
    assert call(bob, "POST", f"/imports/{made['id']}/take")[1]["state"] == "done"
    assert Source.objects.get().name == "A & B"
    assert call(bob, "POST", f"/imports/{made['id']}/undo")[1]["state"] == "undone"
    content = base64.b64encode(b"A raid is likely.").decode()
    status, made = call(bob, "POST", "/documents", {"name": "r.txt", "content": content, "readers": int(Role.ANALYST)})
    assert (status, made["text"]) == (201, "A raid is likely.")
    assert call(vera, "GET", f"/items/{made['id']}")[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a\x00b"},
        {"name": "\ud800"},
        {"name": ""},
        {"url": "javascript:alert(1)"},
        {"url": ""},
        {"kind": "nothing"},
        {"countries": ["ZQ"]},
        {"countries": ["\x00\x00"]},
        {"interval_seconds": 10**30},
        {"readers": 10**30},
        {"readers": -1},
        {"options": {"unknown": 1}},
        {"kind": "ooni", "options": {"history_days": 10**20}},
        {"kind": "ooni", "options": {"domains": "text"}},
        {"kind": "ooni", "options": {"countries": ["\x00"]}},
        {"kind": "ooni", "tlp": "red", "readers": 1},
        {"tlp": "red"},
        {"languages": ["no language at all"]},
        {"more": 1},
    ],
)
def test_bad_input_is_answered_in_words_and_never_with_a_fault(call: Call, bob: Person, wrong: dict[str, Any]) -> None:
    status, answer = call(bob, "POST", "/sources", {**FEED, **wrong})
    assert 400 <= status < 500
    assert answer["detail"]
    assert Source.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["/sources/99999999999999999999", "/sources/0", "/items/-1", "/items?cursor=0", "/items?since=0001-01-01"]
)
def test_odd_numbers_and_times_are_refused(call: Call, bob: Person, path: str) -> None:
    assert 400 <= call(bob, "GET", path)[0] < 500


def test_expired_items_are_gone_at_once(call: Call, vera: Person, served: Site, add_source: AddSource) -> None:
    add_source(served.put("/feed", rss(ONE)))
    work.step()
    Item.objects.update(expires_at=timezone.now())
    assert call(vera, "GET", "/items")[1]["items"] == []


def bring(person: Person, body: bytes, query: str, kind: str = "application/octet-stream") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token_of(person)}"}
    answer = Client().generic("POST", "/api/documents/file", body, kind, headers=headers, QUERY_STRING=query)
    return answer.status_code, json.loads(answer.content)


def test_a_document_comes_as_it_is_as_large_as_on_the_page(bob: Person, vera: Person) -> None:
    body = b"<p>An editor was threatened in Sarvania.</p>" + b"<!-- " + b"x" * 7_000_000 + b" -->"
    status, item = bring(bob, body, f"name=r%C3%A9sum%C3%A9.html&tlp=amber&readers={int(Role.ANALYST)}&country=XS")
    assert (status, item["tlp"]) == (201, "amber"), item
    assert "threatened" in item["text"]
    row = Item.objects.get(pk=item["id"])
    assert (row.facts["file"], row.facts["country"], row.readers) == ("r\u00e9sum\u00e9.html", "XS", int(Role.ANALYST))
    assert original(row) == body
    assert bring(vera, body, "name=a.html")[0] == 403


def test_a_file_that_is_too_large_empty_or_a_form_is_refused(bob: Person) -> None:
    assert bring(bob, b"", "name=a.txt")[1]["fields"][0]["field"] == "body.documents"
    status, told = bring(bob, b"x" * (LARGEST + 1), "name=a.txt")
    assert (status, f"{LARGEST:,}" in told["detail"]) == (413, True)
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        assert bring(bob, b"--x--", "name=a.txt", kind)[0] == 415
    assert bring(bob, b"words", "")[0] == 422
    assert not Item.objects.exists()


def test_no_token_lets_a_source_reach_inside(call: Call, alice: Person, browse: Callable[[Person], Client]) -> None:
    inside = {**FEED, "url": "http://10.0.0.7:8080/feed", "allow_private": "10.0.0.7:8080"}
    status, told = call(alice, "POST", "/sources", inside)
    assert (status, told["fields"][0]["field"]) == (422, "body.allow_private")
    status, told = call(alice, "POST", "/imports", {"opml": "<opml/>", "allow_private": "10.0.0.7:8080"})
    assert (status, told["fields"][0]["field"]) == (422, "body.allow_private")
    _, made = call(alice, "POST", "/sources", {**inside, "allow_private": ""})
    assert call(alice, "PUT", f"/sources/{made['id']}", inside)[0] == 422
    assert not Source.objects.exclude(allow_private="").exists()
    # The lead herself, in her browser, may; then a program may change what does not lead elsewhere.
    own = browse(alice).put(f"/api/sources/{made['id']}", inside, content_type="application/json")
    assert own.status_code == 200, own.content
    assert call(alice, "PUT", f"/sources/{made['id']}", {**inside, "name": "Weekly"})[0] == 200
    elsewhere = {**inside, "url": "http://10.0.0.7:8080/keys"}
    assert call(alice, "PUT", f"/sources/{made['id']}", elsewhere)[0] == 422
    assert Source.objects.get().url == inside["url"]
