"""What a sealed backup is made of, signed by the home that made it: a hash of each file and of each line of the ledger.

age seals to a public key that anybody may have: it does not say who sealed. Without this a stranger's archive would be
restored as readily as one's own.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.config import archives, signing
from tocsin.config.refusal import RefusalError
from tocsin.config.signing import Signer
from tocsin.keys.ledger import Line

_ABOUT: Final = "tocsin backup 1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was signed: SHA-256 in hex by the name of each file, a hash of each line that the ledger had, by whom."""

    files: dict[str, str]
    ledger: frozenset[str]
    by: str


def beside(content: Path) -> Path:
    """Where the manifest of a backup stands."""
    return content.parent / f"tocsin-signed-{content.name.split('.')[0].split('-')[-1]}.json"


def write(content: Path, parts: list[Path], ledger: Iterable[Line], signer: Signer) -> Path:
    """Sign a backup: its content and the parts beside it that are there."""
    files = {one.name: archives.fingerprint(one) for one in [content, *parts] if one.is_file()}
    body = {"about": _ABOUT, "files": files, "ledger": sorted(map(_hash, ledger)), "by": signer.public}
    path = beside(content)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**body, "signature": signer.sign(_bytes(body))}, indent=1) + "\n", encoding="utf-8")
    part.chmod(0o600)
    part.rename(path)
    return path


def read(content: Path, trusted: str) -> Manifest:
    """The manifest of a backup, signed by the key that is trusted.

    Raises:
        RefusalError: when there is none, somebody else signed it, or it was changed.
    """
    path = beside(content)
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        signature, by = str(body.pop("signature")), str(body["by"])
        made = Manifest(dict(body["files"]), frozenset(map(str, body["ledger"])), by)
    except FileNotFoundError as error:
        raise RefusalError(
            f"This backup is not signed ({path.name} is not beside it), so nobody knows who made it. Find that file, "
            "or say --unsigned if you know where the backup comes from."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusalError(f"{path.name} was damaged. Take another copy of it.") from error
    if not trusted:
        raise RefusalError(
            f"This backup says that it was made by the home {by}. Put that home's secrets/{signing.NAME} into this "
            f"home first; or, where it is lost, compare these digits with what you wrote down and say --signed-by {by}"
        )
    if by != trusted or body.get("about") != _ABOUT or not signing.holds(trusted, _bytes(body), signature):
        raise RefusalError(
            f"This backup was made by another home than {trusted}, or was changed. Take one of your own; if you know "
            "the other home's digits for sure, give them with --signed-by."
        )
    return made


def check(made: Manifest, file: Path) -> None:
    """Stop where a file of a backup is not the one that was signed.

    Raises:
        RefusalError: with its name.
    """
    if made.files.get(file.name) != archives.fingerprint(file):
        raise RefusalError(f"{file.name} is not the file that was signed with this backup. Take another copy of it.")


def check_ledger(made: Manifest, lines: Iterable[Line]) -> None:
    """Stop where the ledger lacks a line that it had when the backup was made: nothing ever leaves a ledger.

    Raises:
        RefusalError: saying how many.
    """
    missing = len(made.ledger - set(map(_hash, lines)))
    if missing:
        raise RefusalError(
            f"The ledger lacks {missing} lines that it had when this backup was made: it is older than the backup, or "
            "another home's. Find the newest, and give it with --ledger."
        )


def _hash(line: Line) -> str:
    words = json.dumps([line.safe, line.compartment, line.person, line.version])
    return hashlib.sha256(words.encode()).hexdigest()


def _bytes(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
