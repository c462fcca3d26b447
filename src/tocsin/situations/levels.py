"""The threat level: the current probability of one kind of harm in one country, with what moved it."""

from django.db.models import QuerySet
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
    if not country or not harm:
        return
    standing = Situation.objects.filter(state=Situation.State.OPEN, country=country, harm=harm, readers=0).order_by(
        "-probability", "pk"
    )
    top = list(standing.only("public_id", "probability", "probability_rule", "reasons", "rivals")[:5])
    probability = top[0].probability if top else 0.0
    current = ThreatLevel.objects.filter(current=True, country=country, harm=harm)
    last = _as_everybody_knows(current)
    if last is None and not top:
        return
    if last is not None and abs(last.probability - probability) < _MOVED and _stands(last, standing):
        return
    current.update(current=False)
    ThreatLevel.objects.create(
        country=country,
        harm=harm,
        at=timezone.now(),
        probability=probability,
        moved_by=[one.public_id for one in top],
        clues=_clues(top[0], harm) if top else [],
        rivals=[[one["cause"], one["probability"]] for one in top[0].rivals] if top else [],
    )


def _as_everybody_knows(current: QuerySet[ThreatLevel]) -> ThreatLevel | None:
    """The level that stands. Where it rests on what was restricted since, the one before it stands again: a row more,
    with the time of the restriction, would be a sign of it."""
    last = current.first()
    if last is None or not last.moved_by:
        return last
    known = levels_for_all().filter(country=last.country, harm=last.harm)
    if known.filter(pk=last.pk).exists():
        return last
    before = known.order_by("-at", "-pk").first()
    current.update(current=False)
    if before is not None:
        before.current = True
        before.save(update_fields=["current"])
    return before


def _stands(last: ThreatLevel, standing: QuerySet[Situation]) -> bool:
    """Whether the situation that a level gives the clues of still counts: it may be over, or restricted since."""
    return not last.moved_by or standing.filter(public_id=last.moved_by[0]).exists()


def _clues(top: Situation, harm: str) -> list[str]:
    """Why the likeliest situation is as likely as it is."""
    said = list(top.reasons) if top.probability_rule else [Weighed.PERSON.value]
    return said + spoken(top.rivals, harm)
