"""The part that takes mail for people at risk listens where it was told to, and says what is wrong before it starts."""

import smtplib
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.config import emergency
from tocsin.config.refusal import RefusalError
from tocsin.mailbox.mail.receiving import Account
from tocsin.mailbox.signal.receiving import Number

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+41440000001"


class Ending(threading.Event):
    """Becomes true when the test is over."""

    def __bool__(self) -> bool:
        return self.is_set()


@pytest.fixture
def made(settings: Any) -> Any:
    """What an operator sets: the address, and a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chosen = replace(
        settings.CONFIGURATION, emergency_address="help@tocsin.example", emergency_smtp=f"127.0.0.1:{port}"
    )
    settings.CONFIGURATION = chosen
    return chosen


def test_it_listens_and_ends_when_asked(made: Any) -> None:
    ending = Ending()
    thread = threading.Thread(target=emergency.run, args=(ending,))
    thread.start()
    port = int(made.emergency_smtp.rpartition(":")[2])
    try:
        for _attempt in range(200):
            try:
                client = smtplib.SMTP("127.0.0.1", port, timeout=20)
                break
            except ConnectionRefusedError:
                ending.wait(0.05)
        with client, pytest.raises(smtplib.SMTPDataError) as later:
            client.sendmail("a@b.example", ["help@tocsin.example"], b"words")
        assert later.value.smtp_code == 451
    finally:
        ending.set()
        thread.join()


def test_it_fetches_from_where_it_was_told(made: Any, settings: Any) -> None:
    settings.CONFIGURATION = replace(made, emergency_smtp="", emergency_imap="mail.example:993", emergency_user="help")
    ending, asked = Ending(), list[Account]()

    def fetch(account: Account) -> bool:
        asked.append(account)
        ending.set()
        return False

    emergency.run(ending, fetch)
    assert [(one.host, one.port, one.user) for one in asked] == [("mail.example", 993, "help")]


def test_what_can_not_work_is_refused_with_its_mend(made: Any, settings: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("nonsense")
    for wrong in (
        replace(made, emergency_address=""),
        replace(made, emergency_smtp=""),
        replace(made, emergency_certificate=str(bad)),
        replace(made, emergency_certificate=str(tmp_path / "missing")),
        replace(made, emergency_smtp="192.0.2.1:25"),
    ):
        settings.CONFIGURATION = wrong
        with pytest.raises(RefusalError):
            emergency.run(Ending())


def test_the_pagers_number_and_a_service_that_others_reach_are_refused(settings: Any) -> None:
    made = replace(settings.CONFIGURATION, emergency_signal=NUMBER, signal_url="http://signal.example.org:8080")
    with pytest.raises(RefusalError):
        emergency.number_of(made)
    found = emergency.number_of(replace(made, signal_url="unix:/run/s"))
    assert found == Number("http://localhost", NUMBER, "/run/s")
    with pytest.raises(RefusalError):
        emergency.number_of(replace(made, signal_url="unix:/run/s", signal_number="+41 44 000 00 01"))
