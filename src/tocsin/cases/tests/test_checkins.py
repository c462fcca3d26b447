"""Check-ins: what stands in clear, what silence does, and a word that looks like any other."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tocsin.alerts import clock
from tocsin.alerts.models import Alert, Knower, Lane, Policy, Rung, Subject, Target
from tocsin.cases import actions, checkins, members, work
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.safety import CheckIn, Duress
from tocsin.cases.models import Deadline, Outcome
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Browse, Found, Know, checkin, only, read, soon
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def _steps() -> None:
    while work.step():
        pass


def _overdue() -> None:
    Deadline.objects.update(due=clock.now() - timedelta(minutes=1))


def test_in_clear_stand_a_random_id_a_moment_and_a_policy(opened: Open, found: Found, alice: Person) -> None:
    case = found(alice)
    actions.write(opened(alice), case, checkin(), "duty")
    (row,) = Deadline.objects.values()
    assert row.keys() == {"id", "due", "policy", "wake", "called"}
    assert row["id"] != case
    assert abs(row["due"] - soon() - timedelta(minutes=30)) < timedelta(minutes=1)
    with pytest.raises(WrongError):
        actions.write(opened(alice), case, checkin(next_at=soon(-1)), "duty")


def test_a_safe_word_moves_the_moment_and_tells_nobody(opened: Open, found: Found, alice: Person) -> None:
    case = found(alice)
    row = actions.write(opened(alice), case, checkin(), "duty")
    before = Deadline.objects.get()
    checkins.heard(opened(alice), case, row, "  Lemon   TREE ")
    after = Deadline.objects.get()
    assert after.pk != before.pk
    assert after.due - before.due == timedelta(hours=24)
    assert not Alert.objects.exists()
    assert [one.result for one in Outcome.objects.all()] == ["met"]
    with pytest.raises(RefusedError):
        checkins.heard(opened(alice), case, row, "hello")
    assert Deadline.objects.get() == after


def test_silence_calls_once_in_the_lane_for_life_and_says_nothing(opened: Open, found: Found, alice: Person) -> None:
    case = found(alice)
    row = actions.write(opened(alice), case, checkin(), "duty")
    _steps()
    assert not Alert.objects.exists()
    _overdue()
    _steps()
    _steps()
    alert = Alert.objects.get()
    assert (alert.lane, alert.named, alert.kind) == (Lane.LIFE, True, "case")
    assert str(case) not in alert.reference + alert.dedupe
    assert [one.person for one in Knower.objects.filter(alert=alert)] == [alice]
    checkins.heard(opened(alice), case, row, "lemon tree")
    assert [one.result for one in Outcome.objects.all()] == ["late"]
    assert Deadline.objects.get().called is False


def test_a_moment_that_is_corrected_is_the_one_that_calls(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    case = found(alice)
    row = actions.write(opened(alice), case, checkin(), "duty")
    before, later = Deadline.objects.get(), soon(5)
    _entry, what = only(opened(alice), case, CheckIn)
    with pytest.raises(WrongError):
        actions.correct(opened(alice), case, row, 1, replace(what, next_at=soon(-1)))
    assert Deadline.objects.get() == before
    actions.correct(opened(alice), case, row, 1, replace(what, channel="Mail"))
    assert Deadline.objects.get() == before
    actions.correct(opened(alice), case, row, 2, replace(what, next_at=later, grace_minutes=10))
    after = Deadline.objects.get()
    assert (after.due, after.wake) == (later + timedelta(minutes=10), alice.pk)
    _entry, what = only(opened(alice), case, CheckIn)
    assert (what.deadline, what.earlier[-1]) == (str(after.pk), str(before.pk))
    assert not Outcome.objects.exists()
    address = reverse("cases:called", args=[before.pk])
    assert enter(alice).get(address).status_code == 302
    with pytest.raises(RefusedError):
        actions.correct(opened(alice), case, row, 2, replace(what, next_at=soon(9)))
    assert Deadline.objects.get() == after


def test_a_deadline_whose_case_is_out_of_reach_still_calls(opened: Open, found: Found, alice: Person) -> None:
    """The worker holds no key, and no vault needs to be open."""
    actions.write(opened(alice), found(alice), checkin(), "duty")
    _overdue()
    _steps()
    assert Alert.objects.count() == 1


def test_the_duress_word_answers_as_the_safe_word_does_and_calls_at_once(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    case = found(alice)
    client = enter(alice)
    pages = []
    for word in ("lemon tree", "blue bicycle"):
        row = actions.write(opened(alice), case, checkin(), "duty")
        answer = client.post(reverse("cases:heard", args=[case, row]), {"word": word}, follow=True)
        pages.append((answer.status_code, answer.redirect_chain, "Noted." in answer.text))
        tab = client.get(reverse("cases:compartment", args=[case, "duty"])).text
        assert "duress word came" not in tab.lower()
        _close(opened, alice, case, row)
    assert pages[0] == pages[1]
    alert = Alert.objects.get()
    assert (alert.lane, alert.named, alert.kind) == (Lane.LIFE, True, "case")
    sheet = client.get(reverse("cases:sheet", args=[case])).text
    assert "They are not free" in sheet
    entry, _what = only(opened(alice), case, Duress)
    assert entry.compartment == "duty"


def _close(opened: Open, alice: Person, case: UUID, row: UUID) -> None:
    one = next(one for one in read(opened(alice), case) if one.id == row)
    verb = next(verb for verb in one.what.verbs if verb.name == "end")
    actions.do(opened(alice), case, row, one.version, verb, {"ended_why": "Done."})


def test_an_alert_leads_whoever_holds_the_sheet_to_it_and_nobody_else(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = found(alice)
    members.set_duty(opened(alice), case, [bob.pk])
    actions.write(opened(alice), case, checkin(), "duty")
    number = Deadline.objects.get().pk
    _overdue()
    _steps()
    address = reverse("cases:called", args=[number])
    went = enter(bob).get(address)
    assert went.status_code == 302
    assert went["Location"] == reverse("cases:sheet", args=[case])
    assert enter(bob).get(went["Location"]).status_code == 200
    assert enter(vera).get(address).status_code == 404


def test_a_check_in_is_not_agreed_on_when_silence_would_call_who_is_kept_out(
    opened: Open, know: Know, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice)
    policy = Policy.objects.create(public_id="nights", name="Nights")
    rung = Rung.objects.create(policy=policy, position=0)
    Target.objects.create(policy=policy, rung=rung, kind=Target.Kind.PERSON, person=bob)
    members.keep_out(opened(alice), case, bob.pk, "In conflict.")
    with pytest.raises(RefusedError):
        actions.write(opened(alice), case, checkin(policy="nights"), "duty")
    assert not Deadline.objects.exists()
    assert not Subject.objects.exists()


def test_a_check_in_that_is_over_leaves_no_deadline(opened: Open, found: Found, alice: Person) -> None:
    case = found(alice)
    row = actions.write(opened(alice), case, checkin(every_hours=0), "duty")
    checkins.heard(opened(alice), case, row, "lemon tree")
    assert not Deadline.objects.exists()
    _entry, what = only(opened(alice), case, CheckIn)
    assert not what.is_open


def test_whoever_looks_at_an_alert_is_offered_the_duty_sheet(
    opened: Open,
    know: Know,
    browse: Browse,
    found: Found,
    alice: Person,
) -> None:
    case = found(alice)
    actions.write(opened(alice), case, checkin(), "duty")
    _overdue()
    _steps()
    alert = Alert.objects.get()
    client: Client = browse(alice)
    page = client.get(reverse("alerts:alert", args=[alert.public_id])).text
    assert "Duty sheet" in page
    assert reverse("cases:called", args=[alert.reference.partition(":")[2]]) in page
