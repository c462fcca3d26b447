"""Draws what a file shows as a new PNG, of a size and colour that the reader asked for. Nothing else of it survives."""

import base64
import io
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageOps

from tocsin.cases.evidence.parse import facts, kinds
from tocsin.lib.jail.results import UnreadableError

_THINNEST: Final = 8  # points; a page may not be a thread


def picture(body: bytes, *, edge: int, grey: bool) -> dict[str, Any]:
    """A PNG (base64) of a picture, or of the first page of a PDF, its longer side at most ``edge`` pixels.

    Raises:
        UnreadableError: for every other kind, and for one that is damaged or hostile.
    """
    kind = kinds.kind_of(body)
    if kind in kinds.PICTURES:
        drawn = _picture(body, edge)
    elif kind == "pdf":
        drawn = _page(body, edge)
    else:
        raise UnreadableError("There is no preview of this kind of file. Read the description.")
    return {"png": base64.b64encode(_png(drawn, edge, grey)).decode(), "width": drawn.width, "height": drawn.height}


def upright(body: bytes, edge: int = 0) -> Image.Image:
    """A picture turned as its camera was held, its pixels alone: red, green, blue and, where there is, transparency.

    Raises:
        UnreadableError: for a damaged or hostile one.
    """
    found = facts.opened(body)
    try:
        if edge:
            # A JPEG is unpacked at a fraction of its size where that is enough.
            found.draft("RGB", (edge, edge))
        found.load()
        turned = ImageOps.exif_transpose(found)
        mode = "RGBA" if "transparency" in found.info or found.mode in {"RGBA", "LA", "PA"} else "RGB"
        pixels = turned.convert(mode)
    except Image.DecompressionBombError:
        raise kinds.swollen() from None
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, EOFError, ZeroDivisionError):
        raise facts.damaged("picture") from None
    clean = Image.new(mode, pixels.size)
    clean.paste(pixels)
    return clean


def _picture(body: bytes, edge: int) -> Image.Image:
    drawn = upright(body, edge)
    drawn.thumbnail((edge, edge))
    return drawn


def _page(body: bytes, edge: int) -> Image.Image:
    try:
        pdf = pypdfium2.PdfDocument(body)
        page = pdf[0]
        width, height = page.get_size()
        if not _THINNEST <= min(width, height) <= max(width, height) <= 100 * min(width, height):
            raise facts.damaged("PDF")
        scale = edge / max(width, height)
        drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        raise facts.damaged("PDF") from None
    return drawn


def _png(drawn: Image.Image, edge: int, grey: bool) -> bytes:
    if drawn.mode == "RGBA":
        white = Image.new("RGBA", drawn.size, "white")
        white.alpha_composite(drawn)
        drawn = white.convert("RGB")
    if grey:
        drawn = drawn.convert("L")
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()
