"""Two people edit one draft: the second is told what changed, and nothing is lost."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.reports import checking, drafting, editing, releasing
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft
from tocsin.reports.refusals import RefusedError
from tocsin.situations.models import Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


@pytest.fixture
def made(draft: Callable[..., Draft], situation: Callable[..., Situation]) -> Draft:
    situation("Wikis blocked in the capital")
    situation("Editors warned by a ministry")
    return draft("operational")


def parts(draft: Draft) -> list[dict[str, object]]:
    rows = Draft.objects.get(pk=draft.pk).blocks
    return [one for _block, one in editing.sentences(rows) if str(one["id"]).startswith("s")]


def test_changes_of_different_sentences_both_stand_and_the_second_is_told(
    made: Draft, alice: Person, bob: Person, browse: Browse
) -> None:
    first, second = parts(made)[:2]
    address = f"/reports/drafts/{made.public_id}/write"
    browse(alice).post(address, {"version": 1, "part": first["id"], "text": "By Alice.", "facts": first["facts"]})
    answer = browse(bob).post(
        address, {"version": 1, "part": second["id"], "text": "By Bob.", "facts": second["facts"]}, follow=True
    )
    page = answer.content.decode()
    assert "Alice changed other parts meanwhile; both stand." in page
    assert "By Alice." in page
    assert "By Bob." in page


def test_changes_of_one_sentence_are_shown_side_by_side(
    made: Draft, alice: Person, bob: Person, browse: Browse
) -> None:
    first = parts(made)[0]
    address = f"/reports/drafts/{made.public_id}/write"
    browse(alice).post(address, {"version": 1, "part": first["id"], "text": "By Alice.", "facts": first["facts"]})
    answer = browse(bob).post(address, {"version": 1, "part": first["id"], "text": "By Bob.", "facts": first["facts"]})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Alice changed this very part meanwhile" in page
    assert "By Alice." in page
    assert "By Bob." in page
    assert parts(made)[0]["text"] == "By Alice."


def test_a_sentence_that_somebody_took_out_is_not_written_over(made: Draft, alice: Person, bob: Person) -> None:
    first = parts(made)[0]
    editing.remove(alice, made, 1, str(first["id"]))
    with pytest.raises(editing.MetError):
        editing.write(bob, made, 1, str(first["id"]), "By Bob.", list(first["facts"]))  # type: ignore[call-overload]


def test_every_change_is_kept_with_who_made_it_and_how_it_stood(made: Draft, alice: Person) -> None:
    first = parts(made)[0]
    editing.write(alice, made, 1, str(first["id"]), "By Alice.", list(first["facts"]))  # type: ignore[call-overload]
    edit = made.edits.get()
    assert (edit.by, edit.before, edit.after) == (alice, first["text"], "By Alice.")


def test_somebody_who_may_not_draft_changes_nothing(made: Draft, vera: Person, browse: Browse) -> None:
    first = parts(made)[0]
    address = f"/reports/drafts/{made.public_id}/write"
    assert browse(vera).post(address, {"version": 1, "part": first["id"], "text": "x"}).status_code == 403
    assert parts(made)[0]["text"] == first["text"]


def test_a_draft_that_is_put_away_says_why(made: Draft, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    client.post(f"/reports/drafts/{made.public_id}/put-away", {"why": "Nothing new this week"})
    assert "Nothing new this week" in client.get(f"/reports/{made.report.public_id}/").content.decode()


def test_what_an_issue_begins_with_stays_as_it_was_generated(made: Draft, bob: Person) -> None:
    changes: list[Callable[[], object]] = [
        lambda: editing.write(bob, made, 1, "top0", "This covers all that ever happened.", ["report:period"]),
        lambda: editing.mask(bob, made, 1, "top0"),
        lambda: editing.remove(bob, made, 1, "top0"),
        lambda: editing.drop(bob, made, 1, "report:period"),
    ]
    for change in changes:
        with pytest.raises(RefusedError):
            change()
    row = Draft.objects.get(pk=made.pk)
    first = next(one for _block, one in editing.sentences(row.blocks) if one["id"] == "top0")
    first["text"] = "This covers all that ever happened."
    row.save()
    assert "opening" in {one.kind for one in checking.problems(row) if one.blocks}, "nor by the database alone"


def test_a_correction_always_says_what_was_wrong(made: Draft, bob: Person, vera: Person) -> None:
    issue = releasing.release(vera, made, digest_of(document_of(made)))
    mended = drafting.make_correction(issue, "We named the wrong ministry.", bob)
    key = f"correction:{issue.public_id}"
    with pytest.raises(RefusedError):
        editing.write(bob, mended, 1, "correction", "Small changes.", [key])
    with pytest.raises(RefusedError):
        editing.drop(bob, mended, 1, key)
    assert [one.kind for one in checking.problems(mended) if one.blocks] == ["unchanged"]
    first = parts(mended)[0]
    mended = editing.write(bob, mended, 1, str(first["id"]), "Another ministry.", list(first["facts"]))  # type: ignore[call-overload]
    assert not any(one.blocks for one in checking.problems(mended))
    mended.dropped = [key]
    mended.save()
    (found,) = [one for one in checking.problems(mended) if one.blocks]
    assert "wrong ministry" in found.says


def test_an_assessment_is_of_whoever_wrote_its_words_last(made: Draft, alice: Person, bob: Person) -> None:
    keys = list(parts(made)[0]["facts"])  # type: ignore[call-overload]
    editing.add(bob, made, 1, 1, "I think this ends soon.", keys, opinion=True)
    editing.write(alice, made, 2, "e2", "I think it goes on.", keys)
    rows = Draft.objects.get(pk=made.pk).blocks
    (mine,) = [one for _block, one in editing.sentences(rows) if one["id"] == "e2"]
    assert (mine["text"], mine["opinion_of"]) == ("I think it goes on.", "Alice")


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800"])
def test_what_no_database_keeps_is_refused_in_words(made: Draft, bob: Person, bad: str) -> None:
    day, digest = timezone.localdate(), digest_of(document_of(made))
    first = parts(made)[0]
    changes: list[Callable[[], object]] = [
        lambda: editing.add(bob, made, 1, 1, f"One{bad}two", ["report:period"], opinion=False),
        lambda: editing.write(bob, made, 1, str(first["id"]), f"One{bad}two", list(first["facts"])),  # type: ignore[call-overload]
        lambda: editing.write(bob, made, 1, f"s{bad}", "One", ["report:period"]),
        lambda: editing.drop(bob, made, 1, f"s{bad}"),
        lambda: editing.rename(bob, made, 1, f"One{bad}two"),
        lambda: editing.clear(bob, made, 1, f"One{bad}two"),
        lambda: editing.put_away(bob, made, f"One{bad}two"),
        lambda: editing.agree(bob, made, digest, f"One{bad}two", "By voice", day),
        lambda: editing.agree(bob, made, digest, "A group", f"By{bad}voice", day),
    ]
    for change in changes:
        with pytest.raises(RefusedError, match="Type these words anew"):
            change()
    assert Draft.objects.get(pk=made.pk).version == 1


def test_a_page_that_is_sent_such_a_character_says_so(made: Draft, bob: Person, browse: Browse) -> None:
    sent = {"version": 1, "after": 1, "text": "One\x00two", "facts": "report:period"}
    answer = browse(bob).post(f"/reports/drafts/{made.public_id}/add", sent, follow=True)
    assert "Type these words anew" in answer.content.decode()


def test_a_page_offers_no_change_of_what_is_generated(made: Draft, bob: Person, browse: Browse) -> None:
    page = browse(bob).get(f"/reports/drafts/{made.public_id}/").content.decode()
    assert f'value="{parts(made)[0]["id"]}"' in page
    assert 'value="top0"' not in page


@pytest.mark.parametrize("sign", ["\u061c", "\u200e", "\u200f", "\u2066", "\u2067", "\u2068", "\u2069", "\u202e"])
def test_a_title_steers_no_direction(draft: Callable[..., Draft], bob: Person, sign: str) -> None:
    assert editing.rename(bob, draft(), 1, f"A {sign}week{sign}").title == "A week"


def test_a_draft_that_nobody_touched_is_said_to_be_drafted_as_in_its_set(
    made: Draft, bob: Person, browse: Browse
) -> None:
    pages = (f"/reports/drafts/{made.public_id}/", f"/reports/{made.report.public_id}/")
    for where in pages:
        assert "<span>drafted</span>" in browse(bob).get(where).content.decode(), where
    editing.rename(bob, made, 1, "A week")
    for where in pages:
        assert "<span>being edited</span>" in browse(bob).get(where).content.decode(), where
