"""Requirements that a reporter's task may serve: what the team needs to know. Nothing goes back to them from a safe."""

from tocsin.streams.models import Requirement


def standing() -> list[tuple[str, str]]:
    """Those that are open, by their number."""
    rows = Requirement.objects.filter(closed_at=None).order_by("question", "pk")
    return [(str(one.pk), one.question) for one in rows]


def asked(number: str) -> str:
    """The question of this number; what was written where there is none."""
    digits = number.isascii() and number.isdecimal() and len(number) < 10
    found = Requirement.objects.filter(pk=int(number)).values_list("question", flat=True).first() if digits else None
    return found or number
