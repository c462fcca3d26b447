"""What every page knows."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tocsin.alerts import standing
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.cases.access import takes_part
from tocsin.console.locale import time_of_day
from tocsin.oncall.shown import waiting as asked_about_duty
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls.access import questions_for

_ROTAS = 2
# What stands under another address belongs to these rooms.
_ROOM_OF = {"signals": "/situations/", "cases": "/desk/"}
_DUTY = "/duty/"  # its pages say who is on duty as well, and must not be contradicted by their own head


def page(request: HttpRequest) -> dict[str, Any]:
    """Navigation, who is on duty, how the pager is, direction, theme and whether this is an exercise.

    What has to be asked for is asked for only by pages that show it.
    """
    person = getattr(request, "user", None)
    return {
        "exercise": settings.EXERCISE,
        "navigation": SimpleLazyObject(partial(navigation, request.path, person)),
        "person": person,
        "duty": SimpleLazyObject(partial(duty, person, anew=request.path.startswith(_DUTY))),
        "pager": SimpleLazyObject(partial(pager, person)),
        "pager_stopped": SimpleLazyObject(partial(pager_stopped, person)),
        "now": timezone.now(),
        "theme": getattr(getattr(request, "user", None), "theme", ""),
        "text_direction": "rtl" if get_language_bidi() else "ltr",
        "language": get_language(),
    }


def duty(person: object, *, anew: bool = False) -> str:
    """Who is on duty now, and until when where the reader is; empty for who may not see rotas."""
    if not (isinstance(person, Person) and person.may(Right.ROTAS)):
        return ""
    found = standing.on_duty(anew=anew)
    said = [_held(one, named=len(found) > 1) for one in found[:_ROTAS]]
    return " · ".join(said) + (" …" if len(found) > _ROTAS else "")


def _held(one: standing.Held, *, named: bool) -> str:
    until = _("until %(time)s") % {"time": time_of_day(one.until)} if one.until is not None else ""
    rota = f"{one.rota}:" if named else ""
    return " ".join(part for part in (rota, one.person or _("nobody"), until) if part)


def pager(person: object) -> str:
    """How the pager is, in words; empty for who neither answers alerts nor sees rotas."""
    return standing.pager_state().words if _is_told(person) else ""


def pager_stopped(person: object) -> bool:
    """Whether the pager must be the loudest thing on the page."""
    return _is_told(person) and standing.pager_state().loud


def _is_told(person: object) -> bool:
    return isinstance(person, Person) and (person.may(Right.ALERTS) or person.may(Right.ROTAS))


def open_alerts(person: Person) -> int:
    """How many alerts that this person may know of are not over."""
    return alerts_for(person).exclude(state=Alert.State.RESOLVED).count()


def questions(person: Person) -> int:
    """How many questions to this very person wait for an answer."""
    return questions_for(person).filter(answer="").count()


def navigation(path: str, person: object) -> list[dict[str, Any]]:
    """The rooms that this person may enter, with the current one marked; ``key`` is the letter after g."""
    rooms: list[tuple[Right | None, str, str, str, str]] = [
        (Right.READ, _("Situations"), "/situations/", "flag", "s"),
        (Right.READ, _("Look"), "/look/", "globe", "l"),
        (Right.ALERTS, _("Alerts"), "/alerts/", "bell", "a"),
        (Right.CASES, _("Desk"), "/desk/", "folder", "k"),
        (Right.READ, _("Plans"), "/plans/", "map", "n"),
        (Right.READ, _("Reports"), "/reports/", "article", "e"),
        (None, _("Letters"), "/mailbox/", "message", "m"),
        (Right.ROTAS, _("Duty"), "/duty/", "clock", "d"),
        (None, _("Roll-calls"), "/rollcalls/", "check", "t"),
        (Right.ALLIES, _("Allies"), "/alliances/", "people", "y"),
        (Right.RESILIENCE, _("Resilience"), "/resilience/", "heart", "b"),
        (Right.ASSESS, _("Triage"), "/triage/", "check", "i"),
        (Right.READ, _("Search"), "/search/", "search", "f"),
        (Right.READ, _("Sources"), "/sources/", "newspaper", "o"),
        (Right.READ, _("Coverage"), "/sources/coverage/", "table", "c"),
        (None, _("My vault"), "/keys/", "lock", "v"),
        (Right.PEOPLE, _("People"), "/people/", "people", "p"),
        (Right.AUDIT, _("Record"), "/audit/", "journal", "r"),
    ]
    if not isinstance(person, Person):
        return []
    # Somebody without the right who was called finds the way as well.
    counts = {"/alerts/": open_alerts(person), "/duty/": asked_about_duty(person), "/rollcalls/": questions(person)}
    has_part = {"/desk/"} if takes_part(person) else set()
    enters = [
        room[1:]
        for room in rooms
        if room[0] is None or person.may(room[0]) or counts.get(room[2]) or room[2] in has_part
    ]
    places = [(_("Home"), "/", "home", "h"), *enters]
    inside = [url for _title, url, _icon, _key in places if url != "/" and path.startswith(url)]
    room = max(inside, key=len, default=_ROOM_OF.get(path.split("/")[1], ""))
    return [
        {
            "title": title,
            "url": url,
            "icon": icon,
            "key": key,
            "current": _current(url, path, room),
            "count": counts.get(url, 0),
        }
        for title, url, icon, key in places
    ]


def _current(url: str, path: str, room: str) -> str:
    """The value of aria-current: this very page, somewhere inside this room, or neither."""
    if path == url:
        return "page"
    return "true" if url == room else ""
