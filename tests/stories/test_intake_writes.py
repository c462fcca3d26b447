"""Nothing that somebody writes at the public door reaches a disk in clear, temporary files included, at no moment.

Every write of the process is traced by the kernel where strace may do so; and at each step everything in its home, in
the folder for temporary files and behind its open files, deleted ones too, is searched.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stories.public_door import PATIENCE, PublicDoor, Writer, public_door, receipt
from tests.stories.slow_upload import SlowUpload

pytestmark = [pytest.mark.slow, pytest.mark.once]
MARK = b"Zq7Xcanary"
TRACED = ["strace", "-f", "-y", "-s", "300000", "-e", "trace=write,pwrite64,writev,pwritev,pwritev2,copy_file_range"]
# A line of the trace: the call, the number, and what the number stands for; sockets and pipes are no disk.
ON_DISK = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?\w+\(\d+<(/(?!dev/(?:null|pts|tty))[^>]*)>", re.MULTILINE)


def may_trace() -> bool:
    """Whether the kernel lets us trace a process of ours."""
    return bool(shutil.which("strace")) and subprocess.run(["strace", "-o", "/dev/null", "true"]).returncode == 0


def in_clear(door: PublicDoor) -> list[str]:
    """Every file that holds the mark."""
    found = [str(path) for path in door.home.rglob("*") if path.is_file() and holds(path)]
    for number in open_files(door):
        try:
            if Path(f"/proc/{number}").stat().st_mode & 0o170000 == 0o100000 and holds(Path(f"/proc/{number}")):
                found.append(number)
        except OSError:  # it was closed meanwhile
            continue
    return found


def open_files(door: PublicDoor) -> Iterator[str]:
    assert door.process is not None
    family = [str(door.process.pid)]
    for one in family:
        for task in Path(f"/proc/{one}/task").iterdir():
            family += (task / "children").read_text().split()
        yield from (f"{one}/fd/{path.name}" for path in Path(f"/proc/{one}/fd").iterdir())


def holds(path: Path) -> bool:
    return path.name != "trace" and MARK in path.read_bytes()


def written(door: PublicDoor) -> list[str]:
    """Every file into which the mark was written, as the kernel saw it."""
    trace = door.home / "trace"
    lines = trace.read_text(errors="replace").splitlines() if trace.exists() else []
    return [found[1] for line in lines if MARK.decode() in line and (found := ON_DISK.match(line))]


def tell(door: PublicDoor, look: Callable[[], None]) -> None:
    """Write in every field, send a small file and a large one, come back and add more; look around at each step."""
    mark = MARK.decode()
    writer = Writer(door.url)
    writer.to_files(f"{mark} came. " * 300)
    look()
    words = writer.send(files=[("files", (f"{mark}.txt", MARK * 10, f"{mark}/x"))])
    look()
    assert "no new message" in writer.open(words)
    writer.step("tell", text=mark * 100_000)
    other = Writer(door.url)
    other.to_files(mark)
    upload = SlowUpload(door.port, "/en/tell", other.last_form(), f"{mark}.mp4", MARK * 1_200_000)
    for share in (0.2, 0.5, 0.99):
        upload.send(share)
        wait_until_it_came(door, share)
        look()
    receipt(upload.answer())
    look()
    broken = SlowUpload(door.port, "/en/tell", other.last_form(), mark, MARK * 500_000)
    broken.send(0.7)
    wait_until_it_came(door, 0.3)
    look()
    broken.close()


def wait_until_it_came(door: PublicDoor, share: float) -> None:
    """Until something of the upload is on the disk, sealed."""
    import time

    until = time.monotonic() + PATIENCE
    while not any(path.stat().st_size > share * 3_000_000 for path in (door.folder / "files").glob("*.part")):
        assert time.monotonic() < until, "nothing arrives"
        time.sleep(0.01)


def test_nothing_that_is_written_reaches_a_disk_in_clear(tmp_path: Path) -> None:
    traced = may_trace()
    with public_door(tmp_path, [*TRACED, "-o", str(tmp_path / "trace")] if traced else []) as door:
        found: list[str] = []
        tell(door, lambda: found.extend(in_clear(door)))
        assert found == []
        assert written(door) == []
        if traced:
            assert "/intake/files/" in (door.home / "trace").read_text(errors="replace"), "nothing was traced"


def test_a_planted_leak_is_found(tmp_path: Path) -> None:
    traced = may_trace()
    words = [*TRACED, "-o", str(tmp_path / "trace")] if traced else []
    with public_door(tmp_path, words, module="tests.stories.leaking_door") as door:
        found: list[str] = []
        tell(door, lambda: found.extend(in_clear(door)))
        assert found != []
        assert not traced or written(door) != []
