"""A backup is signed by the home that made it; a restore takes no other, and no ledger that lacks a line it had."""

import json
from pathlib import Path

import pytest

from tocsin.config import manifests, signing
from tocsin.config.refusal import RefusalError
from tocsin.keys.ledger import Line

LINES = [Line("ab" * 16, "account", version=3), Line("cd" * 16, person=4, version=9)]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A backup of two files, signed by its home."""
    (tmp_path / "secrets").mkdir()
    signer = signing.signer_of(tmp_path)
    assert signer is not None
    made, wraps = tmp_path / "tocsin-20260101T000000000000Z.sqlite3.age", tmp_path / "wraps"
    made.write_bytes(b"content")
    wraps.write_bytes(b"wraps")
    manifests.write(made, [wraps, tmp_path / "missing"], LINES, signer)
    return made


def public(home: Path) -> str:
    found = signing.signer_of(home, make=False)
    assert found is not None
    return found.public


def test_the_home_that_made_it_is_known_and_its_files_are_the_same(content: Path) -> None:
    made = manifests.read(content, public(content.parent))
    for file in (content, content.parent / "wraps"):
        manifests.check(made, file)
    (content.parent / "wraps").write_bytes(b"others")
    with pytest.raises(RefusalError, match="wraps is not the file"):
        manifests.check(made, content.parent / "wraps")


def test_another_homes_backup_is_refused_unless_it_is_named(content: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "secrets").mkdir(parents=True)
    signer = signing.signer_of(other)
    assert signer is not None
    with pytest.raises(RefusalError, match="another home"):
        manifests.read(content, signer.public)
    with pytest.raises(RefusalError, match=f"--signed-by {public(tmp_path)}"):
        manifests.read(content, "")
    manifests.write(content, [], (), signer)
    with pytest.raises(RefusalError, match="another home"):
        manifests.read(content, public(tmp_path))


def test_what_was_changed_is_missing_or_makes_no_sense_is_refused(content: Path) -> None:
    path, trusted = manifests.beside(content), public(content.parent)
    body = json.loads(path.read_text())
    changed: list[object] = [{**body, "ledger": []}, {**body, "files": {}}, {**body, "signature": "00"}]
    for wrong in [*changed, {"by": trusted}, []]:
        path.write_text(json.dumps(wrong))
        with pytest.raises(RefusalError):
            manifests.read(content, trusted)
    path.unlink()
    with pytest.raises(RefusalError, match="--unsigned"):
        manifests.read(content, trusted)


def test_a_ledger_that_lacks_a_line_is_refused_and_a_longer_one_is_not(content: Path) -> None:
    made = manifests.read(content, public(content.parent))
    manifests.check_ledger(made, [Line("ef" * 16), *reversed(LINES)])
    for lines in ([], LINES[:1], [LINES[0], Line("cd" * 16, person=4, version=8)]):
        with pytest.raises(RefusalError, match="lacks"):
            manifests.check_ledger(made, lines)


def test_a_key_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "signing_key").write_text("nonsense")
    with pytest.raises(RefusalError, match="signing_key"):
        signing.signer_of(tmp_path)
    assert not signing.holds("zz", b"", "00")
