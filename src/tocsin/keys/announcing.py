"""Tells people, by their own channels and without content, that keys of something they look after were asked for."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Lane
from tocsin.keys.logs import LOG, add_to_log
from tocsin.keys.models import Epoch
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

_PATIENCE = timedelta(days=2)


def tell(people: Iterable[int], about: str, *, life: bool, words: str = "keys") -> None:
    """Tell each of them once about this, in the words of a question that alerts know; nobody else is told."""
    until = timezone.now() + _PATIENCE
    lane = Lane.LIFE if life else Lane.WAKE
    for person in Person.objects.filter(pk__in=set(people), is_active=True):
        alerts.ask(person, f"keys:{about}", words, ["seen"], until, lane)


def log(vault: OpenVault, safe: UUID, code: str, **facts: object) -> None:
    """Write into a safe's log what somebody did to it who may not be in it, sealed to its readers."""
    epoch = Epoch.objects.filter(safe=safe, compartment=LOG).order_by("-number").first()
    if epoch is not None:
        line = {"at": timezone.now().isoformat(timespec="minutes"), "code": code, **facts}
        add_to_log(vault, safe, epoch.number, bytes(epoch.public), line)
