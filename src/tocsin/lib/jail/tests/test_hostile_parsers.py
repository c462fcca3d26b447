"""Whatever a parser tries, it is stopped and reported, and its parent goes on unharmed."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tocsin.lib.jail import Code, Guard, Limits, Result, capabilities, run, run_many
from tocsin.lib.jail.syscalls import compiled

PRISONERS = "tocsin.lib.jail.tests.prisoners:"
MB = 1024 * 1024
DEFAULTS = Limits()


def jailed(name: str, payload: bytes = b"", limits: Limits = DEFAULTS, **argument: Any) -> Result:
    return run(PRISONERS + name, payload, limits=limits, argument=argument)


def code(result: Result) -> Code | None:
    return result.failure.code if result.failure else None


def test_it_can_not_write_a_file(tmp_path: Path) -> None:
    assert code(jailed("write_file", path=str(tmp_path / "new"))) is Code.REFUSED
    assert not (tmp_path / "new").exists()


def test_it_can_not_delete_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    assert code(jailed("delete_file", path=str(kept))) is Code.REFUSED
    assert kept.exists()


@pytest.fixture(scope="module")
def files_guard() -> Guard:
    return next(guard for guard in capabilities() if guard.name == "files")


def test_it_reads_only_the_program_or_the_check_says_otherwise(tmp_path: Path, files_guard: Guard) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key")
    for path in (str(secret), "/proc/self/environ"):
        assert (code(jailed("read_file", path=path)) is Code.REFUSED) == files_guard.on
    assert ("Landlock" in files_guard.words) != files_guard.on


def test_it_reads_a_folder_that_it_is_given_and_none_beside_it(tmp_path: Path, files_guard: Guard) -> None:
    for name in ("given", "kept"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)

    def read(name: str) -> Result:
        argument = {"path": str(tmp_path / name / "file")}
        folders = [str(tmp_path / "given")]
        return run("tocsin.lib.jail.tests.prisoners:read_file", b"", argument=argument, folders=folders)

    assert read("given").ok
    assert (code(read("kept")) is Code.REFUSED) == files_guard.on


def test_its_threads_read_no_more_than_itself(tmp_path: Path, files_guard: Guard) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key")
    argument = {"path": str(secret)}
    result = run(PRISONERS + "read_in_thread", b"", argument=argument, threads=PRISONERS + "start_reader")
    assert result.data == ("refused" if files_guard.on else "the key")


def test_an_entity_brings_in_no_file_or_the_check_says_otherwise(tmp_path: Path, files_guard: Guard) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key")
    document = f'<!DOCTYPE a [<!ENTITY s SYSTEM "file://{secret}">]><a>hello &s;</a>'
    result = run("tocsin.lib.jail.tests.readers:careless_xml", document.encode())
    assert ("the key" in str(result)) != files_guard.on


def test_it_can_not_reach_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        assert code(jailed("connect", port=server.getsockname()[1])) is Code.REFUSED
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("name", ["fork", "replace"])
def test_it_can_not_become_or_start_another_process(name: str) -> None:
    assert code(jailed(name)) is Code.REFUSED


def test_it_can_not_run_a_command(tmp_path: Path) -> None:
    assert code(jailed("spawn", path=str(tmp_path / "new"))) is Code.REFUSED
    assert not (tmp_path / "new").exists()


def test_it_can_not_start_a_thread() -> None:
    assert code(jailed("thread")) is Code.UNREADABLE


def test_it_can_not_kill_its_parent() -> None:
    assert code(jailed("kill_parent")) is Code.REFUSED


def test_it_can_not_lift_its_own_limits() -> None:
    assert not jailed("lift_limits").ok


def test_it_can_not_eat_the_memory() -> None:
    assert code(jailed("eat_memory", limits=Limits(memory=64 * MB))) is Code.MEMORY


def test_it_can_not_spin_for_ever() -> None:
    assert code(jailed("spin", b"spin", limits=Limits(cpu=0))) is Code.TIMEOUT


def test_it_can_not_sleep_for_ever() -> None:
    assert code(jailed("sleep", b"sleep", limits=Limits(wall=0.1))) is Code.TIMEOUT


def test_what_it_prints_goes_nowhere() -> None:
    assert code(jailed("print_without_end", limits=Limits(wall=0.2))) is Code.TIMEOUT


def test_an_answer_past_the_limit_is_not_taken() -> None:
    assert code(jailed("return_too_much", limits=Limits(output=1000))) is Code.TOO_LARGE
    assert code(jailed("answer_without_end")) is Code.TOO_LARGE


def test_a_forged_answer_that_makes_no_sense_is_refused() -> None:
    assert code(jailed("answer_nonsense")) is Code.REFUSED


def test_forged_text_is_cleaned() -> None:
    assert jailed("answer_half_a_letter").data == {"a?": ["b?c"]}


def test_one_that_hangs_up_is_ended() -> None:
    assert not jailed("hang_up").ok


def test_one_that_leaves_or_crashes_is_reported() -> None:
    assert code(jailed("leave", b"at once")) is Code.CRASH
    assert code(jailed("leave", b"crash")) is Code.CRASH
    assert code(jailed("leave", b"exit")) is Code.UNREADABLE


def test_it_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "the key")
    assert set(jailed("environment").data) <= {"LC_CTYPE"}  # Python itself sets that one


def test_it_inherits_no_open_file_and_no_folder(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        seen = jailed("surroundings").data
    assert seen["files"] == [0, 1, 2, 3, 4]
    assert seen["folder"] == "/"
    assert seen["arguments"] == 1


def test_a_document_past_the_limit_is_not_even_sent() -> None:
    assert code(jailed("echo", b"12345", limits=Limits(payload=4))) is Code.TOO_LARGE


def test_the_parent_is_left_with_no_process_and_no_open_file() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    pid = jailed("surroundings").data["pid"]
    jailed("sleep", b"sleep", limits=Limits(wall=0.05))
    jailed("leave", b"crash")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_document_that_stops_the_reader_costs_the_others_nothing() -> None:
    results = run_many(PRISONERS + "leave", [b"one", b"crash", b"two", b"at once", b"three"])
    assert [result.data for result in results] == ["one", None, "two", None, "three"]
    assert [code(result) for result in results] == [None, Code.CRASH, None, Code.CRASH, None]


def test_a_source_full_of_such_documents_is_given_up() -> None:
    results = run_many(PRISONERS + "leave", [b"crash"] * 4 + [b"fine"], limits=Limits(restarts=1))
    assert [code(result) for result in results] == [Code.CRASH] * 2 + [Code.NOT_TRIED] * 3


def test_a_system_without_the_filter_says_so_and_names_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"limits", "privileges", "calls"} <= {guard.name for guard in capabilities() if guard.on}
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    compiled.cache_clear()
    try:
        states = {guard.name: guard for guard in capabilities()}
        assert not states["calls"].on
        assert "libseccomp2" in states["calls"].words
        assert run("builtins:len", b"four").data == 4
    finally:
        compiled.cache_clear()
