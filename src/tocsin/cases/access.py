"""How a case is obtained: by who holds keys of it, in no other way. Missing and forbidden look the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.keys.heads import HEAD
from tocsin.keys.models import Wrap
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.people.models import Person

CASE, REPORTER = "case", "reporter"
BOTH = (CASE, REPORTER)


def access_case(vault: OpenVault, case: UUID, kinds: Collection[str] = (CASE,)) -> OpenSafe:
    """One case, as this vault opens it; or a reporter's safe, where ``kinds`` name it.

    Raises:
        Http404: when there is none, or this person holds no key of it, or their time in it is over.
        SealError: when something in it is not as its members sealed it.
    """
    try:
        safe = OpenSafe(vault, case)
    except NotInError:
        raise Http404 from None
    until = safe.me.until
    if safe.kind not in kinds or (until and until <= timezone.now().isoformat()):
        raise Http404
    return safe


def numbers_of(vault: OpenVault, *kinds: str) -> list[UUID]:
    """The ids of the cases, or of what ``kinds`` say, of which this vault holds keys."""
    mine = Wrap.objects.filter(person=vault.person, generation=vault.generation, epoch__compartment=HEAD)
    return sorted(mine.filter(epoch__safe__kind__in=kinds or (CASE,)).values_list("epoch__safe", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Shut:
    """A case of which this person holds a key and that does not open; ``compare``: with whom to compare keys first."""

    id: UUID
    compare: int | None = None


def open_all(vault: OpenVault, *kinds: str) -> tuple[list[OpenSafe], list[Shut]]:
    """Every case that this vault opens, and those that it refuses: one bad case hides none of the others."""
    opened: list[OpenSafe] = []
    shut: list[Shut] = []
    for number in numbers_of(vault, *kinds):
        try:
            opened.append(access_case(vault, number, kinds or (CASE,)))
        except Http404:
            continue  # their time in it is over
        except UnverifiedError as unknown:
            shut.append(Shut(number, unknown.person))
        except SealError:
            shut.append(Shut(number))
    return opened, shut


def takes_part(person: Person) -> bool:
    """Whether somebody holds keys of any case: then they find the way to it."""
    return Wrap.objects.filter(person=person.pk, epoch__compartment=HEAD, epoch__safe__kind__in=BOTH).exists()


def people(numbers: Iterable[int]) -> dict[int, Person]:
    """People by their ids."""
    return Person.objects.in_bulk(list(numbers))


def titles(_person: Person, given: Collection[str]) -> Mapping[str, str]:
    """What an alert calls what it leads to: the same words for every reader and every id, known or not."""
    return dict.fromkeys(given, _("Duty sheet"))
