"""Who gets a report, and in which language, for programs: by the same gates as the pages."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tocsin.lib.inputs import Line
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.roles import Right
from tocsin.reports import access, arranging, sending, versions
from tocsin.reports import api_shapes as shapes
from tocsin.reports.api_shapes import Language, PublicId
from tocsin.reports.models import Recipient

router = Router(tags=["reports"])
_DRAFT, _RELEASE = Bearer(Right.REPORTS), Bearer(Right.RELEASE)
Number = Annotated[int, Field(ge=1, le=2_000_000_000)]


class RecipientIn(Schema):
    """Who gets each issue from now on. With an OpenPGP key the whole goes sealed to it."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    address: Annotated[Line, Field(min_length=3, max_length=254)]
    way: Literal["mail", "link"] = "mail"
    key: Annotated[str, Field(max_length=40_000, description="OpenPGP, armoured.")] = ""
    language: Language | Literal[""] = Field("", description="One of the report's languages; empty: its own.")


class RecipientOut(Schema):
    """Somebody who gets each issue."""

    number: int
    name: str
    address: str
    way: str
    sealed: bool
    language: str


class SendIn(Schema):
    """To whom: the number of one of those who get the report."""

    recipient: Number


class LanguagesIn(Schema):
    """Languages other than its own in which each issue is to be had."""

    languages: list[Language] = Field(max_length=arranging.MOST_LANGUAGES)


class LanguageIn(Schema):
    """The language to translate an issue into."""

    language: Language


@router.get(
    "/reports/{public_id}/recipients", response=list[RecipientOut], auth=_RELEASE, summary="List who gets a report"
)
def recipients(request: HttpRequest, public_id: PublicId) -> list[RecipientOut]:
    """Everybody who gets each issue from now on."""
    row = access.access_report(caller(request), public_id)
    return [recipient_out(one) for one in row.recipients.filter(ended_at=None).order_by("name", "pk")]


@router.post(
    "/reports/{public_id}/recipients", response={201: RecipientOut}, auth=_RELEASE, summary="Let somebody get a report"
)
def add_recipient(request: HttpRequest, public_id: PublicId, given: RecipientIn) -> tuple[int, RecipientOut]:
    """Let somebody get each issue from now on. What was released before is sent by `POST …/send`."""
    person = caller(request)
    row = access.access_report(person, public_id)
    account = sending.account_of(given.address)
    who = given.name, given.address, given.way, given.key
    return 201, recipient_out(sending.add(person, row, *who, account, language=given.language))


@router.delete(
    "/reports/{public_id}/recipients/{number}", response={204: None}, auth=_RELEASE, summary="Send somebody no more"
)
def end_recipient(request: HttpRequest, public_id: PublicId, number: Number) -> tuple[int, None]:
    """Send them no further issue. What they received stays known, and its corrections still reach them."""
    person = caller(request)
    row = access.access_report(person, public_id)
    sending.end(person, access.access_recipient(person, row, number))
    return 204, None


@router.post(
    "/reports/issues/{public_id}/send", response=shapes.DeliveryOut, auth=_RELEASE, summary="Send an issue to one more"
)
def send(request: HttpRequest, public_id: PublicId, given: SendIn) -> shapes.DeliveryOut:
    """Send an issue to one of those who get its report and did not get this one. Links to hand over are made in the
    console alone."""
    person = caller(request)
    row = access.access_issue(person, public_id)
    to = access.access_recipient(person, row.report, given.recipient)
    return shapes.delivery_out(sending.send_to(person, row, to))


@router.put(
    "/reports/{public_id}/languages", response=shapes.ReportOut, auth=_DRAFT, summary="Choose a report's languages"
)
def languages(request: HttpRequest, public_id: PublicId, given: LanguagesIn) -> shapes.ReportOut:
    """From the next release on, a translation into each of them is begun. A person translates and another releases."""
    person = caller(request)
    arranging.translate_into(person, access.access_report(person, public_id), given.languages)
    return shapes.report_out(access.access_report(person, public_id))


@router.post(
    "/reports/issues/{public_id}/versions",
    response=shapes.DraftDetail,
    auth=_DRAFT,
    summary="Translate an issue into another language",
)
def translate(request: HttpRequest, public_id: PublicId, given: LanguageIn) -> shapes.DraftDetail:
    """Begin a language version: the same facts and numbers, each sentence with its original as `source`."""
    person = caller(request)
    made = versions.begin(person, access.access_issue(person, public_id), given.language)
    return shapes.draft_out(person, access.access_draft(person, made.public_id))


@router.post(
    "/reports/drafts/{public_id}/versions",
    response=shapes.DraftDetail,
    auth=_DRAFT,
    summary="Translate a draft before it is released",
)
def translate_early(request: HttpRequest, public_id: PublicId, given: LanguageIn) -> shapes.DraftDetail:
    """Begin a language version that follows every change of its original, and can be released after it."""
    person = caller(request)
    made = versions.begin_early(person, access.access_draft(person, public_id), given.language)
    return shapes.draft_out(person, access.access_draft(person, made.public_id))


def recipient_out(row: Recipient) -> RecipientOut:
    """Somebody who gets each issue."""
    return RecipientOut(
        number=row.pk,
        name=row.name,
        address=row.address,
        way=row.way,
        sealed=bool(row.key),
        language=row.language,
    )
