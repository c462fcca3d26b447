"""Small proofs of work, offered to browsers with scripts: who brings one stands in the shorter line. Never required.

A page carries a challenge, ``MINUTE.BITS.NONCE.MARK``; the script looks for a number so that the SHA-256 of
``CHALLENGE.NUMBER`` begins with so many zero bits. The challenge is marked with the door's own key, so that nothing is
kept of pages that were only looked at; a proof counts once, and within an hour. It says nothing of who made it.
"""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Final

from tocsin.intake.configured import door, key_for
from tocsin.keys.sealing import digest

# When nobody waits, and at most: each bit doubles the work. 16 take an old phone about a second.
LEAST, MOST = 16, 21
_MINUTES: Final = 60
_SPENT_AT_MOST: Final = 200_000
_FORM: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,2})\.([A-Za-z0-9_-]{16})\.([0-9a-f]{32})\.([0-9]{1,10})", re.ASCII)

_spent: OrderedDict[str, int] = OrderedDict()


def bits_for(waiting: int) -> int:
    """How much work is asked when so many wait: a bit more for each time that they become four times as many."""
    return min(MOST, LEAST + max(0, waiting.bit_length() - 4) // 2)


def challenge(bits: int) -> str:
    """A new challenge for one page."""
    open_words = f"{_minute()}.{bits}.{secrets.token_urlsafe(12)}"
    return f"{open_words}.{_mark(open_words)}"


def holds(text: str) -> bool:
    """Whether this is a proof for a challenge of ours that was not used before; it is used now."""
    found = _FORM.fullmatch(text[:120])
    if found is None:
        return False
    minute, bits, nonce, mark = int(found[1]), int(found[2]), found[3], found[4]
    if not 0 <= _minute() - minute <= _MINUTES or nonce in _spent:
        return False
    if not hmac.compare_digest(mark, _mark(f"{found[1]}.{found[2]}.{nonce}")) or _zeros(text) < bits:
        return False
    _spent[nonce] = minute
    _forget()
    return True


def _zeros(text: str) -> int:
    return 256 - int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()).bit_length()


def _mark(open_words: str) -> str:
    return digest(open_words, key=key_for(door().folder, "intake.proof")).hex()[:32]


def _minute() -> int:
    return int(datetime.now(UTC).timestamp()) // 60


def _forget() -> None:
    old = _minute() - _MINUTES - 1
    while _spent and (len(_spent) > _SPENT_AT_MOST or next(iter(_spent.values())) < old):
        _spent.popitem(last=False)
