"""How an entry becomes a link of the chain: one canonical form and one digest."""

import json
from datetime import UTC, datetime
from hashlib import blake2b

from tocsin.audit.models import Entry, Seal

GENESIS = "0" * 64


def digest(sequence: int, previous: str, sealed_at: datetime, entry: Entry) -> str:
    """BLAKE2b-256, as 64 hexadecimal digits, over the canonical JSON of an entry, its place and the digest before."""
    link = {
        "entry": {
            "id": entry.pk,
            "at": _moment(entry.at),
            "actor": entry.actor,
            "verb": entry.verb,
            "target": entry.target,
            "purpose": entry.purpose,
            "facts": entry.facts,
        },
        "previous": previous,
        "sealed_at": _moment(sealed_at),
        "sequence": sequence,
    }
    text = json.dumps(link, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32, person=b"tocsin.audit.1").hexdigest()


def seal(sequence: int, previous: str, sealed_at: datetime, entry: Entry) -> Seal:
    """The unsaved link for an entry."""
    return Seal(
        sequence=sequence,
        entry=entry.pk,
        previous=previous,
        digest=digest(sequence, previous, sealed_at, entry),
        sealed_at=sealed_at,
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
