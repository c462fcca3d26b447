"""The box behind a receipt: unread messages, each once; more can be written; what was sent can be taken back."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tocsin.intake import configured, envelopes, handing, receipts
from tocsin.intake.envelopes import Receipt
from tocsin.intake.models import Box, Message
from tocsin.intake.queueing import Line
from tocsin.intake.tests.conftest import ALICE, BOB, RIGHTS, desk, newest, publish, read
from tocsin.intake.tests.visitor import Visitor
from tocsin.intake.views import boxes
from tocsin.keys import sealing
from tocsin.keys.sealing import seal_to

pytestmark = pytest.mark.django_db(databases=["door"], transaction=True)
DAY = date(2030, 1, 7)


def answer(text: str) -> bytes:
    """The desk answers the one who wrote last; gives where the box is."""
    envelope = handing.waiting()[-1]
    body = json.dumps({"text": text}).encode()
    assert handing.deliver(envelope.lookup, seal_to(envelope.public, body), DAY)
    return envelope.lookup


def test_an_answer_is_shown_once_and_then_gone(dana: Visitor) -> None:
    words = dana.tell()
    lookup = answer("We are with you.\n\nCall us <tonight>.")
    assert handing.unread(lookup) == 1
    dana.open(words)
    assert dana.says("Message of 2030-01-07")
    assert dana.says("Call us <tonight>.")
    assert not Message.objects.using("door").exists()
    dana.open(words)
    assert dana.says("There is no new message for you now")
    assert "We are with you" not in dana.page.text


def test_words_may_be_copied_in_any_case_and_with_line_breaks(dana: Visitor) -> None:
    words = dana.tell()
    dana.open("\n " + words.upper().replace(" ", "\n") + " ")
    assert dana.says("There is no new message for you now")


def test_the_box_never_shows_what_was_sent(dana: Visitor) -> None:
    dana.open(dana.tell("Uniqueword came."))
    assert "Uniqueword" not in dana.page.text


def test_wrong_words_an_empty_box_and_a_full_one_have_the_same_length(dana: Visitor) -> None:
    words = dana.tell()
    lengths = {len(dana.open(words).content), len(dana.open("eight words that open nothing here at all").content)}
    answer("We are with you. " * 20)
    lengths.add(len(dana.open(words).content))
    lengths.add(len(dana.open("").content))
    assert len(lengths) == 1


def test_wrong_words_take_the_same_work_as_right_ones(dana: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    watch(monkeypatch, "tocsin.intake.receipts.receipt_keys", sealing.receipt_keys, worked)
    watch(monkeypatch, "tocsin.intake.envelopes.open_sealed", sealing.open_sealed, worked)
    words = dana.tell()
    worked.clear()
    dana.open(words)
    right, worked[:] = list(worked), []
    dana.open("other words")
    assert worked == right == ["receipt_keys", "open_sealed"]


def watch(monkeypatch: pytest.MonkeyPatch, place: str, real: Callable[..., Any], worked: list[str]) -> None:
    def watched(*given: Any) -> Any:
        worked.append(real.__name__)
        return real(*given)

    monkeypatch.setattr(place, watched)


def test_a_frozen_box_looks_like_an_empty_one_and_keeps_what_is_in_it(dana: Visitor) -> None:
    words = dana.tell()
    dana.open(words)
    empty = dana.page
    lookup = answer("Secret.")
    assert handing.freeze(lookup)
    frozen = dana.open(words)
    assert (frozen.status_code, len(frozen.content)) == (empty.status_code, len(empty.content))
    assert visible(frozen.text) == visible(empty.text)
    assert handing.unread(lookup) == 1
    handing.freeze(lookup, frozen=False)
    dana.open(words)
    assert dana.says("Secret.")


def visible(page: str) -> str:
    """A page without what is random in it."""
    lines = [line for line in page.split("<!--")[0].splitlines() if 'name="opened"' not in line]
    return "\n".join(lines)


def test_more_can_be_written_and_says_which_box_it_belongs_to(dana: Visitor) -> None:
    dana.open(dana.tell())
    lookup = handing.waiting()[0].lookup
    handing.taken([one.id for one in handing.waiting()])
    write(dana, "They came again.")
    assert dana.says("Your secret words stay the same")
    (envelope,) = handing.waiting()
    assert (envelope.follows, envelope.lookup) == (True, lookup)
    told = read(envelope)
    assert (told["what"], told["text"], told["frozen"]) == ("more", "They came again.", False)
    assert told["box"]["lookup"] == lookup.hex()


def write(dana: Visitor, text: str, **more: str) -> None:
    dana.post("/en/box", {"opened": dana.hidden("opened"), "go": "write", "text": text, **more})


def test_what_is_written_twice_by_a_double_click_arrives_once(dana: Visitor) -> None:
    dana.open(dana.tell())
    opened = dana.hidden("opened")
    for _ in range(2):
        dana.post("/en/box", {"opened": opened, "go": "write", "text": "More."})
        assert dana.says("It has arrived")
    assert len(handing.waiting()) == 2


def test_more_from_a_frozen_box_is_marked_for_the_desk_only(dana: Visitor) -> None:
    words = dana.tell()
    handing.freeze(handing.waiting()[0].lookup)
    handing.taken([one.id for one in handing.waiting()])
    dana.open(words)
    write(dana, "More.")
    assert dana.says("Your secret words stay the same")
    assert newest()["frozen"] is True


def test_more_does_not_reach_a_desk_that_somebody_joined_who_must_not_see_it(dana: Visitor, folder: Path) -> None:
    words = dana.tell(hidden=["person:bob"])
    assert handing.waiting()[0].desk == "legal"
    handing.taken([one.id for one in handing.waiting()])
    publish(folder, desk("rights", [ALICE], ["en"]), desk("legal", [ALICE, BOB], ["fr"]))
    dana.open(words)
    write(dana, "More.")
    (envelope,) = handing.waiting()
    assert envelope.desk == "rights"
    handing.taken([envelope.id])
    publish(folder, RIGHTS)
    dana.open(words)
    write(dana, "More.")
    assert dana.says("nobody left who could read it")
    assert not handing.waiting()


def test_nobody_who_writes_into_the_doors_rows_decides_who_gets_the_rest(dana: Visitor) -> None:
    words = dana.tell(hidden=["person:bob"])
    handing.taken([one.id for one in handing.waiting()])
    box = Box.objects.using("door").get()
    body = json.dumps({"desk": "rights", "hidden": []}).encode()
    own = envelopes.about(receipts.read(configured.door(), "other words"), "rights", ())
    for about in (seal_to(bytes(box.public), body), own, bytes(box.about)[:-1], b""):
        Box.objects.using("door").update(about=about)
        dana.open(words)
        write(dana, "More.")
        assert dana.says("nobody left who could read it")
        assert not handing.waiting()
    Box.objects.using("door").update(about=bytes(box.about))
    dana.open(words)
    write(dana, "More.")
    assert handing.waiting()[0].desk == "legal"


def test_answers_can_be_read_while_the_door_is_closed_but_nothing_can_be_written(dana: Visitor, folder: Path) -> None:
    words = dana.tell()
    answer("We are with you.")
    handing.taken([one.id for one in handing.waiting()])
    publish(folder)
    dana.open(words)
    assert dana.says("We are with you.")
    write(dana, "More.")
    assert dana.page.status_code == 503
    assert not handing.waiting()


def test_a_box_that_was_open_for_long_asks_for_the_words_again(dana: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    dana.open(dana.tell())
    monkeypatch.setattr("tocsin.intake.drafts.SHOWN_FOR", timedelta(seconds=-60))
    write(dana, "More.")
    assert dana.says("enter your secret words again")


@pytest.mark.parametrize(("wish", "delete"), [("stop", False), ("delete", True)])
def test_taking_back_is_handed_on_at_once_and_destroys_nothing(dana: Visitor, wish: str, delete: bool) -> None:
    words = dana.tell()
    dana.open(words)
    dana.post("/en/box", {"opened": dana.hidden("opened"), "go": "withdraw", "wish": wish})
    assert dana.says("From now on it is not shared")
    (withdrawal,) = handing.withdrawals()
    assert (withdrawal.delete, withdrawal.lookup) == (delete, handing.waiting()[0].lookup)
    handing.noted([withdrawal])
    assert not handing.withdrawals()
    assert Box.objects.using("door").count() == 1
    assert len(handing.waiting()) == 1
    dana.open(words)
    assert dana.says("There is no new message for you now")


def test_taking_back_needs_a_choice(dana: Visitor) -> None:
    dana.open(dana.tell())
    dana.post("/en/box", {"opened": dana.hidden("opened"), "go": "withdraw"})
    assert dana.says("choose one of the answers")
    assert not handing.withdrawals()


def test_a_message_that_does_not_open_says_so(dana: Visitor) -> None:
    words = dana.tell()
    handing.deliver(handing.waiting()[0].lookup, b"not sealed to anybody", DAY)
    dana.open(words)
    assert dana.says("One message could not be opened")


def test_the_disk_holds_neither_words_nor_receipt_nor_who_must_not_see_it(
    dana: Visitor, folder: Path, come: Callable[[str], Visitor]
) -> None:
    words = dana.tell("Uniqueword came.", hidden=["person:bob"])
    answer("Otherword answers.")
    raw = b"".join(bytes(str(list(row)), "utf-8") for model in (Box, Message) for row in rows(model))
    for secret in (b"Uniqueword", b"Otherword", b"bob", *(one.encode() for one in words.split())):
        assert secret not in raw


def rows(model: type[Box] | type[Message]) -> list[tuple[object, ...]]:
    found = model._default_manager.using("door").values_list()
    return [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in found]


def test_a_box_can_be_ended(dana: Visitor) -> None:
    words = dana.tell()
    lookup = handing.waiting()[0].lookup
    assert handing.remove(lookup)
    assert not handing.remove(lookup)
    dana.open(words)
    assert dana.says("No messages open with these words")
    assert not handing.deliver(lookup, b"x", DAY)
    assert not handing.freeze(lookup)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"X-Moz": "Prefetch"}),
        ("GET", {"X-Purpose": "preview"}),
    ],
)
def test_only_a_look_by_a_person_takes_an_answer_out_of_the_line(
    dana: Visitor, monkeypatch: pytest.MonkeyPatch, method: str, headers: dict[str, str]
) -> None:
    words = dana.tell()
    answer("We are with you.")
    busy: Line[Receipt] = Line(1)
    monkeypatch.setattr(boxes, "line", lambda: busy)
    busy._busy = 1
    dana.open(words)
    found = re.search(r"/en/wait/[\w-]+", dana.page.text.replace("../", "/"))
    assert found, dana.heading()
    busy._busy = 0
    dana._ask(method, found[0], headers=headers)
    assert "We are with you" not in dana.page.text
    assert Message.objects.using("door").count() == 1
    dana.get(found[0])
    assert dana.says("We are with you.")
    assert not Message.objects.using("door").exists()
