"""Addresses of response plans: each page of a plan twice, for an open one and for a sealed one."""

from typing import Any

from django.urls import URLPattern, path

from tocsin.responses.urls_after import across, of_a_plan
from tocsin.responses.views import approving, beginning, course, lists, opening, people, plan, tasks, writing

app_name = "responses"


def _both(route: str, view: Any, name: str) -> list[URLPattern]:
    return [
        path(f"sealed/<uuid:safe>/{route}", opening.of_sealed(view), name=f"sealed_{name}"),
        path(f"<slug:public_id>/{route}", opening.of_open(view), name=name),
    ]


def _sealed(route: str, view: Any, name: str) -> URLPattern:
    return path(f"sealed/<uuid:safe>/{route}", opening.of_sealed(view), name=f"sealed_{name}")


urlpatterns = [
    path("", lists.index, name="index"),
    path("new/", beginning.new, name="new"),
    path("tasks/", lists.tasks, name="tasks"),
    path("called/<slug:plan>/", lists.called, name="called"),
    *across,
    path("sealed/", lists.sealed_index, name="sealed"),
    path("sealed/new/", beginning.sealed_new, name="sealed_new"),
    path("sealed/of/<uuid:case>/", beginning.of_case, name="of_case"),
    _sealed("people/", people.people, "people"),
    _sealed("people/in", people.let_in, "let_in"),
    _sealed("people/<int:number>/out", people.put_out, "put_out"),
    _sealed("people/reseal", people.reseal, "reseal"),
    *_both("", plan.plan, "plan"),
    *_both("log/", plan.log, "log"),
    *_both("versions/", plan.versions, "versions"),
    *_both("versions/<int:number>/", plan.version, "version"),
    *_both("edit/", writing.edit, "edit"),
    *_both("ask/", approving.ask, "ask"),
    *_both("answer/", approving.answer, "answer"),
    *_both("act-first/", approving.act_first, "act_first"),
    *_both("withdraw/", approving.withdraw, "withdraw"),
    *_both("standing/", course.standing, "standing"),
    *_both("tasks/new/", tasks.put, "new_task"),
    *_both("tasks/<slug:key>/", tasks.task, "task"),
    *_both("tasks/<slug:key>/move", tasks.move, "move"),
    *_both("tasks/<slug:key>/edit/", tasks.put, "edit_task"),
    *_both("tasks/<slug:key>/risk/", tasks.weigh, "weigh"),
    *(address for route, name, view in of_a_plan for address in _both(route, view, name)),
]
