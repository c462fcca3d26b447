"""Filters of the list of allies: the same for its page and for programs."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from tocsin.alliances import access, reading, regions
from tocsin.alliances.models import Contact


def narrowed(rows: QuerySet[Contact], chosen: Mapping[str, str], at: datetime) -> QuerySet[Contact]:
    """The allies that fit every filter that is not empty. A country brings those of its region and of the world."""
    if chosen.get("q"):
        rows = rows.filter(Q(name__icontains=chosen["q"]) | Q(organisation__icontains=chosen["q"]))
    # JSON lists are searched as text, which both databases can; a code never is a part of another.
    for name, column in (("kind", "kinds"), ("help", "helps")):
        if chosen.get(name):
            rows = rows.filter(**{f"{column}__icontains": f'"{chosen[name]}"'})
    if chosen.get("country"):
        code = chosen["country"].upper()
        near = [one for one in (regions.covering(code), regions.WORLD) if one]
        fits = Q(countries__icontains=f'"{code}"')
        for region in near:
            fits |= Q(regions__icontains=f'"{region}"')
        rows = rows.filter(fits)
    if chosen.get("language"):
        codes = reading.language_codes(chosen["language"])
        spoken = Q()
        for code in codes:
            plain = code.lower().partition("-")[0]
            spoken |= Q(languages__icontains=f'"{plain}"') | Q(languages__icontains=f'"{plain}-')
        rows = rows.filter(spoken)
    return _by_state(rows, chosen.get("state", ""), at)


def _by_state(rows: QuerySet[Contact], state: str, at: datetime) -> QuerySet[Contact]:
    if state == "stale":
        return rows.filter(access.stale(at))
    if state == Contact.State.VETTED:
        return rows.filter(state=state).exclude(access.stale(at))
    if state in Contact.State.values:
        return rows.filter(state=state)
    return rows.exclude(state=Contact.State.LET_GO)
