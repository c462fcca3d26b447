"""The pages of a sealed plan: the same pages through an open vault, for its members alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import access, actions, linking, members, models
from tocsin.responses.log import acts
from tocsin.responses.log.books import SealedBook
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Standing
from tocsin.responses.tests.test_plans import CONTENT, TASK

Browse = Callable[[Person], Client]
Found = Callable[..., UUID]
Know = Callable[..., None]


@pytest.fixture
def book(alice: Person, vera: Person, opened: Open, know: Know) -> SealedBook:
    know(alice, vera)
    made = actions.begin_sealed(alice, opened(alice), acts.Begun(severity=3), CONTENT, [TASK])
    assert isinstance(made, SealedBook)
    return made


def _url(book: SealedBook, rest: str = "") -> str:
    return f"/plans/sealed/{book.id}/{rest}"


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_every_page_opens_for_a_member_and_none_is_kept_by_the_browser(
    book: SealedBook, alice: Person, enter: Browse
) -> None:
    client = enter(alice)
    pages = ("", "?tasks=board", "?tasks=time", "log/", "versions/", "versions/1/", "edit/", "ask/", "answer/",
             "act-first/", "withdraw/", "standing/", "tasks/new/", "tasks/t1/", "tasks/t1/edit/", "tasks/t1/risk/",
             "people/", "team/", "recovery/", "debrief/")  # fmt: skip
    for rest in pages:
        answer = client.get(_url(book, rest))
        assert answer.status_code == 200, rest
        assert "no-store" in answer.headers["Cache-Control"], rest
        assert "Site blocked" not in answer.content.decode().split("</title>")[0]
    assert "Site blocked" in _text(client, "/plans/sealed/")


def test_it_is_in_no_list_but_its_members_own(
    book: SealedBook, alice: Person, bob: Person, browse: Browse, enter: Browse
) -> None:
    assert models.Plan.objects.count() == 0
    assert "Site blocked" not in _text(browse(alice), "/plans/")
    assert browse(alice).get("/plans/sealed/").status_code == 302
    assert "Your vault is closed" in _text(browse(alice), "/plans/tasks/")
    assert "You are in no sealed plan" in _text(enter(bob), "/plans/sealed/")


def test_missing_and_forbidden_look_the_same_to_the_byte(book: SealedBook, bob: Person, enter: Browse) -> None:
    client = enter(bob)
    nobody = str(uuid4())
    for rest in ("", "edit/", "people/", "answer/", "log/"):
        there, missing = client.get(_url(book, rest)), client.get(f"/plans/sealed/{nobody}/{rest}")
        assert there.status_code == missing.status_code == 404
        assert there.content.replace(book.id.encode(), nobody.encode()) == missing.content
    assert client.get(f"/plans/called/{book.id}/").status_code == 302


def test_somebody_is_let_in_approves_and_is_put_out_again(
    book: SealedBook, alice: Person, vera: Person, bob: Person, enter: Browse, opened: Open
) -> None:
    lead, approver = enter(alice), enter(vera)
    assert "Let somebody in" in _text(lead, _url(book, "ask/"))
    strange = lead.post(_url(book, "people/in"), {"person": bob.pk, "role": "member"})
    assert strange.status_code == 302
    opened(bob)
    unknown = lead.post(_url(book, "people/in"), {"person": bob.pk, "role": "member"})
    assert unknown["Location"] == f"/keys/people/{bob.pk}/"
    lead.post(_url(book, "people/in"), {"person": vera.pk, "role": "member"})
    lead.post(_url(book, "ask/"), {"approver": vera.pk, "deputy": "0"})
    assert "your yes or no is asked" in _text(approver, "/plans/sealed/")
    digest = book.read().digest
    approver.post(_url(book, "answer/"), {"do": "approve", "digest": digest})
    assert SealedBook(opened(alice), book.safe).read().standing is Standing.APPROVED
    assert approver.post(_url(book, "people/in"), {"person": bob.pk, "role": "member"}).status_code == 302
    assert bob.pk not in _members(book, alice, opened)
    lead.post(_url(book, f"people/{vera.pk}/out"))
    assert vera.pk not in _members(book, alice, opened)
    _text(approver, _url(book), 404)
    page = _text(lead, _url(book, "people/"))
    assert "let somebody in" in page
    assert "Sealing anew" not in page


def _members(book: SealedBook, person: Person, opened: Open) -> set[int]:
    from tocsin.keys.safes import OpenSafe

    return set(OpenSafe(opened(person), book.safe).head.members)


def test_a_task_of_it_stands_among_mine_while_my_vault_is_open(
    book: SealedBook, alice: Person, enter: Browse, opened: Open
) -> None:
    client = enter(alice)
    given = {"title": "Call her sister", "function": "casework", "owner": alice.pk}
    client.post(_url(book, "tasks/t1/edit/"), given)
    answer = client.get("/plans/tasks/")
    assert "Call her sister" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    client.post(_url(book, "act-first/"), {"words": "They come tonight."})
    client.post(_url(book, "tasks/t1/move"), {"state": "done", "words": "She knows."})
    assert SealedBook(opened(alice), book.safe).read().tasks[0].state is State.DONE


def test_a_plan_for_a_case_is_found_from_the_case_and_from_nowhere_else(
    alice: Person, bob: Person, found: Found, enter: Browse, opened: Open, know: Know
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "legal"))
    client = enter(alice)
    begin = client.get(f"/plans/sealed/of/{case}/")
    assert begin["Location"] == f"/plans/sealed/new/?case={case}"
    answer = client.post(f"/plans/sealed/new/?playbook=detained&case={case}", {"title": "Held", "severity": "4"})
    assert answer.status_code == 302
    (plan,) = access.sealed_numbers(opened(alice))
    assert answer["Location"] == f"/plans/sealed/{plan}/"
    assert client.get(f"/plans/sealed/of/{case}/")["Location"] == f"/plans/sealed/{plan}/"
    assert str(case) in _text(client, f"/plans/sealed/{plan}/")
    # Who holds no account of the case learns nothing by asking for its plan.
    other = enter(bob)
    nobody = uuid4()
    there, missing = other.get(f"/plans/sealed/of/{case}/"), other.get(f"/plans/sealed/of/{nobody}/")
    assert there.status_code == missing.status_code == 404
    assert there.content.replace(str(case).encode(), str(nobody).encode()) == missing.content
    assert linking.opens(opened(bob), plan) is False
    _text(client, f"/cases/{case}/")


def test_only_who_can_be_let_in_is_offered_and_of_the_others_it_says_why(
    book: SealedBook, alice: Person, bob: Person, charlie: Person, opened: Open, enter: Browse
) -> None:
    rosa = Person.objects.create(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER))
    opened(rosa)
    page = _text(enter(alice), _url(book, "people/"))
    offered = page.partition('name="person"')[2].partition("</select>")[0]
    assert "Vera" in offered, "their keys were compared"
    assert "Bob" not in offered
    assert "Rosa" not in offered
    rest = page.partition("Not yet")[2]
    assert "They have no vault yet" in rest.partition("Bob")[2].partition("</li>")[0]
    assert f"/keys/people/{rosa.pk}/" in rest.partition("Rosa")[2].partition("</li>")[0]
    assert "Charlie" not in page, "who has no role here is not spoken of"
    members.let_in(opened(alice), UUID(book.id), Person.objects.get(name="Vera").pk, "member")
    assert "Nobody can be let in yet" in _text(enter(alice), _url(book, "people/"))


def test_what_is_sealed_and_waits_for_a_yes_stands_in_the_approvers_list_while_their_vault_is_open(
    book: SealedBook, alice: Person, bob: Person, vera: Person, opened: Open, browse: Browse, enter: Browse
) -> None:
    members.let_in(opened(alice), book.safe, vera.pk, members.MEMBER)
    shut = _text(browse(vera), "/plans/?show=approve")
    assert "Sealed work may wait" in shut
    assert "Site blocked" not in _text(enter(vera), "/plans/?show=approve")
    asked = actions.ask(SealedBook(opened(alice), book.safe), alice, vera, None)
    again = _text(browse(vera), "/plans/?show=approve")
    assert _plain(again) == _plain(shut), "a closed vault's page tells nothing, not even that something came"
    for address in ("/plans/", "/plans/?show=approve"):
        answer = enter(vera).get(address)
        assert "no-store" in answer.headers["Cache-Control"]
        page = answer.content.decode()
        assert "Site blocked" in page
        assert "Your yes or no is asked" in page
        assert _url(book, "answer/") in page
        assert "Sealed work may wait" not in page
    assert "Sealed work may wait" not in _text(browse(bob), "/plans/"), "bob approves nothing"
    actions.approve(SealedBook(opened(vera), book.safe), vera, asked.digest)
    assert "Site blocked" not in _text(enter(vera), "/plans/")
    actions.write(SealedBook(opened(alice), book.safe), alice, replace(CONTENT, chosen="wait"), 1)
    actions.act_first(SealedBook(opened(alice), book.safe), alice, "It can't wait.")
    assert "Somebody acted first" in _text(enter(vera), "/plans/")
    assert "Somebody acted first" not in _text(enter(alice), "/plans/"), "she did"


def _plain(page: str) -> str:
    found = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert found
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", found[0])
