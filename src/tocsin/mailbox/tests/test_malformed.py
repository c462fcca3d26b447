"""Whatever a stranger puts into a letter, it is listed, keeps its clocks and its alert, and stops nothing else."""

import base64
import json
from collections.abc import Callable
from uuid import UUID

import pytest

from tocsin.alerts.models import Alert
from tocsin.keys import safes, sealing
from tocsin.keys.safes import NotInError
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import actions, arriving, desks, letters, standing
from tocsin.mailbox.arriving import Coming
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Desk, Due, Letter, Outgoing
from tocsin.mailbox.refusals import RefusedError
from tocsin.mailbox.tests.conftest import TEXT, Browse, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
FILE = {"place": "a" * 32, "key": "A" * 43 + "=", "name": "a.jpg", "type": "image/jpeg", "size": 3, "sha256": "0"}
WRONG = {
    "a list": b"[]",
    "a word": b'"words"',
    "nothing": b"",
    "no text at all": b"\xff\xfe\x00",
    "brackets": b"[" * 5_000,
    "deep objects": b'{"a":' * 5_000,
    "a long number": b'{"by":' + b"9" * 5_000 + b"}",
    "no number": b'{"files":[{"size":NaN}]}',
    "half a character": b'{"text":"\\ud800"}',
    "words as an answer": b'{"answer":"a string"}',
    "a list as an answer": b'{"answer":[]}',
    "a number as text": b'{"text":7}',
    "an object as text": b'{"text":{}}',
    "a word as hidden": b'{"hidden":"x"}',
    "numbers as hidden": b'{"hidden":{"people":[1]}}',
    "files without keys": b'{"files":[{}]}',
    "a word as a file": b'{"files":["x"]}',
    "an object as files": b'{"files":{}}',
    "too many files": json.dumps({"files": [FILE] * 201}).encode(),
    "no base64": json.dumps({"files": [{**FILE, "key": "?"}]}).encode(),
    "a short key": json.dumps({"files": [{**FILE, "key": "AAAA"}]}).encode(),
    "a path": json.dumps({"files": [{**FILE, "place": "../a"}]}).encode(),
    "a size below nothing": json.dumps({"files": [{**FILE, "size": -1}]}).encode(),
    "a size as a word": json.dumps({"files": [{**FILE, "size": "3"}]}).encode(),
}
Came = Callable[..., UUID]


@pytest.fixture
def came(desk: Desk) -> Came:
    """What came through the door with these bytes sealed in it."""

    def arrive(plain: bytes, blob: bytes = b"", door: str = "intake") -> UUID:
        epoch, sealed = arriving.sealed_now(desk, plain)
        coming = arriving.Coming(desk=desk, door=door, epoch=epoch, blob=blob or sealed)
        arriving.arrive(coming)
        return coming.id

    return arrive


def test_each_is_listed_with_its_clocks_shown_as_unreadable_and_can_be_had_as_it_came(
    came: Came, desk: Desk, with_vault: Browse, alice: Person
) -> None:
    numbers = {name: came(plain) for name, plain in WRONG.items()}
    client = with_vault(alice)
    listed = client.get("/mailbox/").content.decode()
    assert listed.count("acknowledgement") == len(WRONG) == Due.objects.count() / 2
    for name, number in numbers.items():
        address = f"/mailbox/letters/{number}/"
        assert address in listed, name
        page = client.get(address)
        assert page.status_code == 200, name
        assert "It can’t be read" in page.content.decode(), name
        answer = client.get(f"{address}raw")
        assert answer.content == WRONG[name], name
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_it_keeps_its_alert_until_somebody_sets_it_aside_and_can_be_taken_back(
    came: Came, desk: Desk, with_vault: Browse, alice: Person
) -> None:
    client, address = with_vault(alice), f"/mailbox/letters/{came(b'[]')}/"
    client.get(address)
    assert Alert.objects.get().state == Alert.State.OPEN
    client.post(f"{address}aside", {"why": "spam"})
    assert Letter.objects.get().state == Letter.State.ASIDE
    client.post(f"{address}back")
    assert Due.objects.count() == 2


def test_none_keeps_anybody_out_of_the_desk(
    came: Came, desk: Desk, opened: Open, know: Callable[..., None], alice: Person, vera: Person
) -> None:
    know(alice, vera)
    for plain in WRONG.values():
        came(plain)
    desks.let_in(opened(alice), desk, vera, standing.barred(desk, desks.open_safe(opened(alice), desk)))
    assert vera.pk in arriving.members(desk)


def test_whom_it_excludes_stays_out_even_where_the_rest_is_broken(
    came: Came, desk: Desk, opened: Open, alice: Person, bob: Person, vera: Person
) -> None:
    hidden = {"people": [desks.door_name(one.pk) for one in (bob, vera)]}
    number = came(json.dumps({"hidden": hidden, "answer": "a string"}).encode())
    assert standing.barred(desk, desks.open_safe(opened(alice), desk)) == {bob.pk, vera.pk}
    with pytest.raises(NotInError):
        letters.one(opened(bob), number)


def test_bytes_that_no_key_opens_are_a_letter_too(
    came: Came, desk: Desk, with_vault: Browse, opened: Open, alice: Person
) -> None:
    address = f"/mailbox/letters/{came(b'', blob=b'noise')}/"
    client = with_vault(alice)
    assert "It can’t be read" in client.get(address).content.decode()
    assert client.get(f"{address}raw").content == b"noise"
    assert standing.barred(desk, desks.open_safe(opened(alice), desk)) == set()


@pytest.mark.parametrize("tag", [b"noise", b"[]", b'{"at":"never"}', b'{"at":"2026-01-01T00:00:00Z","reply":7}'])
def test_a_letter_whose_tag_is_broken_is_listed_by_the_day_of_its_arrival(
    typed: Typed, desk: Desk, opened: Open, alice: Person, tag: bytes
) -> None:
    number = typed()
    public = bytes(arriving.key_of(desk).public)
    Letter.objects.update(tag=tag if tag == b"noise" else sealing.seal_to(public, tag))
    (head,) = letters.heads(desks.open_safe(opened(alice), desk), letters.waiting(desk))
    assert head.came_at.date() == Letter.objects.get().arrived_on
    actions.set_aside(opened(alice), letters.one(opened(alice), number), Letter.Aside.SPAM)
    actions.take_back(opened(alice), letters.one(opened(alice), number))
    assert letters.one(opened(alice), number).content.text == TEXT


def test_a_good_letter_is_not_given_out_raw_and_a_broken_one_not_carried_on(
    came: Came, typed: Typed, with_vault: Browse, opened: Open, alice: Person
) -> None:
    assert with_vault(alice).get(f"/mailbox/letters/{typed()}/raw").status_code == 404
    case = safes.found(opened(alice), "case", ["account"])
    broken: Opened = letters.one(opened(alice), came(b"[]"))
    with pytest.raises(RefusedError):
        actions.take_into(opened(alice), broken, case.id, "account")


def test_nobody_outside_speaks_as_a_member_of_staff(came: Came, opened: Open, alice: Person, vera: Person) -> None:
    plain = json.dumps({"text": TEXT, "by": vera.pk, "files": [FILE]}).encode()
    content = letters.one(opened(alice), came(plain)).content
    assert (content.by, content.text, len(content.files)) == (0, TEXT, 1)
    assert letters.one(opened(alice), came(plain, door="phone")).content.by == vera.pk


def test_an_answer_is_sealed_to_the_key_that_came_sealed_and_not_to_one_put_into_a_row(
    desk: Desk, opened: Open, alice: Person
) -> None:
    """Whoever writes rows at the door would read along otherwise."""
    seed, forged = sealing.new_key(), sealing.new_key()
    public = base64.b64encode(sealing.box_keys(seed)[0]).decode()
    body = {"version": 1, "text": "Help.", "box": {"lookup": "00" * 16, "public": public}}
    epoch, blob = arriving.sealed_now(desk, json.dumps(body).encode())
    coming = Coming(desk=desk, door="door", epoch=epoch, blob=blob, lookup=bytes(16), box=sealing.box_keys(forged)[0])
    arriving.arrive(coming)
    actions.reply(opened(alice), letters.one(opened(alice), coming.id), "", "We are here.", send=True)
    sealed = bytes(Outgoing.objects.get().sealed)
    assert json.loads(sealing.open_box(seed, sealed)) == {"text": "We are here."}
    with pytest.raises(sealing.SealError):
        sealing.open_box(forged, sealed)
