"""Two people edit one draft: the second is told what changed, and nothing is lost."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.reports import editing
from tocsin.reports.models import Draft
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
