"""The link between a case and its sealed plan: it lies in the account of the case, sealed, and in no row."""

from uuid import UUID

from tocsin.alerts import clock
from tocsin.cases.actions import changing
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.responses import access

_PART, _KIND = "account", "plan"


def cite(vault: OpenVault, case: UUID, plan: UUID) -> None:
    """Write into a case that a plan is for it; who reads the account of the case then knows that there is one.

    Raises:
        Http404: when the case is not this person's to open.
    """

    def act(safe: OpenSafe) -> None:
        if plan not in plans_of(safe):
            at, me = clock.now().isoformat(), safe.vault.person
            safe.add(_PART, {"kind": _KIND, "at": at, "by": me, "is": {"plan": str(plan)}})
            safe.log("wrote", compartment=_PART)

    changing(vault, case, act)


def plans_of(safe: OpenSafe) -> list[UUID]:
    """The plans that are cited in a case, as far as this person reads its account; oldest first."""
    if _PART not in safe.compartments:
        return []
    bodies = [one.body for one in safe.records(_PART) if one.body.get("kind") == _KIND]
    return [UUID(str(body["is"]["plan"])) for body in sorted(bodies, key=lambda body: str(body["at"]))]


def opens(vault: OpenVault, plan: UUID) -> bool:
    """Whether this vault holds a key of a plan."""
    return plan in access.sealed_numbers(vault)
