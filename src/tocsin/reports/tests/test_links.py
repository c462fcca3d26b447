"""A link opens the issue itself, for whoever has it and without an account; what is too close for that has none."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.reports import drafting, editing, releasing, sending
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


@pytest.fixture
def issue(draft: Callable[..., Draft], situation: Callable[..., Situation], vera: Person) -> Callable[..., Issue]:
    def make(tlp: str = "amber", audience: str = "executive") -> Issue:
        situation("Wikis blocked in the capital", tlp=tlp)
        made = draft(audience)
        return releasing.release(vera, made, digest_of(document_of(made)), without_pdf=True)

    return make


def handed(client: Client, row: Issue) -> str:
    page = client.post(f"/reports/issues/{row.public_id}/hand-over", {"name": "A partner"}).content.decode()
    found = re.search(r"/r/[a-z2-7]{32}", page)
    assert found is not None
    return found.group()


def test_a_link_that_is_handed_over_opens_the_issue_without_an_account(
    issue: Callable[..., Issue], browse: Browse, vera: Person
) -> None:
    row, approver, stranger = issue(), browse(vera), Client()
    address = handed(approver, row)
    assert "Open it" in stranger.get(address).content.decode()
    answer = stranger.post(address)
    assert "Wikis blocked in the capital" in answer.content.decode()
    assert not answer.cookies
    assert not stranger.cookies
    page = approver.get(f"/reports/issues/{row.public_id}/").content.decode()
    assert "A partner" in page
    assert "opened once" in page
    assert "It goes to nobody" not in page
    assert address not in page, "it is shown once"
    delivery = Delivery.objects.get()
    approver.post(f"/reports/issues/{row.public_id}/revoke", {"delivery": delivery.public_id})
    assert "Wikis" not in stranger.post(address).content.decode()


def test_a_session_that_is_over_or_half_begun_leads_no_reader_to_the_sign_in(
    issue: Callable[..., Issue], browse: Browse, alice: Person, bob: Person, vera: Person
) -> None:
    row = issue()
    address = handed(browse(vera), row)
    ended, without = browse(bob), Client()
    session = ended.session
    session["session_started"] = session["session_seen"] = 1.0
    session.save()
    without.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    for client in (ended, without):
        assert client.get(address).status_code == 200
        assert "Wikis blocked in the capital" in client.post(address).content.decode()


@pytest.mark.parametrize("tlp", ["amber+strict", "red"])
def test_what_is_above_amber_is_not_handed_over(
    issue: Callable[..., Issue], browse: Browse, vera: Person, tlp: str
) -> None:
    row = issue(tlp, "operational")
    with pytest.raises(RefusedError, match="above TLP:AMBER"):
        sending.hand_over(vera, row, "A partner")
    page = browse(vera).post(f"/reports/issues/{row.public_id}/hand-over", {"name": "x"}, follow=True).content.decode()
    assert "/r/" not in page
    assert "Make a link to hand over" not in page
    assert not Delivery.objects.exists()


def test_who_does_not_release_hands_nothing_over(issue: Callable[..., Issue], browse: Browse, bob: Person) -> None:
    answer = browse(bob).post(f"/reports/issues/{issue().public_id}/hand-over", {"name": "x"})
    assert answer.status_code in {403, 404}
    assert not Delivery.objects.exists()


def test_a_link_that_was_handed_over_leads_to_the_correction(
    issue: Callable[..., Issue], browse: Browse, bob: Person, vera: Person
) -> None:
    row = issue()
    address = handed(browse(vera), row)
    mended = drafting.make_correction(row, "The place was wrong.", bob)
    name = next(str(one["id"]) for _block, one in editing.sentences(mended.blocks) if "%" in one["text"])
    editing.remove(bob, mended, 1, name)
    mended = Draft.objects.select_related("report", "gathered", "corrects").get(pk=mended.pk)
    again = releasing.release(vera, mended, digest_of(document_of(mended)), without_pdf=True)
    assert "The place was wrong." in Client().post(address).content.decode()
    text = Client().post(address, {"form": "text"}).content.decode()
    assert "The place was wrong." in " ".join(text.split())
    assert list(again.deliveries.values_list("name", "state")) == [("A partner", "sent")]


def test_a_link_is_made_with_a_second_factor_given_minutes_ago(
    issue: Callable[..., Issue], browse: Browse, vera: Person
) -> None:
    row, approver = issue(), browse(vera)
    session = approver.session
    session["account_authentication_methods"][0]["at"] -= 400
    session.save()
    asked = approver.post(f"/reports/issues/{row.public_id}/hand-over", {"name": "A partner"}, follow=True)
    assert "Show once more that it is you" in asked.content.decode()
    assert 'name="name"' not in asked.content.decode()
    assert not Delivery.objects.exists()


def test_what_its_editor_released_for_inside_is_not_handed_over(
    draft: Callable[..., Draft], alice: Person, browse: Browse, vera: Person
) -> None:
    made = draft("executive")
    made = editing.rename(alice, made, 1, "A week")
    row = releasing.release(alice, made, digest_of(document_of(made)), without_pdf=True)
    with pytest.raises(RefusedError, match="whoever worked on it released it"):
        sending.hand_over(vera, row, "A partner")
    assert "Make a link to hand over" not in browse(vera).get(f"/reports/issues/{row.public_id}/").content.decode()
