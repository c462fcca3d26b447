"""Reports for programs: standing reports, drafts with their checks, release, issues with their readers, measures."""

from typing import Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, arranging, drafting, drawn, editing, releasing, sending
from tocsin.reports import api_shapes as shapes
from tocsin.reports.api_readers import router as readers
from tocsin.reports.api_sets import router as sets
from tocsin.reports.api_shapes import PublicId
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import Draft, Form, Issue, Report
from tocsin.reports.refusals import RefusedError

router = Router(tags=["reports"])
router.add_router("", readers)
router.add_router("", sets)

_READ, _DRAFT, _RELEASE = Bearer(Right.READ), Bearer(Right.REPORTS), Bearer(Right.RELEASE)


@router.get("/reports", response=Listed[shapes.ReportOut], auth=_DRAFT, summary="List standing reports")
def listed(request: HttpRequest, part: Query[Part]) -> Listed[shapes.ReportOut]:
    """Standing reports, the newest first, with when each is due."""
    rows, following = after(access.reports_for(caller(request)), part.cursor, part.limit)
    return Listed[shapes.ReportOut](items=[shapes.report_out(one) for one in rows], next=following)


@router.post("/reports", response={201: shapes.ReportOut}, auth=_DRAFT, summary="Set up a standing report")
def arrange(request: HttpRequest, given: shapes.ReportIn) -> tuple[int, shapes.ReportOut]:
    """Set up a report. It is drafted when it is due; nothing leaves before a person has released it."""
    made: Report = arranging.arrange(caller(request), given.wanted(exercise=settings.EXERCISE))
    return 201, shapes.report_out(made)


@router.post("/reports/{public_id}/draft", response=shapes.DraftDetail, auth=_DRAFT, summary="Draft an issue now")
def draft_now(request: HttpRequest, public_id: PublicId) -> shapes.DraftDetail:
    """Draft an issue from where the last one ended until now; the one that stands for it is given instead."""
    person = caller(request)
    made = arranging.draft_now(person, access.access_report(person, public_id))
    return _draft(person, made.public_id)


@router.post("/reports/{public_id}/acts/{verb}", response=shapes.ReportOut, auth=_DRAFT, summary="End or take up again")
def act(request: HttpRequest, public_id: PublicId, verb: Literal["end", "reopen"]) -> shapes.ReportOut:
    """Draft no further issue, or go on."""
    person = caller(request)
    row = access.access_report(person, public_id)
    (arranging.end if verb == "end" else arranging.reopen)(person, row)
    return shapes.report_out(access.access_report(person, public_id))


@router.get("/reports/drafts", response=Listed[shapes.DraftOut], auth=_DRAFT, summary="List drafts")
def drafts(request: HttpRequest, part: Query[Part]) -> Listed[shapes.DraftOut]:
    """Drafts, the newest first."""
    person = caller(request)
    rows, following = after(access.drafts_for(person), part.cursor, part.limit)
    items = [shapes.DraftOut(**shapes.draft_fields(person, one)) for one in rows]
    return Listed[shapes.DraftOut](items=items, next=following)


@router.get("/reports/drafts/{public_id}", response=shapes.DraftDetail, auth=_DRAFT, summary="Read one draft")
def draft(request: HttpRequest, public_id: PublicId) -> shapes.DraftDetail:
    """A draft with what its audience may have, and what still stands between it and its release."""
    return _draft(caller(request), public_id)


@router.put(
    "/reports/drafts/{public_id}/sentences/{name}",
    response=shapes.DraftDetail,
    auth=_DRAFT,
    summary="Write a sentence anew",
)
def write(request: HttpRequest, public_id: PublicId, name: shapes.Name, given: shapes.SentenceIn) -> shapes.DraftDetail:
    """Refused where somebody else changed the same sentence since `version`; read the draft again then."""
    person = caller(request)
    row = access.access_draft(person, public_id)
    editing.write(person, row, given.version, name, given.text, given.facts)
    return _draft(person, public_id)


@router.post(
    "/reports/drafts/{public_id}/sentences", response=shapes.DraftDetail, auth=_DRAFT, summary="Add a sentence"
)
def add(request: HttpRequest, public_id: PublicId, given: shapes.NewSentenceIn) -> shapes.DraftDetail:
    """Add a sentence of your own; without a fact that it rests on, nothing can be released."""
    person = caller(request)
    row = access.access_draft(person, public_id)
    editing.add(person, row, given.version, given.after, given.text, given.facts, opinion=given.opinion)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/facts", response=shapes.DraftDetail, auth=_DRAFT, summary="Leave a fact out")
def drop(request: HttpRequest, public_id: PublicId, given: shapes.FactIn) -> shapes.DraftDetail:
    """Leave a fact out with all that rests on it alone, or bring it back."""
    person = caller(request)
    editing.drop(person, access.access_draft(person, public_id), given.version, given.fact, back=given.back)
    return _draft(person, public_id)


@router.post(
    "/reports/drafts/{public_id}/remove", response=shapes.DraftDetail, auth=_DRAFT, summary="Remove a sentence"
)
def remove(request: HttpRequest, public_id: PublicId, given: shapes.SentenceNameIn) -> shapes.DraftDetail:
    """Take a sentence out. What it rested on stays among the facts."""
    person = caller(request)
    editing.remove(person, access.access_draft(person, public_id), given.version, given.sentence)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/mask", response=shapes.DraftDetail, auth=_DRAFT, summary="Mask names")
def mask(request: HttpRequest, public_id: PublicId, given: shapes.SentenceNameIn) -> shapes.DraftDetail:
    """Mask every name, handle and address in a sentence that nobody said is none."""
    person = caller(request)
    editing.mask(person, access.access_draft(person, public_id), given.version, given.sentence)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/clear", response=shapes.DraftDetail, auth=_DRAFT, summary="Say it is no name")
def clear(request: HttpRequest, public_id: PublicId, given: shapes.NoNameIn) -> shapes.DraftDetail:
    """Say that words which look like a name are none. Who said so stays known."""
    person = caller(request)
    editing.clear(person, access.access_draft(person, public_id), given.version, given.words)
    return _draft(person, public_id)


@router.put("/reports/drafts/{public_id}/title", response=shapes.DraftDetail, auth=_DRAFT, summary="Word the title")
def rename(request: HttpRequest, public_id: PublicId, given: shapes.DraftTitleIn) -> shapes.DraftDetail:
    """Give it a title of your own, or the generated one back."""
    person = caller(request)
    editing.rename(person, access.access_draft(person, public_id), given.version, given.title)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/recount", response=shapes.DraftDetail, auth=_DRAFT, summary="Count again")
def recount(request: HttpRequest, public_id: PublicId, given: shapes.DraftVersionIn) -> shapes.DraftDetail:
    """Count again what was counted when it was gathered. A release asks for it where a number is another by now."""
    person = caller(request)
    editing.recount(person, access.access_draft(person, public_id), given.version)
    return _draft(person, public_id)


@router.post(
    "/reports/drafts/{public_id}/leave-closed",
    response=shapes.DraftDetail,
    auth=_DRAFT,
    summary="Leave out what is for others by now",
)
def leave_closed(request: HttpRequest, public_id: PublicId, given: shapes.DraftVersionIn) -> shapes.DraftDetail:
    """Leave out everything that was closed to you since it was gathered, with the sentences that tell of it."""
    person = caller(request)
    editing.leave_closed(person, access.access_draft(person, public_id), given.version)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/put-away", response=shapes.DraftDetail, auth=_DRAFT, summary="Put it away")
def put_away(request: HttpRequest, public_id: PublicId, given: shapes.PutAwayIn) -> shapes.DraftDetail:
    """Make no issue of a draft."""
    person = caller(request)
    editing.put_away(person, access.access_draft(person, public_id), given.why)
    return _draft(person, public_id)


@router.post(
    "/reports/drafts/{public_id}/agreement", response=shapes.DraftDetail, auth=_DRAFT, summary="Write down an agreement"
)
def agree(request: HttpRequest, public_id: PublicId, given: shapes.AgreementIn) -> shapes.DraftDetail:
    """Write down that the affected community agreed with this very version."""
    person = caller(request)
    row = access.access_draft(person, public_id)
    editing.agree(person, row, given.digest, given.with_whom, given.how, given.agreed_on)
    return _draft(person, public_id)


@router.post("/reports/drafts/{public_id}/release", response=shapes.IssueDetail, auth=_RELEASE, summary="Release")
def release(request: HttpRequest, public_id: PublicId, given: shapes.ReleaseIn) -> shapes.IssueDetail:
    """Release this very version; refused with every sentence that has to be mended first.

    What leaves the organisation is released in the console alone, with a second factor.
    """
    person = caller(request)
    row = access.access_draft(person, public_id)
    if AUDIENCES[row.audience].outside:
        raise RefusedError(
            _("This leaves the organisation: a person releases it in the console, with a second factor. No token can.")
        )
    try:
        made = releasing.release(person, row, given.digest, without_pdf=given.without_pdf, reads=given.reads)
    except RefusedError as refusal:
        raise RefusedError(" ".join([refusal.message, *refusal.lines])) from None
    return _issue(person, made.public_id)


@router.get("/reports/issues", response=Listed[shapes.IssueOut], auth=_READ, summary="List issues")
def issues(request: HttpRequest, part: Query[Part]) -> Listed[shapes.IssueOut]:
    """Issues that you may read, the newest first."""
    rows, following = after(access.issues_for(caller(request)), part.cursor, part.limit)
    return Listed[shapes.IssueOut](items=[shapes.IssueOut(**shapes.issue_fields(one)) for one in rows], next=following)


@router.get("/reports/issues/{public_id}", response=shapes.IssueDetail, auth=_READ, summary="Read one issue")
def issue(request: HttpRequest, public_id: PublicId) -> shapes.IssueDetail:
    """An issue as it was released."""
    return _issue(caller(request), public_id)


@router.get("/reports/issues/{public_id}/files/{form}", auth=_READ, summary="Get a file of an issue")
def file(
    request: HttpRequest, public_id: PublicId, form: Literal["html", "pdf", "docx", "csv", "text"]
) -> HttpResponse:
    """The file as it was drawn at its release."""
    row = access.access_issue(caller(request), public_id)
    found = Form.objects.filter(issue=row, form=form).first()
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.body), content_type=drawn.MEDIA[drawn.Form(form)])


@router.get(
    "/reports/issues/{public_id}/deliveries",
    response=list[shapes.DeliveryOut],
    auth=_RELEASE,
    summary="List who received an issue",
)
def deliveries(request: HttpRequest, public_id: PublicId) -> list[shapes.DeliveryOut]:
    """Who received it, how, and what became of each mail and link."""
    row: Issue = access.access_issue(caller(request), public_id)
    return [shapes.delivery_out(one) for one in row.deliveries.order_by("name", "pk")]


@router.post(
    "/reports/issues/{public_id}/deliveries/{delivery}/revoke",
    response=shapes.DeliveryOut,
    auth=_RELEASE,
    summary="Take a link back",
)
def revoke(request: HttpRequest, public_id: PublicId, delivery: shapes.Name) -> shapes.DeliveryOut:
    """Take a link back, or stop a mail that has not left. What was read can't be taken back."""
    person = caller(request)
    row = access.access_issue(person, public_id)
    found = access.access_delivery(person, row, delivery)
    sending.revoke(person, found)
    return shapes.delivery_out(access.access_delivery(person, row, delivery))


@router.post(
    "/reports/issues/{public_id}/correct", response=shapes.DraftDetail, auth=_DRAFT, summary="Correct an issue"
)
def correct(request: HttpRequest, public_id: PublicId, given: shapes.WrongIn) -> shapes.DraftDetail:
    """Begin a correction. Released, it goes to exactly those who got the old one."""
    person = caller(request)
    row = access.access_issue(person, public_id)
    made = drafting.make_correction(row, given.wrong, person, withdraw=given.withdraw)
    return _draft(person, made.public_id)


def _draft(person: Person, public_id: str) -> shapes.DraftDetail:
    row: Draft = access.access_draft(person, public_id)
    return shapes.draft_out(person, row)


def _issue(person: Person, public_id: str) -> shapes.IssueDetail:
    row = access.access_issue(person, public_id)
    return shapes.issue_out(row, list(row.forms.order_by("form").values_list("form", flat=True)))
