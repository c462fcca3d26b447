"""The threat level: the current probability of one kind of harm in one country, with what moved it."""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet
from django.db.models.functions import Concat
from django.utils import timezone

from tocsin.situations.access import levels_for_all
from tocsin.situations.credence import spoken
from tocsin.situations.models import Situation, ThreatLevel
from tocsin.situations.reasons import Weighed

_MOVED = 0.02


def refresh(country: str, harm: str) -> None:
    """Write a new level if the open situations of this country and harm moved it; in the caller's transaction.

    Only situations that everybody may read count, so that a level tells nothing of a restricted one. Its clues are
    counts and measurements: words of texts stay with the texts, which may be restricted later.
    """
    refresh_all([(country, harm)])


def refresh_all(cells: Iterable[tuple[str, str]]) -> None:
    """The same of many countries and harms at once, each of them named once."""
    asked = sorted({(country, harm) for country, harm in cells if country and harm})
    lasts = _as_everybody_knows(asked)
    heads = [last.moved_by[0] for last in lasts.values() if last.moved_by]
    standing = dict(_standing().filter(public_id__in=heads).values_list("public_id", Concat("country", "harm")))
    for cell in asked:
        last = lasts.get(cell)
        # What a level gives the clues of may be over, or restricted since.
        stands = last is None or not last.moved_by or standing.get(last.moved_by[0]) == "".join(cell)
        _refresh(*cell, last, stands=stands)


def _refresh(country: str, harm: str, last: ThreatLevel | None, *, stands: bool) -> None:
    rows = _standing().filter(country=country, harm=harm).order_by("-probability", "pk")
    likeliest = rows.values_list("probability", flat=True).first()
    probability = likeliest or 0.0
    if last is None and likeliest is None:
        return
    if last is not None and abs(last.probability - probability) < _MOVED and stands:
        return
    top = list(rows.only("public_id", "probability", "probability_rule", "reasons", "rivals")[:5])
    ThreatLevel.objects.filter(current=True, country=country, harm=harm).update(current=False)
    ThreatLevel.objects.create(
        country=country,
        harm=harm,
        at=timezone.now(),
        probability=probability,
        moved_by=[one.public_id for one in top],
        clues=_clues(top[0], harm) if top else [],
        rivals=[[one["cause"], one["probability"]] for one in top[0].rivals] if top else [],
    )


def _standing() -> QuerySet[Situation]:
    return Situation.objects.filter(state=Situation.State.OPEN, readers=0)


def _as_everybody_knows(cells: Collection[tuple[str, str]]) -> dict[tuple[str, str], ThreatLevel]:
    """The levels that stand. Where one rests on what was restricted since, the one before it stands again: a row more,
    with the time of the restriction, would be a sign of it."""
    countries, harms = {country for country, _ in cells}, {harm for _, harm in cells}
    current = ThreatLevel.objects.filter(current=True, country__in=countries, harm__in=harms).order_by("-pk")
    wanted = set(cells)
    lasts = {(one.country, one.harm): one for one in current if (one.country, one.harm) in wanted}
    resting = [one.pk for one in lasts.values() if one.moved_by]
    known = set(levels_for_all().filter(pk__in=resting).values_list("pk", flat=True)) if resting else set()
    for cell, last in list(lasts.items()):
        if last.moved_by and last.pk not in known:
            del lasts[cell]
            if (before := _before(last)) is not None:
                lasts[cell] = before
    return lasts


def _before(last: ThreatLevel) -> ThreatLevel | None:
    before = levels_for_all().filter(country=last.country, harm=last.harm).order_by("-at", "-pk").first()
    ThreatLevel.objects.filter(current=True, country=last.country, harm=last.harm).update(current=False)
    if before is not None:
        before.current = True
        before.save(update_fields=["current"])
    return before


def _clues(top: Situation, harm: str) -> list[str]:
    """Why the likeliest situation is as likely as it is."""
    said = list(top.reasons) if top.probability_rule else [Weighed.PERSON.value]
    return said + spoken(top.rivals, harm)
