"""Files: sealed while they arrive, padded, whole or not there; whatever is wrong with them, words are not lost."""

import base64
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings
from pytest_django.fixtures import Settings

from tocsin.intake import actions, handing, storing
from tocsin.intake.storing import Incoming
from tocsin.intake.tests.conftest import newest
from tocsin.intake.tests.visitor import Visitor
from tocsin.keys.sealing import HEADER, SEALED_CHUNK, SealError, opened, pad_size

pytestmark = pytest.mark.django_db(databases=["door"], transaction=True)
PHOTO = ("files", ("dana's photo.jpg", b"\xff\xd8" + b"photo " * 60_000, "image/jpeg"))
NOTE = ("files", ("ملاحظة.txt", b"note", "text/plain"))


def plain(path: Path, key: bytes, size: int) -> bytes:
    """A file as the desk opens it."""
    content = path.read_bytes()
    pieces = range(HEADER, len(content), SEALED_CHUNK)
    return b"".join(opened(key, content[:HEADER], (content[at : at + SEALED_CHUNK] for at in pieces)))[:size]


def left(folder: Path) -> list[str]:
    return sorted(path.suffix for path in (folder / "files").iterdir())


def test_a_file_opens_with_the_key_in_the_envelope_and_with_nothing_else(dana: Visitor, folder: Path) -> None:
    dana.tell(files=[PHOTO, NOTE])
    (envelope,) = handing.waiting()
    for told, stored, sent in zip(newest()["files"], envelope.files, (PHOTO[1], NOTE[1]), strict=True):
        assert (told["name"], told["type"], told["size"]) == (sent[0], sent[2], len(sent[1]))
        assert told["sha256"] == hashlib.sha256(sent[1]).hexdigest()
        assert plain(stored.path, base64.b64decode(told["key"]), told["size"]) == sent[1]
        with pytest.raises(SealError):
            plain(stored.path, os.urandom(32), 1)
        assert stored.path.stat().st_size == stored.size
        assert sent[1][:100] not in stored.path.read_bytes()


def test_the_disk_tells_neither_name_nor_size_nor_minute(dana: Visitor, folder: Path) -> None:
    dana.tell(files=[PHOTO])
    (path,) = (folder / "files").iterdir()
    pieces = -(-pad_size(len(PHOTO[1][1])) // (64 * 1024))
    assert path.stat().st_size == HEADER + pad_size(len(PHOTO[1][1])) + 17 * pieces
    assert path.stat().st_mtime % 3600 == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert "photo" not in path.name


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=strategies.lists(strategies.sampled_from([0, 1, 255, 65_535, 65_536, 65_537, 131_072]), max_size=6))
def test_however_it_arrives_it_is_whole(folder: Path, pieces: list[int]) -> None:
    sent = [os.urandom(size) for size in pieces]
    incoming = Incoming(folder / "files", "name", "kind")
    for piece in sent:
        incoming.write(piece)
    incoming.finish()
    kept = incoming.keep()
    assert plain(storing.path_of(folder / "files", kept.place), kept.key, kept.size) == b"".join(sent)


def test_what_was_sent_twice_keeps_its_files_once(dana: Visitor, folder: Path) -> None:
    dana.to_files()
    fields = {"at": "files", "draft": dana.hidden("draft"), "go": "send"}
    for _ in range(2):
        dana.post("/en/tell", fields, [PHOTO])
    assert left(folder) == [".sealed"]


def test_a_file_that_is_too_large_is_refused_with_the_words_kept(
    dana: Visitor, folder: Path, settings: Settings
) -> None:
    limit(settings, intake_file_mb=1)
    dana.to_files("Still here.")
    dana.step("send", [("files", ("big", b"x" * 1_100_000, "x/y"))])
    assert dana.page.status_code == 400
    assert dana.says("larger than 1 MB")
    assert left(folder) == []
    dana.step("send", [PHOTO])
    assert dana.receipt()
    assert newest()["text"] == "Still here."


def limit(settings: Settings, **changed: Any) -> None:
    from dataclasses import replace

    settings.CONFIGURATION = replace(settings.CONFIGURATION, **changed)


def test_too_much_together_is_refused(dana: Visitor, folder: Path, settings: Settings) -> None:
    limit(settings, intake_total_mb=1)
    dana.to_files()
    dana.step("send", [("files", (str(number), b"x" * 600_000, "x/y")) for number in range(2)])
    assert dana.says("Together the files are larger than 1 MB")
    assert left(folder) == []
    assert not handing.waiting()


def test_too_many_files_are_refused(dana: Visitor, folder: Path) -> None:
    dana.to_files()
    dana.step("send", [("files", (str(number), b"x", "x/y")) for number in range(21)])
    assert dana.page.status_code == 400
    assert left(folder) == []


def test_without_room_words_are_still_taken(dana: Visitor, folder: Path, settings: Settings) -> None:
    limit(settings, minimum_free_mb=2**40)
    dana.to_files()
    dana.step("send", [PHOTO])
    assert dana.says("We have no room for files")
    dana.step("send")
    assert dana.receipt()


def test_strangers_cannot_fill_the_disk_without_a_form_of_ours(dana: Visitor, folder: Path) -> None:
    dana.post("/en/tell", {"at": "files", "go": "send", "draft": "made up"}, [PHOTO])
    assert dana.page.status_code == 400
    assert left(folder) == []


def bodies() -> Iterator[tuple[str, bytes]]:
    kind, start = "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="'
    yield kind, b""
    yield kind, b"not a form at all"
    yield kind, start + b'at"\r\n\r\nfiles'
    yield kind, start + b'a"; filename="b"\r\n\r\nhalf'
    yield kind, b"--x\r\n" + b"H: v\r\n" * 5000
    yield kind, b"--x\r\nContent-Disposition: " + b"y" * 100_000
    yield kind, b"".join(start + b'n"\r\n\r\nv\r\n' for _ in range(1000)) + b"--x--\r\n"
    yield "multipart/form-data", b"--x--"
    yield "multipart/form-data; boundary=" + "b" * 400, b"--"
    yield "application/json", b"{" * 100_000
    yield "application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(5000))
    yield "application/x-www-form-urlencoded", b"a=" + b"\xff%zz" * 100
    yield "application/x-www-form-urlencoded", b"text=" + b"%41" * 500_000
    yield "", b"x"


@pytest.mark.parametrize(("kind", "body"), list(bodies()))
@pytest.mark.parametrize("path", ["/en/tell", "/en/box"])
def test_what_makes_no_sense_is_refused_kindly(dana: Visitor, folder: Path, path: str, kind: str, body: bytes) -> None:
    page = dana.raw(path, body, **{"Content-Type": kind})
    assert page.status_code == 400
    assert dana.heading()
    assert left(folder) == []
    assert not handing.waiting()


def test_an_upload_that_breaks_off_leaves_nothing(dana: Visitor, folder: Path) -> None:
    dana.to_files()
    draft = dana.hidden("draft").encode()
    start = b'--x\r\nContent-Disposition: form-data; name="'
    body = (
        start + b'draft"\r\n\r\n' + draft + b"\r\n" + start + b'at"\r\n\r\nfiles\r\n' + start + b'go"\r\n\r\nsend\r\n'
    )
    body += start + b'files"; filename="a"\r\n\r\n' + b"half of it" * 100_000
    page = dana.raw("/en/tell", body, **{"Content-Type": "multipart/form-data; boundary=x"})
    assert page.status_code == 400
    assert dana.says("The connection broke")
    assert left(folder) == []
    dana.step("send")
    assert dana.receipt()


def test_a_part_whose_writer_died_is_swept_and_one_that_is_written_is_not(folder: Path) -> None:
    files = folder / "files"
    living = Incoming(files, "name", "kind")
    (files / ("0" * 32 + ".part")).write_bytes(b"sealed")
    assert storing.sweep(files, (), time.time()) == 0
    assert storing.sweep(files, (), time.time() + 60) == 1
    living.write(b"more")
    living.finish()
    assert storing.path_of(files, living.keep().place).exists()


def test_a_file_without_a_row_is_swept_after_an_hour_and_one_with_a_row_never(dana: Visitor, folder: Path) -> None:
    dana.tell(files=[PHOTO])
    orphan = Incoming(folder / "files", "name", "kind")
    orphan.finish()
    orphan.keep()
    assert actions.sweep() == 0
    known = {one.place for one in handing.waiting()[0].files}
    assert storing.sweep(folder / "files", known, time.time() + 3601) == 1
    assert left(folder) == [".sealed"]


def test_a_file_stays_until_it_was_taken_and_goes_then(dana: Visitor, folder: Path) -> None:
    dana.tell(files=[PHOTO])
    (envelope,) = handing.waiting()
    assert handing.waiting() == [envelope]
    assert handing.taken([envelope.id]) == 1
    assert handing.waiting() == []
    assert left(folder) == []
    assert handing.taken([envelope.id]) == 0


def test_nothing_is_opened_whatever_it_calls_itself(dana: Visitor) -> None:
    bomb = b"PK\x03\x04" + b"\0" * 5_000
    script = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    both = b"%PDF-1.4\nGIF89a<script>" + bomb
    sent = [("a.zip", bomb, "image/png"), ("../../etc/x.svg", script, "text/html"), ("\r\nb", both, "no kind")]
    dana.tell(files=[("files", one) for one in sent])
    (envelope,) = handing.waiting()
    for told, stored, one in zip(newest()["files"], envelope.files, sent, strict=True):
        assert plain(stored.path, base64.b64decode(told["key"]), told["size"]) == one[1]
        assert stored.path.parent.name == "files"


def test_a_form_that_is_cut_off_in_a_file_says_what_to_do_and_the_words_go_on(dana: Visitor, folder: Path) -> None:
    dana.to_files("They came to the house.")
    head = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("at", "files"), ("draft", dana.hidden("draft")), ("go", "send"))
    )
    file = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    page = dana.raw(
        "/en/tell", (head + file).encode() + b"v" * 300_000, **{"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert page.status_code == 400
    assert dana.says("Nothing was kept. Please go back and send it again.")
    assert list((folder / "files").iterdir()) == []
    assert not handing.waiting()
    dana.step("send", [("files", ("a.mp4", b"v" * 300_000, "video/mp4"))])
    assert newest()["text"] == "They came to the house."
    assert len(list((folder / "files").iterdir())) == 1
