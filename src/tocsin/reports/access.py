"""How reports, drafts and issues are obtained, by whom. Missing and forbidden look the same."""

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import (
    Delivery,
    Draft,
    Edit,
    Gathered,
    Issue,
    Recipient,
    Report,
    ReportSet,
    Round,
    TemplateText,
)

Row = TypeVar("Row", bound=Model)

# What leaves the organisation may be read by everybody of the team who reads at all.
_OUTSIDE = [one.key for one in AUDIENCES.values() if one.outside]


def takes_part(person: Person) -> bool:
    """Whether somebody drafts or releases reports."""
    return person.may(Right.REPORTS) or person.may(Right.RELEASE)


def reports_for(person: Person) -> QuerySet[Report]:
    """The standing reports that this person may draft or release."""
    if not takes_part(person):
        return Report.objects.none()
    return Report.objects.filter(readable(person)).select_related("made_by", "together")


def sets_for(person: Person) -> QuerySet[ReportSet]:
    """The sets whose members this person may draft or release, all of them."""
    if not takes_part(person):
        return ReportSet.objects.none()
    return ReportSet.objects.select_related("made_by")


def rounds_for(person: Person) -> QuerySet[Round]:
    """The rounds of those."""
    rows = Round.objects.select_related("together", "gathered", "made_by")
    return rows.filter(together__in=sets_for(person))


def drafts_for(person: Person) -> QuerySet[Draft]:
    """The drafts of those."""
    rows = Draft.objects.select_related(
        "report__together", "round", "gathered", "corrects__report", "translates__report", "original", "made_by"
    )
    return rows.filter(report__in=reports_for(person))


def issues_for(person: Person) -> QuerySet[Issue]:
    """Issues that this person may read: of reports they take part in, sent to them, or open to the outside."""
    rows = Issue.objects.filter(readable(person)).select_related(
        "report", "released_by", "corrects__report", "draft", "translates__report", "translates__draft"
    )
    if takes_part(person):
        return rows
    if not person.is_active:
        return rows.none()
    sent = Q(Exists(Delivery.objects.filter(issue=OuterRef("pk"), person=person).exclude(state="stopped")))
    return rows.filter(sent | Q(audience__in=_OUTSIDE)) if person.may(Right.READ) else rows.filter(sent)


def editors(draft: Draft) -> set[int]:
    """Who asked for this draft or changed it, set its report up, or wrote the layout with its headings."""
    found = set(Edit.objects.filter(draft=draft).values_list("by", flat=True))
    audience, _slash, version = draft.template.partition("/")
    if version.isdecimal():
        found |= set(TemplateText.objects.filter(audience=audience, version=int(version)).values_list("by", flat=True))
    return {one for one in (*found, draft.made_by_id, draft.report.made_by_id) if one is not None}


def may_receive(delivery: Delivery, issue: Issue) -> bool:
    """Whether an issue may still reach the reader of a delivery: not who left, and not who may no longer read it."""
    if delivery.person is None:
        left = Person.objects.filter(email__iexact=delivery.address, is_active=False) if delivery.address else None
        return not issue.readers and not (left is not None and left.exists())
    if not delivery.person.is_active:
        return False
    return not issue.readers or bool(issue.readers & delivery.person.roles)


def access_report(person: Person, public_id: str) -> Report:
    """One standing report.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    return _one(reports_for(person), public_id=public_id)


def access_set(person: Person, public_id: str) -> ReportSet:
    """One set.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    return _one(sets_for(person), public_id=public_id)


def access_round(person: Person, public_id: str) -> Round:
    """One round of a set.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    return _one(rounds_for(person), public_id=public_id)


def access_draft(person: Person, public_id: str) -> Draft:
    """One draft.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    return _one(drafts_for(person), public_id=public_id)


def access_issue(person: Person, public_id: str) -> Issue:
    """One issue.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    return _one(issues_for(person), public_id=public_id)


def access_gathered(person: Person, public_id: str) -> Gathered:
    """What was gathered for drafts that this person may see.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    rows = Gathered.objects.filter(Exists(drafts_for(person).filter(gathered=OuterRef("pk"))))
    return _one(rows, public_id=public_id)


def access_delivery(person: Person, issue: Issue, public_id: str) -> Delivery:
    """One delivery of an issue that was obtained, for who releases.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    if not person.may(Right.RELEASE):
        raise Http404
    return _one(issue.deliveries.select_related("issue"), public_id=public_id)


def access_recipient(person: Person, report: Report, number: int) -> Recipient:
    """One of those who get a report that was obtained, for who releases.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    if not person.may(Right.RELEASE):
        raise Http404
    return _one(report.recipients.filter(ended_at=None), pk=number)


def _one(rows: QuerySet[Row], **which: object) -> Row:
    found = rows.filter(**which).first()
    if found is None:
        raise Http404
    return found
