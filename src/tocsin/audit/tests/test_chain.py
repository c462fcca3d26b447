"""Sealing, checkpoints and the check of the chain, attacked by somebody who can write to the database."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from tocsin.audit import access, protection, work
from tocsin.audit.actions import record
from tocsin.audit.chain import digest
from tocsin.audit.models import Checkpoint, Entry, Seal
from tocsin.audit.verification import Kind, Verdict, verify
from tocsin.audit.witness import LARGEST, Noted, lines

pytestmark = pytest.mark.django_db


def write(number: int) -> list[Entry]:
    """So many entries in the record, not yet sealed."""
    with transaction.atomic():
        return [record(7, "thing.done", f"thing:{one}", purpose="a test", count=one) for one in range(number)]


def seal_all() -> None:
    while work.step():
        pass


@pytest.fixture
def chain() -> list[Entry]:
    """Ten entries, sealed."""
    entries = write(10)
    seal_all()
    assert verify().problems == []
    return entries


@pytest.fixture
def sql() -> Iterator[Callable[..., None]]:
    """Runs SQL as somebody who owns the database, and so can lift what protects it."""
    with connection.cursor() as cursor:
        for table in protection.TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                cursor.execute(f"DROP TRIGGER {table}_unchanged")

        def run(statement: str, *values: str | int | datetime) -> None:
            cursor.execute(statement, values)

        yield run


def found(verdict: Verdict) -> list[tuple[Kind, int]]:
    return [(one.kind, one.sequence) for one in verdict.problems]


def rebuild() -> None:
    """Compute the whole chain anew over what the entries say now, as an attacker with time would."""
    previous = "0" * 64
    for link in Seal.objects.order_by("sequence"):
        new = digest(link.sequence, previous, link.sealed_at, Entry.objects.get(pk=link.entry))
        Seal.objects.filter(pk=link.pk).update(previous=previous, digest=new)
        previous = new


def test_entries_are_sealed_in_order_and_a_late_one_follows(chain: list[Entry]) -> None:
    late = write(1)[0]
    assert verify().waiting_entries == [late.pk]
    seal_all()
    assert list(Seal.objects.order_by("sequence").values_list("entry", flat=True)) == [one.pk for one in [*chain, late]]


def test_sealing_goes_on_past_one_batch() -> None:
    write(work.BATCH + 5)
    assert work.step()
    assert not work.step()
    assert Seal.objects.count() == work.BATCH + 5


def test_an_entry_that_appears_below_those_already_sealed_is_swept_up(chain: list[Entry]) -> None:
    far = chain[-1].pk + 1_000_000
    Entry.objects.create(pk=far, at=timezone.now(), verb="thing.done", target="thing:0")
    seal_all()
    Entry.objects.create(pk=far - 999_000, at=timezone.now(), verb="thing.done", target="thing:0")
    an_hour_passes()
    seal_all()
    seal_all()
    assert Seal.objects.get(entry=far - 999_000).sequence == 12
    assert not work.step()


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'thing.undone'",
        "target = 'thing:99'",
        "actor = 8",
        "actor = NULL",
        "purpose = ''",
        "facts = '{\"count\": 5}'",
        "at = '2020-01-01 00:00:00+00'",
    ],
)
def test_a_changed_entry_is_named(chain: list[Entry], sql: Callable[..., None], change: str) -> None:
    sql(f"UPDATE audit_entry SET {change} WHERE id = %s", chain[3].pk)
    verdict = verify()
    assert found(verdict) == [(Kind.CHANGED, 4)]
    assert verdict.problems[0].entry == chain[3].pk


@pytest.mark.parametrize("column", ["digest", "previous"])
def test_a_changed_link_is_named(chain: list[Entry], sql: Callable[..., None], column: str) -> None:
    sql(f"UPDATE audit_seal SET {column} = %s WHERE sequence = 4", "a" * 64)
    assert found(verify()) == [(Kind.CHANGED, 4)]


def test_a_changed_entry_with_a_new_digest_is_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("UPDATE audit_entry SET verb = 'thing.undone' WHERE id = %s", chain[3].pk)
    link = Seal.objects.get(sequence=4)
    new = digest(4, link.previous, link.sealed_at, Entry.objects.get(pk=chain[3].pk))
    sql("UPDATE audit_seal SET digest = %s WHERE sequence = 4", new)
    assert found(verify()) == [(Kind.REWRITTEN, 4)]


def test_a_deleted_entry_is_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("DELETE FROM audit_entry WHERE id = %s", chain[6].pk)
    assert found(verify()) == [(Kind.ENTRY_MISSING, 7)]


def test_deleted_links_are_named_and_what_follows_is_still_checked(
    chain: list[Entry], sql: Callable[..., None]
) -> None:
    sql("DELETE FROM audit_seal WHERE sequence IN (4, 5)")
    sql("UPDATE audit_entry SET actor = 8 WHERE id = %s", chain[8].pk)
    verdict = verify()
    assert found(verdict) == [(Kind.SEAL_MISSING, 4), (Kind.CHANGED, 9)]
    assert verdict.problems[0].until == 5
    assert verdict.waiting_entries == [chain[3].pk, chain[4].pk]


def test_an_entry_deleted_with_its_link_is_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("DELETE FROM audit_entry WHERE id = %s", chain[4].pk)
    sql("DELETE FROM audit_seal WHERE sequence = 5")
    assert found(verify()) == [(Kind.SEAL_MISSING, 5)]


def test_the_first_link_can_not_vanish_unseen(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("DELETE FROM audit_seal WHERE sequence = 1")
    assert found(verify()) == [(Kind.SEAL_MISSING, 1)]


def test_entries_that_changed_places_are_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    one, other = chain[2].pk, chain[5].pk
    sql("UPDATE audit_seal SET entry = -1 WHERE sequence = 3")
    sql("UPDATE audit_seal SET entry = %s WHERE sequence = 6", one)
    sql("UPDATE audit_seal SET entry = %s WHERE sequence = 3", other)
    assert found(verify()) == [(Kind.MOVED, 3), (Kind.MOVED, 6)]


def test_links_that_changed_places_are_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    for before, after in ((3, 0), (4, 3), (0, 4)):
        sql("UPDATE audit_seal SET sequence = %s WHERE sequence = %s", after, before)
    assert [one for one in found(verify()) if one[0] is Kind.MOVED] == [(Kind.MOVED, 3), (Kind.MOVED, 4)]


def test_words_that_changed_places_are_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("UPDATE audit_entry SET target = 'thing:5', facts = '{\"count\": 5}' WHERE id = %s", chain[2].pk)
    sql("UPDATE audit_entry SET target = 'thing:2', facts = '{\"count\": 2}' WHERE id = %s", chain[5].pk)
    at = {one.pk: one.at for one in chain}
    sql("UPDATE audit_entry SET at = %s WHERE id = %s", at[chain[5].pk], chain[2].pk)
    sql("UPDATE audit_entry SET at = %s WHERE id = %s", at[chain[2].pk], chain[5].pk)
    assert found(verify()) == [(Kind.MOVED, 3), (Kind.MOVED, 6)]


def test_an_inserted_link_is_named(chain: list[Entry], sql: Callable[..., None]) -> None:
    forged = Entry.objects.create(at=chain[4].at, verb="thing.forged", target="thing:4")
    sql("UPDATE audit_seal SET sequence = -sequence - 1 WHERE sequence > 5")
    sql("UPDATE audit_seal SET sequence = -sequence WHERE sequence < 0")
    previous = Seal.objects.get(sequence=5).digest
    sealed_at = Seal.objects.get(sequence=5).sealed_at
    Seal.objects.create(
        sequence=6,
        entry=forged.pk,
        previous=previous,
        digest=digest(6, previous, sealed_at, forged),
        sealed_at=sealed_at,
    )
    assert {one[1] for one in found(verify())} == set(range(7, 12))


def test_an_entry_put_in_late_with_an_old_time_is_pointed_at(chain: list[Entry]) -> None:
    Entry.objects.create(at=chain[0].at - timedelta(hours=3), verb="thing.forged", target="thing:4")
    seal_all()
    verdict = verify()
    assert verdict.problems == []
    assert len(verdict.doubts) == 1
    assert "put in late" in verdict.doubts[0]


def test_a_tail_that_was_cut_off_shows_against_a_checkpoint(chain: list[Entry], sql: Callable[..., None]) -> None:
    told = [Noted(10, Seal.objects.get(sequence=10).digest, timezone.now())]
    sql("DELETE FROM audit_entry WHERE id > %s", chain[6].pk)
    sql("DELETE FROM audit_seal WHERE sequence > 7")
    sql("DELETE FROM audit_checkpoint")
    assert verify().problems == []
    verdict = verify(told)
    assert [(one.kind, one.sequence, one.until) for one in verdict.problems] == [(Kind.CUT_OFF, 8, 10)]


def test_a_chain_that_was_rebuilt_shows_against_a_checkpoint_only(chain: list[Entry], sql: Callable[..., None]) -> None:
    digests = dict(Seal.objects.values_list("sequence", "digest"))
    told = [Noted(number, digests[number], timezone.now()) for number in (2, 4, 6, 10)]
    sql("UPDATE audit_entry SET verb = 'thing.undone' WHERE id = %s", chain[4].pk)
    rebuild()
    sql("DELETE FROM audit_checkpoint")
    assert verify().problems == []
    verdict = verify(told)
    assert found(verdict) == [(Kind.REBUILT, 6)]
    assert "rebuilt after 4" in verdict.problems[0].words
    assert verdict.outside is not None
    assert verdict.outside.agrees_to == told[1]


def test_the_database_refuses_to_change_or_delete_what_was_recorded(chain: list[Entry]) -> None:
    for table in protection.TABLES:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET digest = ''" if table != "audit_entry" else "UPDATE audit_entry SET verb = ''"
            )


def test_a_refusal_that_was_lifted_shows_and_can_be_put_back(chain: list[Entry], sql: Callable[..., None]) -> None:
    assert not protection.is_protected()
    audit("protect")
    assert protection.is_protected()
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.all().delete()


class TestWitness:
    """The file that is told the head of the chain every hour."""

    @pytest.fixture
    def file(self, tmp_path: Path, settings: Settings) -> Path:
        return name(tmp_path / "witness", settings)

    def test_it_is_told_at_once_and_then_every_hour_whether_or_not_anything_happened(self, file: Path) -> None:
        seal_all()
        assert next(line for line in lines(file) if isinstance(line, Noted)).sequence == 0
        seal_all()
        assert len(list(lines(file))) == 1
        an_hour_passes()
        write(3)
        seal_all()
        an_hour_passes()
        seal_all()
        told = [line for line in lines(file) if isinstance(line, Noted)]
        assert [one.sequence for one in told] == [0, 3, 3]
        assert verify(told).problems == []
        assert access.witness_state().problem == ""

    def test_one_that_can_not_be_written_is_visible_and_asked_again(
        self, file: Path, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        name(file / "no" / "such" / "folder", settings)
        seal_all()
        assert "can't be written" in access.witness_state().problem
        assert "can't be written" in caplog.text
        assert Checkpoint.objects.get().witness == ""
        name(file, settings)
        an_hour_passes()
        seal_all()
        assert access.witness_state().problem == ""
        assert access.witness_state().last_told is not None

    def test_a_torn_line_is_said_and_does_not_swallow_the_next(self, file: Path, chain: list[Entry]) -> None:
        an_hour_passes()
        with file.open("a") as torn:
            torn.write("12 abc")
        seal_all()
        read = list(lines(file))
        assert [one for one in read if isinstance(one, int)] == [2]
        assert isinstance(read[-1], Noted)

    def test_without_one_nothing_is_wrong(self) -> None:
        assert not access.witness_state().configured
        assert access.witness_state().problem == ""

    def test_the_command_says_up_to_where_the_witness_vouches(self, file: Path, chain: list[Entry]) -> None:
        an_hour_passes()
        seal_all()
        write(2)
        seal_all()
        write(1)
        said = audit("verify")
        assert "agrees up to 10" in said
        assert "The 2 entries after it" in said
        assert "1 entries are not sealed yet" in said
        assert "Nothing is changed" in said


def name(path: Path, settings: Settings) -> Path:
    settings.CONFIGURATION = replace(settings.CONFIGURATION, audit_witness=str(path))
    return path


def an_hour_passes() -> None:
    """As if the last checkpoint were an hour old: one of that time is the newest."""
    last = Checkpoint.objects.order_by("pk").last()
    assert last is not None
    Checkpoint.objects.create(
        sequence=last.sequence, digest=last.digest, at=last.at - timedelta(minutes=61), witness=last.witness
    )


def audit(*words: str) -> str:
    out = io.StringIO()
    call_command("audit", *words, stdout=out)
    return out.getvalue()


def test_the_command_fails_loudly_and_names_the_place(chain: list[Entry], sql: Callable[..., None]) -> None:
    sql("UPDATE audit_entry SET actor = 8 WHERE id = %s", chain[3].pk)
    out = io.StringIO()
    with pytest.raises(CommandError, match="tampered"):
        call_command("audit", "verify", stdout=out)
    assert f"Entry {chain[3].pk}, or its link 4, was changed" in out.getvalue()


def test_a_checkpoint_kept_by_hand_can_be_given_to_the_check(chain: list[Entry], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    printed = audit("checkpoint", "--to", str(kept))
    assert kept.read_text() == printed
    assert "agrees up to 10" in audit("verify", "--checkpoint", str(kept))
    with pytest.raises(CommandError, match="can't be read"):
        audit("verify", "--checkpoint", str(tmp_path / "none"))


@pytest.mark.parametrize("special", ["/dev/zero", "pipe", "folder", "huge"])
def test_what_is_no_plain_file_is_never_read_as_a_witness(chain: list[Entry], tmp_path: Path, special: str) -> None:
    given = Path(special) if special.startswith("/") else tmp_path / special
    if special == "pipe":
        os.mkfifo(given)
    elif special == "folder":
        given.mkdir()
    elif special == "huge":
        with given.open("wb") as file:
            file.truncate(LARGEST + 1)
    with pytest.raises(CommandError, match="plain file"):
        audit("verify", "--checkpoint", str(given))
    if special != "huge":
        with pytest.raises(CommandError, match="plain file"):
            audit("checkpoint", "--to", str(given))


def test_a_file_that_holds_something_else_is_not_repeated_line_by_line(chain: list[Entry], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("x" * 500_000 + "\n" + "no checkpoint\n" * 500)
    told = audit("verify", "--checkpoint", str(other))
    assert len(told) < 10_000
    assert "lines of" in told
    assert "no checkpoint that agrees" in told


def test_the_record_is_shown_by_who_what_and_target(chain: list[Entry]) -> None:
    assert len(audit("show", "--actor", "7", "--verb", "thing.", "--limit", "50").splitlines()) == 10
    assert "thing:3" in audit("show", "--target", "thing:3")
    assert audit("show", "--target", "other") == ""


def test_an_entry_needs_the_transaction_of_its_act(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        record(None, "thing.done", "thing:1")
