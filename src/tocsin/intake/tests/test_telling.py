"""Somebody tells what is happening: page by page, in their words, and nothing is kept before they send it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.intake import configured, pages
from tocsin.intake.handing import waiting
from tocsin.intake.models import Box, Envelope, Sent
from tocsin.intake.tests.conftest import ALICE, LEGAL, RIGHTS, desk, newest, publish
from tocsin.intake.tests.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["door"], transaction=True)


def test_the_first_page_says_what_happens_and_what_cannot_be_promised(dana: Visitor) -> None:
    page = dana.get("/en/").text
    order = ["leave at any time", "What happens next", "within 15 minutes", "What we cannot promise", "Begin"]
    assert [page.index(one) for one in order] == sorted(page.index(one) for one in order)


def test_it_speaks_the_language_that_the_browser_asks_for(dana: Visitor) -> None:
    assert 'lang="en"' in dana.get("/", **{"Accept-Language": "xx, en;q=0.5"}).text
    assert 'lang="en"' in dana.get("/", **{"Accept-Language": "%%%;q=x,,"}).text


def test_what_was_said_on_each_page_reaches_the_desk_and_nothing_else_is_kept(dana: Visitor) -> None:
    dana.begin()
    dana.step(text="They came\r\nto the house.", kind="threats")
    dana.step(safe="unsure", urgency="today")
    dana.step(hidden=["person:bob"])
    dana.step(answer="channel", where="Signal, dana.7", when="After six, in Lagos", say="It is about the choir")
    assert dana.says("Alice") is False
    assert dana.says("It is about the choir")
    dana.step(text="They came\nto the house, twice.")
    dana.step("send")
    assert len(dana.receipt().split()) >= 8
    told = newest()
    assert told["text"] == "They came\nto the house, twice."
    assert (told["kind"], told["safe"], told["urgency"]) == ("threats", "unsure", "today")
    assert told["hidden"] == {"desks": [], "people": ["bob"]}
    assert told["answer"] == {"how": "channel", "where": "Signal, dana.7", "when": "After six, in Lagos",
                              "say": "It is about the choir"}  # fmt: skip


def test_nothing_is_kept_before_it_is_sent(dana: Visitor) -> None:
    dana.to_files()
    assert not Envelope.objects.using("door").exists()
    assert not Box.objects.using("door").exists()
    assert not Sent.objects.using("door").exists()


def test_the_words_do_not_stand_on_later_pages_except_where_they_can_be_changed(dana: Visitor) -> None:
    dana.begin()
    dana.step(text="Uniqueword came.")
    assert "Uniqueword" not in dana.page.text
    dana.step(urgency="now")
    dana.step()
    dana.step(answer="here")
    assert dana.page.text.count("Uniqueword") == 1
    dana.step(text="Uniqueword came.")
    assert "Uniqueword" not in dana.page.text


def test_it_can_be_sent_from_the_first_page(dana: Visitor) -> None:
    dana.begin()
    dana.step("send", text="They are at the door.")
    assert dana.receipt()
    (envelope,) = waiting()
    assert (envelope.desk, envelope.epoch, envelope.urgency, envelope.language) == ("rights", 7, "", "en")


def test_one_can_go_back_and_change_what_one_said(dana: Visitor) -> None:
    dana.begin()
    dana.step(text="Words.", kind="threats")
    dana.step("before", safe="yes")
    assert "Words." in dana.page.text
    assert '<option value="threats" selected>' in dana.page.text


def test_words_survive_a_change_of_language(dana: Visitor) -> None:
    dana.begin()
    draft = dana.hidden("draft")
    dana.post("/fr/tell", {"at": "tell", "draft": draft, "go": "language", "text": "Words."})
    assert "Words." in dana.page.text
    assert '<html lang="' in dana.page.text


def test_without_words_nothing_goes_on(dana: Visitor) -> None:
    dana.begin()
    assert dana.step(text="  ").status_code == 400
    assert dana.says("Please write a few words")


def test_words_that_are_too_long_are_given_back(dana: Visitor) -> None:
    dana.begin()
    long = "long " * configured.LONGEST_TEXT
    dana.step(text=long)
    assert dana.says("longer than we can take")
    assert long.strip() in dana.page.text


def test_a_page_that_is_too_old_gives_the_words_back(dana: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    dana.begin()
    monkeypatch.setattr("tocsin.intake.drafts.OPEN_FOR", timedelta(seconds=-60))
    dana.step(text="Still here.")
    assert dana.says("open for too long")
    assert "Still here." in dana.page.text


def test_a_draft_that_was_tampered_with_opens_nothing(dana: Visitor) -> None:
    dana.begin()
    draft = dana.hidden("draft")
    changed = draft[:-8] + ("A" if draft[-8] != "A" else "B") + draft[-7:]
    dana.post("/en/tell", {"at": "files", "draft": changed, "go": "send"})
    assert dana.page.status_code == 400
    assert not waiting()


def test_a_desk_with_somebody_who_must_not_see_it_gets_nothing(dana: Visitor) -> None:
    dana.tell(hidden=["person:bob"])
    (envelope,) = waiting()
    assert envelope.desk == "legal"


def test_a_desk_that_must_not_see_it_gets_nothing(dana: Visitor) -> None:
    dana.tell(hidden=["desk:rights"])
    (envelope,) = waiting()
    assert envelope.desk == "legal"


def test_when_nobody_is_left_it_says_so_and_takes_nothing(dana: Visitor) -> None:
    dana.begin()
    dana.step(text="It is about Alice.")
    dana.step()
    dana.step(hidden=["person:alice"])
    assert dana.says("nobody left who could read it")
    dana.step("send", hidden=["person:alice"])
    assert not waiting()


def test_somebody_who_joined_a_desk_meanwhile_still_does_not_see_it(dana: Visitor, folder: Path) -> None:
    dana.to_files(hidden=["person:bob"])
    publish(folder, RIGHTS, desk("legal", [ALICE, {"id": "bob", "name": "Bob"}], ["fr"]))
    dana.step("send")
    assert dana.says("nobody left who could read it")
    assert not waiting()


def test_the_desk_that_reads_the_language_gets_it(come: Callable[[str], Visitor]) -> None:
    come("ar").tell()
    (envelope,) = waiting()
    assert (envelope.desk, envelope.language) == ("legal", "ar")


def test_without_a_key_the_door_is_closed_and_says_what_else_to_do(dana: Visitor, folder: Path) -> None:
    dana.to_files()
    for broken in ("", "{", '{"desks": [{"id": "x"}]}', '{"desks": []}'):
        (folder / "desks.json").write_text(broken)
        assert dana.get("/en/").status_code == 503
        assert dana.says("can't take anything here right now")
    publish(folder, RIGHTS)
    dana.to_files()
    (folder / "desks.json").unlink()
    assert dana.step("send").status_code == 503
    assert not waiting()


def test_a_key_whose_time_is_over_closes_the_door(dana: Visitor, folder: Path) -> None:
    publish(folder, {**RIGHTS, "until": "2020-01-01T00:00:00+00:00"})
    assert dana.get("/en/").status_code == 503
    assert dana.says("Write to help@example.org")
    publish(folder, {**RIGHTS, "until": "2020-01-01T00:00:00+00:00"}, LEGAL)
    dana.tell()
    (envelope,) = waiting()
    assert envelope.desk == "legal"


def test_a_form_that_is_sent_twice_makes_one_envelope_and_shows_the_same_words(dana: Visitor) -> None:
    dana.to_files()
    at, draft = dana.hidden("at"), dana.hidden("draft")
    first = dana.tell_again(at, draft)
    assert dana.tell_again(at, draft) == first
    assert len(waiting()) == 1


def test_a_form_that_is_replayed_later_shows_no_words(dana: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    dana.to_files()
    at, draft = dana.hidden("at"), dana.hidden("draft")
    words = dana.tell_again(at, draft)
    monkeypatch.setattr("tocsin.intake.views.telling._SHOWN_AGAIN_FOR", -1.0)
    dana.post("/en/tell", {"at": at, "draft": draft, "go": "send"})
    assert dana.heading() == "This has already arrived"
    assert not any(f"<li>{word}</li>" in dana.page.text for word in words.split())
    assert len(waiting()) == 1


def test_no_page_sets_a_cookie_or_asks_anybody_else_for_anything(dana: Visitor) -> None:
    words = dana.tell()
    visited = [dana.page, dana.get("/"), dana.get("/en/"), dana.begin(), dana.get("/en/box"), dana.open(words)]
    visited += [dana.get("/en/nothing"), dana.get("/door.css"), dana.post("/en/tell", {})]
    for page in visited:
        assert "set-cookie" not in page.headers
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"].startswith("no-store")
        outside = re.findall(r'(?:src|href|action|formaction)="((?:[a-z]+:|/)[^"]*)"', page.text)
        assert set(outside) <= {"https://www.timeanddate.com/weather/"}
        assert not re.search(r'<script(?! src="[./]*door\.js" defer></script>)', page.text)
        assert "style=" not in page.text


def test_every_page_has_one_of_few_lengths_and_is_light(dana: Visitor) -> None:
    words = dana.tell("x" * configured.LONGEST_TEXT)
    dana.begin()
    dana.step(text="ض" * (configured.LONGEST_TEXT // 2))
    visited = [dana.page, dana.step(), dana.step(), dana.step(answer="here"), dana.step(text="y" * 9_000)]
    visited += [dana.get("/"), dana.get("/en/box"), dana.open(words), dana.open("no such words")]
    for page in visited:
        assert len(page.content) % pages.STEP == 0
        assert len(page.content) + len(pages.style()) + len(pages.script()) < 30_000, page.text[:600]


def test_another_site_cannot_send_a_form(dana: Visitor) -> None:
    dana.to_files()
    fields = {"at": "files", "draft": dana.hidden("draft"), "go": "send"}
    dana.post("/en/tell", fields, **{"Sec-Fetch-Site": "cross-site"})
    assert not waiting()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_verbs_are_refused(dana: Visitor, method: str) -> None:
    assert dana._ask(method, "/en/tell", content=b"x" * 100).status_code == 405


def test_it_is_served_under_any_name(dana: Visitor) -> None:
    for host in ("127.0.0.1:8600", "[::1]", "abcdefghijklmnop.onion", "door.example"):
        assert dana.get("/en/", Host=host).status_code == 200


def test_a_missing_page_is_kind(dana: Visitor) -> None:
    assert dana.get("/fr/nothing").status_code == 404
    assert dana.get("/xx/").status_code == 404
    assert dana.heading() == "There is nothing here"


def test_an_exercise_says_so_on_every_page(dana: Visitor, settings: Any) -> None:
    assert "Exercise. Nothing here is real." not in dana.get("/en/").text
    settings.CONFIGURATION = replace(settings.CONFIGURATION, exercise=True)
    for address in ("/en/", "/en/nothere"):
        assert "Exercise. Nothing here is real." in dana.get(address).text
    assert "تمرين" in dana.get("/ar/").text
