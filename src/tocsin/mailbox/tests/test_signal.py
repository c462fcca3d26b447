"""Messages to the desk's Signal number are sealed in memory, read at the desk alone, and answered by Signal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tocsin.alerts.channels.base import Settings
from tocsin.alerts.models import Alert, Lane
from tocsin.keys.models import Epoch
from tocsin.keys.tests.conftest import Open
from tocsin.lib.claims import let_go
from tocsin.mailbox import actions, arriving, clocks, desks, letters, phrases
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Desk, Due, Fetch, Letter, Measured
from tocsin.mailbox.refusals import RefusedError
from tocsin.mailbox.signal import receiving
from tocsin.mailbox.signal.receiving import Number, Receiver
from tocsin.mailbox.tests.signal import Service, message
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
WORDS = "Вчера вечером его арестовали, помогите! Мы не знаем, где он сейчас. qzxsignalcanary"
FROM, OURS = "+41790000009", "+41440000001"


@pytest.fixture
def service(tmp_path: Path, desk: Desk, opened: Open, alice: Person, settings: Any) -> Iterator[Service]:
    """The service on its socket; its number ends at the desk."""
    desks.take_signal(opened(alice), desk)
    let_go()
    made = Service(tmp_path / "s")
    settings.EMERGENCY_SIGNAL = OURS
    settings.PAGING = Settings({"signal_url": f"unix:{tmp_path / 's'}"})
    yield made
    made.close()


@pytest.fixture
def receiver(service: Service, tmp_path: Path) -> Iterator[Receiver]:
    made = Receiver(Number("http://localhost", OURS, str(tmp_path / "s")))
    yield made
    made.close()


@pytest.fixture
def newest(opened: Open, alice: Person) -> Callable[[], Opened]:
    """The only letter, as Alice reads it."""
    return lambda: letters.one(opened(alice), Letter.objects.get().pk)


def test_a_message_is_sealed_calls_the_desk_and_starts_both_clocks(
    service: Service, receiver: Receiver, newest: Callable[[], Opened]
) -> None:
    service.waiting.append(message(WORDS))
    assert receiver.step()
    assert not receiver.step()
    one = newest()
    assert (one.content.text, one.content.sender, one.letter.door) == (WORDS, FROM, "signal")
    assert (one.letter.language, one.letter.urgency) == ("ru", "now")
    assert {each.clock for each in one.head.clocks} == {clocks.ACKNOWLEDGE, clocks.REPLY}
    assert Alert.objects.get().lane == Lane.LIFE
    assert not Fetch.objects.exists()


def test_nothing_of_it_stands_in_any_table(service: Service, receiver: Receiver) -> None:
    service.waiting.append(message(WORDS))
    receiver.step()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                assert not any(word in str(bytes(one) if isinstance(one, memoryview) else one)
                               for one in row for word in ("qzxsignalcanary", FROM, "790000009"))  # fmt: skip


def test_files_are_never_fetched_and_nobody_is_told_that_it_was_read(service: Service, receiver: Receiver) -> None:
    receiver.step()
    (asked,) = service.asked
    assert (asked["ignore_attachments"], asked["send_read_receipts"], asked["max_messages"]) == (
        ["true"], ["false"], ["1"],
    )  # fmt: skip


def test_the_acknowledgement_and_the_answer_go_out_by_signal_from_the_desks_number(
    service: Service, receiver: Receiver, newest: Callable[[], Opened], opened: Open, alice: Person
) -> None:
    service.waiting.append(message(WORDS))
    receiver.step()
    words = phrases.of("ru").acknowledge[0]
    actions.acknowledge(opened(alice), newest(), words.subject, words.text.strip(), send=True)
    actions.reply(opened(alice), newest(), "", "We are here.", send=True)
    first, second = service.sent
    assert (first["number"], first["recipients"], first["message"]) == (OURS, [FROM], words.text.strip())
    assert second["message"] == "We are here."
    assert (Due.objects.count(), Measured.objects.count()) == (0, 2)


def test_what_signal_does_not_take_stops_no_clock(
    service: Service, receiver: Receiver, newest: Callable[[], Opened], opened: Open, alice: Person, settings: Any
) -> None:
    service.waiting.append(message(WORDS))
    receiver.step()
    for answer in ((400, {"error": "Unregistered user"}), (503, {}), (500, {})):
        service.answers = answer
        with pytest.raises(RefusedError):
            actions.reply(opened(alice), newest(), "", "We are here.", send=True)
    settings.EMERGENCY_SIGNAL = ""
    with pytest.raises(RefusedError):
        actions.reply(opened(alice), newest(), "", "We are here.", send=True)
    assert (Due.objects.count(), newest().letter.state) == (2, Letter.State.NEW)


def test_what_says_nothing_is_no_letter_and_a_call_or_a_file_is_one(
    service: Service, receiver: Receiver, opened: Open, alice: Person
) -> None:
    silent = [
        {"sourceNumber": FROM, "timestamp": 5, "typingMessage": {}},
        {"sourceNumber": FROM, "timestamp": 6, "receiptMessage": {"isDelivery": True, "timestamps": [1]}},
        message(" ", 7),
        {"sourceNumber": 8, "timestamp": "x", "dataMessage": {"message": "who?"}},
        {"dataMessage": []},
    ]
    telling: list[dict[str, Any]] = [
        {"sourceNumber": FROM, "timestamp": 11, "callMessage": {"offerMessage": {"id": 3}}},
        message(None, 12, attachments=[{"id": "a"}, {"id": "b"}]),
        message("To all", 13, groupInfo={"groupId": "x"}),
        {"sourceUuid": "ab", "timestamp": 14, "editMessage": {"dataMessage": {"message": "Changed"}}},
    ]
    service.waiting.extend(silent + telling)
    for _each in range(len(silent) + len(telling)):
        receiver.step()
    found = [letters.one(opened(alice), row.pk) for row in Letter.objects.all()]
    said = [one.content for one in found]
    assert sorted((one.call, one.files_left, one.group, one.edits) for one in said) == [
        (False, 0, False, True), (False, 0, True, False), (False, 2, False, False), (True, 0, False, False),
    ]  # fmt: skip
    assert next(one for one in found if one.content.call).letter.urgency == "now"


def test_without_a_desk_or_its_key_it_waits_at_signal(service: Service, receiver: Receiver) -> None:
    service.waiting.append(message(WORDS))
    Epoch.objects.filter(compartment="letters").delete()
    assert not receiver.step()
    Desk.objects.update(takes_signal=False)
    assert not receiver.step()
    assert (service.asked, len(service.waiting), Letter.objects.count()) == ([], 1, 0)


def test_a_database_that_is_away_loses_nothing(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.waiting.append(message(WORDS))

    def away(coming: object) -> bool:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "arrive", away)
        assert not receiver.step()
    assert not service.waiting
    assert receiver.step()
    assert (Letter.objects.count(), Fetch.objects.count()) == (1, 0)


def test_the_same_message_is_kept_once(service: Service, receiver: Receiver) -> None:
    service.waiting.extend([message(WORDS), message(WORDS)])
    receiver.step()
    receiver.step()
    assert Letter.objects.count() == 1


def test_an_answer_that_breaks_off_is_told_to_the_desk(service: Service, receiver: Receiver, alice: Person) -> None:
    service.waiting.append(message(WORDS))
    service.breaks = True
    receiver.step()
    service.breaks = False
    receiver.step()
    alert = Alert.objects.get()
    assert (alert.kind, alert.lane, Letter.objects.count()) == ("signal_lost", Lane.WAKE, 0)
    receiver.step()
    assert Alert.objects.get().seen_count == 1


def test_a_process_that_died_while_it_fetched_is_told_to_the_desk(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*given: object) -> object:
        raise KeyboardInterrupt

    service.waiting.append(message(WORDS))
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "_coming", dies)
        with pytest.raises(KeyboardInterrupt):
            receiver.step()
    Fetch.objects.update(holder="another process")
    receiver.step()
    assert Alert.objects.get().kind == "signal_lost"


def test_the_page_of_such_a_letter_says_where_the_answer_goes(
    service: Service, receiver: Receiver, with_vault: Callable[[Person], Client], alice: Person, desk: Desk
) -> None:
    service.waiting.append(message(WORDS))
    receiver.step()
    page = with_vault(alice).get(reverse("mailbox:letter", args=[Letter.objects.get().pk])).content.decode()
    assert f"{FROM} by Signal" in page
    assert "encrypted from end to end" in page
