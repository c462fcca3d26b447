"""Makes a copy without what a file tells beside what it shows. It says what was there before, and what is after."""

import base64
import io
import re
import struct
import zipfile
from typing import Any, Final

import pikepdf

from tocsin.cases.evidence.parse import facts, kinds, pictures
from tocsin.lib.jail.results import UnreadableError

_QUALITY: Final = 92
_KEPT_SEGMENTS: Final = frozenset({0xE0, 0xEE})  # JFIF, and Adobe's note on colours, without which they change
_CORE: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_APP: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_CUSTOM: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
_PEOPLE: Final = re.compile(rb'\b(w(?:15)?:(?:author|initials|userId|providerId))="[^"]*"')
_MOMENTS: Final = re.compile(rb'\s(?:w:(?:date|rsid\w*)|w16du:dateUtc|w14:(?:paraId|textId))="[^"]*"')
_RSIDS: Final = re.compile(rb"<w:rsids>.*?</w:rsids>|<w:attachedTemplate\b[^>]*/>", re.DOTALL)
_TEMPLATE: Final = re.compile(rb'<Relationship\b[^>]*/(?:attachedTemplate|thumbnail)"[^>]*/>')
_PICTURE: Final = re.compile(r"/media/[^/]+\.(?:jpe?g|png|gif|bmp|tiff?)$", re.IGNORECASE)
_INSIDE: Final = ("word/embeddings/", "word/activeX/", "customXml/")


def copy(body: bytes) -> dict[str, Any]:
    """A copy without metadata: ``body`` (base64), its ``ending``, and the facts ``before`` and ``after``.

    Raises:
        UnreadableError: for a kind that can't be cleaned, or a damaged or hostile file.
    """
    kind = kinds.kind_of(body)
    if kind in kinds.PICTURES:
        made, ending = _picture(body, kind)
    elif kind == "pdf":
        made, ending = _pdf(body), "pdf"
    elif kind == "docx":
        made, ending = _docx(body), "docx"
    elif kind == "text":
        made, ending = body, "txt"
    else:
        raise UnreadableError("Nothing can be taken out of this kind of file. Send a description, or a picture of it.")
    after = kinds.kind_of(made)
    return {
        "body": base64.b64encode(made).decode(),
        "ending": ending,
        "before": facts.facts(body, kind),
        "after": facts.facts(made, after),
    }


def _picture(body: bytes, kind: str) -> tuple[bytes, str]:
    drawn, out = pictures.upright(body), io.BytesIO()
    if kind == "jpeg":
        drawn.convert("RGB").save(out, "JPEG", quality=_QUALITY)
        return out.getvalue(), "jpg"
    drawn.save(out, "PNG")
    return out.getvalue(), "png"


def _pdf(body: bytes) -> bytes:
    pdf, out = facts.open_pdf(body), io.BytesIO()
    try:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        _forget(pdf.Root, "/Metadata", "/OpenAction", "/AA", "/PieceInfo", "/AF", "/Collection", "/SpiderInfo")
        _forget(pdf.Root.get("/Names"), "/JavaScript", "/EmbeddedFiles")
        _forget(pdf.Root.get("/AcroForm"), "/XFA")
        for page in pdf.pages:
            _forget(page.obj, "/AA", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF")
            _clean_notes(page.obj)
        for one in pdf.objects:
            if isinstance(one, pikepdf.Stream):
                _clean_stream(one)
            elif isinstance(one, pikepdf.Dictionary):
                _forget(one, "/AA", "/JS", "/PieceInfo")
        pdf.save(out, deterministic_id=True)
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, AttributeError, KeyError):
        raise facts.damaged("PDF") from None
    return out.getvalue()


def _forget(one: Any, *names: str) -> None:
    if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        return
    for name in names:
        if name in one:
            del one[name]


def _clean_notes(page: Any) -> None:
    notes = page.get("/Annots")
    if notes is None:
        return
    kept = pikepdf.Array()
    for note in notes:
        action = note.get("/A", {})
        acts = str(action.get("/S", "/URI")) not in {"/URI", "/GoTo"}
        if str(note.get("/Subtype", "")) in {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound"} or acts:
            continue
        if str(note.get("/Subtype", "")) != "/Widget":
            _forget(note, "/T", "/M", "/CreationDate", "/NM")
        kept.append(note)
    page["/Annots"] = kept


def _clean_stream(stream: Any) -> None:
    _forget(stream, "/Metadata", "/PieceInfo", "/LastModified", "/AF")
    if stream.get("/Subtype") == "/Image" and stream.get("/Filter") == "/DCTDecode":
        raw = stream.read_raw_bytes()
        stream.write(bare_jpeg(raw), filter=stream["/Filter"], decode_parms=stream.get("/DecodeParms"))


def bare_jpeg(body: bytes) -> bytes:
    """A JPEG without its notes (Exif, XMP, IPTC, comments); pixels and colours stay.

    Raises:
        UnreadableError: when its segments make no sense.
    """
    out, at = bytearray(body[:2]), 2
    while at + 4 <= len(body) and body[at] == 0xFF and body[at + 1] != 0xDA:
        marker = body[at + 1]
        (length,) = struct.unpack(">H", body[at + 2 : at + 4])
        noted = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not noted or marker in _KEPT_SEGMENTS:
            out += body[at : at + 2 + length]
        at += 2 + length
    if body[at : at + 2] != b"\xff\xda":
        raise facts.damaged("picture")
    return bytes(out + body[at:])


def _docx(body: bytes) -> bytes:
    inside = kinds.members(body)
    if any(name.startswith(_INSIDE[:2]) for name in inside):
        raise UnreadableError("This document holds other files. Take them out, and bring each by itself.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _part(name, content), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _part(name: str, content: bytes) -> bytes:
    fixed = {"docProps/core.xml": _CORE, "docProps/app.xml": _APP, "docProps/custom.xml": _CUSTOM}
    if name in fixed:
        return fixed[name]
    if _PICTURE.search(name):
        return _bare_picture(content)
    if name.startswith(_INSIDE[2]) and name.endswith(".xml") and "/_rels/" not in name and "Props" not in name:
        return b"<empty/>"
    if name.startswith("docProps/thumbnail"):
        return b""
    if not name.endswith((".xml", ".rels")):
        return content
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise facts.damaged("document")
    content = _PEOPLE.sub(rb'\1=""', content)
    return _TEMPLATE.sub(b"", _RSIDS.sub(b"", _MOMENTS.sub(b"", content)))


def _bare_picture(content: bytes) -> bytes:
    kind = kinds.kind_of(content)
    if kind == "jpeg":
        return bare_jpeg(content)
    if kind in kinds.PICTURES:
        out = io.BytesIO()
        pictures.upright(content).save(out, {"png": "PNG", "gif": "GIF", "bmp": "BMP"}.get(kind, "TIFF"))
        return out.getvalue()
    raise facts.damaged("document")
