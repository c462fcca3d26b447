"""The drill of an exercise: it begins by itself, so that whoever looks in first sees a response under way."""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.lib.claims import hold
from tocsin.responses import beginning, models
from tocsin.responses.drills import scenarios
from tocsin.responses.log import books, content
from tocsin.responses.log.acts import Act, ActedFirst, Begun, PutTask, Started, Wrote
from tocsin.responses.log.content import Content
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.shapes import Playbook

SCENARIO, SPEED = "block-before-election", 6
# Nothing moderate wakes anybody: it is told by day.
_MODERATE = 2
_RATIFY = timedelta(days=1)


def play() -> Book | None:
    """Begin it, by no person, and act first, so that its tasks can be done and whoever leads is asked to ratify it.

    None when it was begun before, also when it is over. It is a drill and of an exercise, and marked as both.
    """
    if not hold("responses.playing") or models.Plan.objects.filter(drill=True, exercise=True).exists():
        return None
    playbook = library.playbook(scenarios()[SCENARIO].playbook)
    if playbook is None:
        return None
    with transaction.atomic():
        book = books.begin(books.NOBODY, _first(playbook))
        book.change(books.NOBODY, lambda plan: [Started(SCENARIO, SPEED), _acted(plan)])
    return book


def _first(playbook: Playbook) -> list[Act]:
    objective = _("Readers reach the encyclopedia again, and nobody is put in danger by what we do.")
    said = beginning.content_of(playbook, scenarios()[SCENARIO].title, objective)
    tasks = beginning.tasks_of(playbook, time.now())
    begun = Begun(_MODERATE, playbook=playbook.key, playbook_digest=playbook.digest, drill=True, exercise=True)
    return [begun, Wrote(content.checked(_chosen(said))), *(PutTask(one) for one in tasks)]


def _chosen(said: Content) -> Content:
    why = _("The exercise chose it, so that there is something to disagree with. Edit the plan to choose another.")
    return replace(said, chosen=said.options[0].key, reasons=why)


def _acted(plan: Plan) -> ActedFirst:
    why = _("This drill began by itself. In earnest, somebody would say here what waiting would cost.")
    until = plan.pace.told(time.now()) + _RATIFY
    return ActedFirst(plan.version, plan.digest, content.material(plan.content), why, until)
