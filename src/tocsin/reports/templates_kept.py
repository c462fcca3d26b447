"""The layouts as they stand: the shipped text of each audience, or the newest version that somebody wrote over it."""

from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.layout import LayoutError, Line, Part, read
from tocsin.reports.models import TemplateText
from tocsin.reports.refusals import RefusedError, refuse_unseen

_FOLDER = Path(__file__).with_name("templates_text")


@cache
def shipped(audience: str) -> str:
    """The text that comes with Tocsin."""
    return (_FOLDER / f"{audience}.md").read_text(encoding="utf-8")


@cache
def shipped_headings() -> frozenset[str]:
    """The headings of all layouts that come with Tocsin. They name a part, and claim nothing."""
    lines = [one for audience in AUDIENCES for one in read(shipped(audience))]
    return frozenset(one.text for one in lines if isinstance(one, Part))


def newest(audience: str) -> TemplateText | None:
    """The newest version that a person wrote."""
    return TemplateText.objects.filter(audience=audience).select_related("by").order_by("-version").first()


def text_of(audience: str) -> str:
    """The text that holds now."""
    row = newest(audience)
    return row.text if row is not None and row.text else shipped(audience)


def standing(audience: str) -> tuple[str, tuple[Line, ...]]:
    """The name of the layout that holds now, and its lines; the shipped one where it can't be read any more."""
    row = newest(audience)
    if row is not None and row.text:
        try:
            return f"{audience}/{row.version}", read(row.text)
        except LayoutError:
            pass
    return f"{audience}/0", read(shipped(audience))


def write(by: Person, audience: str, text: str, note: str, version: int) -> TemplateText:
    """Put a new version in place; earlier ones stay. An empty text brings the shipped one back.

    ``version`` is the one that the writer saw.

    Raises:
        RefusedError: for a text that can't be used, line by line, or when somebody wrote another one meanwhile.
    """
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not change how reports are laid out. Ask a lead or an analyst."))
    refuse_unseen(text, note)
    if audience not in AUDIENCES:
        raise RefusedError(_("There is no such audience."))
    if text.strip():
        try:
            read(text)
        except LayoutError as error:
            message = _("It was not saved: this text can’t be used.")
            raise RefusedError(
                message, [_("Line %(n)d: %(says)s") % {"n": o.line, "says": o.says} for o in error.wrong]
            ) from None
    with transaction.atomic():
        last = TemplateText.objects.select_for_update().filter(audience=audience).order_by("-version").first()
        if (last.version if last is not None else 0) != version:
            raise RefusedError(
                _("Somebody saved another version meanwhile. Yours stands below; compare, and save again.")
            )
        row = TemplateText.objects.create(
            audience=audience, version=version + 1, text=text if text.strip() else "", note=note[:200], by=by,
            at=clock.now(),
        )  # fmt: skip
        record(by.pk, "report.template", f"template:{audience}", version=row.version)
        return row
