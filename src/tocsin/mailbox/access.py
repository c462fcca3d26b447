"""What letters and desks are called in alerts, for those who belong to the desk. Nothing of a letter stands in it."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.mailbox import arriving
from tocsin.mailbox.models import Desk, Letter
from tocsin.people.models import Person


def letter_titles(person: Person, numbers: Collection[str]) -> dict[str, str]:
    """By id, words for those letters whose desk this person belongs to."""
    rows = Letter.objects.filter(pk__in=[one for one in numbers if _is_id(one)]).select_related("desk")
    return {str(row.pk): _("the letter") for row in rows if person.pk in arriving.members(row.desk)}


def desk_titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, the names of those desks that this person belongs to."""
    rows = Desk.objects.filter(public_id__in=public_ids)
    return {row.public_id: row.name for row in rows if person.pk in arriving.members(row)}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
