"""Cases are counted once a month, by somebody whose vault opens them; what is kept and told gives nobody away."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from tocsin.alerts import clock
from tocsin.cases import actions
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened, Threat
from tocsin.cases.kinds.support import Support
from tocsin.cases.tests.conftest import cookie_of
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open, holder, opened
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import counting
from tocsin.reports.counting import Forbidden
from tocsin.reports.disclosure import Cell
from tocsin.reports.facts import Fact, Nature, Topic
from tocsin.reports.gathering import people
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.models import CountedMonth
from tocsin.reports.refusals import RefusedError
from tocsin.reports.tabling import support_table

__all__ = ["holder", "opened"]
pytestmark = pytest.mark.django_db
Add = Callable[..., list[UUID]]


def last_month() -> str:
    return f"{timezone.now().astimezone(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"


def period() -> Period:
    end = counting.end_of(last_month())
    first = counting.first_day(last_month())
    return Period(datetime(first.year, first.month, 1, tzinfo=UTC), end)


@pytest.fixture(autouse=True)
def five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five are enough to be shown, so that a test needs few cases."""
    monkeypatch.setattr(counting, "LEAST_SHOWN", 5)


@pytest.fixture
def add(alice: Person, opened: Open, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Begins so many cases in the month before this one."""

    def make(country: str, threat: str = "", number: int = 1, by: Person = alice) -> list[UUID]:
        vault, made = opened(by), []
        then = period().since + timedelta(days=3)
        with monkeypatch.context() as earlier:
            earlier.setattr(clock, "now", lambda: then)
            for _each in range(number):
                about = About(line="Somebody at risk.", country=country, urgent="days", retention="usual")
                case = actions.found(by, vault, about, Happened(what="A visit.", source="person", certain="likely"))
                made.append(case)
                if threat:
                    seen = Threat(what=threat, words="By men", likely="low", impact="low", review_on=then.date())
                    actions.write(vault, case, seen, "account")
        return made

    return make


def told() -> dict[str, Fact]:
    return {one.key.split(":", 2)[2]: one for one in people.facts(period(), Gatherer())}


def test_who_counts_sees_cells_and_what_is_kept_are_blocks(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "detention", 2)
    add("Norvège", "legal", 3)
    add("FR", "", 1)
    add("IR", "detention", 1)
    cells = counting.cases_of(opened(alice), last_month()).kinds
    found = {(cell.place, cell.kind): count for cell, count in cells.items() if count}
    assert found == {("NO", "detention"): 2, ("NO", "legal"): 3, ("FR", ""): 1, ("034", "detention"): 1}
    row = counting.decide(alice, opened(alice), last_month())
    assert [block.total for block in counting.blocks_of([row])] == [7]
    assert all(f'"total": {count},' not in json.dumps(row.blocks) for count in (1, 2, 3, 5))


def test_a_large_place_is_told_and_small_ones_only_together(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "detention", 6)
    for country in ("FR", "DE", "IR", "EG"):
        add(country, "legal", 2)
    counting.decide(alice, opened(alice), last_month())
    facts = told()
    assert facts["all"].value is not None
    assert facts["all"].value.amount == 14
    assert facts["place:NO"].value is not None
    assert facts["place:NO"].value.amount == 6
    assert not {"place:FR", "place:DE", "place:034", "place:IR", "place:EG"} & set(facts)
    assert all(one.topic is Topic.PEOPLE and one.sources for one in facts.values())
    assert facts["all"].nature is Nature.COUNTED


def test_a_month_of_few_cases_is_said_to_be_withheld_and_not_nought(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "legal", 2)
    counting.decide(alice, opened(alice), last_month())
    (one,) = people.facts(period(), Gatherer())
    assert "nothing is shown" in one.says
    assert not any(char.isdigit() and char != "2" for char in one.says.replace(last_month()[:4], ""))


def test_a_month_that_nobody_counted_is_said_not_to_be_counted(alice: Person) -> None:
    (one,) = people.facts(period(), Gatherer())
    assert "not been counted yet" in one.says
    assert one.value is None


def test_only_cases_that_the_vault_opens_are_counted(alice: Person, bob: Person, opened: Open, add: Add) -> None:
    add("NO", "legal", 1)
    assert sum(counting.cases_of(opened(bob), last_month()).kinds.values()) == 0


def test_a_count_stands_for_good_whatever_is_written_later(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "detention", 5)
    counting.decide(alice, opened(alice), last_month())
    before = told()
    add("NO", "detention", 1)
    with pytest.raises(RefusedError):
        counting.decide(alice, opened(alice), last_month())
    assert told() == before


def test_a_cell_forbidden_by_hand_is_only_ever_counted_with_others(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "detention", 6)
    add("FR", "legal", 7)
    never = Forbidden(frozenset(Cell(last_month(), "NO", kind) for kind in counting.KINDS))
    counting.decide(alice, opened(alice), last_month(), never)
    assert "place:NO" not in told()
    assert "place:FR" not in told()
    assert "all" in told()


def test_who_opens_no_case_or_not_all_of_them_counts_no_month(
    alice: Person, vera: Person, opened: Open, add: Add
) -> None:
    with pytest.raises(RefusedError, match="Ask a colleague who is a member of all of them") as none:
        counting.decide(vera, opened(vera), last_month())
    add("NO", "legal", 5)
    with pytest.raises(RefusedError) as other:
        counting.decide(vera, opened(vera), last_month())
    assert other.value.message == none.value.message, "not even that there is a case can be learnt from it"
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.LEAD))
    add("FR", "legal", 1, dora)
    for person in (alice, dora):
        with pytest.raises(RefusedError):
            counting.decide(person, opened(person), last_month())
    assert not CountedMonth.objects.exists()


def test_this_month_and_who_may_not_release_are_refused(alice: Person, bob: Person, opened: Open) -> None:
    with pytest.raises(RefusedError):
        counting.decide(alice, opened(alice), f"{clock.now():%Y-%m}")
    with pytest.raises(RefusedError):
        counting.decide(bob, opened(bob), last_month())


def test_each_case_tells_its_owner_that_it_was_counted(alice: Person, opened: Open, add: Add) -> None:
    (case,) = add("NO")
    counting.cases_of(opened(alice), last_month())
    assert "counted" in {line["code"] for line in OpenSafe(opened(alice), case).read_log()}


def test_whole_months_alone_are_told() -> None:
    first, last = datetime(2026, 9, 2).date(), datetime(2026, 11, 30).date()
    assert counting.months_in(first, last) == ["2026-10", "2026-11"]
    assert counting.months_in(last - timedelta(days=6), last) == []


def test_no_table_holds_a_raw_count_after_counting(alice: Person, opened: Open, add: Add) -> None:
    add("NO", "surveillance", 2)
    add("FR", "harassment", 4)
    counting.decide(alice, opened(alice), last_month())
    row = CountedMonth.objects.get()
    assert [one["total"] for one in row.blocks] == [6]
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts FROM audit_entry WHERE verb = 'report.counted'")
        assert cursor.fetchall() in ([("{}",)], [({},)])


@pytest.fixture
def enter(opened: Open, browse: Callable[[Person], Client]) -> Callable[[Person], Client]:
    """A client signed in as a person, with their vault open in it."""

    def as_person(person: Person) -> Client:
        client = browse(person)
        client.cookies[settings.VAULT_COOKIE] = cookie_of(opened(person))
        return client

    return as_person


def test_a_lead_looks_forbids_and_counts_on_the_pages(alice: Person, enter: Callable[..., Client], add: Add) -> None:
    add("NO", "detention", 6)
    add("FR", "legal", 7)
    client, page = enter(alice), f"/reports/counting/{last_month()}/"
    assert page in client.get("/reports/counting/").text
    looked = client.get(page)
    assert "Norway, arrest or detention: 6" in looked.text
    assert "no-store" in looked["Cache-Control"]
    again = client.post(page, {"do": "look", "never": ["NO/detention"]})
    assert "checked" in again.text
    assert not CountedMonth.objects.exists()
    assert client.post(page, {"do": "count", "never": ["NO/detention"]}).status_code == 302
    assert CountedMonth.objects.count() == 1
    assert client.get(page).status_code == 404
    assert "<strong>13</strong>" in client.get("/reports/counting/").text


def test_the_newest_month_stands_first_and_earlier_ones_wait_folded(
    alice: Person, enter: Callable[..., Client]
) -> None:
    client = enter(alice)
    newest, *earlier = counting.waiting()
    waits = client.get("/reports/counting/").text.split('id="waiting"', 1)[1]
    shown, rest = waits.split("<details class=", 1)
    folded = rest.split("</details>", 1)[0]
    assert f"/reports/counting/{newest}/" in shown
    assert f"{len(earlier)} earlier months wait, too" in folded
    assert all(f"/reports/counting/{month}/" in folded and month not in shown for month in earlier)
    for month in earlier[1:]:
        CountedMonth.objects.create(month=month, least=10, decided_at=timezone.now())
    page = client.get("/reports/counting/").text
    assert "1 earlier month waits, too" in page
    assert f"{len(earlier) - 1} months are counted, and nothing of them is shown, for there were too few" in page
    CountedMonth.objects.create(month=earlier[0], least=10, decided_at=timezone.now())
    page = client.get("/reports/counting/").text
    assert f"/reports/counting/{newest}/" in page
    assert "wait, too" not in page
    assert "waits, too" not in page


def test_who_only_drafts_sees_what_was_counted_and_no_month_to_count(bob: Person, enter: Callable[..., Client]) -> None:
    client = enter(bob)
    assert client.get("/reports/counting/").status_code == 200
    assert client.get(f"/reports/counting/{last_month()}/").status_code in {403, 404}


def test_the_list_of_countries_is_read_by_who_drafts_and_changed_by_the_lead(
    alice: Person, bob: Person, charlie: Person, browse: Callable[[Person], Client]
) -> None:
    page = "/reports/counting/protected/"
    assert "Southern Asia" in browse(bob).get(page).text
    assert browse(charlie).get(page).status_code in {403, 404}
    browse(bob).post(page, {"codes": "NO", "reason": "Because"})
    assert "Northern Europe" not in browse(bob).get(page).text
    assert browse(alice).post(page, {"codes": "no, fr", "reason": "Because"}).status_code == 302
    assert "Northern Europe" in browse(bob).get(page).text


def test_help_by_country_is_told_as_one_table_with_what_threatened(alice: Person, opened: Open, add: Add) -> None:
    vault = opened(alice)
    helped = ["legal"] * 6 + ["safety", "mind", "digital"] * 2
    for country in ("FR", "DE", "IR", "EG"):
        add(country, "legal", 2)
    for number, case in enumerate(add("NO", "detention", 12)):
        for what, verb in (("money", "declined"), (helped[number], "taken")):
            row = actions.write(vault, case, Support(what=what, words="As we said."), "account")
            actions.do(vault, case, row, 1, next(one for one in Support.verbs if one.name == verb), {})
    counting.decide(alice, vault, last_month())
    facts = told()
    assert facts["support:NO/legal"].value is not None
    assert facts["support:NO/legal"].value.amount == 6
    assert [key for key in facts if key.startswith("support:")] == ["support:NO/legal"]
    table = support_table(list(facts.values()))
    assert table is not None
    assert [row["cells"] for row in table["rows"]] == [["Norway", "12", "6"]]
    assert table["columns"] == ["Country", "All cases", "a lawyer"]


def test_a_place_that_is_forbidden_in_one_table_is_told_in_neither(alice: Person, opened: Open, add: Add) -> None:
    for country in ("NO", "FR", "DE", "SE"):
        add(country, "detention", 6 if country == "NO" else 3)
    never = Forbidden(supports=frozenset(Cell(last_month(), "NO", one) for one in counting.SUPPORTS))
    counting.decide(alice, opened(alice), last_month(), never)
    assert not [key for key in told() if "NO" in key]
