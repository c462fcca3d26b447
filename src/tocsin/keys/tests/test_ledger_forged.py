"""Who writes rows into the database can't pass a deletion off as a shredding."""

import pytest
from django.utils import timezone

from tocsin.keys import ledger, safes, shredding
from tocsin.keys.models import Row, Shredding
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("stamp", ["", "of another"])
def test_a_row_in_the_ledger_that_this_home_did_not_mark_hides_no_deletion(
    opened: Open, alice: Person, stamp: str
) -> None:
    other = safes.found(opened(alice), "case", ["account"], "owner")
    shredding.shred(other, "account")
    of_another = Shredding.objects.get().stamp if stamp else ""
    safe = safes.found(opened(alice), "case", ["account", "identity"], "owner").id
    safes.changing(opened(alice), safe, lambda one: one.add("account", {"text": "Evidence."}))
    today = timezone.now().date()
    Shredding.objects.create(safe=safe, compartment="account", version=99, day=today, digest="", stamp=of_another)
    Row.objects.filter(safe=safe, compartment="account").delete()
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)
    assert [one.safe for one in ledger.lines()] == [other.id.hex]
