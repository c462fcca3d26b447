"""Somebody who writes into the database, or was put out, tries to give keys, rows and whole safes of their own."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from django.utils import timezone

from tocsin.keys import directory, heads, safes, sealing, wraps
from tocsin.keys.directory import Keys
from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.models import DirectoryEntry, Epoch, Link, Row, Safe, Vault, Wrap
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import Context
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import Seen, UnverifiedError
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
