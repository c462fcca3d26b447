"""A quorum of custodians gives a safe to a named person, after everybody heard of it; fewer can't, and nobody else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tocsin.alerts.models import Notice
from tocsin.keys import custodians, finishing, losses, recovery, safes, sealing, vaults, work
from tocsin.keys.custodians import BarredError, QuorumError
from tocsin.keys.finishing import TooFewError
from tocsin.keys.heads import Member
from tocsin.keys.losses import Why
from tocsin.keys.models import Consent, Custody, Link, Recovery, Row, Share, Wrap
from tocsin.keys.recovery import Asked, NotNowError
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import UnverifiedError
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Team:
    """Alice founded a safe with two rows; Bob, Vera and Charlie keep its shares, two of them enough. Erin is free."""

    opened: Open
    safe: UUID
    alice: Person
    keepers: list[Person]
    erin: Person

    def ask(self, by: Person, **words: Any) -> UUID:
        asked = Asked(**{"holder": self.erin.pk, "reason": "She lost her words.", **words})
        return recovery.ask(self.opened(by), self.safe, asked)

    def agree(self, asking: UUID, count: int) -> None:
        for person in self.keepers[:count]:
            recovery.agree(self.opened(person), asking)

    def lose_words(self) -> None:
        """Alice loses hers, and makes new keys."""
        vaults.make(self.alice.pk)

    def texts(self, person: Person) -> list[str]:
        return sorted(one.body["text"] for one in OpenSafe(self.opened(person), self.safe).records())


@pytest.fixture
def delay(settings: Any) -> Callable[[int], None]:
    def of(hours: int) -> None:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, recovery_hours=hours)

    of(0)
    return of


@pytest.fixture
def team(
    opened: Open,
    know: Callable[..., None],
    delay: object,
    alice: Person,
    bob: Person,
    vera: Person,
    charlie: Person,
) -> Team:
    erin = Person.objects.create(email="erin@example.org", name="Erin")
    know(alice, bob, vera, charlie, erin)
    safe = safes.found(opened(alice), "case", ["account", "identity"], "owner").id

    def fill(one: OpenSafe) -> None:
        one.add("account", {"text": "What happened."})
        one.add("identity", {"text": "Her name."})
        one.set_custodians([bob.pk, vera.pk, charlie.pk], 2)

    safes.changing(opened(alice), safe, fill)
    return Team(opened, safe, alice, [bob, vera, charlie], erin)


def test_any_two_of_three_bring_a_safe_back_and_one_does_not(team: Team) -> None:
    team.lose_words()
    asking = team.ask(team.keepers[0])
    team.agree(asking, 1)
    with pytest.raises(TooFewError):
        finishing.finish(team.opened(team.erin), asking, [team.alice.pk])
    with pytest.raises(NotInError):
        OpenSafe(team.opened(team.erin), team.safe)
    recovery.agree(team.opened(team.keepers[2]), asking)
    came = finishing.finish(team.opened(team.erin), asking, [team.alice.pk])
    assert team.texts(team.erin) == ["Her name.", "What happened."]
    assert all(number == 2 for number in came.head.epochs.values())
    assert Wrap.objects.filter(person=team.alice.pk).count() == 0
    assert [line["code"] for line in came.read_log()][-1] == "recovered"
    assert not Consent.objects.exists()


def test_who_stays_in_it_goes_on_reading_and_sees_that_it_happened(team: Team) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 2)
    finishing.finish(team.opened(team.erin), asking)
    assert team.texts(team.alice) == ["Her name.", "What happened."]
    codes = [line["code"] for line in OpenSafe(team.opened(team.alice), team.safe).read_log()]
    assert codes == ["recovery asked", "recovery agreed", "recovery agreed", "recovered"]
    again = safes.changing(team.opened(team.alice), team.safe, lambda one: one.reseal())
    assert again == 0
    assert not Row.objects.filter(epoch=1).exists()


def test_what_was_written_before_a_member_left_is_recovered_too(team: Team) -> None:
    """The new epoch's shares hold the keys of rows that were not renewed yet."""

    def come_and_go(one: OpenSafe) -> None:
        one.let_in(team.keepers[0].pk, ["account"])

    safes.changing(team.opened(team.alice), team.safe, come_and_go)
    safes.changing(team.opened(team.alice), team.safe, lambda one: one.put_out(team.keepers[0].pk))
    assert Row.objects.filter(epoch=1, compartment="account").exists()
    team.lose_words()
    asking = team.ask(team.keepers[1])
    team.agree(asking, 3)
    finishing.finish(team.opened(team.erin), asking, [team.alice.pk])
    assert team.texts(team.erin) == ["Her name.", "What happened."]


def test_everybody_concerned_is_told_at_once_and_without_content(team: Team) -> None:
    asking = team.ask(team.keepers[0])
    told = Notice.objects.filter(reference=f"keys:{asking.hex}")
    assert {one.person_id for one in told} == {team.alice.pk, team.keepers[1].pk, team.keepers[2].pk, team.erin.pk}
    assert {(one.words, one.own_words) for one in told} == {("keys", "")}


def test_the_reason_is_read_by_custodians_and_members_alone(team: Team) -> None:
    row = Recovery.objects.get(pk=team.ask(team.keepers[0]))
    for person in (team.alice, *team.keepers):
        assert recovery.reason(team.opened(person), row) == "She lost her words."
    assert recovery.reason(team.opened(team.erin), row) == ""
    assert "lost" not in str(row.reasons)


def test_nothing_is_handed_on_before_the_delay_is_over(team: Team, delay: Callable[[int], None]) -> None:
    delay(24)
    asking = team.ask(team.keepers[0])
    with pytest.raises(NotNowError, match="early"):
        recovery.agree(team.opened(team.keepers[0]), asking)
    # The server sets the clock of the asking back: what was signed says otherwise.
    Recovery.objects.filter(pk=asking).update(due_at=timezone.now())
    with pytest.raises(TamperError):
        recovery.agree(team.opened(team.keepers[0]), asking)


@pytest.mark.parametrize("who", ["member", "custodian"])
def test_anybody_in_it_and_any_custodian_stops_it(team: Team, who: str) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 2)
    recovery.stop(team.opened(team.alice if who == "member" else team.keepers[2]), asking)
    with pytest.raises(NotNowError):
        finishing.finish(team.opened(team.erin), asking, [team.alice.pk])
    with pytest.raises(NotNowError):
        recovery.stop(team.opened(team.alice), asking)


def test_strangers_ask_for_nothing_see_nothing_and_stop_nothing(team: Team) -> None:
    with pytest.raises(NotInError):
        team.ask(team.erin)
    with pytest.raises(NotInError):
        recovery.ask(team.opened(team.erin), UUID(int=1), Asked(team.erin.pk, "Please."))
    asking = team.ask(team.keepers[0], holder=team.keepers[1].pk)
    assert recovery.concerning(team.erin.pk) == []
    for act in (recovery.stop, recovery.agree, finishing.finish):
        with pytest.raises(NotInError):
            act(team.opened(team.erin), asking)


def test_a_conflicted_person_keeps_no_share_and_is_given_nothing(team: Team) -> None:
    with pytest.raises(BarredError):
        OpenSafe(team.opened(team.alice), team.safe).set_custodians(
            [one.pk for one in team.keepers], 2, [team.keepers[0].pk]
        )
    people = [one.pk for one in team.keepers]
    safes.changing(team.opened(team.alice), team.safe, lambda one: one.set_custodians(people, 2, [team.erin.pk]))
    asking = team.ask(team.keepers[0])
    with pytest.raises(BarredError):
        recovery.agree(team.opened(team.keepers[0]), asking)


@pytest.mark.parametrize(("count", "quorum"), [(1, 1), (3, 1), (3, 4), (1, 2)])
def test_a_quorum_is_at_least_two_and_can_be_reached(team: Team, count: int, quorum: int) -> None:
    opened = OpenSafe(team.opened(team.alice), team.safe)
    with pytest.raises(QuorumError):
        opened.set_custodians([one.pk for one in team.keepers[:count]], quorum)


def test_nothing_is_entrusted_to_keys_that_were_not_compared(team: Team, opened: Open) -> None:
    dana = Person.objects.create(email="dana@example.org", name="Dana")
    opened(dana)
    with pytest.raises(UnverifiedError):
        OpenSafe(opened(team.alice), team.safe).set_custodians([dana.pk, team.erin.pk], 2)


def test_a_share_of_another_safe_or_compartment_or_person_is_refused(team: Team, opened: Open) -> None:
    other = safes.found(opened(team.alice), "case", ["account"], "owner").id
    people = [one.pk for one in team.keepers]
    safes.changing(opened(team.alice), other, lambda one: one.set_custodians(people, 2))
    bob = team.keepers[0]
    mine = Share.objects.get(person=bob.pk, custody__epoch__safe=team.safe, custody__epoch__compartment="account")
    whole = bytes(mine.sealed)
    asking = team.ask(bob)
    for source in (
        Share.objects.get(person=bob.pk, custody__epoch__safe=other, custody__epoch__compartment="account"),
        Share.objects.get(person=bob.pk, custody__epoch__safe=team.safe, custody__epoch__compartment="identity"),
        Share.objects.get(person=people[1], custody__epoch__safe=team.safe, custody__epoch__compartment="account"),
    ):
        Share.objects.filter(pk=mine.pk).update(sealed=bytes(source.sealed))
        with pytest.raises(TamperError):
            recovery.agree(opened(bob), asking)
    Share.objects.filter(pk=mine.pk).update(sealed=whole)
    recovery.agree(opened(bob), asking)


def test_whole_sets_of_another_safe_or_an_older_time_are_refused(team: Team, opened: Open) -> None:
    old = list(Custody.objects.prefetch_related("shares"))
    shares = [share for one in old for share in one.shares.all()]
    people = [one.pk for one in team.keepers]
    safes.changing(opened(team.alice), team.safe, lambda one: one.set_custodians(people, 3))
    assert not Share.objects.filter(pk__in=[one.pk for one in shares]).exists()
    Custody.objects.all().delete()
    Custody.objects.bulk_create(old)
    Share.objects.bulk_create(shares)
    with pytest.raises(TamperError):
        team.ask(team.keepers[0])


def test_a_forged_yes_and_a_false_share_do_not_count(team: Team, opened: Open) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 2)
    one, two = Consent.objects.order_by("person")
    # Words that are somebody else's, signed by nobody.
    Consent.objects.filter(pk=two.pk).update(sealed=bytes(one.sealed), sealed_signature=bytes(one.sealed_signature))
    with pytest.raises(TooFewError):
        finishing.finish(opened(team.erin), asking)
    # The same custodian twice.
    Consent.objects.filter(pk=two.pk).update(signature=bytes(one.signature))
    with pytest.raises(TooFewError):
        finishing.finish(opened(team.erin), asking)


def test_a_custodian_who_hands_on_false_words_is_found_out(
    team: Team, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.lose_words()
    asking = team.ask(team.keepers[0])
    team.agree(asking, 1)
    false = custodians.split(sealing.new_key(), 2, 3)[1]
    with monkeypatch.context() as patched:
        patched.setattr(custodians, "open_share", lambda custody, person, plain: custodians.Opened(false, frozenset()))
        recovery.agree(opened(team.keepers[1]), asking)
    with pytest.raises(TamperError):
        finishing.finish(opened(team.erin), asking)
    # With a third, who is honest, it is done without the false one.
    recovery.agree(opened(team.keepers[2]), asking)
    finishing.finish(opened(team.erin), asking, [team.alice.pk])


def test_the_server_can_invent_neither_custodians_nor_keys_for_them(team: Team, opened: Open, know: Any) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 1)
    vera = team.keepers[1]
    # Keys that the server made in Vera's name, in the directory where anybody may append.
    _, cookie = vaults.make(vera.pk)
    forged = vaults.OpenVault(vera.pk, cookie)
    row = Recovery.objects.get(pk=asking)
    own = opened(team.erin).directory.now(team.erin.pk)
    assert own is not None
    said = recovery.what_is_agreed(row).statement(team.safe, own, bytes(row.state))
    sealed = sealing.seal_to(own.box, b"{}")
    first, second = forged.sign(said, recovery.handed_on(row, vera.pk, sealed))
    Consent.objects.create(
        recovery=row, person=vera.pk, generation=2, signature=first, sealed=sealed, sealed_signature=second
    )
    with pytest.raises(TooFewError):
        finishing.finish(opened(team.erin), asking)
    # A head with custodians of the server's own.
    link = Link.objects.order_by("-version")[0]
    link.custodians, link.quorum = {str(team.erin.pk): own.digest.hex()}, 1
    link.save()
    with pytest.raises(TamperError):
        finishing.finish(opened(team.erin), asking)


def test_keys_that_the_server_makes_for_a_member_sign_nothing(team: Team, opened: Open) -> None:
    """Who appends to the directory in Alice's name can neither grant nor write a head."""
    _, cookie = vaults.make(team.alice.pk)
    forged = vaults.OpenVault(team.alice.pk, cookie)
    link = Link.objects.order_by("-version")[0]
    link.generation = 2
    from tocsin.keys import heads

    (link.signature,) = forged.sign(heads.digest(link))
    link.save()
    with pytest.raises(TamperError):
        recovery.seen_now(opened(team.keepers[0]), team.safe)


def test_a_yes_counts_once_and_for_one_person(team: Team, opened: Open) -> None:
    until = timezone.now() + timedelta(hours=1)
    asking = team.ask(team.keepers[0], until=until, life=True)
    team.agree(asking, 2)
    kept = list(Consent.objects.all())
    finishing.finish(opened(team.erin), asking)
    Recovery.objects.filter(pk=asking).update(done_at=None)
    Consent.objects.bulk_create(kept)
    with pytest.raises(NotNowError, match="changed"):
        finishing.finish(opened(team.erin), asking)


def test_who_is_no_custodian_any_more_has_no_share_and_new_keys_lie_in_the_others(team: Team, opened: Open) -> None:
    bob, vera, charlie = team.keepers
    people = [vera.pk, charlie.pk]
    safes.changing(opened(team.alice), team.safe, lambda one: one.set_custodians(people, 2))
    assert not Share.objects.filter(person=bob.pk).exists()
    assert set(OpenSafe(opened(team.alice), team.safe).head.epochs.values()) == {2}
    with pytest.raises(NotInError):
        team.ask(bob)
    asking = team.ask(vera)
    with pytest.raises(NotInError):
        recovery.agree(opened(bob), asking)


def test_shares_follow_every_new_epoch(team: Team, opened: Open) -> None:
    safes.changing(opened(team.alice), team.safe, lambda one: one.renew("identity"))
    entrusted = {(one.epoch.compartment, one.epoch.number) for one in Custody.objects.select_related("epoch")}
    assert entrusted == {("account", 1), ("head", 1), ("identity", 2), ("log", 1)}
    assert Share.objects.count() == 3 * 4


def test_shares_that_were_taken_away_are_named_and_made_again(team: Team, opened: Open) -> None:
    from tocsin.audit.models import Entry

    Custody.objects.filter(epoch__compartment="identity").delete()
    one = OpenSafe(opened(team.alice), team.safe)
    assert [(loss.compartment, loss.why) for loss in losses.warnings(one)] == [("identity", Why.NOT_ENTRUSTED)]
    before = Entry.objects.count()
    safes.changing(opened(team.alice), team.safe, lambda one: one.add("account", {"text": "More."}))
    assert Entry.objects.count() > before + 1
    assert losses.warnings(OpenSafe(opened(team.alice), team.safe)) == []


def test_break_glass_ends_by_itself_and_what_is_written_then_stays_closed(team: Team, opened: Open) -> None:
    until = timezone.now() + timedelta(hours=2)
    asking = team.ask(team.keepers[0], until=until, life=True)
    team.agree(asking, 2)
    finishing.finish(opened(team.erin), asking)
    assert team.texts(team.erin) == ["Her name.", "What happened."]
    assert team.texts(team.alice) == ["Her name.", "What happened."]
    with pytest.raises(NotInError):  # she lets nobody in for longer than herself
        _let_in_for_good(team, team.keepers[0])
    past = timezone.now() - timedelta(minutes=1)
    Wrap.objects.filter(person=team.erin.pk).update(expires_at=past)
    _let_time_pass(team, past.isoformat())
    while work.step():
        pass
    assert not Wrap.objects.filter(person=team.erin.pk).exists()
    with pytest.raises(NotInError):
        OpenSafe(opened(team.erin), team.safe)
    safes.changing(opened(team.alice), team.safe, lambda one: one.add("account", {"text": "Since."}))
    head = OpenSafe(opened(team.alice), team.safe).head
    assert team.erin.pk not in head.members
    assert set(head.epochs.values()) == {2}


def _let_in_for_good(team: Team, person: Person) -> None:
    opened = OpenSafe(team.opened(team.erin), team.safe)
    opened.let_in(person.pk, ["account"])
    assert opened.head.members[person.pk].until == opened.me.until
    raise NotInError


def _let_time_pass(team: Team, past: str) -> None:
    def back(one: OpenSafe) -> None:
        member = one.head.members[team.erin.pk]
        one.head = one.head.with_member(team.erin.pk, Member(member.compartments, member.role, past))
        one.add("account", {"text": "The clock went on."})

    opened = OpenSafe(team.opened(team.alice), team.safe)
    back(opened)
    from tocsin.keys import expiring

    before, expiring.due = expiring.due, lambda *_: iter(())
    try:
        opened.commit()
    finally:
        expiring.due = before


def test_a_sole_holder_is_named_in_advance(team: Team, opened: Open) -> None:
    one = safes.found(opened(team.alice), "case", ["account"], "owner")
    found = losses.warnings(one)
    assert {(loss.compartment, loss.holder, loss.why) for loss in found} == {
        (name, team.alice.pk, Why.NOBODY) for name in ("account", "head", "log")
    }
    # A custodian who is the holder can't bring anything back to herself.
    people = [team.alice.pk, team.keepers[0].pk]
    safes.changing(opened(team.alice), one.id, lambda one: one.set_custodians(people, 2))
    assert {loss.why for loss in losses.warnings(OpenSafe(opened(team.alice), one.id))} == {Why.TOO_FEW}
    assert losses.warnings(OpenSafe(opened(team.alice), team.safe)) == []
    # Bob makes new keys: his shares open no more.
    vaults.make(team.keepers[0].pk)
    vaults.make(team.keepers[1].pk)
    assert {loss.why for loss in losses.warnings(OpenSafe(opened(team.alice), team.safe))} == {Why.TOO_FEW}


@examples(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_any_quorum_of_shares_gives_the_secret_back_and_fewer_never(
    secret: bytes, quorum: int, more: int, chance: Any
) -> None:
    shares = custodians.split(secret, quorum, quorum + more)
    chosen = chance.sample(shares, quorum)
    assert custodians.combine(chosen) == secret
    for wrong in (chosen[:-1], [*chosen[:-1], chosen[0]], [*chosen[:-1], custodians.split(secret, quorum, quorum)[0]]):
        with pytest.raises(SealError):
            custodians.combine(wrong)
