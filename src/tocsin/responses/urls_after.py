"""Addresses beside a plan (people, drill, recovery, debrief), and of what goes across plans."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path

from tocsin.responses.views import after, drilling, ledgers, team

Pages = tuple[tuple[str, str, Callable[..., HttpResponseBase]], ...]
# Below a plan's own address, open or sealed: where, by which name, and the view, which is given the plan.
of_a_plan: Pages = (
    ("team/", "team", team.team),
    ("team/ask", "muster", team.muster),
    ("team/arrive", "arrive", team.arrive),
    ("team/<int:number>/relieve", "relieve", team.relieve),
    ("drill/", "drill", drilling.drill),
    ("drill/observe", "observe", drilling.observe),
    ("recovery/", "recovery", after.recovery),
    ("debrief/", "debrief", after.debrief),
    ("debrief/lessons", "lessons", after.lessons),
    ("debrief/lessons/<slug:key>/", "lesson", after.lesson),
)
across = [
    path("lessons/", ledgers.lessons, name="all_lessons"),
    path("missed/", ledgers.ledger, name="missed"),
    path("missed/new/", ledgers.note, name="missed_new"),
    path("missed/<slug:public_id>/back", ledgers.take_back, name="missed_back"),
]
