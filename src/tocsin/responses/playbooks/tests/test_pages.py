"""The pages of playbooks and authorities: who may open them, what they show, and that nothing typed is lost."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alliances.models import Contact
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses.playbook_models import Authority, Disclosure, PlaybookText
from tocsin.responses.playbooks import authorities, library, shown
from tocsin.responses.playbooks.authorities import Answer
from tocsin.responses.playbooks.tests.conftest import SMALL

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
EDIT = "/plans/playbooks/detained/en/edit/"
NOTE = {"note": "Our lawyer changed the deadline."}


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return unescape(answer.content.decode())


def shipped(key: str = "detained", language: str = "en") -> str:
    return library.shipped()[key, language]


def changed(old: str = "Ask for silence on wiki", new: str = "Ask for quiet on wiki") -> str:
    assert old in shipped()
    return shipped().replace(old, new)


def save(client: Client, words: str, base: int, path: str = EDIT) -> int:
    return client.post(path, {"text": words, "base": base, **NOTE}).status_code


def test_whoever_reads_situations_reads_playbooks_and_nobody_else(
    browse: Browse, alice: Person, rosa: Person, sam: Person, vera: Person, charlie: Person
) -> None:
    for path in ("", "detained/", "detained/es/", "detained/en/history/", "detained/en/diff/", "detained/en/0/",
                 "protections/"):  # fmt: skip
        for person, status in ((alice, 200), (rosa, 200), (sam, 200), (vera, 200), (charlie, 403)):
            assert browse(person).get(f"/plans/playbooks/{path}").status_code == status, (path, person)
        assert Client().get(f"/plans/playbooks/{path}").status_code == 302


def put_into_force(browse: Browse, person: Person, version: int, seen: int = 0, at: str = "detained/en") -> None:
    browse(person).post(f"/plans/playbooks/{at}/{version}/review", {"seen": seen})


def test_only_who_writes_plans_changes_them(browse: Browse, sam: Person, vera: Person) -> None:
    for person in (sam, vera):
        client = browse(person)
        assert client.get(EDIT).status_code == 403
        for tail in ("1/review", "1/decline", "0/restore", "review/"):
            assert client.post(f"/plans/playbooks/detained/en/{tail}").status_code == 403
        assert "/edit/" not in text(client, "/plans/playbooks/detained/")
        assert client.get("/plans/authorities/KE/edit/").status_code == 403
        assert client.post("/plans/authorities/disclosures/new/").status_code == 403


def test_a_page_shows_every_part(browse: Browse, sam: Person) -> None:
    page = text(browse(sam), "/plans/playbooks/detained/")
    book = library.playbook("detained")
    assert book is not None
    for one in (*book.steps, *book.never, *book.words, *book.indicators, *book.options):
        assert (getattr(one, "text", "") or getattr(one, "title", "")) in page
    assert "Nobody on your team has reviewed this text yet" in page
    assert "#withdraw-checkuser" in page


def test_a_draft_by_no_native_speaker_says_so(browse: Browse, sam: Person) -> None:
    page = text(browse(sam), "/plans/playbooks/detained/ar/")
    assert "no native speaker has reviewed it" in page
    assert 'lang="ar"' in page
    assert text(browse(sam), "/plans/playbooks/detained/pt/", 404)


def test_a_change_is_in_force_once_a_second_person_has_looked(browse: Browse, rosa: Person, alice: Person) -> None:
    assert save(browse(rosa), changed(), 1) == 302
    row = PlaybookText.objects.get()
    assert (row.version, row.by, row.note) == (2, rosa, NOTE["note"])
    assert "version = 2" in row.text
    page = text(browse(rosa), "/plans/playbooks/detained/")
    assert "Ask for silence on wiki" in page
    assert "Version 2 by Rosa waits" in page
    difference = text(browse(rosa), "/plans/playbooks/detained/en/diff/")
    assert "Ask for quiet on wiki" in difference
    assert "You wrote this" in difference
    put_into_force(browse, rosa, 2)
    assert "Ask for silence" in text(browse(rosa), "/plans/playbooks/detained/")
    put_into_force(browse, alice, 2)
    page = text(browse(rosa), "/plans/playbooks/detained/")
    assert "Ask for quiet on wiki" in page
    assert "reviewed by Alice" in page
    assert [one.verb for one in Entry.objects.filter(verb__startswith="playbook").order_by("pk")] == [
        "playbook.write", "playbook.review",
    ]  # fmt: skip


def test_a_translation_grows_stale_when_its_original_moves_on(browse: Browse, rosa: Person, alice: Person) -> None:
    assert "The original moved on" not in text(browse(rosa), "/plans/playbooks/detained/es/")
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    page = text(browse(rosa), "/plans/playbooks/detained/es/")
    assert "The original moved on" in page
    assert "Una persona que contribuye está detenida" in page
    assert "(older)" in text(browse(rosa), "/plans/playbooks/")
    where = "/plans/playbooks/detained/es/edit/"
    assert "What the original says differently since this was translated" in text(browse(rosa), where)
    start, base = shown.beginning("detained", "es")
    assert start is not None
    same = browse(rosa).post(where, {"text": start, "base": base, **NOTE})
    assert same.status_code == 422, "nothing is new, nor said to be"
    caught_up = browse(rosa).post(where, {"text": start, "base": base, "current": "on", **NOTE})
    assert caught_up.status_code == 302
    made = PlaybookText.objects.get(language="es")
    now = library.playbook("detained")
    assert now is not None
    assert shown.made_from(made.text) == now.digest
    put_into_force(browse, alice, made.version, at="detained/es")
    assert "The original moved on" not in text(browse(rosa), "/plans/playbooks/detained/es/")


def test_a_wrong_text_is_refused_with_its_lines_and_stays_in_the_form(browse: Browse, rosa: Person) -> None:
    wrong = changed("[15 min] lead", "[15 min] boss").replace("uses lock", "uses magic")
    answer = browse(rosa).post(EDIT, {"text": wrong, "base": 1, **NOTE})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    line = next(number for number, one in enumerate(wrong.split("\n"), 1) if "boss" in one)
    assert f"Line {line}: Nobody is called “boss”" in page
    assert "There is no protection “magic”" in page
    assert wrong.strip() in page.replace("\r\n", "\n")
    page = unescape(browse(rosa).post(EDIT, {"text": wrong, "base": 1, "note": ""}).content.decode())
    assert f"Line {line}: Nobody is called “boss”" in page, "also where something else is missing"
    assert not PlaybookText.objects.exists()


def test_two_who_write_at_once_lose_nothing(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(alice), changed(), 1)
    mine = changed("Ask for silence", "Beg for silence")
    answer = browse(rosa).post(EDIT, {"text": mine, "base": 1, **NOTE})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Somebody saved version 2" in page
    assert mine.strip() in page
    assert "Ask for quiet on wiki" in page, "what the other wrote stands beside it"
    assert 'name="base" value="2"' in page
    assert save(browse(rosa), mine, 2) == 302
    assert PlaybookText.objects.count() == 2


def test_an_older_version_comes_back_as_a_new_one(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    browse(alice).post("/plans/playbooks/detained/en/0/restore")
    row = PlaybookText.objects.get(version=3)
    assert row.reviewed_at is None
    put_into_force(browse, rosa, 3, seen=2)
    assert "Ask for silence on wiki" in text(browse(rosa), "/plans/playbooks/detained/")
    page = text(browse(rosa), "/plans/playbooks/detained/en/history/")
    assert "was in force" in page
    assert "The text that came with Tocsin again" in page
    assert "quiet" in text(browse(rosa), "/plans/playbooks/detained/en/2/")


def test_a_version_is_put_aside_with_a_reason(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), changed(), 1)
    browse(alice).post("/plans/playbooks/detained/en/2/decline", {"why": "no"})
    assert PlaybookText.objects.get().declined_at is None
    browse(alice).post("/plans/playbooks/detained/en/2/decline", {"why": "Silence is the better word here."})
    assert "Silence is the better word here." in text(browse(rosa), "/plans/playbooks/detained/en/history/")
    put_into_force(browse, alice, 2)
    assert PlaybookText.objects.get().reviewed_at is None


def test_a_new_playbook_is_written_reviewed_and_translated(browse: Browse, rosa: Person, alice: Person) -> None:
    answer = browse(rosa).post("/plans/playbooks/new/", {"key": "flood"})
    assert answer.headers["Location"] == "/plans/playbooks/flood/en/edit/"
    assert "# Use this when" in text(browse(rosa), "/plans/playbooks/flood/en/edit/")
    assert save(browse(rosa), SMALL, 0, "/plans/playbooks/flood/en/edit/") == 302
    assert "Nothing is in force yet" in text(browse(rosa), "/plans/playbooks/flood/")
    put_into_force(browse, alice, 1, at="flood/en")
    assert library.playbook("flood") is not None
    start = text(browse(rosa), "/plans/playbooks/flood/pt/edit/").partition("<textarea")[2].partition(">")[2]
    body = start.partition("</textarea>")[0].strip().replace("Switch the power off", "…")
    assert save(browse(rosa), body, 0, "/plans/playbooks/flood/pt/edit/") == 302
    assert "Nothing is in force yet" in text(browse(alice), "/plans/playbooks/flood/pt/")


def test_no_name_leads_elsewhere(browse: Browse, rosa: Person) -> None:
    client = browse(rosa)
    for path in ("nothere/", "nothere/en/edit/", "detained/nothere-at-all/edit/", "Detained/en/edit/", "new/en/edit/"):
        status = client.get(f"/plans/playbooks/{path}").status_code
        assert status in {200, 404}, path
    assert save(client, SMALL, 0, "/plans/playbooks/protections/en/edit/") == 422
    assert client.post("/plans/playbooks/new/", {"key": "../etc"}).status_code == 422


def test_a_script_in_a_text_is_only_words(browse: Browse, rosa: Person, alice: Person) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7|add:7 }} [a](javascript:alert(1))"
    save(browse(rosa), SMALL.replace("Wet paper tears.", nasty), 0, "/plans/playbooks/flood/en/edit/")
    put_into_force(browse, alice, 1, at="flood/en")
    for path in ("", "en/diff/", "en/1/", "en/edit/", "en/history/"):
        raw = browse(rosa).get(f"/plans/playbooks/flood/{path}").content.decode()
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw
        assert 'javascript:alert(1)"' not in raw
    assert nasty in text(browse(rosa), "/plans/playbooks/flood/")


def test_a_reviewed_text_that_can_no_longer_be_read_gives_way_to_an_older_one(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    PlaybookText.objects.update(text="broken")
    page = text(browse(rosa), "/plans/playbooks/detained/")
    assert "Version 2 can’t be read any more" in page
    assert "Ask for silence on wiki" in page
    assert "broken" in text(browse(rosa), EDIT)


def test_the_table_of_protections_stands_whole(browse: Browse, sam: Person) -> None:
    page = text(browse(sam), "/plans/playbooks/protections/")
    for one in ("End all sessions", "What the public log tells a captor", "Office action", "only after a recorded"):
        assert one in page


def state(person: Person, browse: Browse, **more: object) -> Authority:
    given = {"police": "yes", "by_function": "legal", "ally": "", "note": "The cyber unit only.", **more}
    assert browse(person).post("/plans/authorities/KE/edit/", given).status_code == 302
    return Authority.objects.get(country="KE", replaced_at=None)


def test_where_nothing_stands_counsel_is_asked_first(browse: Browse, sam: Person) -> None:
    page = text(browse(sam), "/plans/authorities/KE/")
    assert "ask counsel first" in page
    assert "Not known is no yes" in page
    assert authorities.advice("KE").answer is Answer.ASK
    assert browse(sam).get("/plans/authorities/?country=KE").headers["Location"] == "/plans/authorities/KE/"
    assert text(browse(sam), "/plans/authorities/ZZ/", 404)


def test_a_yes_counts_only_after_somebody_else_verified_it(browse: Browse, rosa: Person, alice: Person) -> None:
    row = state(rosa, browse)
    assert "nobody else has verified it" in text(browse(rosa), "/plans/authorities/KE/")
    browse(rosa).post("/plans/authorities/KE/verify", {"row": row.pk})
    assert authorities.advice("KE").answer is Answer.ASK
    Authority.objects.update(verified_by=rosa, verified_at=row.at)
    assert authorities.advice("KE").answer is Answer.ASK, "a row that was changed past the forms changes nothing"
    Authority.objects.update(verified_by=None, verified_at=None)
    browse(alice).post("/plans/authorities/KE/verify", {"row": row.pk})
    one = authorities.advice("KE")
    assert (one.answer, one.function) == (Answer.YES, "legal")
    assert "may be told" in text(browse(rosa), "/plans/authorities/KE/")


def test_after_180_days_a_yes_is_no_yes_and_a_no_stays(browse: Browse, rosa: Person, alice: Person) -> None:
    for police, answer in (("yes", Answer.ASK), ("no", Answer.NO)):
        row = state(rosa, browse, police=police)
        browse(alice).post("/plans/authorities/KE/verify", {"row": row.pk})
        row.refresh_from_db()
        assert row.verified_at is not None
        later = authorities.advice("KE", row.verified_at + timedelta(days=181))
        assert (later.answer, later.stale) == (answer, True)
    Authority.objects.update(verified_at=clock.now() - timedelta(days=181))
    assert "more than 180 days" in text(browse(rosa), "/plans/authorities/KE/")
    assert "too long ago" in text(browse(rosa), "/plans/authorities/")


def test_counsel_verifies_and_a_change_begins_anew(browse: Browse, rosa: Person) -> None:
    counsel = Person.objects.create(email="c@example.org", name="Cora", roles=int(Role.COUNSEL))
    row = state(rosa, browse)
    browse(counsel).post("/plans/authorities/KE/verify", {"row": row.pk})
    assert authorities.advice("KE").answer is Answer.YES
    state(rosa, browse, note="Another unit.")
    assert authorities.advice("KE").answer is Answer.ASK
    browse(counsel).post("/plans/authorities/KE/verify", {"row": row.pk})
    assert authorities.advice("KE").answer is Answer.ASK, "what was seen is what is verified"
    assert "The cyber unit only." in text(browse(rosa), "/plans/authorities/KE/")


def test_what_stood_there_before_comes_back_and_waits_to_be_verified(
    browse: Browse, rosa: Person, alice: Person, sam: Person
) -> None:
    row = state(rosa, browse)
    browse(alice).post("/plans/authorities/KE/verify", {"row": row.pk})
    state(rosa, browse, police="no", note="Changed.")
    assert browse(sam).post("/plans/authorities/KE/back", {"row": row.pk}).status_code == 403
    assert "Bring back" in text(browse(rosa), "/plans/authorities/KE/")
    browse(rosa).post("/plans/authorities/KE/back", {"row": row.pk})
    here = Authority.objects.get(country="KE", replaced_at=None)
    assert (here.police, here.note) == ("yes", "The cyber unit only.")
    assert authorities.advice("KE").answer is Answer.ASK, "nobody verified it anew"
    browse(rosa).post("/plans/authorities/KE/back", {"row": here.pk})
    assert Authority.objects.filter(country="KE").count() == 3
    assert browse(rosa).post("/plans/authorities/TZ/back", {"row": row.pk}).status_code == 404


def test_a_yes_needs_somebody_who_tells_them_and_the_form_keeps_what_was_typed(browse: Browse, rosa: Person) -> None:
    given = {"police": "yes", "by_function": "", "ally": "", "note": "Kept words."}
    answer = browse(rosa).post("/plans/authorities/KE/edit/", given)
    assert answer.status_code == 422
    assert "Say who tells them" in answer.content.decode()
    assert "Kept words." in answer.content.decode()


def test_an_ally_stands_there_for_those_who_may_see_allies(browse: Browse, rosa: Person, bob: Person) -> None:
    at = clock.now()
    Contact.objects.create(public_id="ally1", once="x1", name="Amina Odera", state="vetted", state_at=at, made_at=at)
    state(rosa, browse, ally="ally1")
    assert "Amina Odera" in text(browse(rosa), "/plans/authorities/KE/")
    page = text(browse(bob), "/plans/authorities/KE/")
    assert "Amina Odera" not in page
    assert "There is somebody" in page
    given = {"police": "no", "by_function": "", "ally": "ally1", "note": ""}
    assert "Amina" not in text(browse(bob), "/plans/authorities/KE/edit/")
    assert browse(bob).post("/plans/authorities/KE/edit/", given).status_code == 302
    assert browse(bob).post("/plans/authorities/TZ/edit/", given).status_code == 422


TOLD = {"country": "KE", "kind": "police", "class_of_data": "fact", "basis": "life", "on": "2026-02-03", "plan": "",
        "once": "k3v9x2mw7q"}  # fmt: skip


def test_each_disclosure_is_counted_once_and_somebody_else_says_yes(
    browse: Browse, rosa: Person, vera: Person, sam: Person
) -> None:
    for _ in range(2):
        assert browse(rosa).post("/plans/authorities/disclosures/new/", TOLD).status_code == 302
    row = Disclosure.objects.get()
    path = f"/plans/authorities/disclosures/{row.public_id}/approve"
    browse(rosa).post(path)
    row.refresh_from_db()
    assert row.approved_at is None
    assert browse(sam).post(path).status_code == 403
    assert "1 disclosure has no second person’s yes" in text(browse(vera), "/plans/authorities/disclosures/")
    browse(vera).post(path)
    row.refresh_from_db()
    assert row.approved_by == vera
    page = text(browse(rosa), "/plans/authorities/disclosures/")
    assert "2026, quarter 1" in page
    assert "no second person" not in page


def test_a_wrong_count_is_taken_back_with_a_reason_and_stays_to_be_seen(
    browse: Browse, rosa: Person, vera: Person, sam: Person
) -> None:
    browse(rosa).post("/plans/authorities/disclosures/new/", TOLD)
    row = Disclosure.objects.get()
    path = f"/plans/authorities/disclosures/{row.public_id}/take-back"
    why = "It was another country, and is counted there."
    assert browse(sam).post(path, {"why": why}).status_code == 403
    browse(rosa).post(path, {"why": "wrong"})
    assert authorities.by_quarter()
    assert authorities.to_answer(vera).count() == 1
    browse(rosa).post(path, {"why": why})
    assert authorities.by_quarter() == []
    assert authorities.to_answer(vera).count() == 0
    page = text(browse(vera), "/plans/authorities/disclosures/")
    assert "It was another country" in page
    assert "taken back: counts no more" in page
    browse(vera).post(f"/plans/authorities/disclosures/{row.public_id}/approve")
    row.refresh_from_db()
    assert (row.approved_at, row.taken_back_by) == (None, rosa)


def test_numbers_that_can_tell_of_a_case_are_not_for_every_reader(browse: Browse, sam: Person, charlie: Person) -> None:
    for person in (sam, charlie):
        assert browse(person).get("/plans/authorities/disclosures/").status_code == 403
        assert "/disclosures/" not in text(browse(sam), "/plans/authorities/")


def test_a_wrong_disclosure_is_refused_and_keeps_what_was_typed(browse: Browse, rosa: Person) -> None:
    for name, value in (
        ("country", "ZZ"),
        ("kind", "king"),
        ("on", "1812-01-01"),
        ("class_of_data", ""),
        ("once", "!"),
    ):
        answer = browse(rosa).post("/plans/authorities/disclosures/new/", TOLD | {name: value})
        assert answer.status_code == 422, name
    assert not Disclosure.objects.exists()


def test_quarters_without_any_are_counted_as_none_and_never_begun_is_empty(browse: Browse, rosa: Person) -> None:
    assert authorities.by_quarter() == []
    for number, day in enumerate(("2025-03-31", "2025-04-01", "2025-12-31")):
        browse(rosa).post("/plans/authorities/disclosures/new/", TOLD | {"on": day, "once": f"once{number}xyz"})
    found = authorities.by_quarter(until=date(2026, 1, 1))
    assert [(one.year, one.quarter, one.told) for one in found] == [
        (2025, 1, 1), (2025, 2, 1), (2025, 3, 0), (2025, 4, 1), (2026, 1, 0),
    ]  # fmt: skip
    assert authorities.by_quarter("TZ") == []


def test_what_to_do_now_stands_first(browse: Browse, sam: Person) -> None:
    page = text(browse(sam), "/plans/playbooks/detained/").partition("<main")[2]
    now, rest = page.partition('id="first"')[2].partition("</section>")[::2]
    assert now.index("Take it on, write down the exact time") < now.index("That it happened, how sure we are")
    assert "Ask whoever told us" not in now, "it is due after twenty minutes"
    assert 'id="use"' in rest
    assert page.index("nobody has reviewed it") < page.index('id="first"')
    late = text(browse(sam), "/plans/playbooks/unrest-ahead/")
    assert 'id="first"' in late
