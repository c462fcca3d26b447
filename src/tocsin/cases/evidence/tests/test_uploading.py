"""A file comes into a case whole and sealed, or not at all; whoever may not bring it sends no byte to a disk."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.cases.evidence import actions, reading
from tocsin.cases.evidence.access import access_evidence, pieces
from tocsin.cases.evidence.items import Kept
from tocsin.cases.evidence.tests import making
from tocsin.cases.evidence.tests.conftest import BOUNDARY, Answer, Visitor, application, form
from tocsin.keys import files, safes
from tocsin.keys.streaming import Streamed
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import keyholder
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[[Person], Visitor]
MARK = b"canary-3f9c-of-what-she-said"


def _address(visitor: Visitor, case: UUID) -> str:
    page = visitor.client.get(reverse("cases:evidence:new", args=[case])).content.decode()
    found = re.search(r'action="([^"]+ticket=[^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def _bring(visitor: Visitor, case: UUID, file: Iterable[bytes], **words: Any) -> Answer:
    return visitor.post(_address(visitor, case), form(file, **words))


def _all(opened: Open, person: Person, case: UUID) -> list[Kept]:
    return pieces(access_evidence(opened(person), case))


def _on_disk(vault: Path) -> list[Path]:
    return [one for one in vault.rglob("*") if one.is_file()]


def test_a_file_is_sealed_and_opens_again_as_it_came(enter: Enter, opened: Open, alice: Person, case: UUID) -> None:
    photo = making.photo()
    answer = _bring(enter(alice), case, [photo[:1000], photo[1000:]], name="IMG_2041.jpg")
    (kept,) = _all(opened, alice, case)
    assert (answer.status, answer.headers["location"]) == (302, reverse("cases:evidence:item", args=[case, kept.id]))
    one = kept.piece
    assert b"".join(actions.original(one)) == photo
    assert (one.description, one.name, one.media) == ("A man is led away by two others.", "IMG_2041.jpg", "jpeg")
    assert ("Place", "-6.20833, 35.75000") in one.facts
    assert [line.act for line in one.custody] == ["received"]
    assert one.unbroken


def test_nothing_that_came_is_in_clear_anywhere_meanwhile_or_after(
    enter: Enter,
    opened: Open,
    alice: Person,
    case: UUID,
    vault: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Small and large: every file of the home, of the folder for temporary ones, and every open file is read."""
    visitor, seen = enter(alice), list[str]()
    aside = tmp_path / "tmp"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))

    def looking(pieces_of_it: int) -> Iterator[bytes]:
        for number in range(pieces_of_it):
            yield MARK * 4000
            if number % 24 == pieces_of_it % 24:
                seen.extend(_where_it_lies(vault))

    words = {"description": MARK.decode(), "source": "x", "harm": "plain"}
    for count in (1, 72):
        opened_to_write.clear()
        answer = visitor.post(_address(visitor, case), form(looking(count), MARK.decode(), words))
        assert answer.status == 302
        assert opened_to_write
        assert {str(one) for one in opened_to_write if not _is_ours(str(one), vault)} == set()
        seen += _where_it_lies(vault)
    assert seen == []
    assert len(_all(opened, alice, case)) == 2
    (vault / "planted").write_bytes(b"before " + MARK)
    assert _where_it_lies(vault) == [str(vault / "planted")]


opened_to_write: list[object] = []


def _watch(event: str, given: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        opened_to_write.append(given[0])


sys.addaudithook(_watch)


def _is_ours(path: str, vault: Path) -> bool:
    """Sealed files, the database and its queue, pipes, and what throws everything away."""
    return path.startswith((str(vault), "/dev/")) or path.isdigit() or Path(path).name.startswith("test.sqlite3")


def _where_it_lies(vault: Path) -> list[str]:
    places = [Path(os.environ["TOCSIN_HOME"]), Path(tempfile.gettempdir()), vault]
    found = {str(path) for place in places for path in place.rglob("*") if path.is_file() and _holds(path)}
    # An open file that was deleted has no name any more, but a disk under it.
    for handle in Path("/proc/self/fd").iterdir():
        if handle.is_file() and _holds(handle):
            found.add(str(handle.readlink()))
    return sorted(one for one in found if not one.startswith("/proc"))


def _holds(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            before = b""
            while piece := file.read(1 << 20):
                if MARK in before + piece:
                    return True
                before = piece[-len(MARK) :]
    except OSError:
        pass
    return False


def test_whoever_may_not_bring_it_sends_no_byte_to_a_disk(
    enter: Enter, opened: Open, know: Callable[..., None], alice: Person, bob: Person, case: UUID, vault: Path
) -> None:
    know(alice, bob)
    hers = enter(alice)
    his, address = enter(bob), _address(hers, case)
    assert his.post(address, form([MARK * 100_000])).status == 404
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["account"]))
    assert his.post(address, form([MARK * 100_000])).status == 404
    safes.changing(opened(alice), case, lambda safe: safe.let_in(bob.pk, ["evidence"]))
    # He is in, but the form was hers.
    assert his.post(address, form([MARK * 100_000])).status == 409
    assert _on_disk(vault) == []
    assert _bring(his, case, [b"x"]).status == 302


def test_a_form_is_sent_once(enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path) -> None:
    visitor = enter(alice)
    address = _address(visitor, case)
    assert visitor.post(address, form([b"once"])).status == 302
    answer = visitor.post(address, form([b"twice"]))
    assert answer.status == 409
    assert b"sent already" in answer.body
    for wrong in ("", "?ticket=", "?ticket=abc:def:ghi", "?" + address.partition("?")[2][:-1]):
        path = reverse("cases:evidence:index", args=[case]) + wrong
        assert visitor.post(path, form([b"never"])).status == 409
    assert len(_all(opened, alice, case)) == len(_on_disk(vault)) == 1


def test_a_locked_vault_takes_nothing_and_stops_what_is_on_its_way(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.keys.streaming.ASKED_EVERY", 0.0)
    visitor = enter(alice)
    first, second = _address(visitor, case), _address(visitor, case)

    def locked_meanwhile() -> Iterator[bytes]:
        yield b"x" * 200_000
        keyholder().lock_all()
        yield from [b"x" * 200_000] * 3

    answer = visitor.post(first, form(locked_meanwhile()))
    assert (answer.status, answer.headers["location"]) == (302, reverse("keys:unlock"))
    assert visitor.post(second, form([b"x" * 200_000])).headers["location"] == reverse("keys:unlock")
    assert _on_disk(vault) == []


@pytest.mark.parametrize(
    ("pieces_of_it", "cut"),
    [
        ([b"x" * 500_000], True),
        (list(form([b"x" * 500_000]))[:-1], False),
        (list(form([b"x" * 500_000]))[:-1], True),
        ([b"no form at all" * 10_000], False),
        ([f"--{BOUNDARY}\r\n".encode() + b"A: " + b"b" * 100_000], False),
        ([*list(form([b"one"]))[:-1], b"\r\n", *list(form([b"two"]))], False),
        ([*list(form([])), b""], False),
    ],
)
def test_what_breaks_off_or_makes_no_sense_leaves_nothing(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, pieces_of_it: list[bytes], cut: bool
) -> None:
    visitor = enter(alice)
    whole = pieces_of_it[-1:] == [b""]
    answer = visitor.post(_address(visitor, case), pieces_of_it, cut=cut)
    if whole:
        # An empty file is a file.
        assert answer.status == 302
        return
    assert answer.status in {0, 400, 413}
    assert (_on_disk(vault), _all(opened, alice, case)) == ([], [])


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(application, Streamed)
    door = application._door
    object.__setattr__(door, "file_bytes", 300_000)
    try:
        answer = _bring(enter(alice), case, [b"x" * 100_000] * 4)
    finally:
        object.__setattr__(door, "file_bytes", 2 * 1024**3)
    assert answer.status == 413
    assert (_on_disk(vault), _all(opened, alice, case)) == ([], [])


def test_a_word_that_is_missing_loses_no_file(enter: Enter, opened: Open, alice: Person, case: UUID) -> None:
    answer = _bring(enter(alice), case, [b"x"], words={"captured_on": "yesterday", "harm": "plain"})
    (kept,) = _all(opened, alice, case)
    assert answer.headers["location"] == reverse("cases:evidence:describe", args=[case, kept.id])


def test_the_same_file_is_not_kept_twice(enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path) -> None:
    visitor = enter(alice)
    assert _bring(visitor, case, [b"same"]).status == 302
    assert _bring(visitor, case, [b"same"]).status == 409
    assert len(_all(opened, alice, case)) == len(_on_disk(vault)) == 1


def test_a_body_that_went_around_the_layer_is_refused(enter: Enter, alice: Person, case: UUID) -> None:
    path = reverse("cases:evidence:index", args=[case])
    assert enter(alice).client.post(path, {"description": "x"}).status_code == 400


def test_what_cannot_be_stored_is_dropped(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = files.Incoming(vault)
    arrived.write(b"x")
    arrived.finish()
    monkeypatch.setattr(reading, "about", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.take(opened(alice), case, actions.Draft("x", "y"), arrived)
    assert _on_disk(vault) == []
