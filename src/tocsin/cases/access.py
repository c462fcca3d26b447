"""How a case is obtained: by who holds keys of it, in no other way. Missing and forbidden look the same."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.keys.heads import HEAD
from tocsin.keys.models import Wrap
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

CASE, REPORTER = "case", "reporter"
_KINDS = (CASE, REPORTER)


def access_case(vault: OpenVault, case: UUID, kind: str = CASE) -> OpenSafe:
    """One case, as this vault opens it.

    Raises:
        Http404: when there is none, or this person holds no key of it, or their time in it is over.
        SealError: when something in it is not as its members sealed it.
    """
    try:
        safe = OpenSafe(vault, case)
    except NotInError:
        raise Http404 from None
    until = safe.me.until
    if safe.kind != kind or (until and until <= timezone.now().isoformat()):
        raise Http404
    return safe


def numbers_of(vault: OpenVault, kind: str = CASE) -> list[UUID]:
    """The ids of the cases of which this vault holds keys, in no order that tells anything."""
    mine = Wrap.objects.filter(person=vault.person, generation=vault.generation, epoch__compartment=HEAD)
    return sorted(mine.filter(epoch__safe__kind=kind).values_list("epoch__safe", flat=True).distinct())


def takes_part(person: Person) -> bool:
    """Whether somebody holds keys of any case: then they find the way to it."""
    return Wrap.objects.filter(person=person.pk, epoch__compartment=HEAD, epoch__safe__kind__in=_KINDS).exists()


def people(numbers: Iterable[int]) -> dict[int, Person]:
    """People by their ids."""
    return Person.objects.in_bulk(list(numbers))


def titles(_person: Person, given: Collection[str]) -> Mapping[str, str]:
    """What an alert calls what it leads to: the same words for every reader and every id, known or not."""
    return dict.fromkeys(given, _("Duty sheet"))
