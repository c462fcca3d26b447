"""API tokens: what they open, and what they never do."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from ninja import NinjaAPI

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.access import person_of
from tocsin.people.api_auth import Bearer
from tocsin.people.forms import RIGHT_WORDS
from tocsin.people.models import Person, Token
from tocsin.people.roles import Right, Role
from tocsin.people.secrets import ResetToken
from tocsin.people.tests.cast import PASSWORD, give_password, is_in

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]

api = NinjaAPI(urls_namespace="tokens-under-test")


@api.get("read", auth=Bearer(Right.READ))
def read(request: HttpRequest) -> dict[str, str]:
    return {"who": request.auth.name}  # type: ignore[attr-defined]  # set by ninja


@api.post("people", auth=Bearer(Right.PEOPLE))
def write(request: HttpRequest) -> dict[str, str]:
    return {"who": request.auth.name}  # type: ignore[attr-defined]  # set by ninja


@api.get("session")
def session(request: HttpRequest) -> dict[str, str]:
    return {"who": person_of(request).name}


urlpatterns = [path("api/test/", api.urls), path("", include(settings.ROOT_URLCONF))]


@pytest.fixture(autouse=True)
def _routes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def call(token: str, way: str = "read", method: str = "get", client: Client | None = None) -> Any:
    """A call of the API with a token."""
    return getattr(client or Client(), method)(f"/api/test/{way}", HTTP_AUTHORIZATION=f"Bearer {token}")


def test_a_token_acts_for_its_person(bob: Person) -> None:
    answer = call(actions.issue_token(bob, "export", [Right.READ], 30))
    assert answer.json() == {"who": "Bob"}


def test_it_can_do_what_it_was_made_for_and_nothing_else(alice: Person) -> None:
    token = actions.issue_token(alice, "export", [Right.READ], 30)
    assert call(token).status_code == 200
    assert call(token, "people", "post").status_code == 403


def test_nobody_gets_a_token_for_more_than_they_may_do(bob: Person, browse: Browse) -> None:
    for asked in ([Right.PEOPLE], [Right.READ, Right.AUDIT], []):
        with pytest.raises(actions.RefusedError):
            actions.issue_token(bob, "export", asked, 30)
    client = browse(bob)
    client.post("/account/confirm/", {"password": PASSWORD})
    answer = client.post("/settings/tokens/new/", {"name": "x", "rights": ["people"], "days": "30"})
    assert answer.status_code == 200
    assert not Token.objects.exists()


@pytest.mark.parametrize("loss", ["role", "access", "expired", "revoked"])
def test_it_loses_what_its_person_loses(alice: Person, bob: Person, loss: str) -> None:
    actions.change_roles(alice, bob, Role.LEAD)
    bob.refresh_from_db()
    token = actions.issue_token(bob, "export", [Right.PEOPLE], 30)
    assert call(token, "people", "post").status_code == 200
    if loss == "role":
        actions.change_roles(alice, bob, Role.ANALYST)
    elif loss == "access":
        actions.deactivate(alice, bob)
    elif loss == "expired":
        Token.objects.update(expires_at=timezone.now())
    else:
        assert actions.revoke_token(bob, Token.objects.get().pk)
    assert call(token, "people", "post").status_code == (403 if loss == "role" else 401)


@pytest.mark.parametrize("token", ["", "x", "tocsin_", "tocsin_" + "A" * 43, "\u00e9"])
def test_what_is_no_token_opens_nothing(bob: Person, token: str) -> None:
    actions.issue_token(bob, "export", [Right.READ], 30)
    assert call(token).status_code == 401


def test_only_its_hash_is_kept_and_the_stored_hash_opens_nothing(bob: Person) -> None:
    token = actions.issue_token(bob, "export", [Right.READ], 30)
    row = Token.objects.get()
    assert token not in str(Token.objects.values())
    assert call(row.token_hash).status_code == 401


def test_the_last_use_is_noted_at_most_once_a_minute(bob: Person) -> None:
    token = actions.issue_token(bob, "export", [Right.READ], 30)
    call(token)
    first = Token.objects.get().last_used_at
    assert first is not None
    call(token)
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    call(token)
    assert (Token.objects.get().last_used_at or first) >= first


def test_a_call_with_a_token_never_borrows_the_session_beside_it(alice: Person, bob: Person, browse: Browse) -> None:
    client = browse(alice)
    token = actions.issue_token(bob, "export", [Right.READ], 30)
    assert call(token, client=client).json() == {"who": "Bob"}
    assert call("wrong", client=client).status_code == 401
    assert call(token, "people", "post", client=client).status_code == 403
    assert call(token, "session", client=client).status_code == 403
    assert is_in(client)


def test_a_token_opens_no_page(bob: Person) -> None:
    token = actions.issue_token(bob, "export", [Right.READ], 30)
    answer = Client().get("/settings/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer["Location"].startswith("/account/login/")


def test_a_token_is_no_way_around_the_second_factor(alice: Person) -> None:
    client = Client()
    give_password(client, alice.email)
    answer = client.get("/people/", HTTP_AUTHORIZATION="Bearer x")
    assert answer["Location"] == "/account/second-factor/"
    assert client.get("/api/test/read").status_code == 401
    assert client.get("/api/test/session", HTTP_AUTHORIZATION="Bearer x").status_code == 403


def test_a_browser_calls_with_its_session_and_its_csrf_token(alice: Person, browse: Browse) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browse(alice).cookies
    assert strict.get("/api/test/read").json() == {"who": "Alice"}
    assert strict.post("/api/test/people").status_code == 403
    page = strict.get("/settings/").content.decode()
    secret = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert secret
    assert strict.post("/api/test/people", HTTP_X_CSRFTOKEN=secret.group(1)).json() == {"who": "Alice"}


def test_a_session_without_the_right_is_refused(charlie: Person, browse: Browse) -> None:
    assert browse(charlie).get("/api/test/read").status_code == 403
    assert Client().get("/api/test/read").status_code == 401


def test_somebody_makes_sees_and_ends_a_token_of_their_own(alice: Person, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    client.post("/account/confirm/", {"password": PASSWORD})
    data = {"name": "Nightly export", "rights": ["read"], "days": "30"}
    page = client.post("/settings/tokens/new/", data)
    token = re.search(r"tocsin_[\w-]+", page.content.decode())
    assert token
    assert call(token.group()).status_code == 200
    assert "no-store" in page["Cache-Control"]
    shown = client.get("/settings/").content.decode()
    assert "Nightly export" in shown
    assert token.group() not in shown

    pk = Token.objects.get().pk
    browse(alice).post(f"/settings/tokens/{pk}/end/")
    assert call(token.group()).status_code == 200
    client.post(f"/settings/tokens/{pk}/end/")
    assert call(token.group()).status_code == 401


@pytest.mark.parametrize("how", ["sessions", "link", "leaving"])
def test_what_ends_all_sessions_ends_the_tokens_for_good(how: str, alice: Person, bob: Person) -> None:
    secret = actions.issue_token(bob, "a script", [Right.READ], 30)
    if how == "sessions":
        actions.end_sessions(alice, bob)
    elif how == "link":
        token = ResetToken(actions.reset_link(alice, bob).strip("/").split("/")[-1])
        actions.use_reset_link(token, "another horse battery staple")
    else:
        actions.deactivate(alice, bob)
        actions.reactivate(alice, bob)
    assert Token.objects.get(token_hash=secret.digest).revoked_at is not None
    assert Entry.objects.filter(facts__tokens=1).count() == 1


def test_a_lead_sees_the_tokens_of_a_person_without_their_text(
    alice: Person, bob: Person, browse: Callable[[Person], Client]
) -> None:
    secret = actions.issue_token(bob, "a script", [Right.READ], 30)
    lead = browse(alice)
    page = lead.get(f"/people/{bob.pk}/").content.decode()
    assert "a script" in page
    assert str(secret) not in page
    lead.post(f"/people/{bob.pk}/end-sessions/")
    assert "a script" not in lead.get(f"/people/{bob.pk}/").content.decode()


def test_a_lead_ends_one_token_of_a_person_and_leaves_the_rest(alice: Person, bob: Person, browse: Browse) -> None:
    lost, kept = (actions.issue_token(bob, name, [Right.READ], 30) for name in ("lost laptop", "nightly export"))
    client, lead = browse(bob), browse(alice)
    row = Token.objects.get(token_hash=lost.digest)
    assert "End the token for lost laptop" in lead.get(f"/people/{bob.pk}/").content.decode()
    assert lead.get(f"/people/{bob.pk}/tokens/{row.pk}/end/").status_code == 405
    assert client.post(f"/people/{bob.pk}/tokens/{row.pk}/end/").status_code == 403
    lead.post(f"/people/{alice.pk}/tokens/{row.pk}/end/")
    assert call(lost).status_code == 200, "it is not that person's"
    lead.post(f"/people/{bob.pk}/tokens/{row.pk}/end/")
    assert (call(lost).status_code, call(kept).status_code) == (401, 200)
    assert is_in(client)
    entry = Entry.objects.get(verb="people.token_ended")
    assert (entry.actor, entry.target, entry.facts) == (alice.pk, f"token:{row.pk}", {"person": bob.pk})


@pytest.mark.parametrize("why", ["too old", "no second factor"])
def test_a_call_by_a_session_that_is_over_is_refused_as_a_call(alice: Person, browse: Browse, why: str) -> None:
    client = browse(alice)
    if why == "too old":
        session = client.session
        session["session_seen"] = 0.0
        session.save()
    else:
        Authenticator.objects.all().delete()
    answer = client.get("/api/test/read")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (401, "application/json")
    assert client.get("/settings/").status_code == 302


def test_every_right_has_words_so_that_a_token_can_hold_it() -> None:
    assert set(RIGHT_WORDS) == set(Right)
