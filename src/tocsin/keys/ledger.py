"""The ledger: what was shredded and who was taken out, in random ids, so that a restored backup forgets it again."""

from collections.abc import Iterable
from uuid import UUID

from tocsin.keys.models import Removal


def removed(safe: UUID, people: Iterable[int], version: int) -> None:
    """From this version on these people are out."""
    Removal.objects.bulk_create([Removal(safe=safe, person=person, version=version) for person in sorted(people)])
