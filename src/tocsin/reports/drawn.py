"""An issue in each of its forms, as bytes that are drawn once and kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from tocsin.reports.document import Document
from tocsin.reports.forms import MEDIA, Form, GlyphError, NoFontsError, TooLongError, UndrawnError, render

__all__ = ["MEDIA", "Drawn", "Form", "all_of", "hash_of"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The forms that could be drawn, and those that could not, with why in words."""

    bodies: Mapping[Form, bytes]
    missing: Mapping[Form, str]


def all_of(document: Document, without: Collection[Form] = ()) -> Drawn:
    """Every form of a document but those that somebody does without.

    A machine that has no fonts, or whose program for pages stops, costs its PDF and no release.

    Raises:
        GlyphError: a PDF has characters that no font can draw.
        TooLongError: a report of one page does not fit it.
    """
    bodies: dict[Form, bytes] = {}
    missing: dict[Form, str] = {}
    for form in Form:
        if form in without:
            continue
        try:
            bodies[form] = render(document, form)
        except (GlyphError, TooLongError):
            raise
        except (NoFontsError, UndrawnError) as error:
            missing[form] = error.message
    return Drawn(bodies, missing)


def hash_of(body: bytes) -> str:
    """The hash of a file."""
    return sha256(body).hexdigest()
