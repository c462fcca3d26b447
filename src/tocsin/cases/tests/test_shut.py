"""A case that does not open hides none of the others, and says what to do."""

from collections.abc import Callable

import pytest

from tocsin.cases.tests.conftest import Browse, Found
from tocsin.keys.models import DirectoryEntry, Row
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = ("/cases/", "/desk/")


def test_a_case_that_was_tampered_with_hides_none_of_the_others(
    enter: Browse, found: Found, opened: Open, alice: Person
) -> None:
    bad, good = found(alice), found(alice, line="The other case.")
    row = Row.objects.filter(safe=bad)[0]
    Row.objects.filter(pk=row.pk).update(blob=bytes(row.blob)[:-1] + bytes([bytes(row.blob)[-1] ^ 1]))
    for address in ADDRESSES:
        page = enter(alice).get(address).content.decode()
        assert "is not what its members sealed" in page
        assert str(good) in page or "The other case." in page
    assert enter(alice).get(f"/cases/{bad}/").status_code == 409


def test_who_was_let_in_by_somebody_unknown_is_led_to_compare_keys(
    enter: Browse, found: Found, opened: Open, know: Callable[..., None], alice: Person, bob: Person
) -> None:
    opened(bob)
    vault = opened(alice)
    keys = vault.directory.now(bob.pk)
    assert keys is not None
    vault.verify(keys)
    assert DirectoryEntry.objects.count() == 2
    case = found(alice, (bob, "caseworker"))
    for address in ADDRESSES:
        page = enter(bob).get(address).content.decode()
        assert "Somebody let you into a case." in page
        assert f"/keys/people/{alice.pk}/" in page
    assert enter(bob).get(f"/cases/{case}/")["Location"] == f"/keys/people/{alice.pk}/"
