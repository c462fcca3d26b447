"""A file is read again as it came, whole, or not at all; and nothing of it lies on the disk in clear."""

import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tocsin.keys import files
from tocsin.keys.files import GoneError, StoredFile
from tocsin.keys.sealing import CHUNK, HEADER, SEALED_CHUNK, SealError, pad_size

MARK = b"MARKER-of-what-must-not-lie-here"


def _read(folder: Path, file: StoredFile) -> bytes:
    return b"".join(files.read(folder, file))


def _only(folder: Path) -> Path:
    (path,) = (one for one in folder.rglob("*") if one.is_file() and one.suffix != files.NEW)
    return path


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.integers(0, 3 * CHUNK), max_size=4))
def test_it_is_read_as_it_came_however_it_was_cut(tmp_path: Path, lengths: list[int]) -> None:
    pieces = [os.urandom(length) for length in lengths]
    file = files.store(tmp_path, pieces)
    assert _read(tmp_path, file) == b"".join(pieces)
    assert file.size == sum(lengths)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 300_000])
def test_the_size_on_the_disk_is_one_of_few(tmp_path: Path, size: int) -> None:
    files.store(tmp_path, [bytes(size)])
    padded = pad_size(size)
    pieces = max(1, -(-padded // CHUNK))
    assert _only(tmp_path).stat().st_size == HEADER + padded + pieces * (SEALED_CHUNK - CHUNK)


def test_what_a_record_says_of_it_goes_through_json(tmp_path: Path) -> None:
    file = files.store(tmp_path, [b"one", b"two"])
    assert StoredFile.unpack(file.pack()) == file
    assert files.is_there(tmp_path, file)


def test_nothing_of_it_is_in_clear_on_the_disk_while_it_comes_or_after(tmp_path: Path) -> None:
    one = files.Incoming(tmp_path)
    for _ in range(200):
        one.write(MARK * 40)
        assert all(MARK[:12] not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    one.finish()
    file = one.keep()
    assert MARK[:12] not in _only(tmp_path).read_bytes()
    assert _read(tmp_path, file) == MARK * 40 * 200


@pytest.mark.parametrize("where", [0, HEADER - 1, HEADER, HEADER + SEALED_CHUNK, -1])
def test_one_bit_changed_is_refused(tmp_path: Path, where: int) -> None:
    file = files.store(tmp_path, [os.urandom(2 * CHUNK + 7)])
    path = _only(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[where] ^= 1
    path.write_bytes(whole)
    with pytest.raises(SealError):
        _read(tmp_path, file)


def test_a_file_that_is_cut_longer_empty_shuffled_or_another_is_refused(tmp_path: Path) -> None:
    file = files.store(tmp_path, [os.urandom(3 * CHUNK)])
    other = files.store(tmp_path, [os.urandom(3 * CHUNK)])
    path, second = tmp_path / file.id[:2] / file.id, tmp_path / other.id[:2] / other.id
    whole = path.read_bytes()
    body = [whole[HEADER + n * SEALED_CHUNK : HEADER + (n + 1) * SEALED_CHUNK] for n in range(3)]
    for wrong in (
        b"",
        whole[:HEADER],
        whole[:-1],
        whole[: HEADER + SEALED_CHUNK],
        whole + b"\0",
        whole + body[2],
        whole[:HEADER] + body[1] + body[0] + body[2],
        second.read_bytes(),
    ):
        path.write_bytes(wrong)
        with pytest.raises(SealError):
            _read(tmp_path, file)


def test_a_record_that_lies_about_it_is_refused(tmp_path: Path) -> None:
    file = files.store(tmp_path, [b"x" * 1000])
    for lie in (
        replace(file, size=999),
        replace(file, size=1001),
        replace(file, size=5000),
        replace(file, sha256="0" * 64),
        replace(file, key=bytes(32)),
    ):
        with pytest.raises(SealError):
            _read(tmp_path, lie)


def test_a_missing_file_and_an_id_that_leads_elsewhere_are_refused(tmp_path: Path) -> None:
    file = files.store(tmp_path, [b"x"])
    files.drop(tmp_path, file.id)
    files.drop(tmp_path, file.id)
    for one in (file, replace(file, id="../../etc/passwd"), replace(file, id="a" * 31 + "/")):
        with pytest.raises(GoneError):
            _read(tmp_path, one)


def test_nothing_stays_of_what_broke_off(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"x" * 3 * CHUNK
        raise ConnectionError

    with pytest.raises(ConnectionError):
        files.store(tmp_path, broken())  # type: ignore[arg-type]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_part_is_swept_when_its_writer_is_dead_and_not_before(tmp_path: Path) -> None:
    kept = files.store(tmp_path, [b"kept"])
    alive = files.Incoming(tmp_path)
    dead = textwrap.dedent("""
        import os, pathlib, sys
        from tocsin.keys import files
        one = files.Incoming(pathlib.Path(sys.argv[1])); one.write(b"x" * 200_000); os.kill(os.getpid(), 9)
    """)
    subprocess.run([sys.executable, "-c", dead, str(tmp_path)], check=False)
    later = time.time() + 60
    assert len(list(tmp_path.glob("*/*.part"))) == 2
    assert files.sweep(tmp_path, time.time() - 60) == 0
    assert files.sweep(tmp_path, later) == 1
    alive.finish()
    assert _read(tmp_path, alive.keep()) == b""
    assert _read(tmp_path, kept) == b"kept"


def test_a_file_of_another_door_is_taken_in_as_it_is(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    file = files.store(theirs, [b"y" * 200_000])
    taken = files.take_in(ours, _only(theirs), file.key, file.size, file.sha256)
    assert taken.id != file.id
    assert _read(ours, taken) == b"y" * 200_000
    with pytest.raises(GoneError):
        files.take_in(ours, tmp_path / "nothing", file.key, file.size, file.sha256)


@pytest.mark.slow
def test_a_gigabyte_is_sealed_and_read_in_flat_memory(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import pathlib, resource, sys
        from tocsin.keys import files
        folder, megabyte = pathlib.Path(sys.argv[1]), bytes(1_048_576)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        file = files.store(folder, (megabyte for _ in range(1024)))
        assert sum(len(one) for one in files.read(folder, file)) == 1 << 30
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 20_000
