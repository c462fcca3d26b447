"""Pages on which keys are entrusted, asked for, destroyed and kept, and which say what is gone: for everybody."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from tests.stories.conftest import Open
from tocsin.keys import conflicts, holds, recovery, safes, shredding
from tocsin.keys.holds import Order
from tocsin.keys.models import Epoch, Row, Safe, Shredding
from tocsin.keys.recovery import Asked
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open as OpenVaultOf
from tocsin.keys.tests.conftest import holder, know, opened
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["holder", "know", "opened"]
HAND = {"width": 360, "height": 740}


@dataclass
class Vaults:
    """Safes in every state, and the pages of each: ``alice`` leads them, ``cora`` is counsel, ``otto`` audits."""

    alice: list[str]
    cora: list[str]
    otto: list[str]
    shut: str


@pytest.fixture
def state(opened: OpenVaultOf, know: Callable[..., None], alice: Person, bob: Person, vera: Person) -> Vaults:
    cora = Person.objects.create(email="cora@example.org", name="Cora", roles=int(Role.COUNSEL))
    otto = Person.objects.create(email="otto@example.org", name="Otto", roles=int(Role.AUDITOR))
    know(alice, bob, vera, cora, otto)
    one, gone, shut = (_found(opened, alice, bob) for _ in range(3))
    safes.changing(opened(alice), one, lambda safe: safe.set_custodians([bob.pk, vera.pk], 2))
    conflicts.change(opened(alice), one, cora.pk, "Acts for the other side.", out=True)
    for name in ("legal", "money"):
        shredding.shred(OpenSafe(opened(alice), one), name)
    Shredding.objects.filter(compartment="money").delete()
    asking = recovery.ask(opened(bob), one, Asked(vera.pk, "She can’t be reached since Friday."))
    holds.set_hold(cora, opened(cora), Order(timezone.now().date() + timedelta(days=90), "2026/17", kind="case"))
    _destroy(gone)
    _destroy(shut, "identity")
    at = f"/keys/safes/{one}/"
    pages = ["", "certificates/", "recovery/", f"recovery/{asking}/", "lost/", "passphrase/", "panic/", "unlock/"]
    return Vaults(
        [f"/keys/{page}" for page in (*pages, f"people/{bob.pk}/")]
        + [f"{at}{page}/" for page in ("custodians", "conflicts", "ask", "shred")]
        + [f"/keys/safes/{shut}/loss/identity/"],
        ["/keys/holds/", "/keys/certificates/"],
        ["/keys/holds/", "/keys/certificates/"],
        f"/keys/safes/{shut}/custodians/",
    )


def _found(opened: OpenVaultOf, alice: Person, bob: Person) -> UUID:
    made = safes.found(opened(alice), "folder", ["account", "identity", "legal", "money"], "owner").id

    def fill(safe: OpenSafe) -> None:
        safe.add("identity", {"text": "Somebody."})
        safe.let_in(bob.pk, ["account"])

    safes.changing(opened(alice), made, fill)
    return made


def _destroy(safe: UUID, compartment: str = "") -> None:
    """As who owns the database can."""
    only = {"compartment": compartment} if compartment else {}
    for model in (Row, Epoch):
        model.objects.filter(safe=safe, **only).delete()
    if not compartment:
        Safe.objects.filter(pk=safe).delete()


def _cookies(vault: OpenVault, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return ((settings.VAULT_COOKIE, base64.urlsafe_b64encode(vault._cookie).decode()), *more)


@pytest.mark.once
def test_no_page_of_keys_has_a_barrier(state: Vaults, open_as: Open, opened: OpenVaultOf, alice: Person) -> None:
    people = {"alice": alice, **{one.name.lower(): one for one in Person.objects.filter(name__in=["Cora", "Otto"])}}
    for name, person in people.items():
        looks = (
            {"cookies": _cookies(opened(person), ("django_language", "ar-xb"))},
            {"cookies": _cookies(opened(person)), "viewport": HAND, "color_scheme": "dark"},
        )
        for look in looks:
            window, wrong = open_as(person, **look), {}
            for address in getattr(state, name):
                assert window.go(address) == 200, address
                if found := window.barriers() + (["too wide"] if window.too_wide() else []):
                    wrong[address] = found
            assert wrong == {}, look


def test_what_was_deleted_is_the_loudest_thing_that_a_member_reads(
    state: Vaults, open_as: Open, opened: OpenVaultOf, alice: Person
) -> None:
    window = open_as(alice, cookies=_cookies(opened(alice)), viewport=HAND, java_script_enabled=True)
    window.go("/keys/")
    assert window.page.get_by_role("alert").get_by_text("no member has signed").is_visible()
    assert window.go(state.shut) == 409
    assert window.page.get_by_text("“identity” was deleted").is_visible()
    assert window.barriers() == []
    assert not window.too_wide()
