"""What a file tells is shown, what leaves tells it no more, and a hostile file harms nobody."""

import io
from collections.abc import Callable

import docx
import pikepdf
import pytest
from PIL import Image

from tocsin.cases.evidence import reading
from tocsin.cases.evidence.reading import UnreadError
from tocsin.cases.evidence.tests import making

CANARY = b"Canary"


def _facts(body: bytes, name: str = "") -> dict[str, str]:
    return dict(reading.about(body, name).facts)


def test_a_photo_tells_its_camera_its_moment_and_its_place() -> None:
    facts = _facts(making.photo())
    assert facts["Place"] == "-6.20833, 35.75000"
    assert (facts["Model"], facts["DateTimeOriginal"]) == ("Canary 7", "2026:01:02 03:04:05")
    assert facts["comment"] == "Canary comment"


def test_a_pdf_and_a_document_tell_their_authors() -> None:
    facts = _facts(making.pdf(acts=True))
    assert (facts["Author"], facts["Comment by"], facts["Acts by itself"]) == (
        "Canary Author",
        "Canary Commenter",
        "yes",
    )
    facts = _facts(making.document(photo_inside=making.photo()))
    assert (facts["creator"], facts["lastModifiedBy"]) == ("Canary Author", "Canary Editor")
    assert facts["Place in a picture"] == "-6.20833, 35.75000"


@pytest.mark.parametrize(
    "make",
    [
        making.photo,
        lambda: making.pdf(acts=True, photo_inside=making.photo()),
        lambda: making.document(photo_inside=making.photo()),
    ],
)
def test_a_copy_that_leaves_tells_none_of_it(make: Callable[[], bytes]) -> None:
    original = make()
    assert CANARY in _unpacked(original)
    made = reading.copy(original)
    assert CANARY not in _unpacked(made.body)
    assert b"Exif" not in _unpacked(made.body)
    assert made.gone
    assert not any("Canary" in value or name.startswith("Place") for name, value in made.after)


def _unpacked(body: bytes) -> bytes:
    """A file with everything in it that is packed, unpacked."""
    if body.startswith(b"PK"):
        import zipfile

        archive = zipfile.ZipFile(io.BytesIO(body))
        return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    if body.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(body)) as one:
            out = io.BytesIO()
            one.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
            return out.getvalue() + b"".join(
                str(value).encode()
                for thing in one.objects
                if isinstance(thing, pikepdf.Dictionary)
                for value in thing.values()
            )
    return body


def test_a_copy_still_shows_what_the_original_shows() -> None:
    made = reading.copy(making.photo((320, 200)))
    assert Image.open(io.BytesIO(made.body)).size == (320, 200)
    words = docx.Document(io.BytesIO(reading.copy(making.document(photo_inside=making.photo())).body))
    assert words.paragraphs[0].text == "She was taken at noon."
    assert len(words.inline_shapes) == 1
    assert words.core_properties.author == ""
    with pikepdf.open(io.BytesIO(reading.copy(making.pdf(photo_inside=making.photo())).body)) as one:
        assert len(one.pages) == 1
        assert len(list(one.pages[0].get_images())) == 1


def test_a_photo_that_was_held_sideways_stays_upright_without_its_note() -> None:
    picture, out = Image.new("RGB", (60, 30)), io.BytesIO()
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(out, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(reading.copy(out.getvalue()).body)).size == (30, 60)


def test_a_preview_is_a_new_png_small_and_grey_or_as_it_is() -> None:
    for body in (making.photo(), making.png(), making.gif(), making.pdf()):
        small = Image.open(io.BytesIO(reading.picture(body, large=False, grey=True)))
        assert (small.mode, max(small.size) <= reading.SMALL) == ("L", True)
    large = Image.open(io.BytesIO(reading.picture(making.photo((2000, 1000)), large=True, grey=False)))
    assert (large.mode, large.size) == ("RGB", (reading.LARGE, 600))
    assert not large.info.get("exif")


@pytest.mark.parametrize(
    ("body", "name", "kind", "warning"),
    [
        (making.png(), "photo.jpg", "png", "mislabelled"),
        (b"MZ\x90\0" + bytes(100), "photo.jpg", "program", "mislabelled"),
        (making.pdf() + making.archive(a=b"x"), "paper.pdf", "pdf", "also-zip"),
        (b"GIF89a/*" + making.gif()[8:] + b"*/=1;alert(1)//<script >", "a.gif", "gif", "also-script"),
        (making.png() + making.archive(a=b"x"), "a.png", "png", "also-zip"),
        (making.pdf(acts=True), "a.pdf", "pdf", "acts"),
        (making.with_macros(), "a.docx", "macros", "macros"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", "old-office", "old-office"),
        (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "a.svg", "svg", "svg"),
        (b"<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "a.png", "svg", "mislabelled"),
        (b"<!doctype html><script>alert(1)</script>", "a.txt", "html", "html"),
    ],
)
def test_what_is_not_what_it_seems_is_named(body: bytes, name: str, kind: str, warning: str) -> None:
    found = reading.about(body, name)
    assert found.kind == kind
    assert warning in found.warnings


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8\xff",
        b"%PDF-1.7\n" + b"<<" * 200_000,
        b"GIF89a" + b"\xff" * 2000,
        making.swollen_png(),
        making.swollen_png(7_000, 8_000),
        making.png()[:-30],
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>',
        making.with_macros(),
        b"<html><script>alert(1)</script>",
        bytes(10_000),
    ],
)
def test_a_hostile_file_is_neither_drawn_nor_let_through(body: bytes) -> None:
    with pytest.raises(UnreadError):
        reading.picture(body, large=True, grey=False)
    with pytest.raises(UnreadError):
        reading.copy(body)


@pytest.mark.parametrize(
    "body", [making.swollen_document(), making.archive(a=making.archive(b=making.archive(c=b"x")))]
)
def test_archives_that_swell_or_nest_are_named_and_never_copied(body: bytes) -> None:
    assert reading.about(body, "a.docx").kind in {"docx", "zip"}
    with pytest.raises(UnreadError) as refused:
        reading.copy(body)
    assert refused.value.words


def test_a_document_that_holds_others_is_not_sent_as_clean() -> None:
    body = making.rezipped(making.document(), lambda _name, part: part, {"word/embeddings/oleObject1.bin": b"x"})
    with pytest.raises(UnreadError):
        reading.copy(body)


def test_what_is_too_large_is_not_looked_into() -> None:
    with pytest.raises(UnreadError):
        reading.whole([b"x"], reading.READ_AT_MOST + 1)
