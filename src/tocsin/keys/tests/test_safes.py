"""What stands in a safe is read by who is in it, as its members sealed it, and in no other way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tocsin.audit.models import Entry
from tocsin.keys import safes
from tocsin.keys.models import Epoch, Link, LogLine, Row, Safe, Wrap
from tocsin.keys.safes import ChangedError, LastHolderError, NotInError, OpenSafe
from tocsin.keys.sealing import SealError, seal_to
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import OpenVault, RolledBackError, UnverifiedError
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Know = Callable[..., None]


def _found(vault: OpenVault) -> UUID:
    return safes.found(vault, "case", ["account", "identity"], "owner").id


def _write(vault: OpenVault, safe: UUID, text: str, compartment: str = "account") -> UUID:
    return safes.changing(vault, safe, lambda one: one.add(compartment, {"text": text}))


def _texts(vault: OpenVault, safe: UUID) -> list[str]:
    return sorted(one.body["text"] for one in OpenSafe(vault, safe).records())


def _let_in(vault: OpenVault, safe: UUID, person: Person, *compartments: str) -> None:
    safes.changing(vault, safe, lambda one: one.let_in(person.pk, compartments))


def test_what_was_written_is_read_again(opened: Open, alice: Person) -> None:
    safe = _found(opened(alice))
    _write(opened(alice), safe, "She called at noon.")
    _write(opened(alice), safe, "Her name.", "identity")
    assert _texts(opened(alice), safe) == ["Her name.", "She called at noon."]


def test_nobody_else_gets_in_and_a_missing_safe_looks_alike(opened: Open, alice: Person, bob: Person) -> None:
    safe = _found(opened(alice))
    for one in (safe, UUID(int=1)):
        with pytest.raises(NotInError):
            OpenSafe(opened(bob), one)


def test_somebody_let_in_reads_their_compartments_only(opened: Open, know: Know, alice: Person, bob: Person) -> None:
    know(alice, bob)
    safe = _found(opened(alice))
    _write(opened(alice), safe, "What happened.")
    row = _write(opened(alice), safe, "Her name.", "identity")
    _let_in(opened(alice), safe, bob, "account")
    assert _texts(opened(bob), safe) == ["What happened."]
    with pytest.raises(NotInError):
        OpenSafe(opened(bob), safe).record(row)
    with pytest.raises(NotInError):
        _write(opened(bob), safe, "Mine.", "identity")
    with pytest.raises(NotInError):
        _let_in(opened(bob), safe, alice, "identity")


def test_nothing_is_wrapped_to_keys_that_were_not_compared(opened: Open, alice: Person, bob: Person) -> None:
    opened(bob)
    safe = _found(opened(alice))
    with pytest.raises(UnverifiedError):
        _let_in(opened(alice), safe, bob, "account")
    assert not Wrap.objects.filter(person=bob.pk).exists()


def test_who_leaves_opens_nothing_written_since_and_what_was_written_is_sealed_anew(
    opened: Open, know: Know, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    safe = _found(opened(alice))
    for number in range(5):
        _write(opened(alice), safe, f"Before {number}.")
    _let_in(opened(alice), safe, bob, "account")
    kept = list(Wrap.objects.filter(person=bob.pk).select_related("epoch"))
    safes.changing(opened(alice), safe, lambda one: one.put_out(bob.pk))
    _write(opened(alice), safe, "Since.")
    with pytest.raises(NotInError):
        OpenSafe(opened(bob), safe)
    left = 1
    while left:
        left = safes.changing(opened(alice), safe, lambda one: one.reseal(2))
    assert not Row.objects.filter(epoch=1).exists()
    assert not Epoch.objects.filter(compartment="account", number=1).exists()
    assert len(_texts(opened(alice), safe)) == 6
    # The wraps that he kept are of keys that open nothing any more.
    Epoch.objects.bulk_create([one.epoch for one in kept if one.epoch.compartment in {"account", "head"}])
    Wrap.objects.bulk_create([one for one in kept if one.epoch.compartment in {"account", "head"}])
    with pytest.raises((TamperError, NotInError)):
        OpenSafe(opened(bob), safe)


def test_the_last_holder_stays(opened: Open, know: Know, alice: Person, bob: Person) -> None:
    know(alice, bob)
    safe = _found(opened(alice))
    _let_in(opened(alice), safe, bob, "account")
    with pytest.raises(LastHolderError) as refused:
        OpenSafe(opened(alice), safe).put_out(alice.pk)
    assert refused.value.compartments == ("identity", "log")


def test_two_who_write_at_once_lose_nothing(opened: Open, know: Know, alice: Person, bob: Person) -> None:
    know(alice, bob)
    safe = _found(opened(alice))
    row = _write(opened(alice), safe, "First.")
    _let_in(opened(alice), safe, bob, "account")
    hers, his = OpenSafe(opened(alice), safe), OpenSafe(opened(bob), safe)
    hers.change(row, 1, {"text": "Hers."})
    his.change(row, 1, {"text": "His."})
    hers.commit()
    with pytest.raises(ChangedError):
        his.commit()
    with pytest.raises(ChangedError):
        safes.changing(opened(bob), safe, lambda one: one.change(row, 1, {"text": "His."}))
    assert _texts(opened(bob), safe) == ["Hers."]


def test_a_row_in_another_place_or_version_is_refused_and_named(opened: Open, alice: Person) -> None:
    safe, other = _found(opened(alice)), _found(opened(alice))
    mine, second = _write(opened(alice), safe, "One."), _write(opened(alice), safe, "Two.")
    theirs = _write(opened(alice), other, "Three.")
    blobs = {pk: bytes(Row.objects.get(pk=pk).blob) for pk in (mine, second, theirs)}
    for source in (second, theirs):
        Row.objects.filter(pk=mine).update(blob=blobs[source])
        with pytest.raises(TamperError):
            _texts(opened(alice), safe)
    Row.objects.filter(pk=mine).update(blob=blobs[mine])
    safes.changing(opened(alice), safe, lambda one: one.change(mine, 1, {"text": "Newer."}))
    before = Entry.objects.count()
    Row.objects.filter(pk=mine).update(blob=blobs[mine])
    with pytest.raises(TamperError):
        _texts(opened(alice), safe)
    assert Entry.objects.count() == before + 1
    Row.objects.filter(pk=mine).update(version=1)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_a_row_taken_away_or_added_is_refused(opened: Open, alice: Person) -> None:
    safe = _found(opened(alice))
    row = Row.objects.get(pk=_write(opened(alice), safe, "One."))
    Row.objects.all().delete()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)
    row.save()
    assert _texts(opened(alice), safe) == ["One."]
    Row.objects.create(safe_id=safe, compartment="account", epoch=1, version=1, blob=row.blob)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def _read_all(vault: OpenVault, safe: UUID) -> None:
    one = OpenSafe(vault, safe)
    one.records()
    one.read_log()


@pytest.mark.parametrize("model", [Safe, Link, Wrap, Row, LogLine])
def test_one_bit_changed_anywhere_is_refused(opened: Open, alice: Person, model: Any) -> None:
    safe = _found(opened(alice))
    _write(opened(alice), safe, "One.")
    OpenSafe(opened(alice), safe).log("opened")
    fields = {Safe: ["head"], Link: ["content", "previous", "signature"], Wrap: ["sealed", "signature"], Row: ["blob"]}
    for name in fields.get(model, ["blob", "previous", "digest"]):
        row = model.objects.order_by("pk").last()
        whole = bytes(getattr(row, name))
        for at in {0, len(whole) // 2, len(whole) - 1}:
            setattr(row, name, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            row.save()
            with pytest.raises(SealError):
                _read_all(opened(alice), safe)
        setattr(row, name, whole)
        row.save()
    assert _texts(opened(alice), safe) == ["One."]


def test_an_older_state_of_everything_is_refused(opened: Open, alice: Person) -> None:
    safe = _found(opened(alice))
    row = _write(opened(alice), safe, "Promise: call on Monday.")
    old = [Safe.objects.get(), Row.objects.get()]
    safes.changing(opened(alice), safe, lambda one: one.change(row, 1, {"text": "Promise: call on Tuesday."}))
    Link.objects.order_by("-version")[0].delete()
    for one in old:
        one.save()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_a_head_signed_by_a_stranger_is_refused(opened: Open, know: Know, alice: Person, bob: Person) -> None:
    """Bob has keys and writes into the database, but was never let in."""
    know(alice, bob)
    safe = _found(opened(alice))
    _let_in(opened(alice), safe, bob, "account")
    his = OpenSafe(opened(bob), safe)
    safes.changing(opened(alice), safe, lambda one: one.put_out(bob.pk))
    with pytest.raises(ChangedError):
        his.commit()
    # He keeps what he had open, and puts his version where hers is.
    Link.objects.filter(safe=safe, version=his._seen.version + 1).delete()
    Safe.objects.filter(pk=safe).update(version=his._seen.version)
    his.commit()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_a_directory_that_was_changed_or_cut_is_refused(opened: Open, know: Know, alice: Person, bob: Person) -> None:
    from tocsin.keys.directory import ForgedDirectoryError, load
    from tocsin.keys.models import DirectoryEntry

    know(alice, bob)
    last = DirectoryEntry.objects.order_by("-number")[0]
    DirectoryEntry.objects.filter(pk=last.pk).delete()
    with pytest.raises(RolledBackError):
        _ = opened(alice).directory
    last.box = bytes(32)
    last.save()
    with pytest.raises(ForgedDirectoryError):
        load()


def test_the_log_is_read_by_those_let_into_it_and_tells_what_was_opened(
    opened: Open, know: Know, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    safe = _found(opened(alice))
    _let_in(opened(alice), safe, bob, "account")
    OpenSafe(opened(bob), safe).log("identity", purpose="call")
    (line,) = OpenSafe(opened(alice), safe).read_log()
    assert (line["by"], line["code"], line["purpose"]) == (bob.pk, "identity", "call")
    with pytest.raises(NotInError):
        OpenSafe(opened(bob), safe).read_log()
    assert "identity" not in str(bytes(LogLine.objects.get().blob))


def test_the_key_of_a_public_epoch_is_destroyed_when_somebody_says_so(opened: Open, alice: Person) -> None:
    safe = safes.found(opened(alice), "desk", ["letters"], public=["letters"])
    letter = seal_to(safe.head.public["letters"], b"A letter.")
    safes.changing(opened(alice), safe.id, lambda one: one.renew("letters"))
    assert OpenSafe(opened(alice), safe.id).open_letter("letters", 1, letter) == b"A letter."
    for compartment, number in (("letters", 2), ("log", 0)):
        with pytest.raises(ValueError, match="needed"):
            OpenSafe(opened(alice), safe.id).end_epoch(compartment, number)
    safes.changing(opened(alice), safe.id, lambda one: one.end_epoch("letters", 1))
    assert not Wrap.objects.filter(epoch__compartment="letters", epoch__number=1).exists()
    with pytest.raises(NotInError):
        OpenSafe(opened(alice), safe.id).open_letter("letters", 1, letter)
