"""Reads PDF, DOCX, HTML and plain text, told apart by their content. Runs in the jail; imports no Django."""

import io
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import docx
import pypdfium2
from docx.opc.exceptions import PackageNotFoundError
from selectolax.lexbor import LexborHTMLParser

from tocsin.lib.jail.results import UnreadableError
from tocsin.streams.sources.cleaning import LONGEST_TEXT, line, packed, paragraphs
from tocsin.streams.sources.plaintext import plain

MOST_PAGES = 400
MOST_MEMBERS = 2_000
MOST_INFLATED = 150 * 1024 * 1024
MOST_RATIO = 100
MOST_LINKS = 2_000
MOST_TAGS = 100_000
MOST_ATTRIBUTES = 50_000
MOST_ATTRIBUTES_OF_ONE = 2_000
DEEPEST = 3_000

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DOCUMENT_NAME = re.compile(r"\.(?:pdf|docx|html?|txt|md)$", re.IGNORECASE)
_LONGEST_TITLE, _FEWEST_LETTERS = 200, 4
# What word processors write into the title of a document that nobody gave one: the name of its file.
_PROGRAM = re.compile(r"^Microsoft (?:Word|PowerPoint|Excel) - ", re.IGNORECASE)
_FILE_LIKE = re.compile(
    rf"{_PROGRAM.pattern}|\.(?:pdf|docx?|html?|txt|md|odt|rtf|indd)$|^\S+(?:_|-\S*-)\S+$|^untitled$", re.IGNORECASE
)
_BETWEEN = re.compile(r"[\s_+.-]+")
_HASH = re.compile(r"[0-9a-f ]{16,}", re.IGNORECASE)
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?(\d{2})?")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
# What pages need not close, so that it does not tell how deep they are.
_LEFT_OPEN = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup", "rt", "rp",
})  # fmt: skip
_WEB = re.compile(rb"<(?:!doctype html|html|head|body|article|p|div|h1)[\s>]", re.IGNORECASE)


class _Read(NamedTuple):
    title: str
    text: str
    media_type: str
    stated: int | None = None
    refused: tuple[str, ...] = ()
    pages: int = 0
    language: str = ""


def document(body: bytes, *, name: str = "", content_type: str = "", keep: bool = True) -> dict[str, Any]:
    """One document as one item. ``name`` (a file's name or address) titles it where nothing in it does.

    ``keep`` False: whoever asks has the original and does not want it back.

    Raises:
        UnreadableError: for what is none of the four kinds, is locked, damaged, swollen or empty.
    """
    if not body.strip():
        raise UnreadableError("The file is empty. Ask for it again.")
    read = _read(body, content_type)
    text = paragraphs(read.text)
    if not text:
        raise UnreadableError("There are no words in this document; it may be a scan. Ask for one with text.")
    refused = list(read.refused)
    if len(read.text) > LONGEST_TEXT:
        refused.append(f"Only the first {LONGEST_TEXT} signs were read.")
    item = {
        "key": name or text[:500],
        "url": name if name.startswith(("http://", "https://")) else "",
        "title": _title(read, text, name),
        "text": text,
        "language": line(read.language, 16).lower(),
        "stated": read.stated,
        "media_type": read.media_type,
        "facts": {"pages": read.pages} if read.pages else {},
        "original": packed(body) if keep else "",
    }
    return {"items": [item], "refused": refused}


def _title(read: _Read, text: str, name: str) -> str:
    """What a person would call it: its own title, what its first line says, else its file's name, as words.

    Programs write the name of a file into a document's title; such a title counts as a name. The first line of a PDF
    may be a running head: there a name of three words goes before it.
    """
    stated = line(read.title, 300)
    if stated and not _FILE_LIKE.search(stated):
        return stated
    file = unquote(urlsplit(name).path if "://" in name else name).rsplit("/", 1)[-1]
    named = next((words for one in (stated, file) if (words := _as_words(one))), "")
    first = line(next((row for row in text.splitlines() if row.strip()), ""), 300)
    if len(first) > _LONGEST_TITLE or sum(sign.isalpha() for sign in first) < _FEWEST_LETTERS:
        first = ""
    if read.pages and len(named.split()) >= 3:
        first = ""
    return first or named or line(text, 120)


def _as_words(file: str) -> str:
    """A file's name as words; nothing where it holds fewer letters than a word, or is a hash."""
    words = line(_BETWEEN.sub(" ", _DOCUMENT_NAME.sub("", _PROGRAM.sub("", file))).strip(), 200)
    if sum(sign.isalpha() for sign in words) < _FEWEST_LETTERS or _HASH.fullmatch(words):
        return ""
    return words[0].upper() + words[1:]


def listing(body: bytes, *, address: str) -> dict[str, Any]:
    """Addresses of the documents that a page links to.

    Raises:
        UnreadableError: where the page links to none.
    """
    found: dict[str, None] = {}
    _check_page(body.decode("latin-1"))
    for node in LexborHTMLParser(body).css("a[href]"):
        try:
            link = urljoin(address, (node.attributes.get("href") or "").strip()).partition("#")[0]
            wanted = link.startswith(("http://", "https://")) and _DOCUMENT_NAME.search(urlsplit(link).path)
        except ValueError:
            continue
        if wanted and len(link) < 2_000 and link != address:
            found.setdefault(link)
    if not found:
        raise UnreadableError("This page links to no PDF, DOCX, HTML or text. Check the address.")
    return {"links": list(found)[:MOST_LINKS]}


def _read(body: bytes, content_type: str) -> _Read:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in body[:1024]:
        return _pdf(body)
    if start.startswith(b"PK"):
        return _docx(body)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError("This is an old Office file, or a locked one. Save it as DOCX or PDF without a password.")
    if start.startswith(b"{\\rtf"):
        raise UnreadableError("This is a rich text file. Save it as DOCX or PDF.")
    if _WEB.search(body[:4096].replace(b"\x00", b"")):
        return _html(body, content_type)
    return _text(body)


def _pdf(body: bytes) -> _Read:
    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError("This PDF is locked with a password. Ask for one without.") from None
        raise UnreadableError("This PDF is damaged. Ask for it again.") from None
    pages = len(pdf)
    pieces: list[str] = []
    size = failed = 0
    for number in range(min(pages, MOST_PAGES)):
        try:
            pieces.append(pdf[number].get_textpage().get_text_bounded())
        except pypdfium2.PdfiumError:
            failed += 1
            continue
        size += len(pieces[-1])
        if size > LONGEST_TEXT:
            break
    refused = [f"Only the first {MOST_PAGES} of {pages} pages were read."] if pages > MOST_PAGES else []
    if failed:
        refused.append(f"{failed} pages are damaged; they were left out.")
    about = pdf.get_metadata_dict()
    stated = _pdf_date(about.get("CreationDate", ""))
    return _Read(about.get("Title", ""), "\n\n".join(pieces), "application/pdf", stated, tuple(refused), pages)


def _pdf_date(text: str) -> int | None:
    found = _PDF_DATE.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _docx(body: bytes) -> _Read:
    _check_archive(body)
    try:
        made = docx.Document(io.BytesIO(body))
        pieces = [_docx_piece(block) for block in made.iter_inner_content()]
        about = made.core_properties
        title, stated, language = about.title or "", about.modified or about.created, about.language or ""
        if about.last_modified_by == "python-docx" and title == "Word Document":
            # The file says nothing of itself; the library makes up a title and the present time.
            title, stated = "", None
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, zipfile.BadZipFile, SyntaxError):
        raise UnreadableError("This file is called a DOCX but is not one, or is damaged. Ask for it again.") from None
    moment = int(stated.replace(tzinfo=stated.tzinfo or UTC).timestamp()) if stated else None
    return _Read(title, "\n".join(pieces), _DOCX, moment, language=language)


def _docx_piece(block: Any) -> str:
    if hasattr(block, "rows"):
        return "\n".join(" · ".join(dict.fromkeys(cell.text for cell in row.cells)) for row in block.rows)
    return str(block.text)


def _check_archive(body: bytes) -> None:
    """Look at the sizes that a zip states, then inflate each member and count: what is stated may be a lie."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        members = archive.infolist()
        names = {member.filename for member in members}
        if not {"[Content_Types].xml", "word/document.xml"} <= names:
            raise UnreadableError("This is a zip file, but no DOCX. Unpack it, and bring each document by itself.")
        room = min(MOST_INFLATED, max(len(body), 100_000) * MOST_RATIO)
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > room:
            raise _swollen()
        for member in members:
            with archive.open(member) as opened:
                while piece := opened.read(1 << 20):
                    room -= len(piece)
                    if room < 0:
                        raise _swollen()
                    if member.filename.endswith((".xml", ".rels")) and b"<!ENTITY" in piece:
                        raise UnreadableError("This DOCX declares entities of its own, as an attack would. Check it.")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise UnreadableError("This DOCX is damaged or locked. Ask for it again, without a password.") from None


def _swollen() -> UnreadableError:
    return UnreadableError("This file unpacks to far more than documents do, as an attack would. Check who sent it.")


def _html(body: bytes, content_type: str) -> _Read:
    text = _decoded(body, content_type)
    _check_page(text)
    tree = LexborHTMLParser(text)
    head = tree.css_first("title")
    root = tree.css_first("html")
    language = (root.attributes.get("lang") or "") if root else ""
    return _Read(head.text() if head else "", plain(text, framed=True), "text/html", language=language)


def _check_page(text: str) -> None:
    """Count tags, attributes and depth roughly: time to read a page grows with their squares."""
    if text.count("<") > MOST_TAGS:
        raise _overgrown()
    attributes = 0
    for piece in text.split("<")[1:]:
        found = len(piece.partition(">")[0].split()) - 1
        attributes += found
        if found > MOST_ATTRIBUTES_OF_ONE or attributes > MOST_ATTRIBUTES:
            raise _overgrown()
    depth, still_open = 0, Counter[str]()
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name in _LEFT_OPEN:
            continue
        if not tag[1]:
            still_open[name] += 1
            depth += 1
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
        if depth > DEEPEST:
            raise _overgrown()


def _overgrown() -> UnreadableError:
    return UnreadableError("This page holds far more tags than pages do, as an attack would. Save its text as a file.")


def _text(body: bytes) -> _Read:
    if b"\x00" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("This is neither PDF, DOCX, HTML nor text. Save it as one of them.")
    text = _decoded(body, "")
    odd = sum(1 for sign in text[:4096] if ord(sign) < 32 and sign not in "\t\n\r\f")
    if odd > len(text[:4096]) // 50:
        raise UnreadableError("This is neither PDF, DOCX, HTML nor text. Save it as one of them.")
    first = next((row for row in text.splitlines() if row.strip()), "")
    return _Read(first if len(first) <= 200 else "", text, "text/plain")


def _decoded(body: bytes, content_type: str) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    stated = re.search(r"charset=[\"']?([\w-]+)", content_type) or re.search(
        rb"<meta[^>]+charset=[\"']?([\w-]+)", body[:4096], re.IGNORECASE
    )
    name = stated[1] if stated else "utf-8"
    for encoding in ("utf-8-sig", name.decode("ascii") if isinstance(name, bytes) else name, "cp1252"):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1")
