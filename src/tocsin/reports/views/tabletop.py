"""The pack for a drill at a table, as a file."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from tocsin.alerts import clock
from tocsin.people.access import needs
from tocsin.people.roles import Right
from tocsin.reports import forms, tabletop
from tocsin.reports.forms import MEDIA, Form
from tocsin.responses import drills


@require_safe
@needs(Right.PLANS)
def pack(request: HttpRequest, key: str) -> HttpResponseBase:
    """One scenario on paper."""
    scenario = drills.scenarios().get(key)
    if scenario is None:
        raise Http404
    file = forms.render(tabletop.pack(scenario, clock.now()), Form.PDF)
    name = f"table-top-{scenario.key}.pdf"
    return HttpResponse(file, MEDIA[Form.PDF], headers={"Content-Disposition": f'attachment; filename="{name}"'})
