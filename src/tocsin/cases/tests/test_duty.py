"""The duty sheet follows the rota in members' sessions, and who stands before a closed door learns what to do."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from tocsin.alerts import clock
from tocsin.alerts.accepting import WATCHES
from tocsin.alerts.circles import Circles
from tocsin.alerts.models import Alert, Knower, Policy, Rung, Target
from tocsin.cases import actions, checkins, members, work
from tocsin.cases.kinds.safety import DutySheet
from tocsin.cases.models import Deadline
from tocsin.cases.tests.conftest import Browse, Found, Know, checkin
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.oncall.models import Rota
from tocsin.oncall.tests.arranging import rota_of
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
SHEET = DutySheet(tonight="Call the lawyer.", call="Mara, +49 30 1", never="Her employer.")


@pytest.fixture
def policy() -> Policy:
    return Policy.objects.create(public_id="nights", name="Nights")


def _rota(policy: Policy, *people: Person) -> Rota:
    rota = rota_of(*people)
    rung = Rung.objects.create(policy=policy, position=0)
    Target.objects.create(policy=policy, rung=rung, kind=Target.Kind.ON_DUTY, rota=rota)
    return rota


def _case(opened: Open, found: Found, alice: Person, *others: tuple[Person, str]) -> UUID:
    case = found(alice, *others)
    actions.write(opened(alice), case, SHEET, "duty")
    actions.write(opened(alice), case, checkin(policy="nights"), "duty")
    return case


def _holders(opened: Open, person: Person, case: UUID) -> set[int]:
    return set(OpenSafe(opened(person), case).head.holders("duty"))


def test_opening_a_page_lets_in_whoever_is_on_duty_next_and_puts_out_who_left_the_rota(
    opened: Open, know: Know, enter: Browse, found: Found, policy: Policy, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = _case(opened, found, alice)
    rota = _rota(policy, bob)
    assert bob.pk not in _holders(opened, alice, case)
    enter(alice).get(reverse("desk"))
    assert bob.pk in _holders(opened, alice, case)
    assert enter(bob).get(reverse("cases:sheet", args=[case])).status_code == 200
    before = OpenSafe(opened(alice), case).head.epochs["duty"]
    rota.layers.all().delete()
    Target.objects.all().delete()
    Rung.objects.all().delete()
    _rota(policy, vera)
    enter(alice).get(reverse("cases:case", args=[case]))
    assert _holders(opened, alice, case) == {alice.pk, vera.pk}
    assert OpenSafe(opened(alice), case).head.epochs["duty"] > before
    assert enter(bob).get(reverse("cases:sheet", args=[case])).status_code == 404
    assert "Call the lawyer." in enter(vera).get(reverse("cases:sheet", args=[case])).text


def test_only_the_session_of_who_decides_who_is_in_the_case_changes_its_keys(
    opened: Open, know: Know, enter: Browse, found: Found, policy: Policy, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = _case(opened, found, alice, (bob, "caseworker"))
    _rota(policy, vera)
    for address in (reverse("cases:case", args=[case]), reverse("desk")):
        enter(bob).get(address)
    assert _holders(opened, alice, case) == {alice.pk, bob.pk}
    members.set_duty(opened(alice), case, [vera.pk], follows=False)
    for person in (vera, alice):
        enter(person).get(reverse("desk"))
    assert _holders(opened, alice, case) == {alice.pk, bob.pk, vera.pk}


def test_who_is_kept_out_left_out_or_not_compared_is_never_let_in_by_the_rota(
    opened: Open, know: Know, enter: Browse, found: Found, policy: Policy, alice: Person, bob: Person, vera: Person,
    charlie: Person,
) -> None:  # fmt: skip
    know(alice, bob, vera)
    opened(charlie)
    case = found(alice)
    actions.write(opened(alice), case, SHEET, "duty")
    members.keep_out(opened(alice), case, bob.pk, "In conflict.")
    actions.write(opened(alice), case, checkin(policy="nights"), "duty")
    _rota(policy, bob, vera, charlie)
    members.set_duty(opened(alice), case, [], follows=True)
    enter(alice).get(reverse("cases:case", args=[case]))
    assert _holders(opened, alice, case) == {alice.pk}
    page = enter(alice).get(reverse("cases:people", args=[case])).text
    for words in ("is kept out of this case", "not let in", "Compare keys with them: then they can"):
        assert words in page


def test_somebody_let_in_by_hand_stays_whatever_the_rota_says(
    opened: Open, know: Know, enter: Browse, found: Found, policy: Policy, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = _case(opened, found, alice)
    members.set_duty(opened(alice), case, [bob.pk])
    _rota(policy, vera)
    enter(alice).get(reverse("desk"))
    assert _holders(opened, alice, case) == {alice.pk, bob.pk, vera.pk}


def test_the_owner_is_warned_ahead_when_nobody_on_duty_can_open_it(
    opened: Open, enter: Browse, found: Found, policy: Policy, alice: Person, bob: Person
) -> None:
    case = _case(opened, found, alice)
    words = "nobody on duty can open the duty sheet"
    _rota(policy, bob)
    assert words in enter(alice).get(reverse("desk")).text
    assert words in enter(alice).get(reverse("cases:case", args=[case])).text
    assert "has no vault yet" in enter(alice).get(reverse("cases:people", args=[case])).text
    Target.objects.all().delete()
    Rung.objects.all().delete()
    _rota(policy, alice)
    assert words not in enter(alice).get(reverse("desk")).text


def _silence(number: UUID, *called: Person) -> Alert:
    Deadline.objects.filter(pk=number).update(due=clock.now() - timedelta(minutes=1))
    while work.step():
        pass
    alert = Alert.objects.get()
    for person in called:
        Knower.objects.create(alert=alert, person=person, why="told", at=clock.now())
    return alert


def test_silence_wakes_the_owner_before_the_policy_and_says_nothing_of_the_case(
    opened: Open, found: Found, policy: Policy, alice: Person, bob: Person
) -> None:
    case = _case(opened, found, alice)
    _rota(policy, bob)
    (row,) = Deadline.objects.all()
    assert row.wake == alice.pk
    alert = _silence(row.pk)
    assert [one.person_id for one in Knower.objects.filter(alert=alert, why=WATCHES)] == [alice.pk]
    assert str(case) not in alert.reference + alert.dedupe
    circles = Circles([alert], clock.now())
    first, then = circles.rungs(alert)[:2]
    assert circles.people(alert, first) == [alice]
    assert circles.people(alert, then) == [bob]


def test_another_owner_is_woken_once_the_first_is_out_and_nobody_where_that_was_chosen(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "owner"))
    row = actions.write(opened(alice), case, checkin(), "duty")
    assert Deadline.objects.get().wake == alice.pk
    checkins.heard(opened(bob), case, row, "lemon tree")
    assert Deadline.objects.get().wake == bob.pk
    actions.write(opened(alice), case, checkin(first=alice.pk), "duty")
    members.put_out(opened(bob), case, alice.pk)
    assert {one.wake for one in Deadline.objects.all()} == {bob.pk}
    Deadline.objects.all().delete()
    actions.write(opened(bob), case, checkin(first=0), "duty")
    assert Deadline.objects.get().wake is None
    assert "Whom silence wakes first" in enter(bob).get(reverse("cases:add", args=[case, "checkin"])).text


def test_who_was_called_and_holds_no_key_sees_whom_to_call_and_others_see_nothing(
    opened: Open, enter: Browse, browse: Browse, found: Found, alice: Person, bob: Person, vera: Person
) -> None:
    actions.write(opened(alice), found(alice), checkin(), "duty")
    number = Deadline.objects.get().pk
    _silence(number, bob)
    address = reverse("cases:called", args=[number])
    for client in (browse(bob), enter(bob)):
        page = client.get(address)
        assert page.status_code == 200
        assert "You can’t open this duty sheet" in page.text
        assert f"Call {alice.name} now" in page.text
    assert enter(vera).get(address).status_code == 404
    assert browse(vera).get(address).status_code == 302
    assert enter(bob).get(reverse("cases:called", args=[uuid4()])).status_code == 404
