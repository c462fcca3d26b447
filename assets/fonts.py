"""Puts the fonts that ``fonts.txt`` names into ``build/fonts``; does nothing when they are there.

Run by ``./tocsin``; needs only Python's standard library and pip. Without a network it changes nothing and says so:
reports then leave as page, text and table, and their PDF says what is missing.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
LIST = HERE / "fonts.txt"
KINDS = {".ttf", ".otf", ".ttc"}
SECONDS = 300


class NotFetchedError(Exception):
    """The fonts could not be fetched now; the message says why in plain words."""


def main() -> int:
    """Fetch if needed. Returns 0 also when there is no network: that is a state, not a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=HERE.parent, help="the checkout; build/ and .tools/ lie in it")
    root: Path = parser.parse_args().root.resolve()
    stamp, wanted = root / "build" / "fonts.stamp", hashlib.sha256(LIST.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    try:
        put(root)
    except NotFetchedError as reason:
        print(f"Fonts of reports: {reason} PDFs wait until they are there; try again later.", file=sys.stderr)
        return 0
    stamp.write_text(wanted, encoding="utf-8")
    print("Fonts of reports: fetched.", file=sys.stderr)
    return 0


def put(root: Path) -> None:
    """Fetch the packages, take their fonts out, and swap the finished folder in at the end.

    Raises:
        NotFetchedError: when a package can't be fetched or read; nothing has been changed then.
    """
    (root / ".tools").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fonts-", dir=root / ".tools") as name:
        work = Path(name)
        made = work / "fonts"
        made.mkdir()
        try:
            for package in fetch(work):
                unpack(package, made)
            target = root / "build" / "fonts"
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                target.rename(work / "old")
            made.rename(target)
        except (OSError, zipfile.BadZipFile) as error:
            raise NotFetchedError("they can't be written.") from error


def fetch(work: Path) -> list[Path]:
    """The packages as files. pip checks each against its hash, and runs nothing of a wheel."""
    folder = work / "packages"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-cache-dir", "--retries", "1", "--timeout", "10", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(LIST)]
    try:
        subprocess.run(
            command,
            check=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotFetchedError("they can't be fetched (no network, or no pip?).") from error
    return sorted(folder.glob("*.whl"))


def unpack(package: Path, made: Path) -> None:
    """Fonts go into ``made`` by their bare name, and the licence of each package beside them; nothing else."""
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename)
            name = path.name if path.suffix.lower() in KINDS else ""
            if path.name == "LICENSE":
                name = f"LICENSE-{package.name.split('-')[0]}.txt"
            if name:
                with archive.open(entry) as source, (made / name).open("wb") as target:
                    shutil.copyfileobj(source, target)


if __name__ == "__main__":
    sys.exit(main())
