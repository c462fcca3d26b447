"""A letter from a caller to an answer, in a browser: by keyboard and thumb, in the dark, from right to left."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tests.stories.conftest import Open as OpenWindow
from tests.stories.window import Window
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import arriving, desks
from tocsin.mailbox.mail import taking
from tocsin.mailbox.models import Desk, Letter, Measured
from tocsin.mailbox.signal.reading import Note
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 700}
MAIL = (
    "From: qzx@mail.example\r\nSubject: qzx\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n" + "اعتقلوا أخي الليلة، ساعدوني من فضلكم. " * 5 + "\r\n--x\r\n"
    "Content-Type: image/png; name=" + "picture" * 20 + ".png\r\n\r\nAAAA\r\n--x--"
).encode()


@pytest.fixture
def desk(opened: Open, know: Callable[..., None], alice: Person, bob: Person, settings: Any) -> Desk:
    """A desk of two with the emergency address, its key and its hourly mail."""
    settings.EMERGENCY_ADDRESS = "help@tocsin.example"
    know(alice, bob)
    made = desks.make(opened(alice), "First desk")
    desks.let_in(opened(alice), made, bob, ())
    desks.take_mail(opened(alice), made)
    desks.set_canary(opened(alice), made)
    return Desk.objects.get()


@pytest.fixture
def at(open_as: OpenWindow, opened: Open) -> Callable[..., Window]:
    """A window in which somebody's vault is open."""
    from django.http import HttpResponse

    from tocsin.keys.access import give_cookie

    def window(person: Person, **look: Any) -> Window:
        answer = HttpResponse()
        give_cookie(answer, opened(person)._cookie)
        cookie = (settings.VAULT_COOKIE, answer.cookies[settings.VAULT_COOKIE].value)
        return open_as(person, cookies=(cookie, *look.pop("cookies", ())), **look)

    return window


def test_a_caller_is_typed_in_read_acknowledged_and_answered(
    desk: Desk, at: Callable[..., Window], open_as: OpenWindow, alice: Person, vera: Person
) -> None:
    typing = open_as(vera, java_script_enabled=False)
    typing.go("/mailbox/type/")
    typing.page.get_by_label("What they say, in their words").fill("They came at night.")
    typing.page.get_by_label("What it is about").select_option("detention")
    typing.page.get_by_role("button", name="Seal it and call the desk").click()
    assert typing.page.get_by_text("Sealed. The desk is being called now.").is_visible()
    desk_window = at(alice, viewport=PHONE)
    page = desk_window.page
    desk_window.go("/mailbox/")
    page.get_by_role("link", name="new ·").first.click()
    assert page.get_by_text("They came at night.").is_visible()
    assert page.get_by_text("Arrest or detention").first.is_visible()
    page.get_by_role("button", name="I said it in another way").click()
    assert page.get_by_text("The first clock has stopped.").is_visible()
    page.get_by_label("Your answer").fill("We found counsel.")
    page.get_by_role("button", name="I answered in another way").click()
    assert page.get_by_text("Both clocks have stopped.").is_visible()
    page.get_by_role("button", name="Finished here").click()
    page.get_by_role("button", name="Undo: it waits again").click()
    assert Letter.objects.get().state == Letter.State.ANSWERED


@pytest.mark.once
def test_nobody_meets_a_barrier_on_any_page_of_a_desk(desk: Desk, at: Callable[..., Window], alice: Person) -> None:
    taking.take(MAIL)
    number = Letter.objects.get().pk
    note = Note("+41790000009", 1_700_000_000_000, "They came.", files=2, group=True, call=True, edits=True)
    epoch, blob = arriving.sealed_now(desk, note.sealed_words())
    signal = arriving.Coming(desk=desk, door="signal", epoch=epoch, blob=blob)
    arriving.arrive(signal)
    Measured.objects.bulk_create(
        [Measured(clock="reply", month=timezone.now().date().replace(day=1), how="met") for _ in range(9)]
    )
    addresses = ["/mailbox/", "/mailbox/new/", "/mailbox/type/", f"/mailbox/{desk.public_id}/"]
    addresses += [f"/mailbox/letters/{number}/", f"/mailbox/letters/{number}/?language=fa&kind=legal"]
    addresses += ["/mailbox/clocks/", "/mailbox/languages/", f"/mailbox/letters/{signal.id}/"]
    light, dark = at(alice), at(alice, viewport=PHONE, color_scheme="dark")
    mirrored = at(alice, viewport=PHONE, cookies=(("django_language", "ar-xb"),))
    for address in addresses:
        for window in (light, dark, mirrored):
            assert window.go(address) == 200
            assert window.barriers() == [], address
            assert not window.too_wide(), address
    assert mirrored.page.get_attribute("html", "dir") == "rtl"
