"""A correction says what was wrong and mends it, or withdraws the issue; and it reaches whoever may have the old."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.reports import arranging, checking, drafting, editing, mailing, releasing, sending, templates_kept
from tocsin.reports.gathering.period import Period
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.reports.secrets import token_of
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def let_go(by: Person, draft: Draft) -> Issue:
    row = fresh(draft)
    return releasing.release(by, row, digest_of(document_of(row)), without_pdf=True)


@pytest.fixture
def issue(draft: Callable[..., Draft], situation: Callable[..., Situation], vera: Person) -> Issue:
    situation("Wikis blocked in the capital", tlp="amber")
    made = draft("executive")
    for name in ("ann", "ben", "cleo"):
        sending.add(vera, made.report, name, f"{name}@example.org", "link")
    return let_go(vera, made)


def test_a_correction_that_changes_nothing_but_its_notice_is_refused(issue: Issue, bob: Person, vera: Person) -> None:
    mended = drafting.make_correction(issue, "The day was wrong.", bob)
    with pytest.raises(RefusedError) as refused:
        let_go(vera, mended)
    assert "But for its notice it says what the old issue says." in refused.value.lines[0]
    editing.add(bob, mended, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    assert let_go(vera, mended).number == 2


def test_whoever_still_has_the_old_link_reads_there_what_was_wrong_and_the_mail_calls_it_a_correction(
    issue: Issue, bob: Person, vera: Person, client: Client
) -> None:
    mended = drafting.make_correction(issue, "The day was wrong.", bob)
    editing.add(bob, mended, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    again = let_go(vera, mended)
    old, new = (one.deliveries.get(name="ann") for one in (issue, again))
    Delivery.objects.filter(pk=old.pk).update(state=Delivery.State.SENT)
    page = client.post(f"/r/{token_of(old.public_id)}").content.decode()
    assert "What was wrong:" in page
    assert "The day was wrong." in page
    told = [mailing.letter(one, "tocsin@example.org", "ann@example.org") for one in (old, new)]
    assert [one["Subject"] for one in told if one is not None] == ["Something to read", "A correction to read"]


def test_a_correction_of_a_correction_has_one_notice_and_must_differ_from_the_one_before(
    issue: Issue, bob: Person, vera: Person
) -> None:
    first = drafting.make_correction(issue, "The day was wrong.", bob)
    editing.add(bob, first, 1, 0, "It was a Tuesday.", ["report:period"], opinion=False)
    second = drafting.make_correction(let_go(vera, first), "It was no Tuesday.", bob)
    assert [one.kind for one in checking.problems(fresh(second)) if one.blocks] == ["unchanged"]
    editing.add(bob, second, 1, 0, "It was a Wednesday.", ["report:period"], opinion=False)
    told = str(let_go(vera, second).document)
    assert "It was no Tuesday." in told
    assert "The day was wrong." not in told


def test_a_withdrawal_leaves_nothing_but_its_notice_and_reaches_everybody(
    issue: Issue, bob: Person, vera: Person, browse: Browse, client: Client
) -> None:
    old = issue.deliveries.get(name="ann")
    assert "Wikis blocked" in client.post(f"/r/{token_of(old.public_id)}").content.decode()
    browse(bob).post(f"/reports/issues/{issue.public_id}/correct", {"wrong": "It named a victim.", "withdraw": "1"})
    notice = let_go(vera, Draft.objects.get(corrects=issue))
    assert notice.withdraws
    assert "is withdrawn. Do not use it any more. What was wrong: It named a victim." in str(notice.document)
    assert "Wikis blocked" not in str(notice.document)
    assert set(notice.deliveries.values_list("name", flat=True)) == {"ann", "ben", "cleo"}
    page = client.post(f"/r/{token_of(old.public_id)}").content.decode()
    assert "It named a victim." in page
    assert "Wikis blocked" not in page, "the old link leads to the notice"
    file = client.post(f"/r/{token_of(old.public_id)}", {"form": "text"}).content.decode()
    assert "Wikis blocked" not in file
    assert "This issue was withdrawn." in browse(vera).get(f"/reports/issues/{issue.public_id}/").content.decode()


def test_who_withdraws_is_not_left_with_a_draft_that_says_it_all_again(issue: Issue, bob: Person) -> None:
    mended = drafting.make_correction(issue, "The day was wrong.", bob)
    with pytest.raises(RefusedError, match="Put that away first"):
        drafting.make_correction(issue, "It named a victim.", bob, withdraw=True)
    editing.put_away(bob, mended, "It is withdrawn instead.")
    notice = drafting.make_correction(issue, "It named a victim.", bob, withdraw=True)
    assert notice.withdraws
    assert drafting.make_correction(issue, "It named a victim.", bob, withdraw=True) == notice


def test_a_withdrawal_waits_for_no_agreement(
    draft: Callable[..., Draft], situation: Callable[..., Situation], bob: Person, vera: Person
) -> None:
    situation("Wikis blocked in the capital", tlp="clear")
    made = draft("community")
    editing.agree(bob, made, digest_of(document_of(made)), "a group", "by call", timezone.now().date())
    notice = drafting.make_correction(let_go(vera, made), "It was wrong.", bob, withdraw=True)
    assert let_go(vera, notice).withdraws
    assert not Issue.objects.get(withdraws=False).draft.withdraws


@pytest.mark.parametrize(("tries", "why", "reached"), [(0, "", False), (1, "", True), (1, "unreachable", False)])
def test_what_was_stopped_is_followed_only_where_it_may_have_left(
    issue: Issue, bob: Person, vera: Person, tries: int, why: str, reached: bool
) -> None:
    Delivery.objects.filter(name="ben").update(state="stopped", tries=tries, why=why)
    notice = let_go(vera, drafting.make_correction(issue, "It was wrong.", bob, withdraw=True))
    assert notice.deliveries.filter(name="ben").exists() == reached


def test_an_issue_that_was_corrected_is_sent_to_nobody_more(issue: Issue, bob: Person, vera: Person) -> None:
    let_go(vera, drafting.make_correction(issue, "It was wrong.", bob, withdraw=True))
    late = sending.add(vera, issue.report, "dora", "dora@example.org", "link")
    with pytest.raises(RefusedError, match="It was corrected"):
        sending.send_to(vera, issue, late)


def test_the_next_issue_says_that_one_was_withdrawn(issue: Issue, bob: Person, vera: Person) -> None:
    let_go(vera, drafting.make_correction(issue, "It was wrong.", bob, withdraw=True))
    at = timezone.now()
    later = arranging.draft_now(bob, issue.report, Period(at - timedelta(days=1), at + timedelta(minutes=1)))
    assert f"Issue {issue.name} was withdrawn by" in str(later.blocks)


def test_a_title_is_generated_or_says_whose_it_is(
    draft: Callable[..., Draft], situation: Callable[..., Situation], bob: Person, vera: Person, browse: Browse
) -> None:
    situation("Wikis blocked in the capital", tlp="clear")
    made = draft("public", title="The ministry plans arrests")
    assert made.title.startswith("Transparency report, ")
    assert "The ministry plans arrests" not in str(document_of(made)), "what we call it is no fact"
    page = browse(bob).post(
        f"/reports/drafts/{made.public_id}/rename", {"version": 1, "title": "A bad week"}, follow=True
    )
    assert "Bob worded it" in page.content.decode()
    issue = let_go(vera, made)
    for form in ("html", "text"):
        told = bytes(issue.forms.get(form=form).body).decode()
        assert "title: assessment by our team" in " ".join(told.split())
        assert "Bob" not in told


def test_an_emptied_title_is_generated_again(draft: Callable[..., Draft], bob: Person) -> None:
    made = draft("executive")
    before = made.title
    row = editing.rename(bob, made, 1, "Bad times")
    assert document_of(row).title_by == "Bob"
    row = editing.rename(bob, row, 2, "")
    assert (row.title, document_of(row).title_by) == (before, "")


def test_a_title_that_nobody_stands_for_is_not_released(draft: Callable[..., Draft], vera: Person) -> None:
    made = draft("executive")
    Draft.objects.filter(pk=made.pk).update(title="The ministry plans arrests")
    with pytest.raises(RefusedError) as refused:
        let_go(vera, made)
    assert "Nobody stands for this title." in refused.value.lines[0]


def test_a_heading_that_a_person_wrote_into_a_layout_says_whose_it_is(
    draft: Callable[..., Draft], situation: Callable[..., Situation], assess: Callable[..., Assessment],
    alice: Person, vera: Person,
) -> None:  # fmt: skip
    assess(situation("Wikis blocked in the capital", tlp="amber"), 0.9)
    text = "# What changed\n{facts topic=change}\n# The ministry plans arrests\n{facts topic=situation}\n"
    templates_kept.write(alice, "executive", text, "", 0)
    told = bytes(let_go(vera, draft("executive")).forms.get(form="text").body).decode()
    assert "The ministry plans arrests (worded by Alice)" in told
    assert "What changed (" not in told


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\u00ad", "\u200e", "\ufe0f", "\U000e0100", "\u2068\u2069"])
def test_a_correction_that_differs_by_what_nobody_sees_is_none(issue: Issue, bob: Person, unseen: str) -> None:
    mended = drafting.make_correction(issue, "The day was wrong.", bob)
    sentences = [one for _block, one in editing.sentences(mended.blocks)]
    one = next(one for one in sentences if not one["id"].startswith(("top", "correction")))
    first, rest = one["text"][:3], one["text"][3:]
    editing.write(bob, mended, 1, one["id"], f"{first}{unseen.strip()}{rest}{unseen}", one["facts"])
    editing.rename(bob, mended, 2, f"{issue.title}{unseen}")
    assert "unchanged" in [one.kind for one in checking.problems(fresh(mended))]
