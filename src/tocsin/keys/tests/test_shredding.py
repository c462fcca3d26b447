"""What is shredded opens no more, with any passphrase; a hold stops that, and a certificate tells of it."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.keys import files, holds, ledger, retention, safes, shredding, work
from tocsin.keys.holds import HeldError, NoRightError, Order
from tocsin.keys.ledger import ForgedLedgerError, Line
from tocsin.keys.models import (
    Certificate,
    Custody,
    Epoch,
    Filed,
    Hold,
    Link,
    LogLine,
    Row,
    Safe,
    Share,
    Shredding,
    Timer,
    Wrap,
)
from tocsin.keys.retention import NoTimerError
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import OpenVault
from tocsin.lib.tests.disk import database_files
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person, vera: Person) -> UUID:
    know(alice, bob, vera)
    made = safes.found(opened(alice), "case", ["account", "identity"], "owner").id

    def fill(one: OpenSafe) -> None:
        one.add("account", {"text": "What happened."})
        one.add("identity", {"text": "Her name."})
        one.let_in(bob.pk, ["account"])
        one.set_custodians([bob.pk, vera.pk], 2)

    safes.changing(opened(alice), made, fill)
    return made


@pytest.fixture
def counsel(db: None) -> Person:
    return Person.objects.create(email="cora@example.org", name="Cora", roles=int(Role.COUNSEL))


@pytest.fixture
def auditor(db: None) -> Person:
    return Person.objects.create(email="otto@example.org", name="Otto", roles=int(Role.AUDITOR))


def _make_due(vault: OpenVault, safe: UUID) -> None:
    """As if the time had gone by: the order that somebody signed is for today."""
    retention._order(OpenSafe(vault, safe), "case", timezone.now().date())


@pytest.fixture
def swept() -> Iterator[list[tuple[UUID, str | None]]]:
    seen: list[tuple[UUID, str | None]] = []
    sweep = shredding.also(lambda safe, compartment: seen.append((safe, compartment)))
    yield seen
    shredding._sweeps.remove(sweep)


def test_a_whole_safe_goes_with_its_keys_shares_rows_log_and_what_others_keep_of_it(
    safe: UUID, opened: Open, alice: Person, bob: Person, swept: list[Any]
) -> None:
    other = safes.found(opened(alice), "case", ["account"], "owner").id
    shredding.shred(OpenSafe(opened(alice), safe))
    for model in (Epoch, Link, LogLine, Row):
        assert not model.objects.filter(safe=safe).exists()
    assert not Safe.objects.filter(pk=safe).exists()
    assert not Share.objects.exists()
    assert not Custody.objects.exists()
    assert set(Wrap.objects.values_list("epoch__safe", flat=True)) == {other}
    assert swept == [(safe, None)]
    for person in (alice, bob):
        with pytest.raises(NotInError):
            OpenSafe(opened(person), safe)
    OpenSafe(opened(alice), other)


def test_one_compartment_goes_and_the_others_stay(safe: UUID, opened: Open, alice: Person, bob: Person) -> None:
    shredding.shred(OpenSafe(opened(alice), safe), "identity")
    assert not Epoch.objects.filter(compartment="identity").exists()
    assert not Share.objects.filter(custody__epoch__compartment="identity").exists()
    now = OpenSafe(opened(alice), safe)
    assert [one.body["text"] for one in now.records()] == ["What happened."]
    assert [one.body["text"] for one in OpenSafe(opened(bob), safe).records()] == ["What happened."]
    assert now.read_log()[-1]["code"] == "shredded"
    assert Shredding.objects.get().compartment == "identity"


def test_the_keys_that_a_copy_kept_open_nothing_that_is_left(safe: UUID, opened: Open, alice: Person) -> None:
    kept = list(Wrap.objects.select_related("epoch"))
    shredding.shred(OpenSafe(opened(alice), safe))
    assert not Row.objects.exists()
    with pytest.raises(Exception, match=r"FOREIGN KEY|foreign key"):
        Wrap.objects.bulk_create(kept)


def test_nobody_shreds_what_they_do_not_hold(safe: UUID, opened: Open, bob: Person, alice: Person) -> None:
    his = OpenSafe(opened(bob), safe)
    for compartment in (None, "identity"):
        with pytest.raises(NotInError):
            shredding.shred(his, compartment)
    for compartment in ("head", "log"):
        with pytest.raises(ValueError, match="go with the safe"):
            shredding.shred(OpenSafe(opened(alice), safe), compartment)


def test_files_go_too(safe: UUID, opened: Open, alice: Person, settings: Any, tmp_path: Path) -> None:
    settings.SEALED_FILES = tmp_path
    stored = files.store(tmp_path, [b"a picture"])
    safes.changing(opened(alice), safe, lambda one: one.add("account", {"kind": "evidence", "files": [stored.pack()]}))
    assert files.is_there(tmp_path, stored)
    shredding.shred(OpenSafe(opened(alice), safe))
    assert not files.is_there(tmp_path, stored)


def test_the_certificate_is_signed_kept_for_the_auditor_and_names_the_lag(
    safe: UUID, opened: Open, know: Any, alice: Person, auditor: Person
) -> None:
    know(alice, auditor)
    made = shredding.shred(OpenSafe(opened(alice), safe))
    keys = opened(auditor).directory.now(alice.pk)
    assert keys is not None
    shredding.verify(made.text, made.signature, keys)
    with pytest.raises(SealError):
        shredding.verify(made.text + " ", made.signature, keys)
    assert "14 days" in made.text
    ((day, kept),) = shredding.certificates(opened(auditor))
    assert (day, kept) == (timezone.now().date(), made)
    assert shredding.certificates(opened(alice)) == []
    assert safe.hex not in made.text.replace("-", "")
    assert b"Certificate" not in bytes(Certificate.objects.get().sealed)


def test_a_hold_refuses_with_who_and_when_and_not_why(
    safe: UUID, opened: Open, know: Any, alice: Person, counsel: Person
) -> None:
    know(alice, counsel)
    until = timezone.now().date() + 30 * DAY
    hold = holds.set_hold(counsel, opened(counsel), Order(until, "Docket 12/345", safe=safe))
    for compartment in (None, "identity"):
        with pytest.raises(HeldError) as refused:
            shredding.shred(OpenSafe(opened(alice), safe), compartment)
        assert (refused.value.by, refused.value.until) == (counsel.pk, until)
        assert "Docket" not in str(refused.value)
    assert holds.references(opened(counsel)) == {hold.pk: "Docket 12/345"}
    assert b"Docket" not in bytes(Hold.objects.get().reference)
    assert OpenSafe(opened(alice), safe).records()
    with pytest.raises(NoRightError):
        holds.lift(alice, hold.pk)
    holds.lift(counsel, hold.pk)
    shredding.shred(OpenSafe(opened(alice), safe))


def test_no_hold_is_said_to_stand_over_what_is_destroyed_at_this_moment(
    safe: UUID, opened: Open, alice: Person, counsel: Person
) -> None:
    order = Order(timezone.now().date() + DAY, "Docket", safe=safe)
    vault, there = opened(counsel), []

    def hold() -> None:
        holds.set_hold(counsel, vault, order)
        there.append(Safe.objects.filter(pk=safe).exists())
        connection.close()

    thread = threading.Thread(target=hold)

    def meanwhile(_safe: UUID, _compartment: str | None) -> None:
        thread.start()
        thread.join(0.5)  # it would be through if it did not wait for its turn

    shredding.also(meanwhile)
    try:
        shredding.shred(OpenSafe(opened(alice), safe))
    finally:
        shredding._sweeps.remove(meanwhile)
    thread.join()
    assert there == [False]


def test_no_epoch_ends_while_a_hold_stands(opened: Open, alice: Person, counsel: Person) -> None:
    desk = safes.found(opened(alice), "desk", ["letters"], public=["letters"]).id
    safes.changing(opened(alice), desk, lambda one: one.renew("letters"))
    holds.set_hold(counsel, opened(counsel), Order(timezone.now().date() + DAY, "Docket", safe=desk))
    with pytest.raises(HeldError):
        safes.changing(opened(alice), desk, lambda one: one.end_epoch("letters", 1))
    assert Epoch.objects.filter(safe=desk, compartment="letters").count() == 2


@pytest.mark.parametrize(("kind", "covered"), [("case", True), ("desk", False), ("", True)])
def test_a_hold_covers_a_class_or_everything(
    safe: UUID, opened: Open, counsel: Person, alice: Person, kind: str, covered: bool
) -> None:
    order = Order(timezone.now().date() + DAY, "Docket", kind=kind)
    holds.set_hold(counsel, opened(counsel), order)
    assert (holds.over(safe, "case") is not None) is covered


def test_only_counsel_sets_a_hold_and_with_a_reference_and_an_end(opened: Open, alice: Person, counsel: Person) -> None:
    tomorrow = timezone.now().date() + DAY
    with pytest.raises(NoRightError):
        holds.set_hold(alice, opened(alice), Order(tomorrow, "Docket"))
    for order in (Order(tomorrow, " "), Order(tomorrow - 2 * DAY, "Docket")):
        with pytest.raises(ValueError, match="reference"):
            holds.set_hold(counsel, opened(counsel), order)


def test_a_timer_shreds_when_its_day_has_come_and_not_before(safe: UUID, opened: Open, alice: Person) -> None:
    due = retention.start(OpenSafe(opened(alice), safe))
    assert due == timezone.now().date() + 730 * DAY
    assert not retention.apply()
    _make_due(opened(alice), safe)
    while work.step():
        pass
    assert not Safe.objects.exists()
    assert not Timer.objects.exists()
    assert Shredding.objects.get().swept
    assert Entry.objects.filter(target="private:0").exists()


def test_a_timer_removes_the_files_that_were_named_and_its_certificate_cites_who_ordered_it(
    safe: UUID, opened: Open, alice: Person, auditor: Person, settings: Any, tmp_path: Path
) -> None:
    settings.SEALED_FILES, settings.LETTER_FILES = tmp_path / "files", tmp_path / "letters"
    opened(auditor)
    kept, other = (files.store(settings.SEALED_FILES, [b"a photograph"]) for _ in range(2))
    settings.LETTER_FILES.mkdir()
    carried = settings.LETTER_FILES / ("ab" * 16 + ".sealed")
    carried.write_bytes(b"sealed")
    letter = {"kind": "letter", "files": [{"place": "ab" * 16, "key": "", "size": 6, "sha256": ""}]}
    safes.changing(opened(alice), safe, lambda one: one.add("account", {"file": kept.pack()}))
    safes.changing(opened(alice), safe, lambda one: one.add("identity", letter))
    assert safe.hex not in str(list(Filed.objects.values()))
    retention.start(OpenSafe(opened(alice), safe))
    _make_due(opened(alice), safe)
    assert retention.apply()
    ((_, certified),) = shredding.certificates(opened(auditor))
    assert not files.is_there(settings.SEALED_FILES, kept)
    assert not carried.exists()
    assert files.is_there(settings.SEALED_FILES, other)
    assert not Filed.objects.exists()
    assert f"ordered by person {alice.pk}" in certified.text


def test_a_hold_stops_a_timer_until_it_is_over(safe: UUID, opened: Open, alice: Person, counsel: Person) -> None:
    retention.start(OpenSafe(opened(alice), safe))
    _make_due(opened(alice), safe)
    holds.set_hold(counsel, opened(counsel), Order(timezone.now().date() + DAY, "Docket", kind="case"))
    assert not retention.apply()
    assert retention.held(OpenSafe(opened(alice), safe)) is not None
    Hold.objects.update(until=timezone.now().date() - DAY)
    assert retention.apply()
    assert not Safe.objects.exists()


def test_a_timer_tells_nobody_what_it_is_for(safe: UUID, opened: Open, alice: Person) -> None:
    retention.start(OpenSafe(opened(alice), safe))
    assert safe.hex not in str(Timer.objects.values().get())


def test_an_extension_needs_a_reason_which_stands_in_the_log(
    safe: UUID, opened: Open, alice: Person, counsel: Person
) -> None:
    retention.set_days(counsel, "case", 100)
    one = OpenSafe(opened(alice), safe)
    with pytest.raises(NoTimerError):
        retention.extend(one, timezone.now().date() + DAY, "Appeal.")
    due = retention.start(one)
    assert due == timezone.now().date() + 100 * DAY
    for until, reason in ((due, "Appeal."), (due + DAY, " ")):
        with pytest.raises(ValueError, match="reason"):
            retention.extend(one, until, reason)
    retention.extend(one, due + DAY, "Appeal.")
    assert retention.due_on(one) == due + DAY
    assert one.read_log()[-1]["reason"] == "Appeal."
    with pytest.raises(NoRightError):
        retention.set_days(alice, "case", 1)


def test_deleted_keys_leave_nothing_in_the_database_file(safe: UUID, opened: Open, alice: Person) -> None:
    if connection.vendor != "sqlite":
        kept = bytes(Wrap.objects.filter(epoch__safe=safe)[0].sealed)
        shredding.shred(OpenSafe(opened(alice), safe))
        while work.step():
            pass
        assert Shredding.objects.get().swept
        assert kept
        return
    sealed = [bytes(one.sealed)[-32:] for one in Wrap.objects.filter(epoch__safe=safe)]
    shredding.shred(OpenSafe(opened(alice), safe))
    while work.step():
        pass
    whole = b"".join(database_files().values())
    assert not [one for one in sealed if one in whole]


def test_the_ledger_holds_random_ids_and_takes_no_forged_line(
    safe: UUID, opened: Open, alice: Person, bob: Person, tmp_path: Path
) -> None:
    safes.changing(opened(alice), safe, lambda one: one.put_out(bob.pk))
    shredding.shred(OpenSafe(opened(alice), safe))
    path = tmp_path / "ledger"
    path.write_text(ledger.text(ledger.lines()))
    assert ledger.read(path) == ledger.lines()
    assert {(one.person, one.compartment) for one in ledger.lines()} == {(0, ""), (bob.pk, "")}
    path.write_text(path.read_text().replace(safe.hex, UUID(int=7).hex, 1))
    with pytest.raises(ForgedLedgerError):
        ledger.read(path)


def _cut_in_the_middle(lines: list[str]) -> list[str]:
    return [*lines[:1], *lines[2:]]


def _cut_at_the_end(lines: list[str]) -> list[str]:
    return lines[:-2]


def _cut_before_the_end(lines: list[str]) -> list[str]:
    return [*lines[:-2], lines[-1]]


def _turned_round(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


def _with_another_end(lines: list[str]) -> list[str]:
    return [*lines[:-2], ledger.text(KNOWN[:1]).splitlines()[-1]]


def _emptied(lines: list[str]) -> list[str]:
    return []


KNOWN = [Line("aa" * 16), Line("bb" * 16, person=3, version=4), Line("cc" * 16)]


@pytest.mark.parametrize(
    "harm",
    [_cut_in_the_middle, _cut_at_the_end, _cut_before_the_end, _turned_round, _with_another_end, _emptied],
)
def test_a_ledger_of_which_lines_were_cut_is_refused(harm: Callable[[list[str]], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text(ledger.text(KNOWN))
    assert ledger.read(path) == KNOWN
    path.write_text("".join(one + "\n" for one in harm(path.read_text().splitlines())))
    with pytest.raises(ForgedLedgerError):
        ledger.read(path)


def test_an_older_ledger_is_whole_and_has_a_lower_number(tmp_path: Path) -> None:
    assert [ledger.end_of(KNOWN[:length]).number for length in range(4)] == [0, 1, 2, 3]
    assert len({ledger.end_of(KNOWN[:length]).mark for length in range(4)}) == 4
    for known in ([], KNOWN[:2]):
        (tmp_path / "ledger").write_text(ledger.text(known))
        assert ledger.read(tmp_path / "ledger") == known
