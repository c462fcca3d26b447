"""An ally is turned to only while somebody has made sure of them lately; each step is remembered and can be undone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.alerts import clock
from tocsin.alerts.tests.conftest import Time
from tocsin.alliances import actions
from tocsin.alliances.drafts import ReachDraft
from tocsin.alliances.models import Again, Contact, Event, Reach, Slice, Verification
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.tests.conftest import Makes, draft, sure
from tocsin.audit.models import Entry
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def why(row: Contact) -> str:
    return actions.usable(Contact.objects.get(pk=row.pk), clock.now()).why


def test_one_who_is_only_proposed_needs_a_reason(proposed: Makes) -> None:
    row = proposed()
    found = actions.usable(row, clock.now())
    assert (found.ok, found.may_override) == (False, True)
    with pytest.raises(RefusedError, match="proposed"):
        actions.require_usable(row, clock.now(), "short")
    assert actions.require_usable(row, clock.now(), "Nobody else speaks Dinka.") == found


def test_a_verification_vets_until_its_day(vetted: Makes, alice: Person, time: Time) -> None:
    row = vetted(days=30)
    assert (row.state, why(row)) == ("vetted", "")
    time.passes(days=31)
    assert "again" in why(row)
    actions.verify(alice, row, sure())
    assert why(row) == ""


def test_who_is_suspended_or_let_go_is_never_turned_to_whatever_the_reason(vetted: Makes, alice: Person) -> None:
    row = actions.suspend(alice, vetted(), "Their phone was taken.")
    with pytest.raises(RefusedError, match="phone was taken"):
        actions.require_usable(row, clock.now(), "But they are the only ones.")
    row = actions.let_go(alice, row, "They stopped practising.")
    with pytest.raises(RefusedError, match="let go"):
        actions.require_usable(row, clock.now(), "But they are the only ones.")


def test_another_number_or_name_asks_for_a_new_verification(vetted: Makes, alice: Person, rosa: Person) -> None:
    row = vetted()
    actions.set_reach(alice, row, ReachDraft("Signal +254 711 111 111", "By day only."))
    assert "changed" in why(row)
    actions.verify(alice, row, sure())
    assert why(row) == ""
    actions.change(alice, row, draft(rosa, help_words="Criminal law."))
    assert why(row) == ""
    actions.change(alice, row, draft(rosa, help_words="Criminal law.", name="Amina O."))
    assert "changed" in why(row)


def test_a_verification_that_fails_suspends(vetted: Makes, alice: Person) -> None:
    row = vetted()
    actions.verify(alice, row, sure(outcome="fails", next_due=None))
    row.refresh_from_db()
    assert row.state == "suspended"
    with pytest.raises(RefusedError, match="failed"):
        actions.lift(alice, row, "It was a mistake.")
    actions.verify(alice, row, sure())
    assert actions.lift(alice, row, "It was a mistake.").state == "vetted"


def test_each_step_can_be_undone_in_its_turn(proposed: Makes, alice: Person) -> None:
    row = proposed()
    actions.verify(alice, row, sure(days=30))
    actions.suspend(alice, row, "Their phone was taken.")
    actions.let_go(alice, row, "They stopped practising.")
    states = [actions.undo(alice, row).state for _ in range(3)]
    assert states == ["suspended", "vetted", "proposed"]
    assert Verification.objects.get().undone_at is not None
    row.refresh_from_db()
    assert (row.verified_at, row.next_due) == (None, None)
    with pytest.raises(RefusedError, match="nothing to undo"):
        actions.undo(alice, row)


def test_undoing_does_not_hide_that_a_number_was_changed_since(vetted: Makes, alice: Person) -> None:
    row = vetted()
    actions.suspend(alice, row, "Their phone was taken.")
    actions.set_reach(alice, row, ReachDraft("Signal +254 711 111 111"))
    actions.undo(alice, row)
    assert "changed" in why(row)


def test_suspending_recalls_what_was_shared(vetted: Makes, alice: Person) -> None:
    row = vetted()
    link = actions.make_slice(row, b"Please call.", clock.now() + timedelta(days=1), alice)
    actions.suspend(alice, row, "Their phone was taken.")
    kept = Slice.objects.get(public_id=link.slice)
    assert (bytes(kept.blob), kept.recalled_at is not None) == (b"", True)


def test_taken_back_they_are_vetted_anew(vetted: Makes, alice: Person) -> None:
    row = actions.let_go(alice, vetted(), "They stopped practising.")
    row = actions.take_back(alice, row, "They practise again.")
    assert (row.state, row.verified_at) == ("proposed", None)


def test_who_is_erased_leaves_nothing_but_the_record(vetted: Makes, alice: Person) -> None:
    row = vetted()
    with pytest.raises(RefusedError, match="Let them go"):
        actions.forget(alice, row)
    actions.let_go(alice, row, "They stopped practising.")
    actions.forget(alice, row)
    for model in (Contact, Reach, Verification, Event, Slice, Again):
        assert not model._default_manager.exists()
    assert Entry.objects.filter(verb="ally.forget").exists()
    assert not any("Amina" in str(one.facts) + one.purpose for one in Entry.objects.all())


@pytest.mark.parametrize(
    "more",
    [{"identity": "not"}, {"identity": "maybe"}, {"how": "ok"}, {"next_due": None}, {"outcome": ""}, {"days": 0},
     {"days": 800}],
)  # fmt: skip
def test_a_verification_that_claims_too_much_is_refused(
    more: dict[str, object], proposed: Makes, alice: Person
) -> None:
    row = proposed()
    with pytest.raises(RefusedError, match=r".{10,}"):
        actions.verify(alice, row, sure(**more))  # type: ignore[arg-type]
    assert not Verification.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 121), ("kinds", ()), ("kinds", ("friend",)), ("helps", ("magic",)),
     ("countries", ("ZZ",)), ("regions", ("999",)), ("languages", ("Klingonisch!",)), ("within_hours", 0),
     ("tlp", "secret"), ("fees", "lots"), ("owner", 0)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(field: str, value: object, rosa: Person) -> None:
    with pytest.raises(RefusedError) as refused:
        actions.propose(rosa, replace(draft(rosa), **{field: value}), ReachDraft(), "k3v9x2mw7q")  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not Contact.objects.exists()


def test_a_second_tap_and_a_second_of_the_same_name_add_nobody(rosa: Person, proposed: Makes) -> None:
    first = actions.propose(rosa, draft(rosa), ReachDraft(), "k3v9x2mw7q")
    assert actions.propose(rosa, draft(rosa), ReachDraft(), "k3v9x2mw7q") == first
    with pytest.raises(RefusedError, match="already"):
        proposed(name="AMINA ODERA")
    assert Contact.objects.count() == 1


def test_who_may_only_read_changes_nothing(vetted: Makes, rosa: Person, sam: Person) -> None:
    row = vetted()
    for act in (
        lambda: actions.verify(rosa, row, sure()),
        lambda: actions.suspend(rosa, row, "I do not like them."),
        lambda: actions.change(rosa, row, draft(rosa, name="Other")),
        lambda: actions.set_reach(rosa, row, ReachDraft("Mallory")),
        lambda: actions.undo(rosa, row),
        lambda: actions.propose(sam, draft(rosa, name="Other"), ReachDraft(), "k3v9x2mw7q"),
    ):
        with pytest.raises(RefusedError, match="roles"):
            act()


def test_every_act_stands_in_the_record(vetted: Makes, alice: Person) -> None:
    row = vetted()
    actions.suspend(alice, row, "Their phone was taken.")
    entries = list(Entry.objects.order_by("pk"))
    assert [one.verb for one in entries] == ["ally.propose", "ally.verify", "ally.suspended"]
    assert {one.target for one in entries} == {f"ally:{row.public_id}"}
    assert not any("phone" in str(one.facts) + one.purpose for one in entries)
