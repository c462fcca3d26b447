"""The debrief of a drill says in few lines what its clocks did, in its own time, and what was left undone."""

from collections.abc import Callable

from django.test import Client

from tocsin.people.models import Person
from tocsin.responses import actions, assembling, drills
from tocsin.responses.log import acts
from tocsin.responses.log.content import Task
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_clocks import Later
from tocsin.responses.tests.test_drills import HOUR, MINUTE, drill, later
from tocsin.responses.tests.test_plans import CONTENT

__all__ = ["drill", "later"]

Browse = Callable[[Person], Client]


def timed(by: Person, book: Book) -> dict[str, assembling.Timed]:
    return {str(one.name): one for one in assembling.clocks(by, book.read(), (), None)}


def test_a_drill_in_which_nothing_was_asked_or_told_says_so(
    drill: Book, bob: Person, later: Later, browse: Browse
) -> None:
    later.wait(minutes=15)  # three hours of the drill
    drills.end(drill, bob)
    later.wait(days=3)
    found = timed(bob, drill)
    assert found["From asking to approval"].kept is None
    silent = found["The longest without an update (0 were given)"]
    assert (silent.took, silent.watch, silent.kept) == (3 * HOUR, 15 * MINUTE, True)
    late = found["Tasks past their time: 1 of 1; the latest by"]
    assert (late.took, late.kept) == (HOUR, False)
    page = browse(bob).get(f"/plans/{drill.id}/debrief/").content.decode()
    assert "nobody was asked" in page


def test_a_question_that_nobody_answered_in_time_is_a_standard_not_kept(
    drill: Book, bob: Person, vera: Person, later: Later, browse: Browse
) -> None:
    actions.ask(drill, bob, vera, None)
    later.wait(minutes=1)
    assert timed(bob, drill)["From asking to approval"].kept is None
    later.wait(minutes=3)  # thirty minutes of the drill were given
    assert timed(bob, drill)["From asking to approval"].kept is False
    assert "no answer in 48 min" in browse(bob).get(f"/plans/{drill.id}/debrief/").content.decode()


def test_what_was_dropped_because_the_drill_ended_is_one_line_with_a_count(bob: Person, browse: Browse) -> None:
    tasks = [Task(f"n{number}", f"Tell {number}") for number in range(22)]
    book = actions.begin(bob, acts.Begun(severity=3, drill=True), CONTENT, tasks, None)
    drills.start(book, bob, "", 6)
    drills.end(book, bob)
    page = browse(bob).get(f"/plans/{book.id}/debrief/").content.decode()
    assert page.count("<summary>22 tasks not done: The drill ended.</summary>") == 2, "planned and done, and timeline"
    assert page.count("The drill ended.") < 6
    assert page.count(">Tell 7<") == 3, "in each of them, and where it was put"
    assert "0 done, 22 not done" in page
