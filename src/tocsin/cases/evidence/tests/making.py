"""Files that the tests make for themselves: honest ones with things to tell, and hostile ones."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import docx
import pikepdf
from PIL import Image


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG with a camera, a moment and a place."""
    picture = Image.effect_noise(size, 80).convert("RGB")
    exif = picture.getexif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "Canary Cameras", "Canary 7", "Canary Author"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "S", (6.0, 12.0, 30.0), "E", (35.0, 45.0, 0.0)
    detail = exif.get_ifd(0x8769)
    detail[0x9003] = "2026:01:02 03:04:05"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"Canary comment")
    return out.getvalue()


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def gif() -> bytes:
    """A small picture with few colours."""
    out = io.BytesIO()
    Image.new("P", (40, 30)).save(out, "GIF")
    return out.getvalue()


def pdf(*, acts: bool = False, photo_inside: bytes = b"") -> bytes:
    """One page, with an author; perhaps with a script and a file inside, perhaps with a photo."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(300, 400))
    made.docinfo["/Author"], made.docinfo["/Title"] = "Canary Author", "Canary title"
    with made.open_metadata() as about:
        about["dc:creator"] = ["Canary Author"]
    note = {"/Type": "/Annot", "/Subtype": "/Text", "/Rect": [0, 0, 9, 9], "/T": "Canary Commenter", "/Contents": "x"}
    page.obj["/Annots"] = pikepdf.Array([made.make_indirect(_dictionary(note))])
    if acts:
        action = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=pikepdf.String("app.alert('Canary script')"))
        made.Root["/OpenAction"] = made.make_indirect(action)
        made.attachments["canary.txt"] = b"Canary attachment"
    if photo_inside:
        image = pikepdf.Stream(made, photo_inside)
        image.update(
            {"/Type": pikepdf.Name("/XObject"), "/Subtype": pikepdf.Name("/Image"), "/Width": 640, "/Height": 480}
        )
        image["/ColorSpace"], image["/BitsPerComponent"] = pikepdf.Name("/DeviceRGB"), 8
        image["/Filter"] = pikepdf.Name("/DCTDecode")
        page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=made.make_indirect(image)))
        page.obj["/Contents"] = made.make_stream(b"300 0 0 400 0 0 cm /Im0 Do")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _dictionary(words: Mapping[str, object]) -> pikepdf.Dictionary:
    named = {"/Type", "/Subtype"}
    return pikepdf.Dictionary({k: pikepdf.Name(str(v)) if k in named else v for k, v in words.items()})


def document(*, photo_inside: bytes = b"") -> bytes:
    """A DOCX with an author, somebody who changed it, and perhaps a photo."""
    made = docx.Document()
    made.core_properties.author, made.core_properties.last_modified_by = "Canary Author", "Canary Editor"
    made.add_paragraph("She was taken at noon.")
    if photo_inside:
        made.add_picture(io.BytesIO(photo_inside))
    out = io.BytesIO()
    made.save(out)
    return rezipped(out.getvalue(), lambda name, body: body.replace(b"<w:p>", b'<w:p w:rsidR="00AB12CD">'))


def rezipped(body: bytes, change: object, more: dict[str, bytes] | None = None) -> bytes:
    """The same archive with its parts changed, and more parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))  # type: ignore[operator]
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def with_macros() -> bytes:
    """A DOCX with a program in it."""
    return rezipped(document(), lambda _name, body: body, {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"})


def archive(**members: bytes) -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return out.getvalue()


def swollen_document() -> bytes:
    """A DOCX that unpacks to far more than its size."""
    return rezipped(document(), lambda _name, body: body, {"word/media/huge.xml": bytes(45_000_000)})


def swollen_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes whose pixels would take gigabytes."""
    row = zlib.compressobj(9)
    packed = row.compress(bytes(1_000_000)) + row.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
