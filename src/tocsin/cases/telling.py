"""Lets owners know that a duty sheet was opened: quietly, and without a word about what it is."""

from tocsin.alerts import clock
from tocsin.alerts.leads import quiet
from tocsin.alerts.models import Notice
from tocsin.alerts.telling import send
from tocsin.cases.access import people
from tocsin.keys.safes import OpenSafe

WORDS = "sheet"


def sheet_was_opened(safe: OpenSafe) -> None:
    """Tell every owner but the one who opened it, at most once in an hour each."""
    at = clock.now()
    owners = {number for number, one in safe.head.members.items() if one.role == "owner"} - {safe.vault.person}
    reference = f"case:{safe.id}:{at:%Y-%m-%dT%H}"
    known = Notice.objects.filter(reference=reference).values_list("person", flat=True)
    for person in people(owners - set(known)).values():
        send(quiet(person, Notice.Purpose.TOLD, WORDS, reference, at))
