"""Somebody makes a vault, opens and closes it, and compares keys with others."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tocsin.alerts.models import Notice
from tocsin.audit.models import Entry
from tocsin.keys import vaults
from tocsin.keys.holder.holding import Holder
from tocsin.keys.models import DirectoryEntry, Vault
from tocsin.keys.sealing import SealError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[[Person], Client]


def _words(page: str) -> str:
    (listed,) = re.findall(r'<ol class="words".*?</ol>', page, re.S)[:1]
    return " ".join(unescape(word) for word in re.findall(r"<li>(.*?)</li>", listed))


def _made(client: Client) -> str:
    page = client.post("/keys/make").content.decode()
    return _words(page)


def _proven(client: Client) -> Client:
    """Whoever sits there gave their second factor once more, just now."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    return client


def test_the_words_are_shown_once_and_open_it_again(holder: Holder, browse: Browse, alice: Person) -> None:
    client = browse(alice)
    assert b"pen and paper" in client.get("/keys/").content
    words = _made(client)
    assert len(words.split()) == 6
    assert words.encode() not in client.get("/keys/").content
    assert b"Open in this browser" in client.get("/keys/").content
    client.post("/keys/lock")
    assert b"Closed." in client.get("/keys/").content
    answer = client.post("/keys/unlock/", {"passphrase": f"  {words.upper()} ", "next": "/keys/people/1/"})
    assert (answer.status_code, answer["Location"]) == (302, "/keys/people/1/")
    assert b"Open in this browser" in client.get("/keys/").content


def test_wrong_words_open_nothing_and_say_so(holder: Holder, browse: Browse, alice: Person) -> None:
    client = browse(alice)
    _made(client)
    client.post("/keys/lock")
    answer = client.post("/keys/unlock/", {"passphrase": "one two three four five six"})
    assert answer.status_code == 422
    assert "Nothing was opened" in answer.content.decode()
    assert "one two three" not in answer.content.decode()


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_opening_never_leads_elsewhere(holder: Holder, browse: Browse, alice: Person, where: str) -> None:
    client = browse(alice)
    words = _made(client)
    assert client.post("/keys/unlock/", {"passphrase": words, "next": where})["Location"] == "/keys/"


def test_the_cookie_of_one_opens_nothing_for_another(
    holder: Holder, browse: Browse, alice: Person, bob: Person
) -> None:
    hers, his = browse(alice), browse(bob)
    _made(hers)
    _made(his)
    his.cookies["vault"] = hers.cookies["vault"].value
    assert b"Closed." in his.get("/keys/").content


def test_other_words_open_the_same_vault(holder: Holder, browse: Browse, alice: Person) -> None:
    client = browse(alice)
    old = _made(client)
    new = _words(client.post("/keys/passphrase/", {"passphrase": old}).content.decode())
    assert new != old
    assert client.post("/keys/unlock/", {"passphrase": old}).status_code == 422
    assert client.post("/keys/unlock/", {"passphrase": new}).status_code == 302
    assert DirectoryEntry.objects.count() == 1


@pytest.mark.parametrize(("wanted", "goes"), [("/plans/sealed/", "/plans/sealed/"), ("//evil.example/", "/keys/")])
def test_the_words_lead_on_to_where_a_vault_was_needed(
    holder: Holder, browse: Browse, alice: Person, wanted: str, goes: str
) -> None:
    client = browse(alice)
    page = client.get("/keys/unlock/", {"next": wanted}).content.decode()
    assert f'name="next" value="{goes}"' in page
    assert f'href="{goes}">I have written' in client.post("/keys/make", {"next": wanted}).content.decode()


def test_a_second_vault_is_made_only_by_who_says_that_the_words_are_lost(
    holder: Holder, browse: Browse, alice: Person
) -> None:
    client = browse(alice)
    _made(client)
    assert client.post("/keys/make")["Location"] == "/keys/lost/"
    _proven(client).post("/keys/make", {"lost": "yes"})
    assert Vault.objects.filter(person=alice.pk).count() == 2


def test_keys_are_compared_and_a_change_after_that_is_told(
    holder: Holder, browse: Browse, alice: Person, bob: Person
) -> None:
    hers, his = browse(alice), browse(bob)
    _made(hers)
    assert b"has no vault yet" in hers.get("/keys/").content
    _made(his)
    assert b"not compared yet" in hers.get("/keys/").content
    page = hers.get(f"/keys/people/{bob.pk}/").content.decode()
    assert _words(page) == _words(his.get("/keys/").content.decode())
    told = {"keys": re.search(r'name="keys" value="(\w+)"', page)[1], "how": "met", "same": "on"}  # type: ignore[index]
    assert hers.post(f"/keys/people/{bob.pk}/", {**told, "same": ""}).status_code == 422
    assert hers.post(f"/keys/people/{bob.pk}/", told).status_code == 302
    assert "■ compared" in hers.get("/keys/").content.decode()
    _proven(his).post("/keys/make", {"lost": "yes"})
    assert b"new keys since you compared" in hers.get("/keys/").content
    assert hers.post(f"/keys/people/{bob.pk}/", told).status_code == 422


def test_without_a_keyholder_nothing_opens_and_the_page_says_what_to_do(
    settings: object, browse: Browse, alice: Person, holder: Holder
) -> None:
    client = browse(alice)
    words = _made(client)
    settings.KEYHOLDER = settings.KEYHOLDER.with_name("none")  # type: ignore[attr-defined]
    assert client.post("/keys/unlock/", {"passphrase": words})["Location"] == "/keys/closed/"
    assert client.get("/keys/")["Location"] == "/keys/closed/"
    assert client.get("/keys/closed/").status_code == 503


def test_the_panic_lock_counts_up(holder: Holder, browse: Browse, alice: Person) -> None:
    before = vaults.generation()
    browse(alice).post("/keys/panic/")
    assert vaults.generation() == before + 1


def test_strangers_are_sent_to_sign_in(holder: Holder, db: None) -> None:
    for address in ("/keys/", "/keys/unlock/", "/keys/lost/", "/keys/people/1/", "/keys/panic/"):
        assert "/login" in Client().get(address)["Location"] or "/accounts/" in Client().get(address)["Location"]


def test_a_memory_put_back_within_a_session_is_refused(
    opened: Open, know: Callable[..., None], alice: Person, bob: Person
) -> None:
    opened(bob)
    vault = opened(alice)
    before = Vault.objects.filter(person=alice.pk).values("memory", "memory_version").get()
    keys = vault.directory.now(bob.pk)
    assert keys is not None
    vault.verify(keys)
    Vault.objects.filter(person=alice.pk).update(**before)
    with pytest.raises(SealError):
        opened(alice).memory  # noqa: B018


def test_a_memory_that_was_never_stored_leaves_the_vault_open(opened: Open, alice: Person, bob: Person) -> None:
    opened(bob)
    vault = opened(alice)
    keys = vault.directory.now(bob.pk)
    assert keys is not None

    def broken_off() -> None:
        with transaction.atomic():
            vault.verify(keys)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        broken_off()
    assert bob.pk not in opened(alice).memory.verified


def test_a_window_that_read_the_row_a_moment_too_early_goes_on(opened: Open, alice: Person, bob: Person) -> None:
    opened(bob)
    early, other = opened(alice), opened(alice)
    keys = other.directory.now(bob.pk)
    assert keys is not None
    other.verify(keys)
    assert bob.pk in early.memory.verified


def test_a_stolen_session_makes_no_vault_in_the_place_of_another(holder: Holder, browse: Browse, alice: Person) -> None:
    words, _ = vaults.make(alice.pk)
    client = browse(alice)
    answer = client.post("/keys/make", {"lost": "yes"})
    assert (answer.status_code, "/account/confirm/" in answer["Location"]) == (302, True)
    assert client.get("/keys/make")["Location"] == "/keys/lost/"
    assert Vault.objects.filter(person=alice.pk).count() == 1
    assert vaults.unlock(alice.pk, words)


def test_whoever_was_locked_out_opens_the_earlier_vault_and_takes_the_newer_one_back(
    opened: Open, browse: Browse, alice: Person, bob: Person
) -> None:
    opened(bob)
    words, cookie = vaults.make(alice.pk)
    hers = OpenVault(alice.pk, cookie).own
    opened(bob).verify(hers)
    _proven(browse(alice)).post("/keys/make", {"lost": "yes"})
    assert Notice.objects.filter(person=alice, reference="keys:vault:2").exists()
    with pytest.raises(UnverifiedError):
        opened(bob).keys_to_wrap_for(alice.pk)
    client = browse(alice)
    answer = client.post("/keys/unlock/", {"passphrase": words, "next": "/keys/panic/"})
    assert answer["Location"] == "/keys/"
    assert "It wasn’t me" in client.get("/keys/").content.decode()
    assert client.post("/keys/undo").status_code == 302
    assert opened(bob).keys_to_wrap_for(alice.pk) == hers
    assert client.post("/keys/unlock/", {"passphrase": words})["Location"] == "/keys/"
    assert "It wasn’t me" not in client.get("/keys/").content.decode()
    assert Entry.objects.filter(verb="keys.vault_undone").count() == 1
    # A vault that is made after that has a generation that there never was.
    vaults.make(alice.pk)
    assert OpenVault(alice.pk, vaults.make(alice.pk)[1]).generation == 5


def test_after_a_week_only_the_words_of_the_newer_vault_open_one(holder: Holder, alice: Person) -> None:
    old, _ = vaults.make(alice.pk)
    new, _ = vaults.make(alice.pk)
    assert vaults.unlock(alice.pk, old)
    Vault.objects.update(made_on=timezone.now().date() - timedelta(days=8))
    with pytest.raises(SealError):
        vaults.unlock(alice.pk, old)
    assert vaults.unlock(alice.pk, new)
