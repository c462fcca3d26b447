"""Mail is fetched over TLS, and deleted at the server only once it is sealed and stored here."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.keys.models import Epoch
from tocsin.keys.tests.conftest import Open
from tocsin.lib.claims import let_go
from tocsin.mailbox import letters
from tocsin.mailbox.mail import receiving, taking
from tocsin.mailbox.mail.receiving import Account
from tocsin.mailbox.models import Desk, Letter
from tocsin.mailbox.tests.imap import Inbox, Server, certificate
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
ONE, TWO = b"From: a@b.example\r\n\r\nThe first.\r\n", b"From: c@d.example\r\n\r\n" + b"The second. " * 400 + b"\r\n"


@pytest.fixture
def pem(tmp_path: Path, desk: Desk) -> Path:
    """A certificate; mail ends at the desk."""
    Desk.objects.update(takes_mail=True)
    let_go()
    return certificate(tmp_path)


def account(server: Server, pem: Path) -> Account:
    return Account("localhost", server.port, "help", "secret", ssl.create_default_context(cafile=pem))


def test_what_waits_is_sealed_here_and_gone_there(pem: Path, opened: Open, alice: Person) -> None:
    inbox = Inbox(ONE, TWO)
    with Server(inbox, pem) as server:
        assert receiving.fetch(account(server, pem))
        assert not receiving.fetch(account(server, pem))
    assert inbox.letters == {}
    texts = {letters.one(opened(alice), row.pk).content.text[:10] for row in Letter.objects.all()}
    assert texts == {"The first.", "The second"}


def test_without_a_key_it_stays_at_the_server(pem: Path) -> None:
    inbox = Inbox(ONE)
    Epoch.objects.filter(compartment="letters").delete()
    with Server(inbox, pem) as server:
        receiving.fetch(account(server, pem))
    assert list(inbox.letters.values()) == [ONE]
    assert not Letter.objects.exists()


def test_what_is_too_long_is_kept_in_part_and_stays_there_flagged(
    pem: Path, opened: Open, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES", 1_000)
    inbox = Inbox(TWO)
    with Server(inbox, pem) as server:
        receiving.fetch(account(server, pem))
        receiving.fetch(account(server, pem))
    assert (list(inbox.letters.values()), inbox.flags) == ([TWO], {1: {"\\Flagged"}})
    assert letters.one(opened(alice), Letter.objects.get().pk).content.text.startswith("The second.")


def test_a_worker_that_dies_before_deleting_keeps_it_once(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox(ONE)
    with Server(inbox, pem) as server:
        real = taking.take

        def dies(content: bytes) -> object:
            real(content)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(taking, "take", dies)
            with pytest.raises(KeyboardInterrupt):
                receiving.fetch(account(server, pem))
        assert inbox.letters
        assert receiving.fetch(account(server, pem))
    assert inbox.letters == {}
    assert Letter.objects.count() == 1


def test_a_server_that_proves_nothing_or_refuses_the_password_gets_nothing(
    pem: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(ONE)
    with Server(inbox, pem) as server:
        good = account(server, pem)
        assert not receiving.fetch(replace(good, trust=None))
        assert not receiving.fetch(replace(good, password="wrong"))
    assert not Letter.objects.exists()
    assert "could not be asked" in caplog.text
