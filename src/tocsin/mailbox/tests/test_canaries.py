"""No word of a letter is anywhere but in its desk's open vault: in no row, file, log or page."""

import base64
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection

from tocsin.keys.tests.conftest import Open
from tocsin.lib.tests.disk import content_of, database_files
from tocsin.mailbox import actions, desks, letters, work
from tocsin.mailbox.mail import taking
from tocsin.mailbox.models import Desk, Letter
from tocsin.mailbox.tests.conftest import Browse, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
BODY, SUBJECT, SENDER = "qzxbodyqzx", "qzxsubjectqzx", "qzxsenderqzx"
NAME, SAID, ANSWER, PLACE = "qzxfilenameqzx", "qzxsaidqzx", "qzxanswerqzx", "qzxplaceqzx"
CANARIES = (BODY, SUBJECT, SENDER, NAME, SAID, ANSWER, PLACE)
MAIL = (
    f"From: {SENDER}@mail.example\r\nSubject: {SUBJECT}\r\nMessage-ID: <{SENDER}@x>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    f"--x\r\n\r\nThey arrested him tonight {BODY}\r\n--x\r\nContent-Type: image/png; name={NAME}\r\n\r\nAAAA\r\n--x--"
).encode()


def forms(word: str) -> list[bytes]:
    """A word as it could stand somewhere."""
    raw = word.encode()
    shifted = [base64.b64encode(b" " * by + raw)[4:-4] for by in range(3)]
    return [raw, raw.upper(), raw.hex().encode(), word.encode("utf-16-le"), *shifted]


def found_in(content: bytes) -> list[str]:
    return [word for word in CANARIES if any(form in content for form in forms(word))]


def _rows() -> bytes:
    stored = []
    for model in apps.get_models():
        if model._meta.app_label != "intake":
            stored += [repr(row).encode() for row in model._default_manager.values_list()]
            stored += [bytes(cell) for row in model._default_manager.values_list() for cell in row if _is_blob(cell)]
    return b"\n".join(stored)


def _is_blob(cell: object) -> bool:
    return isinstance(cell, bytes | memoryview)


def _files() -> bytes:
    folders = [Path(django_settings.HOME), Path(django_settings.LETTER_FILES)]
    held = [content_of(path) for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()]
    return b"\n".join([*held, *database_files().values()])


@pytest.fixture
def lived(
    desk: Desk, typed: Typed, opened: Open, alice: Person, caplog: pytest.LogCaptureFixture, capsys: Any
) -> Callable[[], bytes]:
    """Letters came by mail and by phone, were read, answered, noted, found late; gives what was logged."""
    caplog.set_level(logging.DEBUG)
    Desk.objects.update(takes_mail=True)
    taking.take(MAIL)
    typed(f"They came {BODY}", answer={"how": "channel", "where": PLACE, "when": "", "say": SAID})
    for row in Letter.objects.all():
        one = letters.one(opened(alice), row.pk)
        assert BODY in one.content.text
        actions.reply(opened(alice), one, "", f"Be safe. {ANSWER}", send=False)
    work.step()
    return lambda: caplog.text.encode() + "".join(capsys.readouterr()).encode()


def test_no_word_of_a_letter_is_in_any_row_file_or_log(lived: Callable[[], bytes]) -> None:
    assert found_in(_rows()) == []
    assert found_in(_files()) == []
    assert found_in(lived()) == []


def test_no_page_shows_a_word_to_others_or_without_the_vault(
    lived: Callable[[], bytes], browse: Browse, alice: Person, bob: Person, vera: Person
) -> None:
    pages = b""
    for person in (alice, bob, vera):
        client = browse(person)
        for address in (
            "/",
            "/alerts/",
            "/mailbox/",
            "/audit/",
            "/situations/",
            "/alerts/pager/",
            "/search/?words=qzx",
        ):
            pages += client.get(address).content
        for row in Letter.objects.all():
            pages += client.get(f"/mailbox/letters/{row.pk}/").content
    assert found_in(pages) == []


def test_the_list_of_a_desk_shows_no_word_either(lived: Callable[[], bytes], with_vault: Browse, bob: Person) -> None:
    assert found_in(with_vault(bob).get("/mailbox/").content) == []


def test_a_planted_word_would_be_found(lived: Callable[[], bytes], desk: Desk, tmp_path: Path) -> None:
    Desk.objects.filter(pk=desk.pk).update(name=f"about {SUBJECT}")
    assert found_in(_rows()) == [SUBJECT]
    assert found_in(_files()) == ([SUBJECT] if connection.vendor == "sqlite" else [])
    Letter.objects.update(tag=base64.b64encode(f"x{BODY}".encode()))
    assert BODY in found_in(_rows())
    logging.getLogger("tocsin.mailbox").warning("opened %s", SENDER)
    assert found_in(lived()) == [SENDER]


def test_what_a_stranger_sends_never_stands_in_an_error(desk: Desk, monkeypatch: Any, caplog: Any) -> None:
    from django.db import DatabaseError

    from tocsin.mailbox import arriving
    from tocsin.mailbox.mail import receiving

    def fails(coming: object) -> bool:
        raise DatabaseError(f"while storing {BODY}")

    Desk.objects.update(takes_mail=True)
    monkeypatch.setattr(arriving, "arrive", fails)
    assert receiving.said_of(MAIL).startswith("451")
    from tocsin.lib.logs import BodyFree

    lines = "".join(BodyFree().format(record) for record in caplog.records)
    assert found_in(lines.encode()) == []
    assert desks.by_public_id(desk.public_id) == desk
