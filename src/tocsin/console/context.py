"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.people.roles import Right


def page(request: HttpRequest) -> dict[str, Any]:
    """Navigation, direction, theme and whether this is an exercise."""
    return {
        "exercise": settings.EXERCISE,
        "navigation": navigation(request.path, getattr(request, "user", None)),
        "person": getattr(request, "user", None),
        "now": timezone.now(),
        "theme": getattr(getattr(request, "user", None), "theme", ""),
        "text_direction": "rtl" if get_language_bidi() else "ltr",
        "language": get_language(),
    }


def navigation(path: str, person: object) -> list[dict[str, Any]]:
    """The rooms that this person may enter, with the current one marked; ``key`` is the letter after g."""
    rooms = [
        (Right.READ, _("Situations"), "/situations/", "flag", "s"),
        (Right.READ, _("Look"), "/look/", "globe", "l"),
        (Right.READ, _("Search"), "/search/", "search", "f"),
        (Right.READ, _("Sources"), "/sources/", "newspaper", "o"),
        (Right.READ, _("Coverage"), "/sources/coverage/", "table", "c"),
        (Right.PEOPLE, _("People"), "/people/", "people", "p"),
        (Right.AUDIT, _("Record"), "/audit/", "journal", "r"),
    ]
    open_to = [room[1:] for room in rooms if isinstance(person, Person) and person.may(room[0])]
    places = [(_("Home"), "/", "home", "h"), *open_to] if isinstance(person, Person) else []
    inside = [url for _title, url, _icon, _key in places if url != "/" and path.startswith(url)]
    # A signal is looked at in the room of the situations that it belongs to.
    room = max(inside, key=len, default="/situations/" if path.startswith("/signals/") else "")
    return [
        {"title": title, "url": url, "icon": icon, "key": key, "current": _current(url, path, room)}
        for title, url, icon, key in places
    ]


def _current(url: str, path: str, room: str) -> str:
    """The value of aria-current: this very page, somewhere inside this room, or neither."""
    if path == url:
        return "page"
    return "true" if url == room else ""
