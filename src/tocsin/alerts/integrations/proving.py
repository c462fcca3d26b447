"""Who knocks: a bearer, a password, a routing key, or a signature over the body and its moment."""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from enum import Enum, auto

from django.http import HttpRequest

from tocsin.alerts import clock
from tocsin.alerts.integrations.secrets import IntegrationToken, signature, signing_key
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.models import Integration

SIGNATURE_HEADER = "X-Tocsin-Signature"
WINDOW_SECONDS = 300

_STAMP = re.compile(r"[0-9]{1,12}")
_NOBODY = Integration(public_id="", token_hash="0" * 64, shape="alertmanager", generation=0)


class Proof(Enum):
    """What a request proves."""

    NOTHING = auto()
    BEARER = auto()
    SIGNATURE = auto()
    TOO_OLD = auto()  # a valid signature of another time
    UNSIGNED = auto()  # the right bearer, where only signatures count


@dataclass(frozen=True, slots=True)
class Proved:
    """The proof, and the stamp that was signed with it."""

    proof: Proof
    stamp: str = ""


def prove(request: HttpRequest, integration: Integration | None, body: bytes) -> Proved:
    """What the request proves about coming from the integration's own system.

    An integration that is not there is asked like any other, so that the time taken tells nothing.
    """
    row = integration or _NOBODY
    stated = request.headers.get(SIGNATURE_HEADER, "")
    proved = _signed(row, stated, body) if stated else _by_bearer(request, row, body)
    return proved if integration is not None else Proved(Proof.NOTHING)


def _signed(row: Integration, stated: str, body: bytes) -> Proved:
    parts = [part.strip().partition("=") for part in stated.split(",")[:10]]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    if not _STAMP.fullmatch(stamp):
        return Proved(Proof.NOTHING)
    wanted = signature(signing_key(row), stamp, body).encode()
    matches = [hmac.compare_digest(wanted, value.encode()) for name, _, value in parts if name == "v1"]
    if not any(matches):
        return Proved(Proof.NOTHING)
    late = abs(clock.now().timestamp() - int(stamp)) > WINDOW_SECONDS
    return Proved(Proof.TOO_OLD if late else Proof.SIGNATURE, stamp)


def _by_bearer(request: HttpRequest, row: Integration, body: bytes) -> Proved:
    given = _secret_in(request.headers.get("Authorization", ""))
    if not given and row.shape in SHAPES:
        given = SHAPES[row.shape].bearer(body)
    digest = IntegrationToken(given.encode("utf-8", "replace").decode()).digest
    if not (hmac.compare_digest(row.token_hash, digest) and given):
        return Proved(Proof.NOTHING)
    return Proved(Proof.UNSIGNED if row.signed else Proof.BEARER)


def _secret_in(header: str) -> str:
    """The bearer, or the password of somebody whose name does not matter."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
