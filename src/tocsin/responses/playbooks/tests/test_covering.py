"""A review covers what its reviewer saw, part by part, and nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.responses import beginning
from tocsin.responses.playbook_models import PartReview, PlaybookText
from tocsin.responses.playbooks import actions, covering, library
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.tests.conftest import SMALL
from tocsin.responses.playbooks.tests.test_pages import NOTE, changed, put_into_force, save, shipped, text

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
PAGE = "/plans/playbooks/detained/"
PARTS = 12


def digest(name: str, words: str = "") -> str:
    return next(one.digest for one in covering.parts_of(words or shipped()) if one.name == name)


def test_a_text_has_a_head_and_eleven_sections_and_its_version_is_no_part_of_them() -> None:
    parts = covering.parts_of(shipped())
    assert [one.name for one in parts][:3] == ["head", "Use this when", "Must be told"]
    assert len(parts) == PARTS
    assert covering.changed(shipped(), shipped().replace("version = 1", "version = 7")) == ()
    assert [one.name for one in covering.changed(shipped(), changed())] == ["First day"]
    lines = shipped().split("\n")
    assert all(lines[one.line - 1] == one.text.split("\n")[0] for one in parts)


def test_a_review_of_one_changed_line_does_not_make_the_whole_text_reviewed(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    save(browse(rosa), changed(), 1)
    seen = text(browse(alice), f"{PAGE}en/diff/")
    assert "Verify by two sources" in seen, "the whole section that changed is shown"
    assert "As before, and not shown here: " in seen
    assert "Quiet legal defence" not in seen
    put_into_force(browse, alice, 2)
    here = library.standing("detained")
    assert here is not None
    assert not here.reviewed
    assert [(one.part.name, one.by) for one in here.parts if one.on] == [("First day", "Alice")]
    page = text(browse(rosa), PAGE)
    top = page.partition('class="playbook"')[0]
    assert "Nobody on your team has reviewed these parts yet: Title, kinds of harm and how grave · Use this when" in top
    assert page.count("reviewed by Alice, ") == 1
    assert "11 of 12 parts not reviewed" in text(browse(rosa), "/plans/playbooks/")


def test_a_part_stays_reviewed_while_it_reads_the_same_and_becomes_unreviewed_with_its_words(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    browse(rosa).post(f"{PAGE}en/review/", {"part": [digest("First day"), digest("Options")]})
    save(browse(alice), changed(), 1)
    put_into_force(browse, rosa, 2)
    here = library.standing("detained")
    assert here is not None
    assert {one.part.name for one in here.parts if one.on} == {"First day", "Options"}
    save(browse(rosa), changed("Ask for silence", "Beg for silence"), 2)
    put_into_force(browse, alice, 3, seen=2)
    browse(rosa).post(f"{PAGE}en/0/restore")
    put_into_force(browse, alice, 4, seen=3)
    back = library.standing("detained")
    assert back is not None
    assert {one.part.name: one.by for one in back.parts if one.on} == {"First day": "Alice", "Options": "Rosa"}


def test_the_parts_of_a_text_in_force_are_reviewed_one_by_one(browse: Browse, rosa: Person, bob: Person) -> None:
    page = text(browse(rosa), f"{PAGE}en/review/")
    assert "12 parts that nobody has reviewed" in page
    assert "Weigh ending all sessions" in page
    browse(rosa).post(f"{PAGE}en/review/", {"part": [one.digest for one in covering.parts_of(shipped())]})
    here = library.standing("detained")
    assert here is not None
    assert here.reviewed
    assert here.reviewed_on is not None
    page = text(browse(bob), PAGE)
    assert "Nobody on your team" not in page
    assert page.count("reviewed by Rosa, ") == PARTS - 1, "each panel says so; the head stands above"
    assert Entry.objects.filter(verb="playbook.look").count() == 1
    book = library.playbook("detained", "es")
    assert book is not None
    assert book.translates == here.playbook.digest


def test_nothing_is_covered_that_reads_differently_or_is_ones_own(browse: Browse, rosa: Person, alice: Person) -> None:
    for digests in ([], ["0" * 64], [digest("Options"), "0" * 64]):
        with pytest.raises(RefusedError):
            actions.look(rosa, "detained", "en", digests)
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    PartReview.objects.all().delete()
    with pytest.raises(RefusedError):
        actions.look(rosa, "detained", "en", [digest("First day", changed())])
    assert "You wrote this part" in text(browse(rosa), f"{PAGE}en/review/")
    assert actions.look(alice, "detained", "en", [digest("First day", changed())]) == 1


def test_nobody_brings_words_into_force_that_they_wrote_in_a_version_before(
    browse: Browse, rosa: Person, alice: Person, bob: Person
) -> None:
    save(browse(rosa), changed(), 1)
    save(browse(alice), changed().replace("call a vetted lawyer", "ring a vetted lawyer"), 2)
    page = text(browse(rosa), f"{PAGE}en/diff/")
    assert "your look does not cover it" in page
    assert "Put it into force" not in page
    with pytest.raises(RefusedError, match="First day"):
        actions.review(rosa, PlaybookText.objects.get(version=3), 0)
    put_into_force(browse, rosa, 3)
    assert library.standing("detained").in_force == 0  # type: ignore[union-attr]
    put_into_force(browse, bob, 3)
    here = library.standing("detained")
    assert here is not None
    assert here.in_force == 3
    assert {one.part.name for one in here.parts if one.on} == {"First hour", "First day"}


def test_whoever_had_their_words_looked_at_may_review_what_brings_them_back(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    actions.restore(alice, "detained", "en", 0)
    put_into_force(browse, rosa, 3, seen=2)
    actions.restore(alice, "detained", "en", 2)
    put_into_force(browse, rosa, 4, seen=3)
    assert library.standing("detained").in_force == 4  # type: ignore[union-attr]


# What begins without a yes

FREE = SMALL.replace("- [10 min] on duty: Switch", "- [10 min] on duty · at once: Switch")


def _free() -> set[str]:
    book = library.playbook("flood")
    assert book is not None
    return {one.title for one in beginning.tasks_of(book, clock.now()) if one.at_once}


def test_a_new_playbook_that_nobody_reviewed_makes_no_plan(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), FREE, 0, "/plans/playbooks/flood/en/edit/")
    waits = library.standing("flood")
    assert waits is not None
    assert not any(one.at_once for one in beginning.tasks_of(waits.playbook, clock.now()))
    assert library.playbook("flood") is None
    assert "flood" not in {one.key for one in library.playbooks()}
    assert "playbook=flood" not in text(browse(rosa), "/plans/new/")
    given = {"title": "It is wet", "objective": "Dry", "severity": "3"}
    assert browse(rosa).post("/plans/new/?playbook=flood", given).status_code == 404
    put_into_force(browse, alice, 1, at="flood/en")
    assert _free() == {"Switch the power off.", "Tell whoever leads: That it is wet."}


def test_a_step_needs_a_yes_while_nobody_but_its_author_read_its_part(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    save(browse(rosa), FREE, 0, "/plans/playbooks/flood/en/edit/")
    put_into_force(browse, alice, 1, at="flood/en")
    PartReview.objects.filter(part="First hour").delete()
    assert _free() == {"Tell whoever leads: That it is wet."}
    PartReview.objects.all().delete()
    assert _free() == set()


def test_what_came_with_tocsin_keeps_its_steps_without_a_yes_beside_a_part_that_was_changed(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    came = library.playbook("detained")
    assert came is not None
    before = [one.at_once for one in beginning.tasks_of(came, clock.now())]
    assert any(before)
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    now = library.playbook("detained")
    assert now is not None
    assert [one.at_once for one in beginning.tasks_of(now, clock.now())] == before
    assert not any(one.at_once for one in beginning.tasks_of(came, clock.now())), "it is not in force any more"


def test_a_review_is_of_what_differs_from_the_text_in_force(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), changed(), 1)
    assert "Put it into force" in text(browse(alice), f"{PAGE}en/diff/")
    save(browse(rosa), changed("Ask for silence", "Beg for silence"), 2)
    put_into_force(browse, alice, 3, seen=2)
    here = library.standing("detained")
    assert here is not None
    assert here.in_force == 0, "somebody looked at the difference from a version that is not in force"
    part = text(browse(alice), f"{PAGE}en/diff/?from=2")
    assert "See first what is different from the text in force" in part
    assert "Put it into force" not in part


def test_a_new_playbook_is_seen_whole_and_so_reviewed_whole(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), SMALL, 0, "/plans/playbooks/flood/en/edit/")
    assert browse(alice).get("/plans/playbooks/flood/en/review/").status_code == 302
    put_into_force(browse, alice, 1, at="flood/en")
    here = library.standing("flood")
    assert here is not None
    assert here.reviewed


def test_the_history_says_what_was_reviewed_in_which_version(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    page = text(browse(rosa), f"{PAGE}en/history/")
    assert "put into force by Alice" in page
    assert "reviewed in it: First day" in page


def test_the_text_as_it_would_look_keeps_nothing(browse: Browse, rosa: Person) -> None:
    given = {"text": changed(), "base": 1, "note": "", "do": "try"}
    page = text_of(browse(rosa).post(f"{PAGE}en/edit/", given), 200)
    assert "This is how it would look" in page
    assert page.count("Ask for quiet on wiki") == 2, "as its page would show it, and in the form"
    assert library.playbook("detained").text != changed()  # type: ignore[union-attr]
    wrong = text_of(browse(rosa).post(f"{PAGE}en/edit/", given | {"text": "nonsense"}), 422)
    assert "The first line must be +++" in wrong


def text_of(answer: object, status: int) -> str:
    assert getattr(answer, "status_code", 0) == status
    return str(getattr(answer, "content", b"").decode())


def test_a_reason_to_put_aside_that_is_too_short_is_refused_with_its_words_kept(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    save(browse(rosa), changed(), 1)
    answer = browse(alice).post(f"{PAGE}en/2/decline", {"why": "no"})
    page = text_of(answer, 422)
    assert 'value="no"' in page
    assert "10 to 300 letters" in text(browse(alice), f"{PAGE}en/diff/")
    assert NOTE["note"] in page


def test_every_plan_that_is_made_of_it_says_what_of_it_nobody_reviewed(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    given = {"title": "Held at the border", "objective": "Free by Monday", "severity": "3"}
    assert "Nobody on your team has reviewed the playbook" in text(browse(rosa), "/plans/new/?playbook=detained")
    first = browse(rosa).post("/plans/new/?playbook=detained", given).headers["Location"]
    assert "Nobody on your team has reviewed the playbook" in text(browse(rosa), first)
    browse(rosa).post(f"{PAGE}en/review/", {"part": [one.digest for one in covering.parts_of(shipped())]})
    assert "Nobody on your team" not in text(browse(rosa), first)
    assert "not every part was reviewed" in text(browse(rosa), "/plans/new/")
    save(browse(rosa), changed(), 1)
    put_into_force(browse, alice, 2)
    PartReview.objects.filter(part="First day", by=alice).delete()
    second = browse(rosa).post("/plans/new/?playbook=detained", given).headers["Location"]
    assert "these parts of the playbook that this plan is made from: First day" in text(browse(rosa), second)
    assert "Nobody on your team" not in text(browse(rosa), first), "its text was another one, which was reviewed"
