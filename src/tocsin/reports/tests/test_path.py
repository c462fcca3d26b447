"""The whole path: from rows to facts, a draft, an edit, a release, an issue in its forms, a mail and a link."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.reports import access, sending
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue, Report
from tocsin.reports.secrets import token_of
from tocsin.situations.models import Assessment, Situation

Browse = Callable[[Person], Client]


@pytest.mark.django_db
def test_a_situation_becomes_an_issue_behind_a_link(
    situation: Callable[..., Situation],
    assess: Callable[..., Assessment],
    arrange: Callable[..., Report],
    browse: Browse,
    bob: Person,
    vera: Person,
) -> None:
    row = situation("Wikis blocked in the capital")
    assess(row, 0.4, days=20)
    assess(row, 0.9, days=1)
    report = arrange("vice-president")
    sending.add(vera, report, "Vic", "vic@example.org", "link")
    analyst, approver = browse(bob), browse(vera)

    answer = analyst.post(f"/reports/{report.public_id}/draft", follow=True)
    page = answer.content.decode()
    assert "More likely than before: Wikis blocked in the capital" in page
    draft = Draft.objects.get()
    first = next(one for block in draft.blocks for one in block.get("sentences", ()) if "More likely" in one["text"])
    analyst.post(
        f"/reports/drafts/{draft.public_id}/write",
        {
            "version": draft.version,
            "part": first["id"],
            "text": "The block is very likely now.",
            "facts": first["facts"],
        },
    )
    page = approver.get(f"/reports/drafts/{draft.public_id}/").content.decode()
    assert "The block is very likely now." in page
    digest = digest_of(document_of(access.access_draft(vera, draft.public_id)))
    assert digest in page
    answer = approver.post(f"/reports/drafts/{draft.public_id}/release", {"digest": digest}, follow=True)
    assert "Released." in answer.content.decode()
    issue = Issue.objects.get()
    assert issue.digest == digest
    page = approver.get(f"/reports/issues/{issue.public_id}/").content.decode()
    assert "The block is very likely now." in page
    assert "Assessment 2 of" in page
    table = approver.get(f"/reports/issues/{issue.public_id}/file/csv").content.decode()
    assert "0.9" in table

    delivery = Delivery.objects.get()
    stranger = Client()
    address = f"/r/{token_of(delivery.public_id)}"
    assert "The block" not in stranger.get(address).content.decode()
    assert "The block is very likely now." in stranger.post(address).content.decode()
    delivery.refresh_from_db()
    assert delivery.opened == 1
    sending.revoke(vera, delivery)
    assert stranger.post(address).status_code == 404


@pytest.mark.django_db
def test_charlie_sees_nothing_of_it(
    situation: Callable[..., Situation], draft: Callable[..., Draft], browse: Browse, charlie: Person
) -> None:
    situation("Wikis blocked in the capital")
    made = draft()
    client = browse(charlie)
    for address in (f"/reports/drafts/{made.public_id}/", f"/reports/{made.report.public_id}/"):
        assert client.get(address).status_code == 404
