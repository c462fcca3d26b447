"""A layout is a short text: no loop, no file, no words without a source; and whoever drafts can change it in a page."""

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tocsin.people.models import Person
from tocsin.reports import templates_kept
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.layout import LARGEST, LayoutError, Place, read
from tocsin.reports.models import Draft, TemplateText
from tocsin.situations.models import Situation

Browse = Callable[[Person], Client]
FINE = "# What changed\n{facts topic=change most=3}\n"


def wrong(text: str) -> list[tuple[int, str]]:
    with pytest.raises(LayoutError) as error:
        read(text)
    return [(one.line, one.says) for one in error.value.wrong]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_shipped_layout_can_be_read_and_asks_for_what_its_audience_needs(audience: str) -> None:
    places = [one for one in read(templates_kept.shipped(audience)) if isinstance(one, Place)]
    asked = {one.topic for one in places if one.topic is not None}
    always = {"correction"}  # every issue begins with its corrections
    assert {one.value for one in AUDIENCES[audience].topics} - always <= {one.value for one in asked}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{for fact in facts}", "There are no loops"),
        ("{% for fact in facts %}", "There are no loops"),
        ("{while true}", "There are no loops"),
        ("{if exercise}", "There are no loops and no conditions"),
        ("{include /etc/passwd}", "Nothing can be read or brought in from elsewhere."),
        ("{file name=secrets}", "Nothing can be read or brought in from elsewhere."),
        ("{{ settings.SECRET_KEY }}", "This is not known."),
        ("{facts topic=change most=9999}", "most= is a number from 1 to 200."),
        ("{facts topic=change most=²}", "This is not known."),
        ("{facts topic=gossip}", "Say about what"),
        ("{facts topic=change order=random}", "“order” is not known here."),
        ("{table salaries}", "Write one of: {table measures}, {table situations}, {table support}."),
        ("Everything is fine.", "A report has no sentence without a source."),
        ("> a hint with {facts}", ""),
        ("#Heading", "A heading is # or ##"),
        ("# " + "x" * 81, "A heading has at most 80 letters"),
        ("# Heading {facts topic=change}", "Braces stand in a line of their own"),
        ("x" * 400, "It is too long."),
    ],
)
def test_what_can_not_stand_is_refused_with_its_line(line: str, says: str) -> None:
    text = f"{FINE}{line}\n"
    if not says:
        assert len(read(text)) == 3
        return
    ((number, words),) = wrong(text)
    assert number == 3
    assert words.startswith(says)


def test_a_huge_text_is_refused_with_the_line_where_it_is_too_much() -> None:
    assert wrong(FINE * 400)[0][0] == 301
    assert wrong("# " + "x" * LARGEST + "\n" + FINE)[0][0] == 1
    assert wrong("{write}\n" * 61)[0][0] == 61
    assert wrong("")[0] == (1, "There is no place for facts. Write at least {facts topic=situation}.")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_fails(text: str) -> None:
    found: tuple[object, ...] = ()
    try:
        found = read(text)
    except LayoutError as error:
        found = error.wrong
    assert found


@pytest.mark.django_db
def test_a_person_looks_at_a_layout_saves_it_and_goes_back(
    draft: Callable[..., Draft], situation: Callable[..., Situation], browse: Browse, bob: Person
) -> None:
    situation("Wikis blocked in the capital")
    draft("executive")
    client = browse(bob)
    address = "/reports/layouts/executive/"
    assert "Wikis blocked in the capital" in client.get(address).content.decode()
    mine = "# In one word\n{facts topic=situation most=1}\n"
    page = client.post(address, {"text": mine, "version": 0, "do": "look"}).content.decode()
    assert "In one word" in page.split("What it gives")[1]
    assert not TemplateText.objects.exists()
    answer = client.post(address, {"text": f"{mine}{{for x}}\n", "version": 0, "do": "save"})
    assert answer.status_code == 422
    assert "Line 3: There are no loops" in answer.content.decode()
    client.post(address, {"text": mine, "version": 0, "do": "save", "note": "Shorter"})
    assert templates_kept.standing("executive")[0] == "executive/1"
    assert draft("executive", title="Another").blocks[1]["text"] == "In one word"
    late = client.post(address, {"text": FINE, "version": 0, "do": "save"})
    assert "Somebody saved another version meanwhile." in late.content.decode()
    client.post(address, {"text": "", "version": 1, "do": "save"})
    assert templates_kept.standing("executive")[0] == "executive/0"
    assert TemplateText.objects.count() == 2


@pytest.mark.django_db
def test_who_may_not_draft_does_not_change_layouts(browse: Browse, vera: Person) -> None:
    assert browse(vera).get("/reports/layouts/").status_code == 403
    assert browse(vera).post("/reports/layouts/public/", {"text": FINE, "do": "save"}).status_code == 403
