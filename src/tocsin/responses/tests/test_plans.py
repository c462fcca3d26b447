"""A plan from its first version to its end, and a yes that covers exactly what was approved."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from tocsin.audit.models import Entry
from tocsin.people.actions import change_roles
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import access, actions, models
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, books
from tocsin.responses.log.content import (
    TASKS_MOST,
    Content,
    For,
    Indicator,
    Option,
    State,
    Task,
    Wording,
    WrongError,
    checked_task,
    material,
)
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book, ChangedError
from tocsin.situations.models import Situation

CONTENT = Content(
    title="Site blocked",
    objective="Readers reach the site again.",
    options=(
        Option("wait", "Do nothing", risk="none"),
        Option("mirror", "Point to mirrors", benefit="reach", risk="readers may be watched"),
    ),
    chosen="mirror",
    reasons="People need it now.",
    words=(Wording(For.PUBLIC, "We are looking into it."),),
    exit_condition="Page views are back at their usual level for a week.",
)
SAID = "Readers see a name vanish from a public list."
TASK = Task("t1", "Tell the community", wanted="a link to the message")


@pytest.fixture
def plan(bob: Person) -> Book:
    return actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)


def _row(book: Book) -> models.Plan:
    return models.Plan.objects.get(public_id=book.id)


def _approved(book: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(book, bob, vera, None)
    actions.approve(book, vera, asked.digest)


def test_it_is_approved_exactly_as_it_was_shown(plan: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(plan, bob, vera, None)
    assert asked.standing is Standing.ASKED
    approved = actions.approve(plan, vera, asked.digest)
    assert approved.standing is Standing.APPROVED
    assert _row(plan).standing == "approved"
    assert access.proved(_row(plan))
    assert Entry.objects.filter(verb="plan.approved", actor=vera.pk, target=f"plan:{plan.id}").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"objective": "Something else."},
        {"chosen": "wait"},
        {"options": (CONTENT.options[0], replace(CONTENT.options[1], risk="worse than we thought"))},
        {"words": (Wording(For.PUBLIC, "All is well."),)},
        {"exit_condition": "Never."},
        {"title": "Names published"},
        {"resources": "ten thousand, and two people for a week"},
    ],
)
def test_a_change_that_matters_breaks_the_approval_at_once(
    plan: Book, bob: Person, vera: Person, change: dict[str, Any]
) -> None:
    _approved(plan, bob, vera)
    changed = actions.write(plan, bob, replace(CONTENT, **change), 1)
    assert changed.standing is Standing.BROKEN
    assert _row(plan).standing == "broken"
    assert actions.write(plan, bob, CONTENT, 2).standing is Standing.APPROVED


def test_tasks_and_wishes_move_within_an_approval(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    actions.put_task(plan, bob, Task("", "Ask the mirror's owner", due=datetime(2026, 12, 1, tzinfo=UTC)))
    actions.move(plan, bob, "t1", State.DONE, "https://example.org/message")
    now = actions.write(plan, bob, replace(CONTENT, indicators=(Indicator("Page views"),), update_hours=6), 1)
    assert now.standing is Standing.APPROVED
    assert [one.title for one in now.open_tasks] == ["Ask the mirror's owner"]


def test_who_reads_an_older_version_approves_nothing(plan: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(plan, bob, vera, None)
    actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    with pytest.raises(ChangedError) as refused:
        actions.approve(plan, vera, asked.digest)
    assert [one.field for one in refused.value.differences] == ["chosen"]
    assert plan.read().approved is None


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u2028", "\u200b", "\ufeff"])
def test_signs_that_let_an_approver_read_other_words_are_refused(plan: Book, bob: Person, sign: str) -> None:
    with pytest.raises(WrongError):
        actions.write(plan, bob, replace(CONTENT, objective=f"Say{sign} nothing."), 1)
    with pytest.raises(WrongError):
        actions.put_task(plan, bob, Task("", f"Ring{sign} her"))


def test_who_ratifies_an_older_version_is_told_what_changed_since_they_read_it(
    plan: Book, bob: Person, vera: Person
) -> None:
    actions.act_first(plan, bob, "They come for her at dawn.")
    actions.put_task(plan, bob, Task("new", "Ring the mirror's owner"))
    read = plan.read().digest
    actions.put_task(plan, bob, Task("other", "Ring her sister"))
    actions.write(plan, bob, replace(CONTENT, objective="Other words."), 1)
    with pytest.raises(ChangedError) as refused:
        actions.approve(plan, vera, read)
    assert [(one.before, one.after) for one in refused.value.differences] == [(CONTENT.objective, "Other words.")]


def test_nobody_approves_what_they_wrote_but_by_a_right_of_its_own(plan: Book, bob: Person, alice: Person) -> None:
    bob.roles = int(Role.ANALYST | Role.APPROVER)
    bob.save()
    with pytest.raises(RefusedError):
        actions.approve(plan, bob, plan.read().digest)
    with pytest.raises(RefusedError):
        actions.approve(plan, alice, plan.read().digest)  # a lead, and the plan is severe
    bob.roles |= int(Role.ALONE)
    bob.save()
    with pytest.raises(WrongError, match="words"):
        actions.approve(plan, bob, plan.read().digest, " ")
    approved = actions.approve(plan, bob, plan.read().digest, "Nobody else is awake.")
    assert approved.approved is not None
    assert isinstance(approved.approved.act, acts.Approved)
    assert approved.approved.act.own


def test_who_lost_the_right_while_their_yes_was_on_its_way_approves_nothing(
    plan: Book, bob: Person, vera: Person
) -> None:
    asked = actions.ask(plan, bob, vera, None)
    Person.objects.filter(pk=vera.pk).update(roles=int(Role.ANALYST))
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, asked.digest)
    Person.objects.filter(pk=vera.pk).update(roles=int(Role.APPROVER), is_active=False)
    with pytest.raises(RefusedError):
        actions.decline(plan, vera, asked.digest, "Too late.")
    assert plan.read().standing is Standing.ASKED


def test_two_who_write_at_once_lose_nothing(plan: Book, bob: Person, alice: Person) -> None:
    actions.write(plan, bob, replace(CONTENT, objective="Bob's words."), 1)
    with pytest.raises(ChangedError) as refused:
        actions.write(plan, alice, replace(CONTENT, objective="Alice's words."), 1)
    assert [(one.before, one.after) for one in refused.value.differences] == [(CONTENT.objective, "Bob's words.")]


def test_an_approval_cannot_be_moved_to_another_version(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    changed = actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    line = models.Line.objects.get(plan__public_id=plan.id, verb="approved")
    line.body = {**line.body, "version": 2, "digest": changed.digest, "material": "0" * 64}
    line.save()
    assert plan.read().standing is Standing.UNPROVED
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, plan.read().digest)


@pytest.mark.parametrize("forge", ["content", "order", "gone", "other plan"])
def test_a_log_that_was_touched_in_the_database_is_believed_by_nobody(
    plan: Book, bob: Person, vera: Person, forge: str
) -> None:
    _approved(plan, bob, vera)
    lines = models.Line.objects.filter(plan__public_id=plan.id)
    if forge == "content":
        one = lines.get(verb="wrote")
        one.body["content"]["objective"] = "Theirs."
        one.save()
    elif forge == "order":
        lines.filter(verb="asked").update(number=99)
    elif forge == "gone":
        lines.filter(verb="approved").delete()
    else:
        other = actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)
        yes = lines.get(verb="approved")
        yes.pk, yes.plan, yes.number = None, _row(other), 4
        yes.save()
        plan = other
    assert plan.read().standing is Standing.UNPROVED


@pytest.mark.parametrize("forged", [{"standing": "approved"}, {"title": "Another plan"}, {"severity": 1}])
def test_a_forged_row_is_not_believed_by_lists(plan: Book, forged: dict[str, Any]) -> None:
    models.Plan.objects.filter(public_id=plan.id).update(**forged)
    assert not access.proved(_row(plan))


def test_nothing_is_done_before_a_yes_but_what_cannot_wait(plan: Book, bob: Person, vera: Person) -> None:
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "t1", State.DONE, "done")
    acting = actions.act_first(plan, bob, "He is at the airport now.")
    assert acting.standing is Standing.ACTING
    actions.move(plan, bob, "t1", State.DONE, "done")
    with pytest.raises(RefusedError):
        actions.close(plan, bob, "All of it.", met=True)
    ratified = actions.approve(plan, vera, plan.read().digest)
    assert ratified.standing is Standing.APPROVED
    assert actions.close(plan, bob, "All of it.", met=True).standing is Standing.CLOSED


def test_an_office_action_waits_for_the_risk_to_others(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("oa", "Global ban", risk_check=True))
    _approved(plan, bob, vera)
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "oa", State.BEGUN)
    with pytest.raises(WrongError):
        actions.check_risk(plan, bob, acts.Checked("oa", "may be innocent", "", "none", go=True))
    weighed = acts.Checked("oa", "They may be innocent of it.", "Two would be suspected at once.", SAID, go=True)
    with pytest.raises(WrongError):
        actions.check_risk(plan, bob, replace(weighed, bystanders="none"))
    actions.check_risk(plan, bob, weighed)
    assert actions.move(plan, bob, "oa", State.BEGUN).task("oa").state is State.BEGUN  # type: ignore[union-attr]


def test_tasks_that_wait_for_each_other_are_refused(plan: Book, bob: Person) -> None:
    actions.put_task(plan, bob, Task("t2", "Second", needs=("t1",)))
    with pytest.raises(WrongError):
        actions.put_task(plan, bob, replace(TASK, needs=("t2",)))


def test_closing_refuses_open_tasks(plan: Book, bob: Person) -> None:
    with pytest.raises(RefusedError):
        actions.close(plan, bob, "Enough.", met=False)
    actions.move(plan, bob, "t1", State.DROPPED, "nobody answers there")
    assert actions.close(plan, bob, "Enough.", met=False).closed is not None


def test_declining_needs_a_reason(plan: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(plan, bob, vera, None)
    with pytest.raises(WrongError):
        actions.decline(plan, vera, asked.digest, " ")
    assert actions.decline(plan, vera, asked.digest, "Too risky.").standing is Standing.DECLINED


def test_who_is_not_meant_to_sees_nothing(plan: Book, charlie: Person) -> None:
    from django.http import Http404

    with pytest.raises(Http404):
        access.access_plan(charlie, plan.id)


def test_asking_no_more_keeps_what_was_approved_before(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    actions.ask(plan, bob, vera, None)
    assert actions.withdraw(plan, bob, "We stay with the first.").standing is Standing.BROKEN
    assert actions.write(plan, bob, CONTENT, 2).standing is Standing.APPROVED
    assert actions.withdraw(plan, vera, "I was wrong.").standing is Standing.DRAFT


def test_what_was_done_first_and_declined_goes_on_no_more(plan: Book, bob: Person, vera: Person) -> None:
    actions.act_first(plan, bob, "He is at the airport now.")
    actions.move(plan, bob, "t1", State.BEGUN)
    assert actions.decline(plan, vera, plan.read().digest, "It makes it worse.").standing is Standing.DECLINED
    actions.put_task(plan, bob, Task("t2", "More of it"))
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "t2", State.BEGUN)
    assert actions.move(plan, bob, "t1", State.DONE, "it had gone out").task("t1").state is State.DONE  # type: ignore[union-attr]


def test_a_plan_follows_its_situation_behind_a_restriction(bob: Person, vera: Person, alice: Person) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    about = Situation.objects.create(public_id="s1", title="Blocked", first_at=now, last_at=now, changed_at=now)
    book = actions.begin(bob, acts.Begun(severity=2, about="s1"), CONTENT, [], about)
    assert access.plans_for(vera).filter(public_id=book.id).exists()
    Situation.objects.update(readers=int(Role.LEAD))
    assert not access.plans_for(vera).filter(public_id=book.id).exists()
    assert access.plans_for(alice).filter(public_id=book.id).exists()


# What somebody would try


def test_a_grave_plan_is_not_made_small_for_the_yes_and_grave_again(
    plan: Book, bob: Person, alice: Person, vera: Person
) -> None:
    actions.grade(plan, bob, 1, privileged=False)
    assert actions.approve(plan, alice, plan.read().digest).standing is Standing.APPROVED
    assert actions.grade(plan, bob, 4, privileged=False).standing is Standing.BROKEN
    assert actions.approve(plan, vera, plan.read().digest).standing is Standing.APPROVED


def test_a_plan_that_was_declined_is_not_made_small_for_another_yes(
    plan: Book, bob: Person, alice: Person, vera: Person
) -> None:
    actions.decline(plan, vera, plan.read().digest, "No.")
    actions.grade(plan, bob, 1, privileged=False)
    with pytest.raises(RefusedError):
        actions.approve(plan, alice, plan.read().digest)
    assert actions.approve(plan, vera, plan.read().digest).standing is Standing.APPROVED


def test_a_yes_to_little_ends_when_somebody_said_no_to_much(
    plan: Book, bob: Person, alice: Person, vera: Person
) -> None:
    actions.grade(plan, bob, 1, privileged=False)
    actions.approve(plan, alice, plan.read().digest)
    actions.grade(plan, bob, 4, privileged=False)
    actions.decline(plan, vera, plan.read().digest, "No.")
    assert actions.grade(plan, bob, 1, privileged=False).standing is not Standing.APPROVED


def test_a_plan_weighs_as_much_as_its_playbook_says(bob: Person, alice: Person, vera: Person) -> None:
    begun = acts.Begun(severity=1, playbook="detained")
    book = actions.begin(bob, begun, CONTENT, [TASK], None)
    assert book.read().severity == 1
    with pytest.raises(RefusedError):
        actions.approve(book, alice, book.read().digest)
    with pytest.raises(RefusedError):
        actions.ask(book, bob, alice, None)
    assert actions.approve(book, vera, book.read().digest).standing is Standing.APPROVED
    assert "least" not in acts.packed(acts.Begun(severity=1)), "an older log keeps its hashes"


def _forged(book: Book, act: acts.Act, by: int) -> None:
    """A line as this home would have written it, marks and record and all, but that no verb lets through."""
    row = _row(book)
    lines = list(row.log.order_by("number"))
    with transaction.atomic():
        books._added(row, lines, by, [act])


@pytest.mark.parametrize("own", [False, True])
def test_a_forged_yes_to_what_one_wrote_counts_for_nothing(plan: Book, bob: Person, own: bool) -> None:
    bob.roles = int(Role.ANALYST | Role.APPROVER)
    bob.save()
    now = plan.read()
    _forged(plan, acts.Approved(1, now.digest, material(now.content), own=own), bob.pk)
    read = plan.read()
    assert read.standing is Standing.UNPROVED
    assert [line.number for line in read.lines if not line.proved] == [len(read.lines)]


def test_who_loses_the_right_to_say_yes_alone_keeps_what_they_said(plan: Book, bob: Person, alice: Person) -> None:
    change_roles(alice, bob, Role.ANALYST | Role.APPROVER | Role.ALONE)
    bob.refresh_from_db()
    assert actions.approve(plan, bob, plan.read().digest, "I am alone.").standing is Standing.APPROVED
    change_roles(alice, bob, Role.ANALYST)
    assert plan.read().standing is Standing.APPROVED
    change_roles(alice, bob, Role.ANALYST | Role.APPROVER | Role.ALONE)
    actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    change_roles(alice, bob, Role.ANALYST | Role.APPROVER)
    now = plan.read()
    _forged(plan, acts.Approved(2, now.digest, material(now.content), own=True), bob.pk)
    assert plan.read().standing is Standing.UNPROVED


def test_who_acted_first_does_not_ratify_it(plan: Book, bob: Person, alice: Person, vera: Person) -> None:
    vera.roles |= int(Role.RESPONDER)
    vera.save()
    acted = actions.act_first(plan, vera, "They come for her at dawn.")
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, acted.digest)


def test_a_yes_of_before_titles_counted_covers_what_it_was_told_to_cover(plan: Book, bob: Person, vera: Person) -> None:
    now = plan.read()
    told = material(now.content, but={"title", "resources"})
    _forged(plan, acts.Approved(1, now.digest, told), vera.pk)
    assert plan.read().standing is Standing.APPROVED
    assert actions.write(plan, bob, replace(CONTENT, resources="two"), 1).standing is Standing.APPROVED
    assert actions.write(plan, bob, replace(CONTENT, objective="Else."), 2).standing is Standing.BROKEN


def test_who_wrote_the_tasks_or_graded_it_wrote_it(plan: Book, bob: Person, vera: Person) -> None:
    vera.roles = int(Role.APPROVER | Role.ANALYST)
    vera.save()
    actions.put_task(plan, vera, Task("", "Publish it"))
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, plan.read().digest)


def test_words_for_the_community_are_part_of_what_is_approved(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    words = (*CONTENT.words, Wording(For.COMMUNITY, "Log in with your real name."))
    assert actions.write(plan, bob, replace(CONTENT, words=words), 1).standing is Standing.BROKEN


def test_an_old_weighing_covers_no_other_task_and_none_is_edited_away(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("oa", "Ask them by mail", risk_check=True))
    _approved(plan, bob, vera)
    weighed = acts.Checked("oa", "They may be innocent of it.", "Two would be suspected at once.", SAID, go=True)
    actions.check_risk(plan, bob, weighed)
    actions.put_task(plan, bob, Task("oa", "Publish who told us", risk_check=False))
    assert plan.read().task("oa").risk_check  # type: ignore[union-attr]
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "oa", State.BEGUN)


@pytest.mark.parametrize("keep", ["the row", "the row says so too"])
def test_the_end_of_a_log_can_not_be_cut_off(plan: Book, bob: Person, vera: Person, keep: str) -> None:
    _approved(plan, bob, vera)
    actions.withdraw(plan, vera, "I was wrong.")
    models.Line.objects.filter(plan__public_id=plan.id, verb="withdrew").delete()
    if keep == "the row says so too":
        models.Plan.objects.filter(public_id=plan.id).update(lines=len(plan.read().lines), standing="approved")
    assert plan.read().standing is Standing.UNPROVED
    with pytest.raises(RefusedError):
        actions.update(plan, bob, "Nothing changed.")


def test_a_log_that_was_rolled_back_whole_is_missed_by_the_record(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    before = models.Plan.objects.filter(public_id=plan.id).values().get()
    actions.withdraw(plan, vera, "I was wrong.")
    models.Line.objects.filter(plan__public_id=plan.id, verb="withdrew").delete()
    models.Plan.objects.filter(public_id=plan.id).update(**before)
    assert plan.read().standing is Standing.UNPROVED


def test_acting_first_covers_only_what_was_acted_on(plan: Book, bob: Person, vera: Person) -> None:
    actions.act_first(plan, bob, "He is at the airport now.")
    changed = actions.write(plan, bob, replace(CONTENT, objective="Something else."), 1)
    assert changed.standing is Standing.DRAFT
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "t1", State.BEGUN)
    actions.move(plan, bob, "t1", State.DROPPED, "no")
    with pytest.raises(RefusedError):
        actions.close(plan, bob, "Done.", met=True)
    assert changed.unratified is not None


@pytest.mark.parametrize("name", ["accused", "informants", "bystanders"])
@pytest.mark.parametrize("words", ["", "none", " none" + " " * 40, "n o n e" + " " * 20 + ".", "x" * 30_000])
def test_none_is_no_answer_when_the_risk_to_others_is_weighed(plan: Book, bob: Person, name: str, words: str) -> None:
    weighed = acts.Checked("t1", SAID, SAID, SAID, go=True)
    with pytest.raises(WrongError):
        actions.check_risk(plan, bob, replace(weighed, **{name: words}))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["a\0b", "x" * 30_000, "\ud800"])
def test_words_that_no_database_keeps_are_refused(plan: Book, bob: Person, vera: Person, words: str) -> None:
    asked = actions.ask(plan, bob, vera, None)
    with pytest.raises(WrongError):
        actions.update(plan, bob, words)
    with pytest.raises(WrongError):
        actions.decide(plan, bob, words, "Because.")
    with pytest.raises(WrongError):
        actions.decline(plan, vera, asked.digest, words)
    with pytest.raises(WrongError):
        actions.move(plan, bob, "t1", State.DROPPED, words)


def test_a_task_that_was_nobodys_is_taken_on_by_who_begins_it(plan: Book, bob: Person, vera: Person) -> None:
    _approved(plan, bob, vera)
    assert actions.move(plan, bob, "t1", State.BEGUN).task("t1").owner == bob.pk  # type: ignore[union-attr]
    assert models.PlanTask.objects.get(key="t1").owner == bob


def test_a_plan_holds_so_many_tasks_and_no_more() -> None:
    full = [Task(f"t{n}", "Call") for n in range(TASKS_MOST)]
    assert checked_task(replace(full[7], title="Call again"), full).title == "Call again"
    with pytest.raises(WrongError):
        checked_task(Task("new", "Call"), full)
