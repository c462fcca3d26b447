"""Codes of evidence in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.cases.evidence.items import Act, Evidence
from tocsin.people.models import Person


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of custody as people read it."""

    at: datetime
    who: str
    did: str
    why: str
    to: str


def shown_lines(one: Evidence, known: Mapping[int, Person]) -> list[ShownLine]:
    """Its custody, the newest line first."""
    return [
        ShownLine(
            line.moment, str(known.get(line.by) or _("somebody who has left")), act_words(line.act), line.why, line.to
        )
        for line in reversed(one.custody)
    ]


def act_words(act: Act) -> str:
    """What was done."""
    return {
        Act.RECEIVED: _("received"),
        Act.VIEWED: _("opened to look"),
        Act.COPIED: _("copied"),
        Act.SENT: _("sent outside"),
        Act.STAMPED: _("had the hash stamped"),
        Act.DESCRIBED: _("described it otherwise"),
        Act.RESEALED: _("sealed it anew"),
        Act.REMOVED: _("took the file out"),
    }[act]


def kind_words(media: str) -> str:
    """What a file is."""
    return {
        "jpeg": _("photo (JPEG)"),
        "png": _("picture (PNG)"),
        "gif": _("picture (GIF)"),
        "webp": _("picture (WebP)"),
        "tiff": _("picture (TIFF)"),
        "bmp": _("picture (BMP)"),
        "heic": _("photo (HEIC), without a preview here"),
        "pdf": _("PDF"),
        "docx": _("text document (DOCX)"),
        "office": _("office document"),
        "old-office": _("office document of an old kind"),
        "macros": _("document with a program in it"),
        "zip": _("archive, left closed"),
        "svg": _("drawing (SVG), never shown"),
        "html": _("web page, never shown"),
        "video": _("video, without a preview here"),
        "sound": _("sound"),
        "text": _("plain text"),
        "program": _("program"),
    }.get(media, _("unknown kind of file"))


def warning_words(code: str) -> str:
    """What somebody should know before they open it elsewhere."""
    return {
        "mislabelled": _("Its name says that it is something else."),
        "also-zip": _("It can be read as an archive, too. Such files are made to deceive."),
        "also-pdf": _("It can be read as a PDF, too. Such files are made to deceive."),
        "also-script": _("It can be read as a program for browsers, too. Such files are made to deceive."),
        "macros": _("There is a program in it. Don’t open it in an office suite."),
        "old-office": _("It may hold a program. Don’t open it in an office suite."),
        "program": _("It is a program. Don’t start it."),
        "html": _("It is a web page. Opening it may tell somebody that you did."),
        "svg": _("It may hold a program. Don’t open it in a browser."),
        "acts": _("It acts by itself when it is opened."),
        "files-inside": _("It holds other files."),
    }.get(code, _("Something about it is unusual."))
