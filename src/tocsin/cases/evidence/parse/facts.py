"""What a file tells beside what it shows: camera, place, moment, author."""

import contextlib
import io
import re
from typing import Any, Final

import pikepdf
from PIL import ExifTags, Image, UnidentifiedImageError

from tocsin.cases.evidence.parse import kinds
from tocsin.lib.jail.results import UnreadableError

MOST_PIXELS: Final = 60_000_000
_LONGEST: Final = 300
_MOST: Final = 200
_SKIPPED: Final = frozenset({"ExifOffset", "GPSInfo", "MakerNote", "PrintImageMatching", "JPEGThumbnail"})
_PDF_PARTS: Final = ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate", "/ModDate")
_PROPERTY: Final = re.compile(
    rb"<(?:[a-z]{1,9}:)?(creator|lastModifiedBy|created|modified|title|subject|description|keywords|category|revision|"
    rb"Company|Manager|Application|Template|TotalTime)(?:\s[^>]*)?>([^<]{1,2000})</",
)
_AUTHOR: Final = re.compile(rb'\bw(?:15)?:author="([^"]{1,300})"')

Fact = list[str]  # name, value


def about(body: bytes, *, name: str = "") -> dict[str, Any]:
    """Kind, warnings and facts of a file. What can't be read further still has its kind.

    ``trouble`` is a plain line where reading stopped.
    """
    kind = kinds.kind_of(body)
    found, trouble = [], ""
    try:
        found = facts(body, kind)
    except UnreadableError as error:
        trouble = error.args[0]
    return {
        "kind": kind,
        "warnings": kinds.warnings(body, kind, name),
        "facts": found[:_MOST],
        "trouble": trouble,
    }


def facts(body: bytes, kind: str) -> list[Fact]:
    """What a file of this kind tells; empty for kinds that are not read.

    Raises:
        UnreadableError: for a damaged or hostile one.
    """
    if kind in kinds.PICTURES:
        return _picture(body)
    if kind == "pdf":
        return _pdf(body)
    if kind in {"docx", "macros", "office"}:
        return _office(body)
    return []


def opened(body: bytes) -> Image.Image:
    """A picture, its size checked and nothing of it unpacked yet.

    Raises:
        UnreadableError: for one that is damaged, or far larger unpacked than any camera makes.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        picture = Image.open(io.BytesIO(body), formats=["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
    except Image.DecompressionBombError:
        raise kinds.swollen() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError, TypeError):
        raise damaged("picture") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise kinds.swollen()
    return picture


def damaged(what: str) -> UnreadableError:
    """The refusal of something that can't be read."""
    return UnreadableError(f"This {what} is damaged, or made to confuse. Ask for it again, or keep it as it is.")


def _picture(body: bytes) -> list[Fact]:
    picture = opened(body)
    found = [["Size", f"{picture.width} × {picture.height}"]]
    with contextlib.suppress(OSError, ValueError, SyntaxError, KeyError, TypeError, ZeroDivisionError):
        exif = picture.getexif()
        for ifd in (dict(exif), exif.get_ifd(ExifTags.IFD.Exif)):
            found += [_fact(ExifTags.TAGS.get(tag, f"Tag {tag}"), value) for tag, value in ifd.items()]
        found += _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
    for name, value in picture.info.items():
        if name in {"comment", "Comment", "Author", "Description", "Software", "Title", "Copyright", "Creation Time"}:
            found.append(_fact(str(name), value))
        elif name in {"xmp", "XML:com.adobe.xmp", "photoshop"}:
            found.append(["Further data", f"{name}, {len(value):,} bytes"])
    if len(getattr(picture, "applist", ())) and any(one[0] == "APP13" for one in picture.applist):  # type: ignore[attr-defined]
        found.append(["Further data", "IPTC"])
    if (frames := getattr(picture, "n_frames", 1)) > 1:
        found.append(["Frames", str(frames)])
    return [one for one in found if one[0] not in _SKIPPED]


def _place(gps: Any) -> list[Fact]:
    found = [
        _fact(ExifTags.GPSTAGS.get(tag, f"GPS {tag}"), value)
        for tag, value in dict(gps).items()
        if tag not in {1, 2, 3, 4}
    ]
    try:
        north, east = (_degrees(gps[number]) for number in (2, 4))
        north = -north if str(gps.get(1, "N")).upper().startswith("S") else north
        east = -east if str(gps.get(3, "E")).upper().startswith("W") else east
        return [["Place", f"{north:.5f}, {east:.5f}"], *found]
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return found


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(one) for one in parts)
    return degrees + minutes / 60 + seconds / 3600


def _pdf(body: bytes) -> list[Fact]:
    pdf = open_pdf(body)
    found = []
    with contextlib.suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError, RuntimeError):
        found.append(["Pages", str(len(pdf.pages))])
        info: Any = pdf.trailer.get("/Info", {})
        found += [_fact(str(part)[1:], str(info[part])) for part in _PDF_PARTS if part in info]
        if "/Metadata" in pdf.Root:
            found.append(["Further data", "XMP"])
        names: Any = pdf.Root.get("/Names", {})
        if "/EmbeddedFiles" in names:
            found.append(["Files inside", str(len(pdf.attachments))])
        if "/JavaScript" in names or "/OpenAction" in pdf.Root or "/AA" in pdf.Root:
            found.append(["Acts by itself", "yes"])
        authors = {str(note.get("/T", "")) for page in list(pdf.pages)[:500] for note in page.get("/Annots", [])}
        found += [_fact("Comment by", one) for one in sorted(authors - {""})[:20]]
    return found


def open_pdf(body: bytes) -> pikepdf.Pdf:
    """A PDF.

    Raises:
        UnreadableError: for one that is locked or damaged.
    """
    try:
        return pikepdf.open(io.BytesIO(body), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise UnreadableError("This PDF is locked with a password. Ask for one without.") from None
    except (pikepdf.PdfError, ValueError, RuntimeError, OverflowError):
        raise damaged("PDF") from None


def _office(body: bytes) -> list[Fact]:
    inside = kinds.members(body)
    found: list[Fact] = []
    for name in ("docProps/core.xml", "docProps/app.xml"):
        for part, value in _PROPERTY.findall(inside.get(name, b"")):
            found.append(_fact(part.decode(), value.decode("utf-8", "replace")))
    authors = {one for name, content in inside.items() if name.endswith(".xml") for one in _AUTHOR.findall(content)}
    found += [_fact("Written or changed by", one.decode("utf-8", "replace")) for one in sorted(authors)[:20]]
    changed = sum(len(re.findall(rb"<w:(?:ins|del) ", content)) for content in inside.values())
    if changed:
        found.append(["Tracked changes", str(changed)])
    if any(name.startswith("word/comments") for name in inside):
        found.append(["Comments", "yes"])
    embedded = [name for name in inside if "/embeddings/" in name]
    if embedded:
        found.append(["Files inside", str(len(embedded))])
    media = [content for name, content in inside.items() if "/media/" in name]
    found += [
        ["Place in a picture", one[1]] for content in media[:50] for one in _quietly(content) if one[0] == "Place"
    ]
    return found


def _quietly(body: bytes) -> list[Fact]:
    try:
        return _picture(body)
    except UnreadableError:
        return []


def _fact(name: str, value: object) -> Fact:
    if isinstance(value, bytes):
        text = value.decode("utf-8", "replace") if len(value) <= _LONGEST else f"{len(value):,} bytes"
    else:
        text = str(value)
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 2 * _LONGEST])
    return [name[:60], " ".join(printable.split())[:_LONGEST]]
