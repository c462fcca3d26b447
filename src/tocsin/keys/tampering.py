"""What is not as it was sealed is refused, and named in the record by a keyed hash."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from tocsin.audit.actions import PRIVATE, record
from tocsin.keys.sealing import SealError


class TamperError(SealError):
    """Something of a safe is not what its members sealed and signed. ``what`` names it: a head, a wrap, a row.

    ``deleted`` is a compartment of which something is gone for which nobody who might has signed.
    """

    def __init__(self, safe: str, what: str, deleted: str = "") -> None:
        super().__init__(what)
        self.safe, self.what, self.deleted = safe, what, deleted


def mark(*parts: object) -> str:
    """A keyed hash that stands in the record for something that only its members may know of."""
    text = ":".join(str(part) for part in parts).encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, sha256).hexdigest()


@transaction.atomic
def report(error: TamperError) -> None:
    """Name a refusal in the record."""
    record(None, "private", PRIVATE, hash=mark("refused", error.safe, error.what))


def note(*parts: object) -> None:
    """Add an entry to the record, in the transaction of the act, that tells nothing but that it was done."""
    record(None, "private", PRIVATE, hash=mark(*parts))
