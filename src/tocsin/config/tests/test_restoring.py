"""A sealed backup comes back on both databases, and what was shredded or taken out since does not come back with it."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyrage  # type: ignore[import-untyped]
import pytest
from django.conf import settings as configured
from django.db import connection

from tocsin.config import archives, backups, doorbackups, migrating, restoring, signing, workplace
from tocsin.config.refusal import RefusalError
from tocsin.config.signing import Signer
from tocsin.keys import finishing, ledger, recovery, safes, shredding, vaults
from tocsin.keys.holder.holding import Holder
from tocsin.keys.models import Custody, Epoch, Safe, Share, Wrap
from tocsin.keys.recovery import Asked
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.tests.conftest import holder
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

__all__ = ["holder"]
pytestmark = pytest.mark.django_db(transaction=True)
IDENTITY = pyrage.x25519.Identity.generate()
TO = str(IDENTITY.to_public())


class Team:
    """Three people with vaults; each opens with their words, before a restore and after it."""

    def __init__(self, held: Holder, *people: Person) -> None:
        self._held, self.people = held, people
        self._words: dict[int, str] = {}
        self._cookies: dict[int, bytes] = {}
        for person in people:
            self._words[person.pk], self._cookies[person.pk] = vaults.make(person.pk)
        for person in people:
            for other in people:
                keys = self.vault(person).directory.now(other.pk)
                if keys is not None and other != person:
                    self.vault(person).verify(keys)

    def vault(self, person: Person) -> OpenVault:
        return OpenVault(person.pk, self._cookies[person.pk])

    def open_again(self) -> None:
        """As after a restore: the keyholder was started anew."""
        self._held.lock_all()
        for person in self.people:
            self._cookies[person.pk] = vaults.unlock(person.pk, self._words[person.pk])

    def texts(self, person: Person, safe: UUID) -> list[str]:
        return sorted(one.body["text"] for one in OpenSafe(self.vault(person), safe).records())


@pytest.fixture
def team(holder: Holder, alice: Person, bob: Person, vera: Person) -> Team:  # the fixture itself
    return Team(holder, alice, bob, vera)


def _found(team: Team) -> UUID:
    alice, bob, vera = team.people
    made = safes.found(team.vault(alice), "case", ["account", "identity"], "owner").id

    def fill(one: OpenSafe) -> None:
        one.add("account", {"text": "What happened."})
        one.add("identity", {"text": "Her name."})
        one.let_in(bob.pk, ["account"])
        one.set_custodians([alice.pk, bob.pk, vera.pk], 2)

    safes.changing(team.vault(alice), made, fill)
    return made


def _back_up(folder: Path, signer: Signer | None = None) -> Path:
    lines = ledger.lines()
    sealing = backups.Sealing(TO, True, ledger.text(lines), signer=signer, lines=tuple(lines))
    return backups.write(connection.settings_dict, folder, 5, sealing)


def _opened(made: Path, folder: Path) -> tuple[Path, Path]:
    folder.mkdir(exist_ok=True)
    for sealed, plain in ((made, folder / "content"), (archives.wraps_beside(made), folder / "wraps")):
        archives.unseal(sealed, plain, [IDENTITY])
    return folder / "content", folder / "wraps"


@contextmanager
def _restored(made: Path, folder: Path) -> Iterator[restoring.Restored]:
    """The backup in a database of its own, which Django uses inside the block."""
    content, wraps = _opened(made, folder / "opened")
    lines, before = ledger.lines(), connection.settings_dict["NAME"]
    name = f"restored_{secrets.token_hex(4)}"
    connection.close()
    try:
        if connection.vendor == "sqlite":
            connection.settings_dict["NAME"] = str(folder / "restored.sqlite3")
            yield _then(restoring.into_sqlite(folder / "restored.sqlite3", content, wraps, lines), lines)
        else:
            with _postgresql(before, name):
                connection.settings_dict["NAME"] = name
                database = dict(connection.settings_dict)
                yield _then(restoring.into_postgresql(database, content, wraps, lines), lines)
                connection.close()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _then(done: restoring.Restored, lines: list[ledger.Line]) -> restoring.Restored:
    assert migrating.pending() == []
    shredding.again(lines)
    return done


@contextmanager
def _postgresql(near: str, name: str) -> Iterator[None]:
    given = connection.settings_dict
    words = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    reached: dict[str, Any] = {one: value for one, value in words.items() if value}
    with psycopg.connect(dbname=near, autocommit=True, **reached) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_everything_comes_back_and_opens(team: Team, tmp_path: Path) -> None:
    alice, bob, _ = team.people
    safe = _found(team)
    made = _back_up(tmp_path / "backups")
    safes.changing(team.vault(alice), safe, lambda one: one.add("account", {"text": "Later."}))
    with _restored(made, tmp_path) as done:
        team.open_again()
        assert team.texts(alice, safe) == ["Her name.", "What happened."]
        assert team.texts(bob, safe) == ["What happened."]
        assert done.left_out == done.shredded == done.removed == 0


def test_a_shredded_safe_does_not_come_back_and_another_does(team: Team, tmp_path: Path) -> None:
    alice = team.people[0]
    gone, kept = _found(team), _found(team)
    made = _back_up(tmp_path / "backups")
    shredding.shred(OpenSafe(team.vault(alice), gone))
    with _restored(made, tmp_path) as done:
        assert (done.shredded, done.removed) == (1, 0)
        assert done.left_out > 0
        for model in (Wrap, Share, Custody):
            path = {Wrap: "epoch__safe", Custody: "epoch__safe", Share: "custody__epoch__safe"}[model]
            assert not model.objects.filter(**{path: gone}).exists()
        assert not Safe.objects.filter(pk=gone).exists()
        team.open_again()
        with pytest.raises(NotInError):
            OpenSafe(team.vault(alice), gone)
        assert team.texts(alice, kept) == ["Her name.", "What happened."]
        # The next restore knows it too.
        assert ledger.Line(gone.hex) in ledger.lines()


def test_a_shredded_compartment_stays_away_and_the_rest_of_its_safe_opens(team: Team, tmp_path: Path) -> None:
    alice, bob, _ = team.people
    safe = _found(team)
    made = _back_up(tmp_path / "backups")
    shredding.shred(OpenSafe(team.vault(alice), safe), "identity")
    with _restored(made, tmp_path):
        assert not Epoch.objects.filter(safe=safe, compartment="identity").exists()
        team.open_again()
        assert team.texts(alice, safe) == ["What happened."]
        safes.changing(team.vault(alice), safe, lambda one: one.add("account", {"text": "Since."}))
        assert team.texts(bob, safe) == ["Since.", "What happened."]


def test_who_was_taken_out_since_gets_no_key_back(team: Team, tmp_path: Path) -> None:
    alice, bob, _ = team.people
    safe = _found(team)
    made = _back_up(tmp_path / "backups")
    safes.changing(team.vault(alice), safe, lambda one: one.put_out(bob.pk))
    with _restored(made, tmp_path) as done:
        assert done.removed == 1
        team.open_again()
        with pytest.raises(NotInError):
            OpenSafe(team.vault(bob), safe)
        assert team.texts(alice, safe) == ["Her name.", "What happened."]


def test_who_was_let_in_again_before_the_backup_keeps_their_keys(team: Team, tmp_path: Path) -> None:
    alice, bob, _ = team.people
    safe = _found(team)
    safes.changing(team.vault(alice), safe, lambda one: one.put_out(bob.pk))
    safes.changing(team.vault(alice), safe, lambda one: one.let_in(bob.pk, ["account"]))
    made = _back_up(tmp_path / "backups")
    with _restored(made, tmp_path) as done:
        assert done.removed == 0
        team.open_again()
        assert team.texts(bob, safe) == ["What happened."]


def test_custodians_bring_a_restored_safe_back(team: Team, tmp_path: Path, settings: Any) -> None:
    alice, bob, vera = team.people
    safe = _found(team)
    made = _back_up(tmp_path / "backups")
    with _restored(made, tmp_path):
        team.open_again()
        asking = recovery.ask(
            team.vault(vera), safe, Asked(vera.pk, "Gone.", datetime.now(UTC) + timedelta(hours=1), life=True)
        )
        for person in (alice, bob):
            recovery.agree(team.vault(person), asking)
        finishing.finish(team.vault(vera), asking)
        assert team.texts(vera, safe) == ["Her name.", "What happened."]


def test_the_content_alone_holds_no_wrapped_key_and_neither_file_is_in_clear(team: Team, tmp_path: Path) -> None:
    _found(team)
    blobs = [*Wrap.objects.values_list("sealed"), *Share.objects.values_list("sealed")]
    sealed = [bytes(one)[8:40] for (one,) in [*blobs, *Custody.objects.values_list("sealed")]]
    made = _back_up(tmp_path / "backups")
    for path in (made, archives.wraps_beside(made)):
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
        assert path.stat().st_mode & 0o077 == 0
    content, wraps = _opened(made, tmp_path / "opened")
    if connection.vendor == "sqlite":
        whole = content.read_bytes()
        assert not [one for one in sealed if one in whole]
    assert sum(1 for _ in archives.read(wraps)) == len(sealed)
    assert {path.name for path in (tmp_path / "backups").iterdir()} == {
        made.name,
        archives.wraps_beside(made).name,
        archives.LEDGER,
    }


def test_no_backup_is_written_in_clear_once_there_is_a_safe(team: Team, tmp_path: Path) -> None:
    assert not migrating.sealing().safes
    assert backups.write(connection.settings_dict, tmp_path, 5, migrating.sealing()).suffix != ".age"
    _found(team)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RefusalError, match="backup_recipient"):
        backups.write(connection.settings_dict, tmp_path, 5, migrating.sealing())
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("keys_wrap", {"epoch_id": 1, "person": 7, "sealed) SELECT ?, ?, (SELECT secret FROM other) --": ""}),
        ("keys_wrap", {"epoch_id": 1, "person": 7, "secret": ""}),
        ("keys_wrap", {"person": 7}),
        ("keys_custody", {"epoch_id": 1}),
        ("people_person", {"id": 1}),
        ("keys_wrap", ["epoch_id"]),
    ],
)
def test_names_in_the_wraps_that_are_no_columns_of_keys_are_refused(tmp_path: Path, table: str, row: object) -> None:
    content, wraps, target = tmp_path / "content", tmp_path / "wraps", tmp_path / "restored.sqlite3"
    with closing(sqlite3.connect(content)) as made:
        made.executescript(
            "CREATE TABLE keys_safe(id, version, head); CREATE TABLE keys_epoch(id, safe_id, compartment);"
            "CREATE TABLE keys_wrap(epoch_id, person, sealed); CREATE TABLE other(secret);"
            f"INSERT INTO keys_safe VALUES('{'aa' * 16}', 1, '');"
            f"INSERT INTO keys_epoch VALUES(1, '{'aa' * 16}', 'head'); INSERT INTO other VALUES('a password');"
        )
    wraps.write_text(json.dumps({"table": table, "row": row}) + "\n")
    with pytest.raises(RefusalError, match="something else than wrapped keys"):
        restoring.into_sqlite(target, content, wraps, [])
    assert not target.exists()


def test_a_doors_database_in_postgresql_is_in_the_backup_too(tmp_path: Path) -> None:
    door = tmp_path / "door"
    door.mkdir()
    for name in ("salt", "secret_key"):
        (door / name).write_bytes(b"x")
    database = connection.settings_dict if connection.vendor == "postgresql" else None
    sealing = backups.Sealing(TO, door=door, door_database=database)
    made = backups.write(connection.settings_dict, tmp_path / "backups", 5, sealing)
    archives.unseal(doorbackups.beside(made), tmp_path / "opened", [IDENTITY])
    doorbackups.unpack(tmp_path / "opened", tmp_path / "new")
    dump = tmp_path / "new" / doorbackups.DUMP
    assert (dump.read_bytes()[:5] if dump.is_file() else b"") == (b"PGDMP" if database else b"")


def test_the_door_comes_back_with_its_salt_and_only_as_a_door(team: Team, tmp_path: Path) -> None:
    door, opened = tmp_path / "intake", tmp_path / "door.tar"
    door.mkdir()
    for name in ("salt", "secret_key"):
        (door / name).write_bytes(name.encode())
    with closing(sqlite3.connect(door / "door.sqlite3")) as made_:
        made_.executescript("CREATE TABLE mailbox(lookup); INSERT INTO mailbox VALUES('one');")
    sealing = backups.Sealing(TO, True, "", door=door)
    made = backups.write(connection.settings_dict, tmp_path / "backups", 1, sealing)
    archives.unseal(doorbackups.beside(made), opened, [IDENTITY])
    doorbackups.unpack(opened, tmp_path / "new")
    assert (tmp_path / "new" / "salt").read_bytes() == b"salt"
    with closing(sqlite3.connect(tmp_path / "new" / "door.sqlite3")) as back:
        assert back.execute("SELECT lookup FROM mailbox").fetchall() == [("one",)]
    with pytest.raises(RefusalError, match="holds one already"):
        doorbackups.unpack(opened, tmp_path / "new")
    with tarfile.open(opened, "w") as forged:
        forged.add(door / "salt", "../secrets/secret_key")
    with pytest.raises(RefusalError, match="something else"):
        doorbackups.unpack(opened, tmp_path / "other")
    backups.write(connection.settings_dict, tmp_path / "backups", 1, sealing)
    assert len(list((tmp_path / "backups").glob("tocsin-door-*"))) == 1


@pytest.mark.parametrize("text", ["", "age1wrong", "AGE-SECRET-KEY-1"])
def test_a_recipient_that_is_none_is_said_to_be_none(text: str) -> None:
    with pytest.raises(RefusalError, match="no age key"):
        archives.recipient(text)


def test_another_identity_and_a_changed_file_do_not_open(team: Team, tmp_path: Path) -> None:
    made = _back_up(tmp_path)
    with pytest.raises(RefusalError, match="does not open"):
        archives.unseal(made, tmp_path / "x", [pyrage.x25519.Identity.generate()])
    whole = bytearray(made.read_bytes())
    whole[len(whole) // 2] ^= 1
    made.write_bytes(whole)
    with pytest.raises(RefusalError, match="damaged"):
        archives.unseal(made, tmp_path / "x", [IDENTITY])


def test_wraps_are_kept_for_fourteen_days(team: Team, tmp_path: Path) -> None:
    made = _back_up(tmp_path)
    now = datetime.now(UTC)
    assert archives.prune(tmp_path, now + timedelta(days=13)) == 0
    assert archives.prune(tmp_path, now + timedelta(days=15)) == 1
    assert made.exists()


_KILLED = """
import os, signal, sys
def stop(event, words):
    # Sealed, and not yet in place: the copy in clear lies there, and so do its wrapped keys.
    if event == "os.chmod" and str(words[0]).endswith(".age"):
        os.kill(os.getpid(), signal.SIGKILL)
import django
django.setup()
from pathlib import Path
from tocsin.config import backups
sys.addaudithook(stop)
database = {"ENGINE": "tocsin.lib.sqlite", "NAME": sys.argv[1]}
backups.write(database, Path(sys.argv[2]), 5, backups.Sealing(sys.argv[3], True, ""))
"""


def test_what_a_killed_backup_left_in_clear_is_removed_by_whatever_comes_next(team: Team, tmp_path: Path) -> None:
    source, folder = tmp_path / "source.sqlite3", tmp_path / "backups"
    with closing(sqlite3.connect(source)) as made:
        made.executescript("CREATE TABLE keys_wrap(id, sealed); INSERT INTO keys_wrap VALUES(1, 'a wrapped key');")
    words = [sys.executable, "-c", _KILLED, str(source), str(folder), TO]
    for mend in (lambda: _back_up(folder), lambda: backups.sweep(tmp_path), lambda: backups.keep_ledger(folder, None)):
        assert subprocess.run(words, capture_output=True, check=False).returncode == -signal.SIGKILL
        (left,) = folder.glob(".*")
        assert left.stat().st_mode & 0o077 == 0
        assert b"a wrapped key" in (left / "content").read_bytes() + (left / "wraps").read_bytes()
        (folder / "tocsin-20260101T000000000000Z.wraps").write_text("of an older version")
        mend()
        assert all(one.suffix in {".age", ".jsonl"} for one in folder.iterdir())


def test_nothing_is_removed_under_the_hands_of_a_backup_that_is_being_made(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    with workplace.private(tmp_path / "backups") as work:
        (work / "content").write_text("half")
        backups.sweep(tmp_path)
        backups.keep_ledger(tmp_path / "backups", "")
        assert (work / "content").exists()
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.fixture
def restore(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    (tmp_path / "identity").write_text(f"# made for a test\n{IDENTITY}\n")
    home = tmp_path / "home"
    (home / "secrets").mkdir(parents=True, mode=0o700)
    (home / "secrets" / "secret_key").write_text(configured.SECRET_KEY)

    def run(*words: object) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
        line = [sys.executable, "-m", "tocsin.config.cli", "restore", *map(str, words), "--home", str(home)]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.mark.slow
def test_the_command_restores_into_an_empty_home_once(
    team: Team, tmp_path: Path, restore: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    safe = _found(team)
    (tmp_path / "maker" / "secrets").mkdir(parents=True)
    signer = signing.signer_of(tmp_path / "maker")
    assert signer is not None
    made = _back_up(tmp_path / "backups", signer)
    with _empty() as where:
        words = (made, "--identity", tmp_path / "identity", *where)
        said = restore(*words)
        assert (said.returncode, f"--signed-by {signer.public}" in said.stderr) == (2, True)
        words = (*words, "--signed-by", signer.public)
        (made.parent / archives.LEDGER).unlink()
        said = restore(*words)
        assert (said.returncode, "no ledger" in said.stderr) == (2, True)
        shredding.shred(OpenSafe(team.vault(team.people[0]), safe))
        backups.keep_ledger(made.parent, ledger.text(ledger.lines()))
        said = restore(*words, "--ledger-number", 2)
        assert (said.returncode, "ends at number 1" in said.stderr) == (2, True)
        said = restore(*words)
        assert said.returncode == 0, said.stderr
        assert "1 shreddings" in said.stdout
        assert ledger.end_of(ledger.lines()).words in said.stdout
        assert "WARNING: nobody said how long it was" in said.stdout
        assert f"SHA-256 of {made.name}: {archives.fingerprint(made)}" in said.stdout
        said = restore(*words)
        assert (said.returncode, "never writes over" in said.stderr) == (2, True)


@contextmanager
def _empty() -> Iterator[tuple[str, ...]]:
    """The words that name an empty database: none for SQLite, which is in the home."""
    if connection.vendor == "sqlite":
        yield ()
        return
    given, name = connection.settings_dict, f"restored_{secrets.token_hex(4)}"
    with _postgresql(given["NAME"], name):
        yield ("--database", f"postgresql://{given['USER']}@/{name}?host={given['HOST']}")
