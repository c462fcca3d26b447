"""What letters and desks are called in alerts, for those who belong to the desk. Nothing of a letter stands in it."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from tocsin.mailbox import arriving
from tocsin.mailbox.models import Desk
from tocsin.people.models import Person


def arrival_titles(person: Person, numbers: Collection[str]) -> dict[str, str]:
    """By ``DESK.WORD``, words for those letters whose desk this person belongs to."""
    desk_of = {number: number.partition(".")[0] for number in numbers}
    rows = Desk.objects.filter(public_id__in=set(desk_of.values()))
    mine = {row.public_id for row in rows if person.pk in arriving.members(row)}
    return {number: _("the letter") for number, desk in desk_of.items() if desk in mine}


def desk_titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, the names of those desks that this person belongs to."""
    rows = Desk.objects.filter(public_id__in=public_ids)
    return {row.public_id: row.name for row in rows if person.pk in arriving.members(row)}
