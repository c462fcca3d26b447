"""The one way out of a reporter's safe: an extract, under terms that hold, read by two people, becomes a document."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tocsin.cases.entries import Entry, holds, of
from tocsin.cases.kinds.reporters import Report, Terms
from tocsin.cases.refusals import RefusedError
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.streams import documents
from tocsin.streams.documents import Brought
from tocsin.streams.drafts import RefusedError as NotTakenError


def release(report: Report, came: date, found: Sequence[Entry], person: Person, today: date) -> Report:
    """Hand the extract, and nothing else, to the documents from which signals are made. ``came``: when it was told.

    Raises:
        RefusedError: when the terms don't hold, or the document isn't taken.
    """
    terms = next((what for one, what in of(found, Terms) if str(one.id) == report.terms), None)
    if terms is None or not holds(found, report.terms, Terms, today):
        raise RefusedError(_("The reporter’s terms don’t allow it now. Talk them over first."))
    if (leaves := (report.told_on or came) + timedelta(days=terms.wait_days)) > today:
        raise RefusedError(_("By the reporter’s terms it waits until %(day)s.") % {"day": leaves.isoformat()})
    body = report.extract.encode()
    try:
        item = documents.upload(
            person, Brought("extract.txt", body, tlp=terms.reach or Tlp.AMBER, country=report.country)
        )
    except NotTakenError:
        raise RefusedError(_("The extract can’t be taken as a document. Make it longer and plainer.")) from None
    return replace(report, item=str(item.pk))
