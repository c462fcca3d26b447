"""The table of protections is a text of the team's, like a playbook: changed, looked at, and brought back."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import covering, library
from tocsin.responses.playbooks.faults import ReadingError
from tocsin.responses.playbooks.protecting import guarded, needs_risk_check, protections, shipped, shipped_text
from tocsin.responses.playbooks.table_reading import LONGEST, read_table
from tocsin.responses.playbooks.tests.test_pages import put_into_force, save, text

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]
AT = "/plans/playbooks/protections/"
EDIT = f"{AT}en/edit/"
ROW = """[[protection]]
key = "own-one"
title = "A"
does = "x"
who = "x"
reach = "x"
any_hour = true
minutes = 5
log = "x"
undo = "yes"
undoing = "x"
accused = "x"
informants = "x"
bystanders = "x"
risk_check = true
"""


def mine() -> str:
    return shipped_text().replace("Security page of the duty sheet, then", "The red telephone, then")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("nonsense", "protections.toml:1: This line can’t be read"),
        (ROW.replace("minutes = 5", "minutes = "), "protections.toml:8: This line can’t be read"),
        (ROW + ROW, "protections.toml:17: “own-one” stands twice"),
        (ROW.replace("any_hour = true", 'any_hour = "yes"'), "protections.toml:7: The value of “any_hour”"),
        (ROW.replace("= 5", "= -5"), "protections.toml:8: The value of “minutes”"),
        (ROW.replace('does = "x"', 'does = " "'), "protections.toml:4: The value of “does”"),
        (ROW.replace('does = "x"', f'does = "{"x" * (LONGEST + 1)}"'), "protections.toml:4: This is longer than"),
        (ROW.replace('undo = "yes"', 'undo = "never"'), "protections.toml:10: “undo” must be one of"),
        (ROW.replace('log = "x"\n', ""), "protections.toml:1: This protection lacks “log”"),
        (ROW + "colour = 1", "protections.toml:16: A protection has no “colour”"),
        (ROW.replace("own-one", "Own one"), "protections.toml:2: A key has"),
        (ROW.replace("= true\nminutes", "=\ttrue\nminutes"), "protections.toml:7: The line holds an invisible sign"),
        ('protection = "x"', "Write each protection under a line"),
        ("protection = [{}]", "Write each protection under a line"),
        ("a = " + "[" * 3000, "protections.toml"),
        ("", "Write each protection under a line"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line_and_what_to_do(given: str, says: str) -> None:
    assert read_table(ROW)["own-one"].minutes == 5
    with pytest.raises(ReadingError) as caught:
        read_table(given)
    assert says in str(caught.value)


def test_every_fault_is_said_at_once() -> None:
    wrong = ROW.replace("= 5", "= 0").replace('undo = "yes"', 'undo = "?"').replace('who = "x"', "who = 7")
    with pytest.raises(ReadingError) as caught:
        read_table(wrong)
    assert [one.line for one in caught.value.faults] == [5, 8, 10]


def test_a_change_of_the_table_is_in_force_once_a_second_person_has_looked(
    browse: Browse, rosa: Person, alice: Person
) -> None:
    assert save(browse(rosa), mine(), 0, EDIT) == 302
    assert "The red telephone" not in text(browse(rosa), AT)
    assert "Version 1 by Rosa waits" in text(browse(alice), AT)
    assert protections() == shipped()
    seen = text(browse(alice), f"{AT}en/diff/")
    assert "The red telephone" in seen
    assert "End all sessions" in seen
    browse(rosa).post(f"{AT}en/1/review", {"seen": 0})
    assert protections() == shipped(), "nobody puts their own into force"
    put_into_force(browse, alice, 1, at="protections/en")
    assert protections()["end-sessions"].reach.startswith("The red telephone")
    page = text(browse(rosa), AT)
    assert "The red telephone" in page
    assert page.count("reviewed by Alice, ") == 1
    assert "Nobody on your team has reviewed these parts yet: Remarks" in page
    assert "Protections on the wikis" not in text(browse(rosa), "/plans/playbooks/").partition("<table")[2]


def test_an_earlier_table_is_brought_back(browse: Browse, rosa: Person, alice: Person) -> None:
    save(browse(rosa), mine(), 0, EDIT)
    put_into_force(browse, alice, 1, at="protections/en")
    browse(alice).post(f"{AT}en/0/restore")
    put_into_force(browse, rosa, 2, seen=1, at="protections/en")
    assert protections() == shipped()
    browse(rosa).post(f"{AT}en/1/restore")
    put_into_force(browse, alice, 3, seen=2, at="protections/en")
    assert protections()["end-sessions"].reach.startswith("The red telephone")
    assert "was in force" in text(browse(rosa), f"{AT}en/history/")
    assert "red telephone" in text(browse(rosa), f"{AT}en/1/")


def test_what_a_playbook_uses_stays_and_what_may_hurt_others_stays_weighed(browse: Browse, rosa: Person) -> None:
    without = shipped_text().replace('key = "lock"', 'key = "latch"')
    answer = browse(rosa).post(EDIT, {"text": without, "base": 0, "note": "Nobody says lock here."})
    assert answer.status_code == 422
    assert "uses “lock”. Put that protection back" in answer.content.decode()
    office = shipped_text().index('key = "office-action"')
    light = shipped_text()[:office] + shipped_text()[office:].replace("risk_check = true", "risk_check = false", 1)
    answer = browse(rosa).post(EDIT, {"text": light, "base": 0, "note": "It takes too long so."})
    assert answer.status_code == 422
    assert "risk_check stays true" in answer.content.decode()
    assert "office-action" in guarded()
    PlaybookText.objects.create(
        key="protections", language="en", version=1, text=light, at="2026-01-01T00:00Z", reviewed_at="2026-01-02T00:00Z"
    )
    assert needs_risk_check("office-action"), "a row that was changed past the editor lets nothing through"
    assert "Version 1 can’t be read any more" in text(browse(rosa), AT)


def test_the_table_is_tried_before_it_is_saved_and_parts_of_it_are_reviewed(browse: Browse, rosa: Person) -> None:
    given = {"text": mine(), "base": 0, "note": "", "do": "try"}
    page = browse(rosa).post(EDIT, given).content.decode()
    assert "This is how it would look" in page
    assert page.count("The red telephone") == 2
    assert not PlaybookText.objects.exists()
    lock = next(one for one in covering.parts_of(shipped_text()) if one.name == "lock")
    browse(rosa).post(f"{AT}en/review/", {"part": [lock.digest]})
    assert [one.part.name for one in library.table().parts if one.on] == ["lock"]


def test_a_protection_of_the_teams_own_can_be_used_in_a_playbook(browse: Browse, rosa: Person, alice: Person) -> None:
    book = library.shipped()["detained", "en"].replace("uses lock", "uses own-one")
    at = "/plans/playbooks/detained/en/edit/"
    assert save(browse(rosa), book, 1, at) == 422
    save(browse(rosa), shipped_text() + "\n" + ROW, 0, EDIT)
    put_into_force(browse, alice, 1, at="protections/en")
    assert save(browse(rosa), book, 1, at) == 302


def test_only_who_writes_plans_changes_the_table_and_it_has_no_other_language(
    browse: Browse, sam: Person, rosa: Person
) -> None:
    assert browse(sam).get(EDIT).status_code == 403
    assert browse(sam).get(f"{AT}en/history/").status_code == 200
    for path in ("es/edit/", "es/history/", "es/"):
        assert browse(rosa).get(AT + path).status_code == 404, path
