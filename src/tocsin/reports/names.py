"""Names that no reader outside may see: of the team, of whom we turn to, of cases. Asked when a draft is checked."""

from tocsin.alliances.models import Contact
from tocsin.cases.access import numbers_of
from tocsin.cases.names import code_name
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person


def to_mask(vault: OpenVault | None = None) -> frozenset[str]:
    """Names of people of the team and of allies, protected ones too; with an open vault the code names of its cases.

    Who is at risk is not asked for: that stands in a part of a case that is opened on purpose, each time with notice.
    """
    found = {*Person.objects.values_list("name", flat=True), *Contact.objects.values_list("name", flat=True)}
    if vault is not None:
        found |= {code_name(case) for case in numbers_of(vault)}
    return frozenset(one for one in found if len(one.strip()) > 1)
