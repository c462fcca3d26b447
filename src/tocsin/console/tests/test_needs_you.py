"""What waits for somebody stands once on the first page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Lane, Severity
from tocsin.console import needs_you
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, debriefs
from tocsin.responses.log import acts
from tocsin.responses.models import Lesson
from tocsin.responses.playbooks import actions as playbooks
from tocsin.responses.playbooks import authorities, library
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.situations.models import Situation
from tocsin.situations.tests.arriving import NOW


def test_one_yes_stands_once_among_what_needs_somebody(
    bob: Person, alice: Person, browse: Callable[[Person], Client]
) -> None:
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    actions.ask(book, bob, alice, None)
    needs = needs_you.of(alice)
    assert [one.about for one in needs] == [f"Approve plan “{CONTENT.title}”"]
    for book_of in ("an alert of another plan", "which waits for somebody else"):
        other = actions.begin(bob, acts.Begun(severity=3), replace(CONTENT, title=book_of), [TASK], None)
        actions.act_first(other, bob, "He is at the airport now.")
    assert len([one for one in needs_you.of(alice) if "/alerts/" in one.url]) == 2, "she may not answer these"
    actions.approve(book, alice, book.read().digest)
    assert "Approve plan" not in browse(alice).get("/").content.decode()


def rings(severity: Severity, reference: str = "", *, drill: bool = False) -> None:
    accept(New("rule", severity, Lane.QUIET, reference or "other", reference, drill=drill))


def test_the_gravest_alert_stands_first_and_of_those_the_one_that_waits_longest(
    alice: Person, browse: Callable[[Person], Client]
) -> None:
    for severity, reference in ((1, "a"), (4, "situation:first"), (3, "b"), (4, "situation:second"), (1, "c")):
        rings(Severity(severity), reference)
    rings(Severity.EXTREME, drill=True)
    for code, title in (("first", "Editor held in Ankara"), ("second", "Network cut in Baku")):
        Situation.objects.create(public_id=code, title=title, country="TR", first_at=NOW, last_at=NOW, changed_at=NOW)
    needs = [one.about for one in needs_you.of(alice)]
    assert needs[:2] == ["■■■■ extreme: Editor held in Ankara", "■■■■ extreme: Network cut in Baku"]
    assert needs[2].startswith("■■■□ severe")
    page = browse(alice).get("/").content.decode()
    assert page.index('id="needs"') < page.index('id="changed"'), "read in the order in which a phone shows it"


def test_a_title_stands_there_for_who_may_read_it_alone(alice: Person, bob: Person) -> None:
    rings(Severity.EXTREME, "situation:raid")
    Situation.objects.create(
        public_id="raid", title="Raid tonight", readers=int(Role.LEAD), first_at=NOW, last_at=NOW, changed_at=NOW
    )
    assert "Raid tonight" in needs_you.of(alice)[0].about
    assert "Raid" not in str(needs_you.of(bob))


def test_a_drill_stands_below_what_is_real(bob: Person, alice: Person) -> None:
    drill = actions.begin(bob, acts.Begun(severity=2, drill=True), replace(CONTENT, title="Practice"), [TASK], None)
    actions.ask(drill, bob, alice, None)
    rings(Severity.MINOR)
    assert [one.about for one in needs_you.of(alice)] == ["■□□□ minor: rule", "Approve plan “Drill: Practice”"]


def test_what_waits_beside_plans_stands_there_for_who_can_do_it(bob: Person, alice: Person, vera: Person) -> None:
    text = library.shipped()["detained", "en"].replace("Ask for silence on wiki", "Ask for quiet on wiki")
    playbooks.write(bob, "detained", "en", text, base=1, note="Our lawyer asked for it.")
    told = authorities.Told("TR", "police", "fact", "life", clock.now().date(), "")
    authorities.disclose(bob, told, "0123456789ab")
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    debriefs.write(book, bob, acts.Debriefed("", "It took a day."))
    due = clock.now() + timedelta(days=1)
    debriefs.learn(book, bob, acts.Learnt("", "Call first", acts.Changes.PLAYBOOK, bob.pk, due))
    Lesson.objects.update(due_at=clock.now() - timedelta(days=1))
    needs = {one: [need.about for need in needs_you.of(one)] for one in (alice, bob, vera)}
    assert all(len(found) == len({*found}) for found in needs.values()), "each stands once"
    assert "1 lesson of yours is overdue" in needs[bob]
    assert "1 playbook text waits for a second look" in needs[alice]
    assert "1 playbook text waits for a second look" not in needs[bob], "it is his own"
    assert "1 disclosure waits for a second yes" in needs[vera]
    assert "1 disclosure waits for a second yes" not in needs[bob]
