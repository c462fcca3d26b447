"""Policies: what they would call, what is weak about them, and changing them without scripts and without loss."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

import pytest
from django.test import Client

from tocsin.alerts import policies, rulebook
from tocsin.alerts.actions import New, RefusedError, accept, resolve, rule
from tocsin.alerts.ahead import stairs
from tocsin.alerts.models import Alert, Integration, Lane, Policy, Severity, Target
from tocsin.alerts.policies import Aim, Draft, Step
from tocsin.alerts.tests.drums import Drums, address
from tocsin.alerts.warnings import warnings
from tocsin.audit.models import Entry
from tocsin.oncall import actions as oncall
from tocsin.oncall.actions import RefusedError as OncallRefusedError
from tocsin.oncall.models import Layer, LayerPerson, Rota
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
LEADS = Aim(Target.Kind.ROLE, role=int(Role.LEAD))


def person_aim(person: Person) -> Aim:
    return Aim(Target.Kind.PERSON, person=person.pk)


@pytest.fixture
def rota(bob: Person) -> Rota:
    made = Rota.objects.create(public_id="rota1", name="Nights")
    layer = Layer.objects.create(rota=made, position=0, starts_on=date(2026, 1, 5), handover_at=time(8))
    LayerPerson.objects.create(layer=layer, person=bob, position=0)
    return made


def test_stairs_say_who_is_called_after_how_long(policy: Policy, alice: Person, bob: Person) -> None:
    found = stairs(policy, Lane.WAKE)
    assert [(step.after_minutes, [one.person for one in step.people]) for step in found.steps] == [
        (0, [bob]),
        (5, [alice]),
    ]
    assert found.round_minutes == 10
    assert found.first[0].ways == 2
    assert found.wider_after_minutes == 25


def test_a_draft_written_and_read_again_is_the_same(alice: Person, bob: Person, rota: Rota) -> None:
    draft = Draft(
        "Nights",
        (Step(3, (Aim(Target.Kind.ON_DUTY, rota="rota1"),)), Step(7, (Aim(Target.Kind.NEXT, rota="rota1"), LEADS))),
        wider=(person_aim(bob),), wider_after=3, remind_minutes=60, drill_weekday=2, drill_hour=9,
        time_zone="Africa/Lagos",
    )  # fmt: skip
    made = policies.create(alice, draft)
    assert policies.draft_of(made) == draft
    shorter = replace(draft, steps=draft.steps[:1])
    assert policies.change(alice, made, shorter) == draft
    assert policies.draft_of(made) == shorter
    assert [one.verb for one in Entry.objects.filter(verb__startswith="policy.")] == ["policy.create", "policy.change"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"steps": ()},
        {"steps": (Step(5, ()),)},
        {"steps": (Step(0, (LEADS,)),)},
        {"steps": (Step(5, (Aim(Target.Kind.PERSON, person=2**40),)),)},
        {"steps": (Step(5, (Aim(Target.Kind.ON_DUTY, rota="nothere"),)),)},
        {"steps": (Step(5, (Aim(Target.Kind.ROLE, role=4096),)),)},
        {"remind_minutes": 1},
        {"drill_weekday": 7},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_what_could_not_work_is_refused_and_changes_nothing(policy: Policy, alice: Person, wrong: dict) -> None:  # type: ignore[type-arg]
    before = policies.draft_of(policy)
    with pytest.raises(RefusedError):
        policies.change(alice, policy, replace(before, **wrong))
    assert policies.draft_of(Policy.objects.get(pk=policy.pk)) == before


def test_only_who_arranges_duty_changes_policies(policy: Policy, bob: Person, browse: Browse) -> None:
    with pytest.raises(RefusedError):
        policies.create(bob, policies.draft_of(policy))
    client = browse(bob)
    assert client.get(f"/alerts/policies/{policy.public_id}/").status_code == 200
    assert client.get(f"/alerts/policies/{policy.public_id}/edit/").status_code == 403
    assert client.post(f"/alerts/policies/{policy.public_id}/end").status_code == 403


def test_what_is_used_does_not_end_and_what_ended_comes_back(policy: Policy, alice: Person) -> None:
    other = policies.create(alice, Draft("Other", (Step(5, (LEADS,)),)))
    with pytest.raises(RefusedError, match="default"):
        policies.end(alice, policy)
    alert = accept(New(kind="x", severity=Severity.MINOR, lane=Lane.WAKE, dedupe="x", policy=other)).alert
    with pytest.raises(RefusedError, match="still uses"):
        policies.end(alice, other)
    resolve(alert, alice, Alert.Outcome.TRUE)
    used = Integration.objects.create(
        public_id="i",
        name="I",
        shape="cap",
        token_hash="h",
        rule=rule("i", "I"),
        made_at=alert.accepted_at,
        policy=other,
    )
    with pytest.raises(RefusedError, match="integration"):
        policies.end(alice, other)
    used.delete()
    policies.end(alice, other)
    with pytest.raises(RefusedError, match="ended"):
        policies.set_default(alice, Policy.objects.get(pk=other.pk))
    policies.bring_back(alice, other)
    policies.set_default(alice, other)
    assert Policy.objects.get(is_default=True) == other


def test_a_rota_that_a_policy_calls_does_not_end(policy: Policy, alice: Person, rota: Rota, browse: Browse) -> None:
    target = Target.objects.filter(policy=policy)[0]
    Target.objects.filter(pk=target.pk).update(kind=Target.Kind.ON_DUTY, person=None, rota=rota)
    with pytest.raises(OncallRefusedError, match="A policy still calls whoever is on duty here"):
        oncall.end_rota(alice, rota)
    said = browse(alice).post(f"/duty/{rota.public_id}/end/", follow=True).content.decode()
    assert "A policy still calls whoever is on duty here" in said
    rota.refresh_from_db()
    assert rota.ended_at is None
    assert not Layer.objects.filter(rota=rota, closed_at__isnull=False).exists()
    Target.objects.filter(rota=rota).delete()
    oncall.end_rota(alice, rota)
    rota.refresh_from_db()
    assert rota.ended_at is not None


def test_what_is_weak_is_said(policy: Policy, alice: Person, bob: Person, drums: Drums, rota: Rota) -> None:
    assert warnings(policy) == []
    drums["signal"].wakes = drums["sms"].wakes = False
    assert "Bob can’t be woken" in warnings(policy)[0].replace("'", "’")
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.RESPONDER))
    rota.layers.update(weekdays=1)
    lonely = Draft(
        "Lonely",
        (Step(5, (person_aim(eve),)), Step(5, ()), Step(5, (Aim(Target.Kind.NEXT, rota="rota1"), person_aim(bob)))),
    )
    said = " ".join(warnings(policies.create(alice, lonely)))
    for words in ("Nobody stands on step 2", "rota “Nights” at some hours"):
        assert words in said
    address(eve, "mail")
    del drums.of["sms"], drums.of["signal"]
    drums.of.pop("mail")
    nobody = policies.create(alice, Draft("Nobody", (Step(5, (person_aim(bob),)),)))
    assert "Nobody on it can be reached now" in warnings(nobody)[0]


def test_everything_that_hangs_on_one_person_is_said(alice: Person, bob: Person, drums: Drums) -> None:
    alone = policies.create(alice, Draft("Alone", (Step(5, (person_aim(bob),)), Step(5, (person_aim(bob),)))))
    assert warnings(alone)[-1] == "Everything hangs on Bob alone."


def form(page: str) -> dict[str, list[str]]:
    """What a browser would send of the editor's form."""
    sent: dict[str, list[str]] = {}
    inside = page.split('<form method="post" class="form"')[1].split("</form>")[0]
    for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside):
        sent.setdefault(name, []).append(value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent.setdefault(name, []).append(chosen[1] if chosen else "")
    return sent


def test_the_editor_adds_moves_and_saves_without_scripts(
    policy: Policy, browse: Browse, alice: Person, bob: Person
) -> None:
    client, edit = browse(alice), f"/alerts/policies/{policy.public_id}/edit/"
    before = policies.draft_of(policy)
    sent = form(client.get(edit).content.decode())
    assert sent["aim-0"] == [f"person:{bob.pk}", ""]
    sent["aim-0"][1] = f"role:{int(Role.LEAD)}"
    page = client.post(edit, {**sent, "do": "more:0"}).content.decode()
    sent = form(page)
    assert sent["aim-0"] == [f"person:{bob.pk}", f"role:{int(Role.LEAD)}", ""]
    sent = form(client.post(edit, {**sent, "do": "step"}).content.decode())
    assert sent["steps"] == ["3"]
    sent["aim-2"], sent["wait-2"] = [f"person:{alice.pk}"], ["9"]
    sent = form(client.post(edit, {**sent, "do": "up:2"}).content.decode())
    assert (sent["aim-1"], sent["wait-1"]) == ([f"person:{alice.pk}", ""], ["9"])
    sent = form(client.post(edit, {**sent, "do": "unaim:0.1"}).content.decode())
    sent = form(client.post(edit, {**sent, "do": "unstep:2"}).content.decode())
    assert policies.draft_of(policy) == before, "nothing holds before it is saved"
    sent["name"] = ["Another name"]
    assert client.post(edit, {**sent, "do": "save"}).status_code == 302
    after = policies.draft_of(Policy.objects.get(pk=policy.pk))
    assert after.name == "Another name"
    assert [step.aims for step in after.steps] == [(person_aim(bob),), (person_aim(alice),)]
    client.post(f"/alerts/policies/{policy.public_id}/undo")
    assert policies.draft_of(Policy.objects.get(pk=policy.pk)) == before


def test_the_editor_says_what_is_wrong_and_keeps_what_was_written(
    policy: Policy, browse: Browse, alice: Person
) -> None:
    client, edit = browse(alice), "/alerts/policies/new/"
    sent = form(client.get(edit).content.decode())
    sent["name"] = ["Mine"]
    answer = client.post(edit, {**sent, "do": "save"})
    assert answer.status_code == 422
    assert "Say on one step at least whom it calls" in answer.content.decode()
    assert form(answer.content.decode())["name"] == ["Mine"]
    assert client.post(edit, {"do": "save", "steps": "99999999999", "aim-0": "person:x"}).status_code == 422


def test_a_list_of_policies_draws_stairs_and_warnings(policy: Policy, browse: Browse, alice: Person) -> None:
    page = browse(alice).get("/alerts/policies/").content.decode()
    assert 'class="stairs"' in page
    assert "again from the first" in page
    policies.create(alice, Draft("Empty steps", (Step(5, ()), Step(5, (LEADS,)))))
    assert "Nobody stands on step 1 now" in browse(alice).get("/alerts/policies/").content.decode()


def test_a_range_is_wide_for_few_judgements_and_narrow_for_many() -> None:
    # Values of the published formula, for 0 of 4, 10 of 20 and 20 of 20.
    assert list(rulebook.wilson(0, 4)) == pytest.approx([0.0, 0.4899], abs=1e-4)
    assert list(rulebook.wilson(10, 20)) == pytest.approx([0.2993, 0.7007], abs=1e-4)
    assert list(rulebook.wilson(20, 20)) == pytest.approx([0.8389, 1.0], abs=1e-4)
    assert rulebook.wilson(0, 0) == (0.0, 1.0)


def test_a_rule_that_was_wrong_too_often_stops_until_somebody_trusts_it(
    policy: Policy, browse: Browse, alice: Person, bob: Person
) -> None:
    noisy = rule("noisy", "Noisy rule")
    for number in range(4):
        new = New(kind="x", severity=Severity.MINOR, lane=Lane.WAKE, dedupe=str(number), rule=noisy)
        resolve(accept(new).alert, alice, Alert.Outcome.FALSE if number else Alert.Outcome.TRUE)
    page = " ".join(browse(bob).get("/alerts/rules/").content.decode().split())
    assert "stopped: it wakes nobody" in page
    assert "right 1 of 4 times" in page
    assert "4 of 7 pages this week" in page
    assert "Let it wake again" not in page
    client, own = browse(alice), f"/alerts/rules/{noisy.pk}/"
    assert "Its last alerts" in client.get(own).content.decode()
    assert "no longer counts against it" in client.get(f"{own}trust/").content.decode()
    client.post(f"{own}trust/")
    noisy.refresh_from_db()
    assert noisy.may_wake
    assert "not judged yet" in client.get(own).content.decode()
    client.post(f"{own}budget", {"per_week": "3"})
    noisy.refresh_from_db()
    assert noisy.budget_per_week == 3
    assert "Choose between" in client.post(f"{own}budget", {"per_week": "-1"}, follow=True).content.decode()
