"""Context from outside: looked at, taken as shown, taken back; what is hostile or wrong is refused by line."""

import gzip
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.resilience import actions, contexts, importing, shown
from tocsin.resilience.models import Batch, Context
from tocsin.resilience.tests.conftest import FREEDOM, PRESS, PROTECTION, Makes

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
TODAY = date(2026, 3, 1)


def test_a_file_is_looked_at_then_taken_then_taken_back(browse: Browse, alice: Person, community: Makes) -> None:
    client = browse(alice)
    sent = {"index": "freedom", "file": SimpleUploadedFile("ratings.csv.gz", gzip.compress(FREEDOM.encode()))}
    at = client.post("/resilience/context/new/", sent)["Location"]
    page = client.get(at).content.decode()
    assert "No country is called “Narnia”" in page
    assert "It says again what line 3 says" in page
    assert "It says otherwise than line 5" in page
    assert "“9” is no whole number from 1 to 7" in page
    row = Batch.objects.get()
    assert (row.state, row.new, row.changed, row.doubled, row.refused) == ("seen", 3, 0, 1, 3)
    assert not Context.objects.exists()
    client.post(f"{at}take")
    row.refresh_from_db()
    assert (row.state, bytes(row.body)) == ("taken", b"")
    said = shown.said_of(["KE"])
    assert [(one.on, one.before_on) for one in said] == [(date(2023, 12, 31), date(2018, 12, 31))]
    found = client.get(f"/resilience/communities/{community().public_id}/").content.decode()
    assert "partly free, political rights 4, civil liberties 5" in found
    assert "no verdict of ours" in found
    assert "not free" in client.get("/resilience/context/countries/UG/").content.decode()
    client.post(f"{at}undo")
    assert shown.said_of(["KE"]) == []
    while contexts.tidy(clock.now()):
        pass
    assert not Context.objects.exists()


def test_what_a_later_file_changes_stands_as_before_once_it_is_taken_back(alice: Person) -> None:
    actions.take(alice, actions.look_at(alice, "freedom", FREEDOM.encode()))
    later = FREEDOM.replace("2023,Uganda,UG,UGA,Africa,6,5", "2023,Uganda,UG,UGA,Africa,5,5")
    second = actions.look_at(alice, "freedom", later.encode())
    assert (second.new, second.changed, second.same) == (0, 1, 2)
    actions.take(alice, second)
    assert "rights 5" in shown.said_of(["UG"])[0].words
    # The table of all editions knows a total, and does not take the rest away.
    table = "Country/Territory,Region,C/T,Edition,Status,PR rating,CL rating,Total\nUganda,Africa,c,2024,NF,5,5,34\n"
    third = actions.look_at(alice, "freedom", table.encode())
    assert (third.new, third.changed) == (0, 1)
    actions.take(alice, third)
    assert shown.said_of(["UG"])[0].words.startswith("not free, score 34")
    actions.undo_batch(alice, third)
    actions.undo_batch(alice, second)
    assert "rights 6" in shown.said_of(["UG"])[0].words
    with pytest.raises(actions.RefusedError):
        actions.undo_batch(alice, second)


def test_what_was_not_shown_is_not_taken(alice: Person) -> None:
    first, second = (actions.look_at(alice, "freedom", FREEDOM.encode()) for _ in range(2))
    actions.take(alice, first)
    with pytest.raises(actions.RefusedError, match="would do something else now"):
        actions.take(alice, second)
    second.refresh_from_db()
    assert (second.state, second.new, second.same) == ("seen", 0, 3)
    actions.take(alice, second)
    with pytest.raises(actions.RefusedError):
        actions.take(alice, second)


def test_one_whose_taking_broke_off_counts_for_nothing_and_is_taken_anew(alice: Person) -> None:
    row = actions.look_at(alice, "freedom", FREEDOM.encode())
    Batch.objects.update(state=Batch.State.TAKING)
    Context.objects.create(batch=row, index="freedom", country="KE", on=date(2023, 12, 31), word="free")
    assert shown.said_of(["KE"]) == []
    actions.take(alice, row)
    assert Context.objects.count() == 3


def test_a_file_that_nobody_takes_in_is_erased_after_a_day(alice: Person) -> None:
    actions.look_at(alice, "press", PRESS.encode())
    assert not contexts.tidy(clock.now())
    assert contexts.tidy(clock.now() + timedelta(days=2))
    assert not Batch.objects.exists()


def test_each_index_is_read_in_its_own_shape() -> None:
    press = importing.read("press", PRESS.encode(), TODAY)
    assert [(one.country, one.on, one.rank, str(one.score)) for one in press.rows] == [
        ("KE", date(2024, 1, 1), 102, "53.22")
    ]
    assert press.wrong[0].line == 3
    listed = importing.read("protection", PROTECTION.encode(), TODAY, date(2024, 1, 1))
    assert [(one.country, one.word, one.more) for one in listed.rows] == [
        ("NA", "not-listed", "lower"),
        ("UG", "listed", "unpublished"),
    ]
    assert [one.line for one in importing.read("protection", PROTECTION.encode(), TODAY).wrong] == [2, 3]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x1f\x8b" + b"no gzip at all", "is not"),
        (gzip.compress(b"a" * 30_000_000), "larger than 25 MB"),
        (gzip.compress(FREEDOM.encode())[:-9], "ends in the middle"),
        (b"a" * 5_000_001, "larger than 5 MB"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"", "must name these columns"),
        (b"year,year,iso2c,status,political_rights,civil_liberties\n", "must name these columns"),
        (b'year,iso2c,status,political_rights,civil_liberties\n2023,"KE,Free,1,1\n', "can\u2019t be read as CSV"),
        (b"year,iso2c,status,political_rights,civil_liberties\n2999,KE,Free,1,1\n", "no whole number"),
        (b"year,iso2c,status,political_rights,civil_liberties\n2030,KE,Free,1,1\n", "to come"),
        (b"year,iso2c,status,political_rights,civil_liberties\n2020,KE,=cmd|' /C calc'!A0,1,1\n", "no status"),
        (b"year,iso2c,status,political_rights,civil_liberties\n2020,KE,Free,1\n", "It has 4 cells"),
    ],
)
def test_what_is_hostile_or_wrong_is_refused_with_its_line(body: bytes, why: str) -> None:
    table = importing.read("freedom", body, TODAY)
    assert table.rows == ()
    assert why in table.wrong[0].why


def test_a_country_is_known_by_the_names_that_indexes_use() -> None:
    head = "Country/Territory,Edition,Status,PR rating,CL rating,Total\n"
    names = ("Antigua and Barbuda", "Congo (Kinshasa)", "St. Vincent and the Grenadines", "Turkey", "Crimea")
    table = importing.read("freedom", (head + "".join(f"{one},2024,F,1,1,9\n" for one in names)).encode(), TODAY)
    assert [one.country for one in table.rows] == ["AG", "CD", "VC", "TR"]
    assert [one.line for one in table.wrong] == [6]


def test_only_whoever_leads_brings_files(browse: Browse, bob: Person, alice: Person) -> None:
    row = actions.look_at(alice, "press", PRESS.encode())
    client = browse(bob)
    assert client.get(f"/resilience/context/{row.public_id}/").status_code == 200
    assert client.get("/resilience/context/new/").status_code == 403
    assert client.post(f"/resilience/context/{row.public_id}/take").status_code == 403
    with pytest.raises(actions.RefusedError, match="Your roles"):
        actions.take(bob, row)
