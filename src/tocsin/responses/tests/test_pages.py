"""The pages of an open plan, as people come to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, models
from tocsin.responses.log import acts
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import Function, Stakeholder, State, Task
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.situations.models import Situation

Browse = Callable[[Person], Client]


@pytest.fixture
def plan(bob: Person) -> Book:
    return actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)


def _url(book: Book, rest: str = "") -> str:
    return f"/plans/{book.id}/{rest}"


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_an_empty_list_leads_to_a_playbook_and_a_playbook_becomes_a_plan(bob: Person, browse: Browse) -> None:
    client = browse(bob)
    assert "No plan is open" in _text(client, "/plans/")
    assert "detained" in _text(client, "/plans/new/")
    _text(client, "/plans/new/?playbook=detained")
    given = {"title": "Editor held", "objective": "She is free and safe.", "severity": "4"}
    answer = client.post("/plans/new/?playbook=detained", given)
    assert answer.status_code == 302
    row = models.Plan.objects.get()
    assert row.playbook == "detained"
    assert row.open_tasks > 15
    page = _text(client, answer["Location"])
    assert "Quiet legal defence" in page
    assert "The objective is missing" not in page
    assert "Editor held" in _text(client, "/plans/")
    tasks = models.PlanTask.objects.filter(plan=row)
    assert not tasks.filter(due_at=None).exists()
    assert not tasks.exclude(owner=None).exists()


def test_a_plan_for_a_situation_begins_with_a_plain_title_and_stands_beside_it(bob: Person, browse: Browse) -> None:
    now = timezone.now()
    situation = Situation.objects.create(
        public_id="abc234",
        title="A wiki is blocked",
        first_at=now,
        last_at=now,
        changed_at=now,
        country="TR",
        harm="site-ban",
    )
    client = browse(bob)
    assert "fits this situation" in _text(client, f"/plans/new/?situation={situation.public_id}")
    page = _text(client, f"/plans/new/?playbook=none&situation={situation.public_id}")
    assert 'value="Site ban, Türkiye"' in page
    Situation.objects.update(readers=int(Role.ANALYST))
    page = _text(client, f"/plans/new/?playbook=blocked&situation={situation.public_id}")
    assert 'value="A site is blocked or throttled"' in page, "a place that some may not know of stands in no title"
    Situation.objects.update(readers=0)
    _text(client, "/plans/new/?situation=nothere", 404)
    client.post(f"/plans/new/?playbook=none&situation={situation.public_id}", {"title": "Ours", "severity": "2"})
    assert "Ours" in _text(client, f"/plans/?situation={situation.public_id}")
    assert "A wiki is blocked" in _text(client, _url(OpenBook(models.Plan.objects.get().public_id)))


def test_every_page_of_a_plan_opens(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    client = browse(bob)
    pages = ("", "?tasks=board", "?tasks=time", "log/", "versions/", "versions/1/", "edit/", "ask/", "answer/",
             "act-first/", "withdraw/", "standing/", "tasks/new/", "tasks/t1/", "tasks/t1/edit/", "tasks/t1/risk/",
             "team/", "recovery/", "debrief/")  # fmt: skip
    for rest in pages:
        _text(client, _url(plan, rest))
    for show in ("open", "mine", "approve", "overdue", "drill", "closed"):
        _text(client, f"/plans/?show={show}")
    _text(client, "/plans/tasks/")
    _text(client, "/plans/tasks/?of=everybody")


def test_missing_and_forbidden_look_the_same_to_the_byte(
    plan: Book, charlie: Person, alice: Person, browse: Browse
) -> None:
    stan = Person.objects.create(email="stan@example.org", name="Stan", roles=int(Role.STAKEHOLDER))
    for person in (charlie, stan):
        client = browse(person)
        for rest in ("", "log/", "edit/", "answer/", "tasks/t1/", "versions/1/"):
            there, missing = client.get(_url(plan, rest)), client.get(f"/plans/zzzzzzzz/{rest}")
            assert there.status_code == missing.status_code == 404
            assert there.content.replace(plan.id.encode(), b"zzzzzzzz") == missing.content


def test_a_stakeholder_sees_the_frame_and_their_own_part(plan: Book, bob: Person, browse: Browse) -> None:
    stan = Person.objects.create(email="stan@example.org", name="Stan", roles=int(Role.STAKEHOLDER))
    parts = (
        Stakeholder(Function.LEGAL, stan.pk, part="Read the order."),
        Stakeholder(Function.SECURITY, bob.pk, part="Rotate what leaked."),
    )
    actions.write(plan, bob, replace(CONTENT, stakeholders=parts, resources="Ten thousand."), 1)
    actions.put_task(plan, bob, Task("", "Ask for the order in writing", Function.LEGAL))
    page = _text(browse(stan), _url(plan))
    for seen in ("Site blocked", "Readers reach the site again.", "Read the order.", "Ask for the order in writing"):
        assert seen in page
    for hidden in ("Rotate what leaked.", "Ten thousand.", "Tell the community", "We are looking into it."):
        assert hidden not in page
    for rest in ("log/", "versions/", "edit/", "ask/", "answer/"):
        _text(browse(stan), _url(plan, rest), 404)


def test_somebody_asks_and_another_approves_exactly_what_they_saw(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    asked = browse(bob).post(_url(plan, "ask/"), {"approver": vera.pk, "deputy": "0", "words": "Please today."})
    assert asked.status_code == 302
    client = browse(vera)
    assert "Your yes or no is asked" in _text(client, "/plans/")
    assert "Approve plan" in _text(client, "/")
    page = _text(client, _url(plan, "answer/"))
    assert "readers may be watched" in page
    digest = plan.read().digest
    actions.write(plan, bob, replace(CONTENT, resources="two people"), 1)
    stale = client.post(_url(plan, "answer/"), {"do": "approve", "digest": digest})
    assert stale.status_code == 409
    assert "two people" in stale.content.decode()
    assert plan.read().approved is None
    client.post(_url(plan, "answer/"), {"do": "approve", "digest": plan.read().digest, "yes-words": "Go."})
    assert plan.read().standing is Standing.APPROVED
    assert "Approved as it stands" in _text(client, _url(plan))


def test_a_yes_needs_a_second_factor_of_the_last_minutes(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    actions.ask(plan, bob, vera, None)
    client = browse(vera)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 400
    session.save()
    assert "Show that it is you" in _text(client, _url(plan, "answer/"))
    client.post(_url(plan, "answer/"), {"do": "approve", "digest": plan.read().digest})
    assert plan.read().standing is Standing.ASKED
    client.post(_url(plan, "answer/"), {"do": "decline", "digest": plan.read().digest, "no-words": "Too risky."})
    assert plan.read().standing is Standing.DECLINED
    assert "Too risky." in _text(browse(bob), _url(plan))


def test_what_changed_after_a_yes_breaks_the_seal_and_is_named(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    asked = actions.ask(plan, bob, vera, None)
    actions.approve(plan, vera, asked.digest)
    worse = replace(CONTENT.options[1], risk="they were watched")
    actions.write(plan, bob, replace(CONTENT, options=(CONTENT.options[0], worse), resources="more"), 1)
    page = _text(browse(bob), _url(plan))
    assert "The seal is broken" in page
    assert "Point to mirrors: Risk to the person" in page
    assert "they were watched" in page
    assert "changed since it was approved" in _text(browse(bob), "/plans/")


def test_who_was_asked_and_left_is_said_and_another_is_asked(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE))
    actions.ask(plan, bob, vera, None)
    Person.objects.filter(pk=vera.pk).update(is_active=False)
    page = _text(browse(bob), _url(plan))
    assert "Who was asked can’t answer any more" in page
    for where in ("/", "/plans/"):
        assert "Who was asked can’t answer any more: ask somebody else" in _text(browse(bob), where)
    form = _text(browse(bob), _url(plan, "ask/"))
    assert "Vera" not in form.split("<main")[1].split("</form>")[0]
    browse(bob).post(_url(plan, "ask/"), {"approver": eve.pk, "deputy": "0"})
    assert "Your yes or no is asked" in _text(browse(eve), "/plans/")


def test_what_was_typed_stands_whatever_refused_it(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    read = actions.ask(plan, bob, vera, None).digest
    actions.write(plan, bob, replace(CONTENT, objective="Other words."), 1)
    given = {"do": "decline", "digest": read, "no-words": "She would be seen there."}
    page = browse(vera).post(_url(plan, "answer/"), given)
    assert (page.status_code, "She would be seen there." in page.content.decode()) == (409, True)
    actions.decline(plan, vera, actions.ask(plan, bob, vera, None).digest, "She would be seen there.")
    assert "Somebody said no: read why" in _text(browse(bob), "/")
    assert "Somebody said no to this as it stands" in _text(browse(bob), _url(plan, "act-first/"))
    page = browse(bob).post(_url(plan, "act-first/"), {"words": "A car waits outside."})
    assert (page.status_code, "A car waits outside." in page.content.decode()) == (409, True)


def test_who_is_asked_passes_it_on_to_the_deputy(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE))
    actions.ask(plan, bob, vera, eve)
    assert "Your yes or no is asked" not in _text(browse(eve), "/plans/")
    assert "pass it to Eve" in _text(browse(vera), _url(plan, "answer/"))
    browse(vera).post(_url(plan, "answer/"), {"do": "pass", "digest": plan.read().digest})
    assert "Your yes or no is asked" in _text(browse(eve), "/plans/")
    assert "Your yes or no is asked" not in _text(browse(vera), "/plans/")


def _draft(plan: Book, **more: Any) -> dict[str, Any]:
    one = plan.read().content
    given: dict[str, Any] = {
        "title": one.title, "objective": one.objective, "reasons": one.reasons, "exit_condition": one.exit_condition,
        "not_to_do": "", "resources": "", "update_hours": 24, "note": "", "base": plan.read().version,
        "chosen": one.chosen, "options-count": len(one.options), "stakeholders-count": 0, "words-count": len(one.words),
        "indicators-count": 0,
    }  # fmt: skip
    for number, option in enumerate(one.options):
        for name in ("key", "title", "benefit", "risk", "cost", "reversible", "objections"):
            given[f"options-{number}-{name}"] = getattr(option, name)
    for number, words in enumerate(one.words):
        given |= {f"words-{number}-audience": words.audience, f"words-{number}-language": words.language}
        given[f"words-{number}-text"] = words.text
    return given | more


def test_saving_what_was_shown_changes_nothing(plan: Book, bob: Person, browse: Browse) -> None:
    assert browse(bob).post(_url(plan, "edit/"), _draft(plan)).status_code == 302
    assert plan.read().version == 1
    assert plan.read().content == CONTENT


def test_a_button_adds_an_option_and_keeps_what_was_typed(plan: Book, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    page = client.post(_url(plan, "edit/"), _draft(plan, add="options", resources="typed")).content.decode()
    assert "Option 3" in page
    assert "typed" in page
    assert plan.read().version == 1
    more = {"options-count": 3, "options-2-key": "new1", "options-2-title": "Ask the court", "options-2-risk": "none",
            "chosen": "new1", "options-0-gone": "on"}  # fmt: skip
    client.post(_url(plan, "edit/"), _draft(plan, **more))
    now = plan.read().content
    assert [one.title for one in now.options] == ["Point to mirrors", "Ask the court"]
    assert now.chosen == "new1"


def test_two_who_edit_at_once_see_what_the_other_changed_and_keep_their_own(
    plan: Book, bob: Person, alice: Person, browse: Browse
) -> None:
    mine = _draft(plan, resources="Mine.", objective="Mine too.")
    other = replace(CONTENT.options[0], benefit="Quiet.")
    theirs = replace(CONTENT, options=(other, CONTENT.options[1]), objective="Theirs.")
    actions.write(plan, alice, theirs, 1)
    answer = browse(bob).post(_url(plan, "edit/"), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    for seen in ("Alice saved another version", "Theirs.", "Mine too.", "Mine.", "Quiet."):
        assert seen in page
    assert plan.read().version == 2
    again = {**mine, "base": 2, "options-0-benefit": "Quiet."}
    assert browse(bob).post(_url(plan, "edit/"), again).status_code == 302
    now = plan.read().content
    assert (now.objective, now.resources, now.options[0].benefit) == ("Mine too.", "Mine.", "Quiet.")


def test_a_draft_that_can_not_stand_says_why_and_keeps_the_words(plan: Book, bob: Person, browse: Browse) -> None:
    answer = browse(bob).post(_url(plan, "edit/"), _draft(plan, reasons="", resources="kept"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say why this option" in page
    assert "kept" in page


def test_a_task_is_done_by_its_owner_with_what_shows_it(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    stan = Person.objects.create(email="stan@example.org", name="Stan", roles=int(Role.STAKEHOLDER))
    asked = actions.ask(plan, bob, vera, None)
    given = {"title": "Call the host", "function": "security", "owner": stan.pk, "due": "2020-01-01T08:00",
             "wanted": "a ticket"}  # fmt: skip
    assert browse(bob).post(_url(plan, "tasks/new/"), given).status_code == 302
    key = models.PlanTask.objects.get(owner=stan).key
    page = _text(browse(stan), "/plans/tasks/")
    assert "Call the host" in page
    assert "overdue" in page
    assert "1 task of yours is overdue" in _text(browse(stan), "/")
    client = browse(stan)
    client.post(_url(plan, f"tasks/{key}/move"), {"state": "done", "words": "T1"})
    assert plan.read().task(key).state is State.OPEN  # type: ignore[union-attr]
    asked = plan.read()
    actions.approve(plan, vera, asked.digest)
    client.post(_url(plan, f"tasks/{key}/move"), {"state": "done"})
    assert plan.read().task(key).state is State.OPEN  # type: ignore[union-attr]
    client.post(_url(plan, f"tasks/{key}/move"), {"state": "done", "words": "T1"})
    assert plan.read().task(key).evidence == "T1"  # type: ignore[union-attr]
    client.post(_url(plan, f"tasks/{key}/move"), {"state": "open"})
    assert plan.read().task(key).state is State.OPEN  # type: ignore[union-attr]


def test_a_protection_that_may_hurt_others_is_weighed_first(plan: Book, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    client.post(_url(plan, "tasks/new/"), {"title": "Lock it", "function": "security", "protection": "lock"})
    task = next(one for one in plan.read().tasks if one.title == "Lock it")
    if task.risk_check:
        page = _text(client, _url(plan, f"tasks/{task.key}/"))
        assert "First weigh in writing" in page
    given = {"accused": "They may be innocent.", "informants": "Her colleague at work.", "bystanders": "", "go": "yes"}
    assert client.post(_url(plan, f"tasks/{task.key}/risk/"), given).status_code == 422
    client.post(_url(plan, f"tasks/{task.key}/risk/"), {**given, "bystanders": "Nobody else edits there."})
    assert plan.read().checks[task.key].go


def test_it_is_told_decided_graded_closed_and_goes_on(plan: Book, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    for given in (
        {"do": "update", "text": "Still blocked."},
        {"do": "decide", "what": "No banner", "why": "It would name her."},
        {"do": "grade", "severity": "2", "privileged": "on"},
    ):
        assert client.post(_url(plan, "standing/"), given).status_code == 302
    page = _text(client, _url(plan))
    for seen in ("Still blocked.", "No banner", "legally privileged", "all as written"):
        assert seen in page
    assert client.post(_url(plan, "standing/"), {"do": "close", "met": "yes", "reached": "x"}).status_code == 200
    actions.move(plan, bob, "t1", State.DROPPED, "not needed")
    client.post(_url(plan, "standing/"), {"do": "close", "met": "no", "reached": "Half."})
    assert "Closed before the exit condition was met" in _text(client, _url(plan))
    client.post(_url(plan, "standing/"), {"do": "reopen", "words": "Again blocked."})
    assert plan.read().closed is None


def test_a_row_and_a_log_that_were_forged_say_so_loudly(plan: Book, bob: Person, browse: Browse) -> None:
    models.Plan.objects.filter(public_id=plan.id).update(standing="approved")
    assert "Don’t believe this line" in _text(browse(bob), "/plans/")
    line = models.Line.objects.get(plan__public_id=plan.id, verb="wrote")
    line.body["content"]["objective"] = "Forged."
    line.save()
    page = _text(browse(bob), _url(plan))
    assert "Believe nothing here" in page
    assert "not as it was written" in _text(browse(bob), _url(plan, "log/"))


def test_acting_first_waits_for_somebody_else_to_ratify(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    browse(bob).post(_url(plan, "act-first/"), {"words": "He is at the airport."})
    assert "Somebody acted first" in _text(browse(vera), "/plans/")
    page = _text(browse(vera), _url(plan, "answer/"))
    assert "He is at the airport." in page
    browse(vera).post(_url(plan, "answer/"), {"do": "approve", "digest": plan.read().digest})
    assert plan.read().standing is Standing.APPROVED


def test_the_time_line_says_in_words_what_it_draws(plan: Book, bob: Person, browse: Browse) -> None:
    due = clock.now() - timedelta(hours=3)
    actions.put_task(plan, bob, Task("", "Late & <odd>", due=due, needs=("t1",)))
    page = _text(browse(bob), _url(plan, "?tasks=time"))
    assert '<svg class="chart gantt gantt-narrow"' in page
    assert "Late &amp; &lt;odd&gt;" in page
    assert "gantt-late" in page
    assert "gantt-join" in page
    assert "Comes after" in page


def test_forms_of_a_closed_plan_lead_to_where_it_is_opened_again(plan: Book, bob: Person, browse: Browse) -> None:
    actions.move(plan, bob, "t1", State.DROPPED, "no need")
    actions.close(plan, bob, "Back.", met=True)
    client = browse(bob)
    for rest in ("edit/", "ask/", "act-first/", "withdraw/", "tasks/new/", "tasks/t1/edit/", "tasks/t1/risk/"):
        answer = client.get(_url(plan, rest))
        assert (answer.status_code, answer.headers["Location"]) == (302, _url(plan, "standing/")), rest
    page = _text(client, _url(plan))
    for gone in ("Ask for approval", "Act first", "Add a task", "Take back", "Approve or decline"):
        assert gone not in page
    assert "Open again" in page
    assert "Begin it" not in _text(client, _url(plan, "tasks/t1/"))
    assert "nothing is asked" in _text(client, _url(plan, "answer/"))


def test_a_name_on_a_board_is_said_to_be_the_owners(plan: Book, bob: Person, browse: Browse) -> None:
    Person.objects.filter(pk=bob.pk).update(name="Approved")
    actions.put_task(plan, bob, replace(TASK, owner=bob.pk))
    for address in (_url(plan, "?tasks=board"), _url(plan, "?tasks=list"), "/plans/"):
        page = " ".join(_text(browse(bob), address).split())
        assert "<span>owner: Approved</span>" in page
        assert "<span>Approved</span>" not in page


def test_a_long_column_of_the_board_is_folded(plan: Book, bob: Person, browse: Browse) -> None:
    for number in range(12):
        actions.put_task(plan, bob, Task("", f"Task {number} " + "x" * 200))
    page = _text(browse(bob), _url(plan, "?tasks=board"))
    assert "5 more" in page
    assert "x" * 120 not in page.split('id="tasks"')[1].split('id="updates"')[0]


def test_a_long_debrief_is_folded_and_has_headings_to_jump_to(bob: Person, browse: Browse) -> None:
    tasks = [Task(f"t{number}", f"Step {number}") for number in range(20)]
    book = actions.begin(bob, acts.Begun(severity=2), CONTENT, tasks, None)
    client = browse(bob)
    page = _text(client, _url(book, "debrief/"))
    for jump in ("#clocks", "#held", "#write", "#lessons", "#timeline"):
        assert f'href="{jump}"' in page
        assert f'id="{jump[1:]}"' in page
    assert "<summary>put 20 tasks</summary>" in page
    assert "<summary>Each task</summary>" in page
    client.post(_url(book, "debrief/"), {"happened": "It took a day.", "base": 0})
    assert "<summary>Change it</summary>" in _text(client, _url(book, "debrief/"))


def test_a_number_of_thousands_of_digits_is_refused_like_any_that_is_none(
    plan: Book, bob: Person, browse: Browse
) -> None:
    sent = {"title": "Site blocked", "base": 1, "update_hours": 24, "stakeholders-count": 1,
            "stakeholders-0-function": "legal", "stakeholders-0-person": "9" * 5_000}  # fmt: skip
    assert browse(bob).post(f"/plans/{plan.id}/edit/", sent).status_code == 422
    assert browse(bob).post(f"/plans/{plan.id}/edit/", {**sent, "add": "options"}).status_code == 200
