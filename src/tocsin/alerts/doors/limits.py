"""How often somebody may try, counted in the database, so that it holds across processes."""

from django.core.cache import cache
from django.http import HttpRequest

from tocsin.people.lockout import address_of


def allowed(door: str, who: str, most: int, seconds: int) -> bool:
    """Count one try, and say whether there were no more than ``most`` in this stretch of ``seconds``."""
    key = f"alerts.{door}.{who}"
    if cache.add(key, 1, seconds):
        return True
    try:
        return cache.incr(key) <= most
    except ValueError:  # it ended between the two
        return True


def network_of(request: HttpRequest) -> str:
    """The network address that tries are counted under."""
    return address_of(request)
