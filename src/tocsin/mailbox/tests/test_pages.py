"""The pages: what a member of a desk does, and what everybody else meets."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.test import Client

from tocsin.alerts.models import Alert
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import arriving, desks, files, letters
from tocsin.mailbox.mail import taking
from tocsin.mailbox.models import Canary, Desk, Letter
from tocsin.mailbox.tests.conftest import TEXT, Browse, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
TYPED = {"text": TEXT, "kind": "detention", "safe": "no", "urgency": "now", "language": "en"}


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def _type(client: Client, desk: Desk, **more: object) -> int:
    return client.post("/mailbox/type/", {**TYPED, "desk": desk.public_id, **more}).status_code


def test_typed_read_acknowledged_answered_and_finished(
    desk: Desk, with_vault: Browse, browse: Browse, bob: Person, vera: Person
) -> None:
    assert _type(browse(vera), desk) == 302
    client, number = with_vault(bob), Letter.objects.get().pk
    assert f"/mailbox/letters/{number}/" in _page(client, "/mailbox/")
    page = _page(client, f"/mailbox/letters/{number}/")
    assert TEXT in page
    assert "Arrest or detention" in page
    assert "Vera" in page
    client.post(f"/mailbox/letters/{number}/acknowledge", {"said": "1"})
    client.post(f"/mailbox/letters/{number}/reply", {"said": "1", "text": "I rang her."})
    assert "I rang her." in _page(client, f"/mailbox/letters/{number}/")
    client.post(f"/mailbox/letters/{number}/finish")
    assert Letter.objects.get().state == Letter.State.DONE
    assert str(number) not in _page(client, "/mailbox/")
    assert str(number) in _page(client, f"/mailbox/?over={desk.public_id}")
    client.post(f"/mailbox/letters/{number}/back")
    assert Letter.objects.get().state == Letter.State.ANSWERED


def test_who_types_sees_nothing_of_it_afterwards(desk: Desk, browse: Browse, vera: Person) -> None:
    client = browse(vera)
    _type(client, desk)
    assert TEXT not in client.get("/mailbox/type/").content.decode()
    assert client.get(f"/mailbox/letters/{Letter.objects.get().pk}/").status_code == 302


def test_without_a_role_nobody_types_in(desk: Desk, browse: Browse, charlie: Person) -> None:
    assert _type(browse(charlie), desk) == 403
    assert not Letter.objects.exists()


def test_a_missing_letter_and_one_of_another_desk_look_the_same(
    desk: Desk, typed: Typed, with_vault: Browse, opened: Open, vera: Person
) -> None:
    opened(vera)
    client, number = with_vault(vera), typed()
    for address in ("/mailbox/letters/{}/", "/mailbox/letters/{}/files/0"):
        there = client.get(address.format(number))
        missing = client.get(address.format("00000000-0000-4000-8000-000000000000"))
        assert (there.status_code, there.content) == (404, missing.content)
    assert client.get(f"/mailbox/{desk.public_id}/").content == client.get("/mailbox/nothere/").content
    for act in ("acknowledge", "reply", "aside", "back", "finish", "freeze", "called-back", "destroy"):
        assert client.post(f"/mailbox/letters/{number}/{act}", {"said": "1", "text": "x"}).status_code == 404
    assert Letter.objects.get().state == Letter.State.NEW


def _normal(page: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'datetime="[^"]*"|<time.*?</time>|when-exact">[^<]*', "", page)


def test_with_and_without_a_letter_everybody_else_gets_the_same(
    desk: Desk, typed: Typed, with_vault: Browse, browse: Browse, opened: Open, vera: Person, charlie: Person
) -> None:
    opened(vera)
    clients = [with_vault(vera), browse(charlie)]
    addresses = ["/", "/alerts/", "/mailbox/", "/mailbox/type/", "/audit/", "/situations/", "/search/?words=arrest"]

    def world() -> list[str]:
        return [_normal(client.get(one).content.decode()) for client in clients for one in addresses]

    world()
    before = world()
    number = typed()
    assert world() == before
    assert str(number) not in "".join(before)


def test_a_closed_vault_is_asked_for_first(desk: Desk, browse: Browse, alice: Person) -> None:
    answer = browse(alice).get("/mailbox/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/keys/unlock/")


def test_a_desk_is_made_shown_and_given_members(
    with_vault: Browse, opened: Open, know: Callable[..., None], alice: Person, vera: Person
) -> None:
    opened(vera)
    client = with_vault(alice)
    address = client.post("/mailbox/new/", {"name": "Second"})["Location"]
    assert "One vault alone opens this desk" in _page(client, address)
    # Nothing is shared before keys were compared.
    answer = client.post(f"{address}let-in", {"person": vera.pk})
    assert answer["Location"] == f"/keys/people/{vera.pk}/"
    know(alice, vera)
    client.post(f"{address}let-in", {"person": vera.pk})
    shown = {"name": "Second", "at_door": "on", "name_en": "Help", "languages": ["en", "ar"], "named": [vera.pk]}
    assert client.post(address, shown).status_code == 302
    (one,) = desks.at_door()["desks"]
    assert (one["names"], one["languages"]) == ({"en": "Help"}, ["en", "ar"])
    assert [person["name"] for person in one["people"]] == ["Vera"]
    assert str(vera.pk) != one["people"][0]["id"]
    client.post(f"{address}put-out/{vera.pk}")
    (one,) = desks.at_door()["desks"]
    assert (one["people"], one["epoch"]) == ([], 2)
    assert client.post(address, {"name": "Second", "at_door": "on"}).status_code == 200


def test_the_emergency_address_gets_its_desk_key_and_hourly_word(desk: Desk, with_vault: Browse, alice: Person) -> None:
    client, address = with_vault(alice), f"/mailbox/{desk.public_id}/"
    client.post(f"{address}mail")
    client.post(f"{address}key")
    word = re.search(r"tocsin-canary (\w+)", client.post(f"{address}canary").content.decode())
    assert word is not None
    page = _page(client, address)
    assert "BEGIN PGP PUBLIC KEY BLOCK" in page
    assert "PRIVATE KEY" not in page
    assert word[1] not in page
    assert Canary.objects.get().seen_at is None


def test_a_sender_of_mail_gets_words_in_their_language_with_a_preview(
    desk: Desk, with_vault: Browse, alice: Person
) -> None:
    Desk.objects.update(takes_mail=True)
    taking.take("From: d@mail.example\r\n\r\nاعتقلوا أخي الليلة، ساعدوني من فضلكم".encode())
    page = _page(with_vault(alice), f"/mailbox/letters/{Letter.objects.get().pk}/")
    assert "d@mail.example" in page
    assert 'lang="ar"' in page
    assert "thank you for your message" in page


def test_a_file_in_a_letter_is_never_shown_as_a_page(desk: Desk, with_vault: Browse, alice: Person) -> None:
    Desk.objects.update(takes_mail=True)
    taking.take(
        b'From: d@mail.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nwords\r\n--x\r\n'
        b'Content-Type: text/html; name="a.html"\r\nContent-Disposition: attachment; filename="a.html"\r\n\r\n'
        b"<script>alert(1)</script>\r\n--x--"
    )
    answer = with_vault(alice).get(f"/mailbox/letters/{Letter.objects.get().pk}/files/0")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_file_that_never_came_is_shown_as_missing(
    desk: Desk, with_vault: Browse, alice: Person, vault_folder: Path
) -> None:
    file = {"name": "picture.jpg", "type": "image/jpeg", "size": 3, "place": "ab" * 16, "sha256": "",
            "key": base64.b64encode(bytes(32)).decode()}  # fmt: skip
    epoch, blob = arriving.sealed_now(desk, json.dumps({"text": TEXT, "files": [file]}).encode())
    missing = {"place": "", "size": 3, "missing": True}
    arriving.arrive(arriving.Coming(desk=desk, door="intake", epoch=epoch, blob=blob, files=(missing,)))
    client, number = with_vault(alice), Letter.objects.get().pk
    page = _page(client, f"/mailbox/letters/{number}/")
    assert "missing: ask the sender for it again" in page
    assert f"/mailbox/letters/{number}/files/0" not in page
    assert client.get(f"/mailbox/letters/{number}/files/0", follow=True).redirect_chain
    files.remove([missing])
    assert files.place_of("ab" * 16).parent == vault_folder


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 16, "ab" * 17, "ab" * 15 + "a", "ab" * 16 + "\n"])
def test_a_name_that_is_no_name_of_a_file_leads_nowhere(name: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        files.place_of(name)


def test_a_long_list_comes_in_pages_and_opens_no_more_than_one(
    desk: Desk, with_vault: Browse, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.mailbox.views.desks.PAGE", 3)
    for number in range(7):
        epoch, blob = arriving.sealed_now(desk, b"{}")
        arriving.arrive(arriving.Coming(desk=desk, door="mail", epoch=epoch, blob=blob, urgency="now" * (number == 6)))
    seen, real = set[object](), letters.tag_of

    def looks(safe: OpenSafe, row: Letter) -> Mapping[str, str]:
        seen.add(row.pk)
        return real(safe, row)

    monkeypatch.setattr(letters, "tag_of", looks)
    client = with_vault(alice)
    first = _page(client, "/mailbox/")
    assert ("Page 1 of 3, 7 letters" in first, len(seen)) == (True, 3)
    assert f"/mailbox/letters/{Letter.objects.get(urgency='now').pk}/" in first
    found = set(re.findall(r"/mailbox/letters/([0-9a-f-]{36})/", first))
    for page in (2, 3):
        found |= set(
            re.findall(
                r"/mailbox/letters/([0-9a-f-]{36})/", _page(client, f"/mailbox/?desk={desk.public_id}&page={page}")
            )
        )
    assert found == {str(row.pk) for row in Letter.objects.all()}


def test_an_alert_leads_its_desk_to_the_letter_and_nobody_else(
    desk: Desk, typed: Typed, with_vault: Browse, opened: Open, alice: Person, charlie: Person
) -> None:
    number = typed()
    address = f"/mailbox/arrivals/{Alert.objects.get().reference.partition(':')[2]}/"
    assert with_vault(alice).get(address)["Location"] == f"/mailbox/letters/{number}/"
    assert with_vault(charlie).get(address).status_code == 404
    assert with_vault(alice).get(f"/mailbox/arrivals/{desk.public_id}.{'0' * 32}/")["Location"] == "/mailbox/"
