"""Every address of the console: each room brings its own."""

from django.urls import include, path

from tocsin.alerts.doors.urls import links
from tocsin.alliances.urls import links as slices
from tocsin.cases.views.desk import desk
from tocsin.config import beside, onward, titles
from tocsin.config.health import healthz
from tocsin.config.metrics import metrics
from tocsin.reports.urls import links as issues
from tocsin.responses.playbooks.urls import authorities, playbooks

urlpatterns = [
    path("", include("tocsin.console.urls")),
    path("", include("tocsin.people.urls")),
    path("sources/", include("tocsin.streams.urls")),
    path("signals/", include("tocsin.signals.urls")),
    path("situations/", include("tocsin.situations.urls")),
    path("triage/", include("tocsin.situations.triage_urls")),
    path("alerts/", include("tocsin.alerts.urls")),
    path("rollcalls/", include("tocsin.rollcalls.urls")),
    path("cases/", include("tocsin.cases.urls")),
    path("desk/", desk, name="desk"),
    path("duty/", include("tocsin.oncall.urls")),
    path("keys/", include("tocsin.keys.urls")),
    path("plans/playbooks/", include(playbooks)),
    path("plans/authorities/", include(authorities)),
    path("plans/", include("tocsin.responses.urls")),
    path("mailbox/", include("tocsin.mailbox.urls")),
    path("alliances/", include("tocsin.alliances.urls")),
    path("resilience/", include("tocsin.resilience.urls")),
    path("reports/", include("tocsin.reports.urls")),
    path("a/", include(links)),
    path("s/", include(slices)),
    path("r/", include(issues)),
    path("healthz", healthz),
    path("metrics", metrics),
    path("api/", include("tocsin.config.api_urls")),
]
titles.register()
beside.register()
onward.register()
