"""``/metrics`` in Prometheus' format, for who has the token. Labels name no country, source or case."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

from tocsin.config import disk, heartbeat
from tocsin.config.health import PARTS, may_know
from tocsin.config.queues import lags, paging
from tocsin.streams.models import Source
from tocsin.streams.work import lag_seconds

REGISTRY = CollectorRegistry()
_SECONDS = Histogram(
    "tocsin_http_seconds",
    "Time to answer, by method and class of status.",
    ["method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
_METHODS = {"GET", "HEAD", "POST"}


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts and times. Whoever may not know gets the answer of a page that does not exist."""
    if not may_know(request):
        return HttpResponseNotFound()
    body = generate_latest(REGISTRY) + generate_latest(_gauges())
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def timed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that counts answers and their time."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        method = request.method if request.method in _METHODS else "other"
        _SECONDS.labels(method, f"{response.status_code // 100}xx").observe(time.perf_counter() - began)
        return response

    return answer


def _gauges() -> CollectorRegistry:
    made = CollectorRegistry()
    Gauge("tocsin_disk_free_bytes", "Free disk of the home folder.", registry=made).set(disk.free_mb() * disk.MB)
    Gauge("tocsin_exercise", "1 when every page is marked as an exercise.", registry=made).set(settings.EXERCISE)
    try:
        _from_database(made)
    except DatabaseError:
        Gauge("tocsin_database_up", "1 when the database answers.", registry=made).set(0)
    return made


def _from_database(made: CollectorRegistry) -> None:
    beats = [beat for beat in heartbeat.beats() if beat.alive]
    sources = Source.objects.values_list("health").annotate(Count("pk")).order_by("health")
    waiting = lags()
    Gauge("tocsin_database_up", "1 when the database answers.", registry=made).set(1)
    parts = Gauge("tocsin_processes", "Processes that live, by part.", ["part"], registry=made)
    about = "Processes of which a step fails again and again, by part."
    failing = Gauge("tocsin_processes_failing", about, ["part"], registry=made)
    for part in PARTS:
        parts.labels(part).set(sum(beat.part == part for beat in beats))
        stuck = sum(beat.part == part and beat.state.startswith(heartbeat.FAILING) for beat in beats)
        failing.labels(part).set(stuck)
    healths = Gauge("tocsin_sources", "Sources by health.", ["health"], registry=made)
    for health, count in sources:
        healths.labels(health).set(count)
    late = Gauge("tocsin_collecting_late_seconds", "By how much the longest overdue source is late.", registry=made)
    late.set(lag_seconds())
    _of_paging(made)
    queue = Gauge("tocsin_queue_rows", "Rows that wait for a room's work.", ["queue"], registry=made)
    for name, rows in waiting.items():
        queue.labels(name).set(rows)


def _of_paging(made: CollectorRegistry) -> None:
    """Alerts that few may know of are in no count; how late the latest of all is, is a time alone."""
    found = paging()
    about = {
        "tocsin_alerts_open": "Alerts that are not resolved, without those that few may know of.",
        "tocsin_pages_waiting": "Pages that are due and not sent, without those that few may know of.",
        "tocsin_paging_overdue_seconds": "By how much the longest overdue page or step is late.",
        "tocsin_pulse_age_seconds": "Time since the newest heartbeat left that came back; absent without any.",
    }
    for name, words in about.items():
        if name in found:
            Gauge(name, words, registry=made).set(found[name])
