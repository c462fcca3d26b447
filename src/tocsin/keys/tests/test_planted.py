"""Who owns the database and every secret of the home can destroy, and can't make it look as if a member had."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from tocsin.keys import ledger, proofs, retention, safes, shredding
from tocsin.keys.ledger import Line
from tocsin.keys.models import Epoch, Link, Removal, Row, Safe, Shredding, Timer, Wrap
from tocsin.keys.proofs import Proof, Standing
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.tests.test_ceremony_pages import Enter, enter
from tocsin.keys.tests.test_forgers import Mallory
from tocsin.people.models import Person

__all__ = ["enter"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person, vera: Person) -> UUID:
    """Alice's; Bob holds what happened, Vera its legal part. Each opened it."""
    know(alice, bob, vera)
    made = safes.found(opened(alice), "case", ["account", "identity", "legal"], "owner").id

    def fill(one: OpenSafe) -> None:
        for name in ("account", "identity", "legal"):
            one.add(name, {"text": name})
        one.let_in(bob.pk, ["account"])
        one.let_in(vera.pk, ["legal"])

    safes.changing(opened(alice), made, fill)
    for person in (alice, bob, vera):
        OpenSafe(opened(person), made)
    return made


def _plant(proof: Proof, version: int = 0) -> None:
    """With this home's own mark, as who knows its secret key can make it."""
    line = Line(proof.safe, proof.compartment, version=version)
    Shredding.objects.create(
        safe=UUID(proof.safe), compartment=proof.compartment, version=version, day=timezone.now().date(),
        digest="", stamp=ledger.stamp(line), proof=proof.pack(),
    )  # fmt: skip


def _delete(safe: UUID, compartment: str = "") -> None:
    only = {"compartment": compartment} if compartment else {}
    Row.objects.filter(safe=safe, **only).delete()
    Epoch.objects.filter(safe=safe, **only).delete()
    if not compartment:
        Safe.objects.filter(pk=safe).delete()


def _unsigned(safe: UUID, compartment: str = "") -> Proof:
    return proofs.of_newest(uuid4(), Safe.objects.get(pk=safe), compartment)


def _by_nobody(made: Proof, person: Person, opened: Open) -> Proof:
    return replace(made, person=person.pk, generation=1, signature="00" * 64)


def _by_keys_of_the_server(made: Proof, person: Person, opened: Open) -> Proof:
    mallory = Mallory(person.pk, 2)
    mallory.enter_directory()
    return proofs.sign(mallory, made)  # type: ignore[arg-type]


def _by_who_does_not_hold_it(made: Proof, person: Person, opened: Open) -> Proof:
    return proofs.sign(opened(Person.objects.get(email__startswith="bob")), made)


def _by_a_timer_without_an_order(made: Proof, person: Person, opened: Open) -> Proof:
    return proofs.by_timer(made, None)


FORGERIES = [_by_nobody, _by_keys_of_the_server, _by_who_does_not_hold_it, _by_a_timer_without_an_order]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_planted_certificate_of_a_compartment_is_refused_and_members_are_told_plainly(
    safe: UUID, opened: Open, enter: Enter, alice: Person, bob: Person, forge: Callable[..., Proof]
) -> None:
    _plant(forge(_unsigned(safe, "identity"), alice, opened), version=99)
    _delete(safe, "identity")
    for person in (alice, bob):
        with pytest.raises(TamperError) as refused:
            OpenSafe(opened(person), safe)
        assert refused.value.deleted == "identity"
        answer = enter(person).get(f"/keys/safes/{safe}/custodians/")
        assert (answer.status_code, "nobody who held it has signed" in answer.content.decode()) == (409, True)


def test_who_held_it_can_sign_that_it_is_lost_so_that_the_rest_opens(
    safe: UUID, opened: Open, enter: Enter, alice: Person, bob: Person
) -> None:
    at = f"/keys/safes/{safe}/loss/identity/"
    assert enter(alice).post(at, {"sure": "lost"}).status_code == 422
    _delete(safe, "identity")
    assert at in enter(alice).get(f"/keys/safes/{safe}/custodians/").content.decode()
    assert enter(bob).get(at).status_code == 404
    assert enter(alice).post(at, {"sure": "no"}).status_code == 422
    with pytest.raises(NotInError):
        shredding.accept_loss(opened(bob), safe, "identity")
    assert "it was found gone" in enter(alice).post(at, {"sure": "lost"}).content.decode()
    for person in (alice, bob):
        (gone,) = OpenSafe(opened(person), safe).shredded
        assert (gone.standing, gone.by, gone.proof is not None and gone.proof.lost) == (
            Standing.SIGNED,
            alice.pk,
            True,
        )
    assert OpenSafe(opened(alice), safe).records("account")
    assert "signed that it is lost" in enter(bob).get(f"/keys/safes/{safe}/custodians/").content.decode()


def test_without_any_certificate_it_is_the_same_even_where_nothing_was_written_yet(opened: Open, alice: Person) -> None:
    empty = safes.found(opened(alice), "case", ["account", "identity"], "owner").id
    Epoch.objects.filter(safe=empty, compartment="identity").delete()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), empty)


def test_a_key_that_is_taken_from_one_member_is_no_compartment_that_they_never_had(
    safe: UUID, opened: Open, alice: Person
) -> None:
    Wrap.objects.filter(person=alice.pk, epoch__safe=safe, epoch__compartment="legal").delete()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_an_old_certificate_hides_no_later_deletion(safe: UUID, opened: Open, alice: Person) -> None:
    shredding.shred(OpenSafe(opened(alice), safe), "identity")
    safes.changing(opened(alice), safe, lambda one: one.open_compartment("identity"))
    safes.changing(opened(alice), safe, lambda one: one.add("identity", {"text": "Anew."}))
    _delete(safe, "identity")
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_a_certificate_that_was_changed_in_any_word_is_worth_nothing(safe: UUID, opened: Open, alice: Person) -> None:
    made = shredding.shred(OpenSafe(opened(alice), safe), "identity").proof
    seen = OpenSafe(opened(alice), safe)
    (gone,) = seen.shredded
    assert (gone.compartment, gone.standing, gone.by) == ("identity", Standing.SIGNED, alice.pk)
    changed: dict[str, Any] = {
        "safe": UUID(int=1).hex,
        "what": "00",
        "on": "2001-01-01",
        "kind": "desk",
        "version": made.version + 1,
        "head": "00",
        "compartment": "legal",
        "made_on": "2001-01-01",
    }
    for name, value in changed.items():
        assert proofs.signer(replace(made, **{name: value}), opened(alice).directory) is None, name
    Shredding.objects.update(proof=replace(made, what="00").pack())
    assert [one.standing for one in OpenSafe(opened(alice), safe).shredded] == [Standing.UNPROVED]


def test_a_certificate_that_is_taken_away_is_missed_loudly_on_the_page(
    safe: UUID, opened: Open, enter: Enter, alice: Person, bob: Person
) -> None:
    shredding.shred(OpenSafe(opened(alice), safe), "identity")
    for person in (alice, bob):
        page = enter(person).get(f"/keys/safes/{safe}/custodians/").content.decode()
        assert ("Certificate of shredding" in page, "signed by Alice" in page) == (True, True)
    Shredding.objects.all().delete()
    page = enter(bob).get(f"/keys/safes/{safe}/custodians/").content.decode()
    assert ("Certificate of shredding" in page, "No certificate" in page) == (False, True)


def test_a_safe_that_is_gone_is_told_to_everybody_who_was_in_it_with_who_signed(
    safe: UUID, opened: Open, enter: Enter, alice: Person, bob: Person
) -> None:
    shredding.shred(OpenSafe(opened(alice), safe))
    assert proofs.whole(opened(alice)) == []
    ((gone),) = proofs.whole(opened(bob))
    assert (gone.standing, gone.by) == (Standing.SIGNED, alice.pk)
    page = enter(bob).get("/keys/certificates/").content.decode()
    assert "Certificate of shredding" in page
    assert "signed by Alice" in page


@pytest.mark.parametrize("forge", [None, *FORGERIES])
def test_a_whole_safe_that_somebody_deleted_is_named_as_that(
    safe: UUID, opened: Open, enter: Enter, alice: Person, bob: Person, forge: Callable[..., Proof] | None
) -> None:
    if forge is not None:
        _plant(forge(_unsigned(safe), alice, opened))
    _delete(safe)
    ((gone),) = proofs.whole(opened(bob))
    assert not gone.standing.holds
    for address in ("/keys/", "/keys/certificates/"):
        assert "and no member" in enter(bob).get(address).content.decode()
    enter(bob).post("/keys/certificates/", {"seen": str(safe)})
    assert proofs.whole(opened(bob)) == []


@pytest.fixture
def ordered(safe: UUID, opened: Open, alice: Person, bob: Person) -> UUID:
    """Alice ordered that it is shredded in two years; Bob has seen it since."""
    retention.start(OpenSafe(opened(alice), safe))
    OpenSafe(opened(bob), safe)
    return safe


def _standing(vault: Any) -> Standing:
    ((gone),) = proofs.whole(vault)
    return gone.standing


def _time_goes_by(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=days))


def test_a_timer_shreds_by_the_order_that_a_member_signed(
    ordered: UUID, opened: Open, monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person
) -> None:
    assert str(alice.pk).encode() not in bytes(Timer.objects.get().order)
    _time_goes_by(monkeypatch, 731)
    assert retention.apply()
    ((gone),) = proofs.whole(opened(bob))
    assert (gone.standing, gone.by) == (Standing.ORDERED, alice.pk)


def test_a_timer_that_somebody_sets_forward_is_not_by_that_order(ordered: UUID, opened: Open, bob: Person) -> None:
    Timer.objects.update(due=timezone.now().date())
    assert retention.apply()
    assert _standing(opened(bob)) is Standing.UNPROVED


def test_a_date_that_has_not_come_makes_no_certificate(ordered: UUID, opened: Open, bob: Person) -> None:
    timer = Timer.objects.get()
    late = replace(_unsigned(ordered), on=timer.due.isoformat())
    _plant(proofs.by_timer(late, retention._ordered(ordered, timer)))
    _delete(ordered)
    assert _standing(opened(bob)) is Standing.UNPROVED


def test_an_order_that_was_taken_back_counts_no_more(
    ordered: UUID, opened: Open, monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person
) -> None:
    timer = Timer.objects.get()
    retention.stop(OpenSafe(opened(alice), ordered))
    OpenSafe(opened(bob), ordered)
    Timer.objects.bulk_create([timer])
    _time_goes_by(monkeypatch, 731)
    assert retention.apply()
    assert _standing(opened(bob)) is Standing.UNPROVED


def test_an_order_of_another_safe_is_none(ordered: UUID, opened: Open, alice: Person, bob: Person) -> None:
    other = safes.found(opened(alice), "case", ["account"], "owner").id
    mine = proofs.order(opened(alice), other, "case", date(2001, 1, 1), 99)
    _plant(proofs.by_timer(_unsigned(ordered), mine))
    _delete(ordered)
    assert _standing(opened(bob)) is Standing.UNPROVED


def test_a_removal_that_nobody_signed_takes_nobody_out_after_a_restore(
    safe: UUID, opened: Open, alice: Person, bob: Person, vera: Person
) -> None:
    safes.changing(opened(alice), safe, lambda one: one.put_out(vera.pk))
    assert [(one.person, bool(one.proof)) for one in ledger.lines()] == [(vera.pk, True)]
    newest = Link.objects.filter(safe=safe).order_by("-version")[0]
    forged = proofs.removed(opened(bob), safe, bob.pk, newest.version)
    for proof in (b"", b"{}", replace(forged, by=alice.pk).pack(), forged.pack()):
        Removal.objects.create(safe=safe, person=bob.pk, version=newest.version, proof=proof)
    assert [one.person for one in ledger.lines()] == [vera.pk]


def test_what_a_vault_remembers_goes_back_with_its_transaction(safe: UUID, opened: Open, alice: Person) -> None:
    vault = opened(alice)

    def fail() -> None:
        with transaction.atomic():
            safes.changing(vault, safe, lambda one: one.add("account", {"text": "Never."}))
            OpenSafe(vault, safe).log("opened")
            safes.found(vault, "case", ["account"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert vault.memory.safes.keys() == {safe.hex}
    OpenSafe(vault, safe).log("opened")
    assert len(OpenSafe(vault, safe).records("account")) == 1
