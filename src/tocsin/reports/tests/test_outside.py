"""What a reader outside meets: each thing said once, nothing that hints at what is kept back, and no loose ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.reports import editing, releasing
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import sentences
from tocsin.reports.gathering import words
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Issue
from tocsin.reports.speaking import speaking
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Drafts = Callable[..., Draft]


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def told(draft: Draft) -> list[str]:
    return [one.text for one in sentences(document_of(fresh(draft)))]


@pytest.fixture
def three(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> list[Situation]:
    """Blocks that are unlikely in two countries, and in one that is told as its region; and a likely arrest."""
    assess(situation("An editor held", tlp="clear", country="BR", harm="arrest", rank=0.1), 0.7)
    places = ("BR", "KE", "TR", "TR")
    rows = [situation(f"Block {n}", tlp="clear", country=place, rank=9.0 - n) for n, place in enumerate(places)]
    for row in rows:
        assess(row, 0.3)
    return rows


def day() -> str:
    with speaking("en"):
        return words.day(timezone.now() - timedelta(days=1))


def month() -> str:
    with speaking("en"):
        return words.month(timezone.now() - timedelta(days=1))


def test_what_is_as_likely_in_several_places_is_said_once(three: list[Situation], draft: Drafts) -> None:
    said = told(draft("public"))
    places = f"Brazil ({day()}); Kenya ({day()}); Western Asia ({month()})"
    assert f"Site ban in these places is unlikely, as our team judged: {places}." in said
    assert f"Arrest or prosecution in Brazil is likely, as our team judged ({day()})." in said
    assert sum("unlikely" in one for one in said) == 1
    inside = [one for one in told(draft("operational")) if "unlikely" in one and "judges" not in one]
    assert len(inside) == 3, "one sentence a country and harm"
    assert "Site ban in Türkiye: “Block 2”, unlikely (30%); “Block 3”, unlikely (30%)." in inside


def test_a_fact_that_is_left_out_takes_its_place_along(three: list[Situation], draft: Drafts, bob: Person) -> None:
    made = draft("public")
    row = editing.drop(bob, made, 1, f"situation:{three[1].public_id}:state")
    begins = "Site ban in these places is unlikely, as our team judged: "
    assert f"{begins}Brazil ({day()}); Western Asia ({month()})." in told(row)
    row = editing.drop(bob, row, 2, f"situation:{three[2].public_id}:state")
    assert f"{begins}Brazil ({day()})." in told(row), "no weaker one stands for the region"
    name = next(str(one["id"]) for _block, one in editing.sentences(row.blocks) if "pattern" in one)
    row = editing.write(
        bob, row, 3, name, "Blocks are unlikely in most places.", [f"situation:{three[0].public_id}:state"]
    )
    assert "Blocks are unlikely in most places." in told(row)


@pytest.mark.parametrize("audience", [one.key for one in AUDIENCES.values() if one.outside])
def test_that_some_things_are_not_told_is_said_whether_or_not_there_are_any(
    situation: Callable[..., Situation], draft: Drafts, audience: str
) -> None:
    before = told(draft(audience))[0]
    assert before.endswith("Some things are never told here, to protect people.")
    situation("Qzx secret", tlp="red")
    after = told(draft(audience, title="again"))[0]
    assert after.split(". ")[1:] == before.split(". ")[1:]


def test_inside_nothing_is_said_to_be_kept_from_the_reader(three: list[Situation], draft: Drafts) -> None:
    assert "never told here" not in " ".join(told(draft("operational")))


@pytest.mark.parametrize("audience", ["public", "executive", "operational"])
def test_no_note_ends_in_empty_brackets(three: list[Situation], draft: Drafts, vera: Person, audience: str) -> None:
    made = draft(audience)
    issue = releasing.release(vera, made, digest_of(document_of(made)), without_pdf=True)
    for form in ("html", "text", "csv"):
        assert "()" not in bytes(issue.forms.get(form=form).body).decode().replace("\u2068", "").replace("\u2069", "")


def test_the_page_of_a_draft_says_one_thing_about_its_release(
    three: list[Situation], draft: Drafts, browse: Browse, bob: Person, vera: Person
) -> None:
    made = draft("executive")
    address = f"/reports/drafts/{made.public_id}/"
    assert "Somebody else can release it" in browse(bob).get(address).content.decode()
    assert "You can release it" in browse(vera).get(address).content.decode()
    row = editing.add(bob, made, 1, 0, "All is well.", [], opinion=False)
    page = browse(vera).get(address).content.decode()
    assert "Before it can be released" in page
    assert "can release it" not in page
    editing.remove(bob, row, 2, "e2")
    sent = {"digest": digest_of(document_of(fresh(made))), "without_pdf": "1"}
    page = browse(vera).post(f"{address}release", sent, follow=True).content.decode()
    assert "Released. It goes to nobody yet." in page
    assert Issue.objects.count() == 1
    page = browse(vera).get(address).content.decode()
    assert "It was released" in page
    assert "can be released" not in page
