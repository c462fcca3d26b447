"""What a file is by its content, whatever it is called; and what else it could be taken for."""

import io
import re
import zipfile
import zlib
from typing import Final

from tocsin.lib.jail.results import UnreadableError

PICTURES: Final = frozenset({"jpeg", "png", "gif", "webp", "tiff", "bmp"})
_ENDINGS: Final = {
    "jpeg": {"jpg", "jpeg", "jpe", "jfif"},
    "png": {"png"},
    "gif": {"gif"},
    "webp": {"webp"},
    "tiff": {"tif", "tiff"},
    "bmp": {"bmp"},
    "pdf": {"pdf"},
    "docx": {"docx"},
    "macros": {"docm", "xlsm", "pptm", "dotm"},
    "office": {"xlsx", "pptx", "odt", "ods", "odp", "dotx"},
    "old-office": {"doc", "xls", "ppt", "msg", "dot", "db"},
    "zip": {"zip", "jar", "apk", "epub", "kmz"},
    "svg": {"svg"},
    "html": {"html", "htm", "xhtml", "mht"},
    "heic": {"heic", "heif", "avif"},
    "video": {"mp4", "mov", "m4v", "3gp", "avi", "mkv", "webm", "mpg", "mpeg"},
    "sound": {"mp3", "m4a", "ogg", "oga", "opus", "wav", "amr", "flac", "aac"},
    "text": {"txt", "md", "csv", "tsv", "json", "log", "eml", "vcf", "ics", "srt"},
    "program": {"exe", "dll", "so", "bin", "elf", "com", "scr", "msi"},
}
_STARTS: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-office"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"#!AMR", "sound"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_MARKUP: Final = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe)[\s>]", re.IGNORECASE)
_SVG: Final = re.compile(rb"<(?:[a-z]{1,9}:)?svg[\s>]", re.IGNORECASE)
_MOST_MEMBERS: Final = 5_000
_MOST_INFLATED: Final = 200 * 1024 * 1024
_MOST_RATIO: Final = 120


def kind_of(body: bytes) -> str:
    """The kind by content; ``other`` for what is none of those known."""
    for start, kind in _STARTS:
        if body.startswith(start):
            return kind
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(body)
    if body[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "sound", b"AVI ": "video"}.get(body[8:12], "other")
    if body[4:8] == b"ftyp":
        return "heic" if body[8:12] in {b"heic", b"heix", b"mif1", b"avif", b"msf1"} else "video"
    if b"%PDF-" in body[:1024]:
        return "pdf"
    return _words(body)


def _words(body: bytes) -> str:
    if not body:
        return "other"
    head = body[:8192].replace(b"\0", b"")
    if _SVG.search(head):
        return "svg"
    if _MARKUP.search(head):
        return "html"
    if b"\0" in body[:8192]:
        return "other"
    try:
        body[:8192].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        # A letter that the cut divided is no fault.
        if error.start < min(len(body), 8192) - 4:
            return "other"
    return "text"


def _archive(body: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(body)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return "zip"
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "macros"
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return "docx"
    return "office" if names & {"[Content_Types].xml", "content.xml"} else "zip"


def warnings(body: bytes, kind: str, name: str) -> list[str]:
    """What somebody should know before they open it elsewhere, as short codes."""
    found = []
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    claimed = next((one for one, endings in _ENDINGS.items() if ending in endings), "")
    if claimed and claimed != kind:
        found.append("mislabelled")
    if kind not in {"zip", "docx", "office", "macros"} and b"PK\x05\x06" in body[-66_000:]:
        found.append("also-zip")
    if kind != "pdf" and b"%PDF-" in body[:1024]:
        found.append("also-pdf")
    if kind in PICTURES and (_MARKUP.search(body) or (kind == "gif" and body[6:8] in {b"/*", b"//"})):
        found.append("also-script")
    if kind in {"macros", "program", "old-office", "html", "svg"}:
        found.append(kind)
    if kind == "pdf" and any(word in body for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction")):
        found.append("acts")
    if kind == "pdf" and b"/EmbeddedFile" in body:
        found.append("files-inside")
    return found


def members(body: bytes) -> dict[str, bytes]:
    """What an archive holds, unpacked within limits.

    Raises:
        UnreadableError: for one that swells, is locked or damaged.
    """
    found: dict[str, bytes] = {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        listed = archive.infolist()
        room = min(_MOST_INFLATED, max(len(body), 200_000) * _MOST_RATIO)
        if len(listed) > _MOST_MEMBERS or sum(one.file_size for one in listed) > room:
            raise swollen()
        for one in listed:
            if one.filename in found:
                raise UnreadableError("This archive holds two files of one name, as an attack would. Leave it closed.")
            with archive.open(one) as opened:
                content = opened.read(room + 1)
            room -= len(content)
            if room < 0:
                raise swollen()
            found[one.filename] = content
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        raise UnreadableError("This archive is damaged or locked. Ask for it again, without a password.") from None
    return found


def swollen() -> UnreadableError:
    """The refusal of a bomb."""
    return UnreadableError("This file unpacks to far more than it should, as an attack would. Leave it closed.")
