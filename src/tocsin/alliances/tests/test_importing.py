"""A list of allies is taken whole or not at all, with what is wrong by line."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tocsin.alliances import importing
from tocsin.alliances.models import Contact, Reach
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

GOOD = '''name,kinds,helps,countries,languages,within_hours,by_night,tlp,ways
Amina,lawyer,legal,"Kenya, TZ","Swahili, en",6,yes,TLP:AMBER,Signal +254
"Fund ""K""","fund, partner","money relocation",,,,no,,"one line
another"
'''


def taken(by: Person, text: str | bytes) -> importing.Taken:
    return importing.take(by, text if isinstance(text, bytes) else text.encode(), by.pk)


def lines(by: Person, text: str | bytes) -> list[tuple[int, str]]:
    found = taken(by, text)
    assert found.count == 0
    assert not Contact.objects.exists()
    assert all(len(one.why) > 10 for one in found.wrong)
    return [(one.line, one.column) for one in found.wrong]


def test_a_good_list_is_taken_and_everybody_is_only_proposed(alice: Person) -> None:
    assert taken(alice, GOOD) == importing.Taken(2, ())
    first, second = Contact.objects.order_by("pk")
    assert (first.countries, first.languages, first.by_night, first.tlp) == (["KE", "TZ"], ["en", "sw"], True, "amber")
    assert (second.name, second.kinds, second.helps) == ('Fund "K"', ["fund", "partner"], ["money", "relocation"])
    assert Reach.objects.get(contact=second).ways == "one line\nanother"
    assert {one.state for one in (first, second)} == {"proposed"}
    assert {one.owner for one in (first, second)} == {alice}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_and_a_mark_of_order_are_understood(alice: Person, mark: str) -> None:
    text = f"\ufeffname{mark}kinds{mark}helps\r\nAmina{mark}lawyer{mark}legal\r\n"
    assert taken(alice, text).count == 1


def test_one_bad_line_keeps_all_others_out_and_every_bad_line_is_named(alice: Person) -> None:
    bad = (
        "Bad,lawyer,magic,,,,,,",
        "Worse,lawyer,legal,Narnia,,,,,",
        "Short,lawyer",
        "",
        "Slow,lawyer,legal,,,soon,,,",
    )
    text = GOOD + "\n".join(bad) + "\n"
    assert lines(alice, text) == [(5, "helps"), (6, "countries"), (7, ""), (9, "within_hours")]


def test_who_stands_there_already_or_twice_is_named(alice: Person) -> None:
    assert lines(alice, "name,kinds,helps\nA,lawyer,legal\na,lawyer,legal\n") == [(3, "name")]
    assert taken(alice, "name,kinds,helps\nA,lawyer,legal\n").count == 1
    assert taken(alice, "name,kinds,helps\nA,lawyer,legal\n").wrong[0].line == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1), ("name,kinds,helps\n", 0), ("name,kinds\nA,lawyer\n", 1), ("name,kinds,helps,shoe\n", 1),
        ("name,name,kinds,helps\n", 1), (b"name,kinds,helps\n\xff", 0), ('name,kinds,helps\n"A,lawyer,legal\n', 2),
        ("name,kinds,helps\nA\x00,lawyer,legal,\n", 2),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_words(alice: Person, text: str | bytes, line: int) -> None:
    assert lines(alice, text)[0][0] == line


def test_too_many_are_refused(alice: Person) -> None:
    rows = "".join(f"A{number},lawyer,legal\n" for number in range(importing.MOST_ROWS + 1))
    assert (0, "") in lines(alice, "name,kinds,helps\n" + rows)


def test_who_may_not_vet_brings_nothing(rosa: Person) -> None:
    assert "roles" in taken(rosa, GOOD).wrong[0].why
    assert not Contact.objects.exists()


def test_the_page_shows_what_to_mend(alice: Person, browse: Callable[[Person], Client]) -> None:
    client = browse(alice)

    def send(text: str) -> str:
        file = SimpleUploadedFile("allies.csv", text.encode(), "text/csv")
        return client.post("/alliances/import/", {"file": file, "owner": alice.pk}, follow=True).content.decode()

    page = send("name,kinds,helps\nA,friend,legal\n")
    assert "Nothing was taken" in page
    assert "Line 2" in page
    assert "2 allies were added" in send(GOOD)
