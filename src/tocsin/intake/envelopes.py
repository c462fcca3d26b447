"""What is sealed to a desk: the words of an envelope, as JSON.

Keys of the object: ``version`` (1), ``what`` ("first" or "more"), ``arrived`` (ISO time), ``language``, ``text``;
of a first one ``kind``, ``safe``, ``urgency``, ``hidden`` ({"desks": [ids], "people": [ids]}), ``answer`` ({"how",
"where", "when", "say"}); of one that follows ``frozen``; ``box`` ({"lookup": hex, "public": base64}); ``files``, each
{"place", "key": base64, "name", "type", "size", "sha256"}. An answer that is sealed to a sender is {"text": TEXT}.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tocsin.intake.desks import Hidden
from tocsin.intake.drafts import Draft
from tocsin.intake.storing import Kept
from tocsin.keys.sealing import Context, SealError, derive, open_box, open_sealed, seal, seal_to

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender's words lead to: where the box is, and the two halves of its key."""

    lookup: bytes
    seed: bytes
    public: bytes


def first(
    draft: Draft, hidden: Hidden, language: str, arrived: datetime, box: tuple[bytes, bytes], files: Sequence[Kept]
) -> dict[str, Any]:
    """What somebody sends for the first time. ``box`` is (lookup, public key)."""
    return {
        **_any("first", draft.text, language, arrived, box, files),
        "kind": draft.kind,
        "safe": draft.safe,
        "urgency": draft.urgency,
        "hidden": {"desks": sorted(hidden.desks), "people": sorted(hidden.people)},
        "answer": {"how": draft.answer, "where": draft.where, "when": draft.when, "say": draft.say},
    }


def more(
    text: str, frozen: bool, language: str, arrived: datetime, box: tuple[bytes, bytes], files: Sequence[Kept]
) -> dict[str, Any]:
    """What somebody adds later."""
    return {**_any("more", text, language, arrived, box, files), "frozen": frozen}


def _any(
    what: str, text: str, language: str, arrived: datetime, box: tuple[bytes, bytes], files: Iterable[Kept]
) -> dict[str, Any]:
    lookup, public = box
    return {
        "version": VERSION,
        "what": what,
        "arrived": arrived.isoformat(),
        "language": language,
        "text": text,
        "box": {"lookup": lookup.hex(), "public": _base64(public)},
        "files": [
            {
                "place": one.place,
                "key": _base64(one.key),
                "name": one.name,
                "type": one.kind,
                "size": one.size,
                "sha256": one.sha256,
            }
            for one in files
        ],
    }


def sealed(public: bytes, body: Mapping[str, Any]) -> bytes:
    """A body that only the holder of a key can open."""
    return seal_to(public, json.dumps(body, ensure_ascii=False).encode())


def about(receipt: Receipt, desk: str, named: Iterable[str]) -> bytes:
    """What a box remembers for its sender alone: where the first envelope went, and who must not see it.

    Only who has the words can make it, so that nobody who writes into the door's rows decides where the rest goes.
    """
    body = {"desk": desk, "hidden": list(named)}
    return seal(_about_key(receipt), json.dumps(body, ensure_ascii=False).encode(), _about_place(receipt))


def recalled(receipt: Receipt, blob: bytes) -> dict[str, Any] | None:
    """What ``about`` sealed for this receipt and its box; None for anything else."""
    try:
        found = json.loads(open_sealed(_about_key(receipt), blob, _about_place(receipt)))
    except (SealError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _about_key(receipt: Receipt) -> bytes:
    return derive(receipt.seed, "intake.box.about")


def _about_place(receipt: Receipt) -> Context:
    return Context(b"intake", "box", 0, receipt.lookup, "about", 1)


def opened(seed: bytes, blob: bytes) -> dict[str, Any] | None:
    """The object in a blob that was sealed to a sender; None if it opens to nothing."""
    try:
        found = json.loads(open_box(seed, blob))
    except (SealError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
