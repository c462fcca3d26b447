"""Releases one exact version of a draft, by a person who may. What left is never changed; it is corrected."""

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import drawn, eyes, recounting, sending, versions
from tocsin.reports.access import editors
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.checking import concealed, problems
from tocsin.reports.document import Document
from tocsin.reports.keeping import document_out
from tocsin.reports.laying import digest_of, document_of, facts_of, next_number, version_of
from tocsin.reports.models import Draft, Form, Issue, Report
from tocsin.reports.refusals import RefusedError


def why_not_by(person: Person, draft: Draft) -> str:
    """Why this person can't release this draft, in words; empty where they can."""
    if not person.may(Right.RELEASE):
        return _("You may not release reports. Ask a lead or an approver.")
    if AUDIENCES[draft.audience].outside and person.pk in editors(draft):
        return _("It leaves the organisation, and you worked on it. Somebody else must release it.")
    return ""


def release(
    by: Person, draft: Draft, digest: str, *, without_pdf: bool = False, reads: bool = False, no_place: bool = False
) -> Issue:
    """Let this very version go: freeze it, draw its forms, and send it to whom it is for.

    ``reads``: this person says that they read the language of a language version, and that it says what its original
    says. ``no_place``: that it names no place of a protected country, whose cities no check finds in that language.

    Raises:
        RefusedError: when the version is another by now, a check blocks, a form can't be drawn, or this person may not.
    """
    document = _check(by, draft, digest)
    if draft.original_id is not None and not reads:
        raise RefusedError(
            _("Whoever releases a translation reads its language, and says that it tells what the original tells.")
        )
    if versions.places_unread(draft) and not no_place:
        raise RefusedError(
            _("Tocsin does not know all cities in this language. Whoever releases it says that it names no such place.")
        )
    # Drawing takes seconds, and other writers wait for a transaction; what is drawn is compared inside it.
    forms = drawn.all_of(document, {drawn.Form.PDF} if without_pdf else ())
    if draft.original_id is None:
        # A language version tells the numbers of its original, which left.
        _count_again(by, draft, document)
    with transaction.atomic():
        # The report first: two releases of one report must not take the same number.
        Report.objects.select_for_update().get(pk=draft.report_id)
        rows = Draft.objects.select_for_update(of=("self",))
        rows = rows.select_related("report", "gathered", "corrects__report", "translates__draft", "original")
        row = rows.get(pk=draft.pk)
        # While it was drawn, whoever releases it may have left or lost the right to.
        document = _check(Person.objects.get(pk=by.pk), row, digest)
        issue = Issue.objects.create(
            public_id=random_name(10),
            report=row.report,
            draft=row,
            number=next_number(row),
            language=version_of(row)[0],
            edition=version_of(row)[1],
            translates=row.translates,
            audience=row.audience,
            title=row.title,
            tlp=document.tlp.value,
            readers=row.report.readers,
            exercise=row.report.exercise,
            since=row.since,
            until=row.until,
            document=document_out(document),
            digest=digest,
            released_by=by,
            released_at=clock.now(),
            corrects=row.corrects,
            wrong=row.wrong,
            withdraws=row.withdraws,
        )
        Form.objects.bulk_create(
            [
                Form(issue=issue, form=form.value, digest=drawn.hash_of(body), body=body)
                for form, body in forms.bodies.items()
            ]
        )
        row.state = Draft.State.RELEASED
        row.save(update_fields=["state"])
        target = f"issue:{issue.public_id}"
        record(by.pk, "report.release", target, digest=digest, number=issue.number, reads=reads, no_place=no_place)
        versions.begin_all(issue)
        sending.begin(issue, by)
        return issue


def _count_again(by: Person, draft: Draft, document: Document) -> None:
    """Refuse numbers that are others by now: what they counted may be for others since."""
    moved = recounting.moved(draft, document.facts)
    if moved:
        known, closed = facts_of(draft), eyes.closed_to(by, draft)
        message = _("Some numbers are others by now. Count them again, then look at what stands there:")
        raise RefusedError(message, [f"“{closed.said(known[key].says, [key])}”" for key in moved])


def _check(by: Person, row: Draft, digest: str) -> Document:
    if row.state != Draft.State.OPEN:
        raise RefusedError(_("It is not open any more: somebody released it or put it away."))
    if why := why_not_by(by, row):
        raise RefusedError(why)
    document = document_of(row)
    if digest_of(document) != digest:
        raise RefusedError(_("It changed since you looked. Look at what stands there now; its hash is another."))
    wrong = [one for one in problems(row) if one.blocks]
    if wrong:
        closed = eyes.closed_to(by, row)
        raise RefusedError(_("It can’t be released yet."), [concealed(one, closed).says for one in wrong])
    return document
