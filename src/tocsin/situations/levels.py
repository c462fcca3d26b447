"""The threat level: the current probability of one kind of harm in one country, with what moved it."""

from django.utils import timezone

from tocsin.situations.models import Situation, ThreatLevel

_MOVED = 0.02


def refresh(country: str, harm: str) -> None:
    """Write a new level if the open situations of this country and harm moved it; in the caller's transaction.

    Only situations that everybody may read count, so that a level tells nothing of a restricted one.
    """
    if not country or not harm:
        return
    standing = Situation.objects.filter(state=Situation.State.OPEN, country=country, harm=harm, readers=0).order_by(
        "-probability", "pk"
    )
    top = list(standing.values_list("public_id", "probability")[:5])
    probability = top[0][1] if top else 0.0
    current = ThreatLevel.objects.filter(current=True, country=country, harm=harm)
    last = current.first()
    if last is None and not top:
        return
    if last is not None and abs(last.probability - probability) < _MOVED:
        return
    current.update(current=False)
    ThreatLevel.objects.create(
        country=country, harm=harm, at=timezone.now(), probability=probability, moved_by=[one for one, _ in top]
    )
