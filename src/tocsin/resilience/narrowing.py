"""Filters of the list of communities: the same for its page and for programs."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from tocsin.alliances import reading
from tocsin.resilience.models import Community, Dealing


def narrowed(rows: QuerySet[Community], chosen: Mapping[str, str]) -> QuerySet[Community]:
    """The communities that fit every filter that is not empty. Without a state, all but those put away."""
    if chosen.get("q"):
        rows = rows.filter(name__icontains=chosen["q"])
    for name in ("kind", "consent"):
        if chosen.get(name):
            rows = rows.filter(**{name: chosen[name]})
    # JSON lists are searched as text, which both databases can; a code never is a part of another.
    if chosen.get("country"):
        rows = rows.filter(countries__icontains=f'"{chosen["country"].upper()}"')
    if chosen.get("language"):
        spoken = Q(pk=None)
        for code in reading.language_codes(chosen["language"]):
            spoken |= Q(languages__icontains=f'"{code.lower()}"')
        rows = rows.filter(spoken)
    state = chosen.get("state", "")
    if state == "promised":
        owed = Dealing.objects.filter(community=OuterRef("pk"), kind=Dealing.Kind.PROMISED, ended_on=None)
        rows = rows.filter(Exists(owed))
    return rows.filter(put_away_at__isnull=state != "put_away")
