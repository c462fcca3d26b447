"""Time and memory of sealing: opening a vault, opening a case of 500 entries, sealing a file of 1 GB.

Vaults are opened in a real ``tocsin keyholder`` at the real cost (Argon2id, 512 MiB, three passes); its memory is its
own peak. Each file is sealed in a process of its own, whose peak counts the interpreter too, onto the disk of the
temporary folder, waited for. Rivals take turns with it, round after round: age's stream (pyrage), AES-256-GCM of
OpenSSL in pieces; for a passphrase, age's scrypt, and Argon2id alone. Neither rival hashes the file, hides its size
or, with AES in pieces, marks its end; what the hash takes alone stands beside.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _rounds import load, spread

PARTS = Path(__file__).with_name("_seal_parts.py")
FILES = ("tocsin", "upload", "age", "aes", "hashed")
_SECONDS_TO_START = 60.0


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench seal", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help="size of the file")
    parser.add_argument("--entries", type=int, default=500, help="entries of the case")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="not needed: the file is made up")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        unlock, case, keyholder_mb = _vault(Path(folder), given)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in FILES}
    for number in range(given.rounds):
        for name in FILES if number % 2 == 0 else reversed(FILES):
            found[name].append(_part(name, given.megabytes))
        print(f"round {number + 1} of {given.rounds}, load {load():.1f}", file=sys.stderr)
    gigabytes = given.megabytes / 1024
    rates = {name: spread([gigabytes / one["seal_s"] for one in runs]) for name, runs in found.items()}
    opens = {
        name: spread([gigabytes / one["open_s"] for one in runs]) for name, runs in found.items() if "open_s" in runs[0]
    }
    cpu = {name: spread([one["cpu_s"] / gigabytes for one in runs]) for name, runs in found.items()}
    peaks = {name: spread([one["peak_mb"] for one in runs]) for name, runs in found.items()}
    unlocks = {
        name: spread(unlock[key]) for name, key in (("tocsin", "seconds"), ("argon2id", "argon2id"), ("age", "age"))
    }
    opening = spread([1000 * one for one in case["seconds"]])

    print(f"\nMedian of {given.rounds} rounds (lowest to highest); load {load():.1f}.")
    print(f"{'opening a vault, s':34} {unlocks['tocsin'].words(2):>24}   the keyholder's peak {keyholder_mb:.0f} MB")
    print(f"{'  Argon2id alone, same cost':34} {unlocks['argon2id'].words(2):>24}")
    print(f"{'  age with a passphrase (scrypt)':34} {unlocks['age'].words(2):>24}")
    print(f"{f'opening a case of {given.entries} entries, ms':34} {opening.words(0):>24}")
    print(
        f"\n{f'a file of {given.megabytes} MB':34} {'sealed, GB/s':>24} {'opened, GB/s':>24} {'CPU s/GB, both':>22} "
        f"{'peak MB':>20}"
    )
    titles = {
        "tocsin": "tocsin",
        "upload": "tocsin, from a browser’s form",
        "age": "age",
        "aes": "AES-256-GCM in pieces",
    }
    for name, title in (titles | {"hashed": "SHA-256 alone"}).items():
        opened = opens[name].words(2) if name in opens else ""
        print(f"{title:34} {rates[name].words(2):>24} {opened:>24} {cpu[name].words(1):>22} {peaks[name].words():>20}")
    line = {
        "bench": "seal",
        "unlock_s": round(unlocks["tocsin"].median, 3),
        "unlock_mb": round(keyholder_mb),
        "open_case_ms": round(opening.median, 1),
        "seal_gb_s": round(rates["tocsin"].median, 3),
        "seal_file_peak_mb": round(peaks["tocsin"].high, 1),
        "entries": given.entries,
        "megabytes": given.megabytes,
        "rounds": given.rounds,
        "unlock_s_rounds": {name: one.rounded(3) for name, one in unlocks.items()},
        "open_case_ms_rounds": opening.rounded(1),
        "seal_gb_s_rounds": {name: one.rounded(3) for name, one in rates.items()},
        "open_gb_s_rounds": {name: one.rounded(3) for name, one in opens.items()},
        "peak_mb_rounds": {name: one.rounded(1) for name, one in peaks.items()},
        "cpu_s_per_gb_rounds": {name: one.rounded(2) for name, one in cpu.items()},
        "load": round(load(), 1),
    }
    print(json.dumps(line))
    return 0


def _vault(home: Path, given: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any], float]:
    """What opening took, and the keyholder's peak in megabytes."""
    environment = {**os.environ, "TOCSIN_HOME": str(home), "TOCSIN_MINIMUM_FREE_MB": "64"}
    command = [sys.executable, "-m", "tocsin.config.cli"]
    subprocess.run([*command, "migrate"], env=environment, check=True, capture_output=True)
    with _keyholder([*command, "keyholder"], environment, home) as peak:
        unlock = _part("unlock", given.rounds, environment=environment)
        reached = peak()
        case = _part("case", 4 * given.rounds, given.entries, environment=environment)
    return unlock, case, reached


@contextmanager
def _keyholder(command: list[str], environment: dict[str, str], home: Path) -> Iterator[Any]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + _SECONDS_TO_START
    try:
        while not (home / "run" / "keyholder.sock").exists():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("The keyholder did not start.")
            time.sleep(0.05)
        yield lambda: _peak(process.pid)
    finally:
        process.terminate()
        process.wait()


def _peak(pid: int) -> float:
    """A process's greatest resident memory so far, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _part(name: str, *numbers: int, environment: dict[str, str] | None = None) -> dict[str, Any]:
    command = [sys.executable, str(PARTS), name, *map(str, numbers)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
