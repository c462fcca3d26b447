"""Why somebody looks: chosen once for a session and a case, and written into its log with every page they see."""

from uuid import UUID

from django.http import HttpRequest

from tocsin.cases.entries import hashed
from tocsin.cases.roles import LOOKS
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tampering import mark

_CHOSEN, _MOST = "looks", 200
_USUAL = next(iter(LOOKS))


def purpose_of(request: HttpRequest, case: UUID) -> str:
    """Why this person looks at this case in this session."""
    chosen = request.session.get(_CHOSEN, {}).get(_key(case), _USUAL)
    return chosen if chosen in LOOKS else _USUAL


def choose(request: HttpRequest, case: UUID, purpose: str) -> None:
    """Look for another reason from now on. The session knows the case by a keyed hash."""
    if purpose in LOOKS:
        known = dict(list(request.session.get(_CHOSEN, {}).items())[-_MOST:])
        request.session[_CHOSEN] = {**known, _key(case): purpose}


def looked(request: HttpRequest, safe: OpenSafe, code: str = "viewed", **facts: str) -> None:
    """Write into the log that this person saw a page of the case, and why."""
    safe.log(code, purpose=purpose_of(request, safe.id), **facts)


def read(request: HttpRequest, safe: OpenSafe, row: UUID) -> None:
    """Write into the log that this person read what stands of a piece of evidence, and why."""
    if request.method == "GET":
        looked(request, safe, "evidence", act="read", record=hashed(row))


def _key(case: UUID) -> str:
    return mark("looks", case.hex)[:16]
