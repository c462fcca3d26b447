"""Somebody who writes into the database, or was put out, tries to give keys, rows and whole safes of their own."""

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.utils import timezone

from tocsin.keys import allowing, directory, heads, safes, sealing, shredding, wraps
from tocsin.keys.directory import Keys
from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.models import DirectoryEntry, Epoch, Link, Row, Safe, Vault, Wrap
from tocsin.keys.safes import NotInError, NotYoursError, OpenSafe
from tocsin.keys.sealing import Context
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open, OwnCode
from tocsin.keys.vaults import OpenVault, Seen, UnverifiedError
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Know = Callable[..., None]


class Mallory:
    """Has seeds of their own and writes rows; has no vault, no passphrase, no account."""

    def __init__(self, person: int, generation: int) -> None:
        self.person, self.generation = person, generation
        self._box, self._sign = sealing.new_key(), sealing.new_key()
        self.keys = Keys(person, generation, sealing.box_keys(self._box)[0], sealing.sign_keys(self._sign)[0])

    def sign(self, *messages: bytes) -> list[bytes]:
        return [sealing.sign(self._sign, one) for one in messages]

    def enter_directory(self) -> None:
        number, before, digest = directory.statement(self.keys)
        DirectoryEntry.objects.create(
            number=number, person=self.person, generation=self.generation, box=self.keys.box, sign=self.keys.sign,
            previous=before, digest=digest, signature=self.sign(digest)[0],
        )  # fmt: skip

    def forge(self, safe: UUID, victim: Keys) -> None:
        """A whole safe, with the victim in it."""
        names = (HEAD, "log", "account")
        keys = {name: sealing.new_key() for name in names}
        public = sealing.box_keys(keys["log"])[0]
        people = (self.keys, victim)
        head = Head(
            members={one.person: Member(tuple(sorted(names))) for one in people},
            epochs=dict.fromkeys(names, 1),
            public={"log": public},
            ever=frozenset(one.digest.hex() for one in people),
            signers={one.person: one.digest.hex() for one in people},
            keys=heads.key_digests(safe, {(name, 1): key for name, key in keys.items()}),
        )
        blob = sealing.seal(keys[HEAD], head.pack(), heads.place(safe, 1, 1))
        link = heads.signed_link(self, safe, Seen(), blob, head)  # type: ignore[arg-type]
        today = timezone.now().date()
        Safe.objects.create(pk=safe, kind="case", version=1, head=blob, made_on=today)
        link.save()
        for name in names:
            epoch = Epoch.objects.create(safe_id=safe, compartment=name, number=1, began_on=today)
            wraps.store(wraps.make(self, [(epoch, keys[name], victim)]))  # type: ignore[arg-type]


def _with(opened: Open, owner: Person, *others: Person) -> UUID:
    safe = safes.found(opened(owner), "case", ["account"], "owner").id
    safes.changing(opened(owner), safe, lambda one: one.add("account", {"text": "The officer's name is X."}))
    for other in others:
        safes.changing(opened(owner), safe, lambda one, who=other: one.let_in(who.pk, ["account"]))  # type: ignore[misc]
    return safe


def test_a_forged_safe_is_not_believed_by_somebody_who_never_saw_it(
    opened: Open, know: Know, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    safe = _with(opened, alice, bob)
    mallory = Mallory(alice.pk, 2)
    mallory.enter_directory()
    Safe.objects.filter(pk=safe).delete()
    mallory.forge(safe, opened(bob).own)
    with pytest.raises(UnverifiedError):
        OpenSafe(opened(bob), safe)


def test_who_was_put_out_can_give_nobody_a_key_of_their_own(
    opened: Open, know: Know, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    safe = _with(opened, alice, bob, vera)
    safes.changing(opened(alice), safe, lambda one: one.put_out(bob.pk))
    epoch = Epoch.objects.get(safe=safe, compartment="account", number=2)
    wraps.store(wraps.make(opened(bob), [(epoch, sealing.new_key(), opened(vera).own)]))
    with pytest.raises(TamperError):
        OpenSafe(opened(vera), safe)


def test_who_was_put_out_can_rewrite_nothing_that_was_written(
    opened: Open, know: Know, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    safe = _with(opened, alice, bob)
    kept = list(Wrap.objects.filter(epoch__compartment="account", person=alice.pk).select_related("epoch"))
    old = OpenSafe(opened(bob), safe)._keys["account", 1]
    safes.changing(opened(alice), safe, lambda one: one.put_out(bob.pk))
    while safes.changing(opened(alice), safe, lambda one: one.reseal()):
        pass
    row = Row.objects.get(safe=safe)
    place = Context(safe.bytes, "account", 1, row.pk.bytes, "body", row.version)
    forged = sealing.seal(old, json.dumps({"text": "Another name."}).encode(), place)
    Row.objects.filter(pk=row.pk).update(epoch=1, blob=forged)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)
    Epoch.objects.bulk_create([one.epoch for one in kept])
    Wrap.objects.bulk_create(kept)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_no_row_makes_the_keys_of_another_pass_for_ones_own(opened: Open, alice: Person) -> None:
    mine = opened(alice).own
    mallory = Mallory(alice.pk, 2)
    mallory.enter_directory()
    copy = Vault.objects.get(person=alice.pk)
    copy.pk, copy.generation = None, 2
    copy.save()
    vault = opened(alice)
    assert not vault.trusts(mallory.keys)
    assert vault.keys_to_wrap_for(alice.pk) == mine


@pytest.mark.parametrize("members", [[1, 2], {"x": 1}, None, {"1": ["a"]}])
def test_a_link_of_another_shape_is_refused_and_named(opened: Open, alice: Person, members: object) -> None:
    safe = _with(opened, alice)
    link = Link.objects.filter(safe=safe).order_by("version").last()
    assert link is not None
    link.members = members
    try:
        link.save()
    except Exception:
        return
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


PARTS = ("account", "identity", "legal")


@pytest.fixture
def shared(opened: Open, know: Know, alice: Person, bob: Person, vera: Person, charlie: Person) -> UUID:
    """Alice's, entrusted to Vera and Charlie. Bob is in it for good and holds what happened; Vera the legal part."""
    know(alice, bob, vera, charlie)
    safe = safes.found(opened(alice), "case", PARTS, "owner").id

    def fill(one: OpenSafe) -> None:
        for name in PARTS:
            one.add(name, {"text": name})
        one.let_in(bob.pk, ["account"], "caseworker")
        one.let_in(vera.pk, ["legal"], "legal")
        one.set_custodians([vera.pk, charlie.pk], 2)

    safes.changing(opened(alice), safe, fill)
    return safe


def _claims_another_part(one: OpenSafe, people: list[Person]) -> None:
    one.head = one.head.with_member(one.vault.person, Member((*one.me.compartments, "identity"), "caseworker"))


def _gives_his_part_away(one: OpenSafe, people: list[Person]) -> None:
    vera = one.head.members[people[2].pk]
    one.head = one.head.with_member(people[2].pk, Member(("account", *vera.compartments), "legal"))
    one._granted += [("account", 1, people[2].pk)]


def _brings_somebody(one: OpenSafe, people: list[Person]) -> None:
    one.head = one.head.with_member(people[3].pk, Member(("account", HEAD), "caseworker"))
    one._granted += [(name, 1, people[3].pk) for name in ("account", HEAD)]


def _puts_the_owner_out(one: OpenSafe, people: list[Person]) -> None:
    one.head = one.head.without(people[0].pk)


def _takes_a_part_from_the_owner(one: OpenSafe, people: list[Person]) -> None:
    one._take(people[0].pk, ("account",))


def _gives_the_owner_an_end(one: OpenSafe, people: list[Person]) -> None:
    owner = one.head.members[people[0].pk]
    one.head = one.head.with_member(people[0].pk, replace(owner, until="2001-01-01T00:00:00+00:00"))


def _names_other_keys(one: OpenSafe, people: list[Person]) -> None:
    one.head = replace(one.head, signers={**one.head.signers, people[2].pk: "00" * 32})


def _chooses_custodians(one: OpenSafe, people: list[Person]) -> None:
    chosen = {pk: one.vault.keys_to_wrap_for(pk).digest.hex() for pk in (one.vault.person, people[3].pk)}
    one.head = replace(one.head, quorum=2, custodians=chosen)


def _entrusts_other_parts_to_nobody(one: OpenSafe, people: list[Person]) -> None:
    kept = {name: value for name, value in one.head.custody.items() if name == "account"}
    one.head = replace(one.head, custody=kept)


def _drops_a_row_of_another_part(one: OpenSafe, people: list[Person]) -> None:
    (row,) = (row for row, place in one.head.rows.items() if place[0] == "identity")
    one.head = replace(one.head, rows={pk: place for pk, place in one.head.rows.items() if pk != row})
    Row.objects.filter(pk=UUID(row)).delete()


def _begins_an_epoch_of_another_part(one: OpenSafe, people: list[Person]) -> None:
    one.head = replace(one.head, epochs={**one.head.epochs, "identity": 2})


def _turns_an_epoch_back(one: OpenSafe, people: list[Person]) -> None:
    one.head = replace(one.head, epochs={**one.head.epochs, "account": 0})


def _ends_another_part(one: OpenSafe, people: list[Person]) -> None:
    one.head = one.head.without_compartment("identity")
    for person, member in one.head.members.items():
        left = tuple(name for name in member.compartments if name != "identity")
        one.head = one.head.with_member(person, replace(member, compartments=left))
    Row.objects.filter(safe=one.id, compartment="identity").delete()
    Epoch.objects.filter(safe=one.id, compartment="identity").delete()


def _lets_a_part_vanish(one: OpenSafe, people: list[Person]) -> None:
    _ends_another_part(one, people)
    one.head = replace(one.head, ended={})


def _begins_a_part(one: OpenSafe, people: list[Person]) -> None:
    one.head = one.head.with_member(one.vault.person, Member((*one.me.compartments, "other"), "caseworker"))
    one._begin_epoch("other")


def _bars_the_owners_friend(one: OpenSafe, people: list[Person]) -> None:
    one.head = replace(one.head, barred=one.head.barred | {people[3].pk}, salt="other")


FORGERIES = [
    _claims_another_part, _gives_his_part_away, _brings_somebody, _puts_the_owner_out, _takes_a_part_from_the_owner,
    _gives_the_owner_an_end, _names_other_keys, _chooses_custodians, _entrusts_other_parts_to_nobody,
    _drops_a_row_of_another_part, _begins_an_epoch_of_another_part, _turns_an_epoch_back, _ends_another_part,
    _lets_a_part_vanish, _begins_a_part, _bars_the_owners_friend,
]  # fmt: skip


def _forge(own_code: OwnCode, vault: OpenVault, safe: UUID, act: Callable[[OpenSafe], None]) -> None:
    with own_code() as his:
        his.setattr(OpenSafe, "_entrust", lambda _safe: None)
        his.setattr(heads, "with_signers", lambda head, vault, fresh, leads: _as_it_says(head))
        safes.changing(vault, safe, act)


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_lasting_member_with_code_of_their_own_changes_nothing_that_is_not_theirs(
    opened: Open,
    shared: UUID,
    own_code: OwnCode,
    monkeypatch: pytest.MonkeyPatch,
    alice: Person,
    bob: Person,
    vera: Person,
    charlie: Person,
    forge: Callable[[OpenSafe, list[Person]], None],
) -> None:
    _forge(own_code, opened(bob), shared, lambda one: forge(one, [alice, bob, vera, charlie]))
    for person in (alice, vera):
        with pytest.raises(TamperError) as refused:
            OpenSafe(opened(person), shared)
        assert refused.value.what == "head"
    # It is refused by what its signer may change, and by nothing else that happens to be wrong with it.
    monkeypatch.setattr(allowing, "_parts", lambda *_words: True)
    monkeypatch.setattr(allowing, "_people", lambda *_words: True)
    monkeypatch.setattr(allowing, "_custodians", lambda *_words: True)
    heads.walk(shared, Seen(), opened(alice).directory)


def test_with_code_of_their_own_they_do_what_is_theirs(
    opened: Open, shared: UUID, own_code: OwnCode, alice: Person, bob: Person
) -> None:
    _forge(own_code, opened(bob), shared, lambda one: _add(one, "By Bob."))
    assert len(OpenSafe(opened(alice), shared).records("account")) == 2


def _add(one: OpenSafe, text: str) -> None:
    one.add("account", {"text": text})


def _as_it_says(head: Head) -> Head:
    """Every member with the keys that the head names, or with some."""
    return replace(head, signers={person: head.signers.get(person, "11" * 32) for person in head.members})


def test_what_is_theirs_members_may_do_and_honest_code_refuses_the_rest(
    opened: Open, shared: UUID, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    def his(one: OpenSafe) -> None:
        one.add("account", {"text": "By Bob."})
        one.renew("account")

    safes.changing(opened(bob), shared, his)
    safes.changing(opened(bob), shared, lambda one: one.reseal())
    assert len(OpenSafe(opened(alice), shared).records("account")) == 2
    assert OpenSafe(opened(vera), shared).records("legal")
    one = OpenSafe(opened(bob), shared)
    for act in (
        lambda: one.let_in(charlie.pk, ["account"]),
        lambda: one.open_compartment("other"),
        lambda: one.bar([charlie.pk]),
        lambda: one.set_custodians([vera.pk, charlie.pk], 2),
    ):
        with pytest.raises(NotInError):
            act()  # type: ignore[no-untyped-call]
    one.head = one.head.with_member(bob.pk, Member(("account", "identity", HEAD)))
    with pytest.raises(NotYoursError):
        one.commit()
    assert OpenSafe(opened(alice), shared).records()


def test_a_part_that_begins_again_goes_on_with_its_numbers(opened: Open, shared: UUID, alice: Person) -> None:
    safes.changing(opened(alice), shared, lambda one: one.renew("identity"))
    shredding.shred(OpenSafe(opened(alice), shared), "identity")
    safes.changing(opened(alice), shared, lambda one: one.open_compartment("identity"))
    now = OpenSafe(opened(alice), shared)
    assert (now.head.epochs["identity"], now.head.ended, now.shredded) == (3, {}, [])
    with pytest.raises(ValueError, match="there is"):
        now.open_compartment("identity")
