"""What two people read to each other, by telephone or face to face, to know that they see the same keys."""

from functools import cache

from mnemonic import Mnemonic

WORDS = 8  # of 2,048: 88 bits, more than anybody can search for a key with the same words


@cache
def _list() -> list[str]:
    return Mnemonic("english").wordlist


def words(digest: bytes) -> list[str]:
    """Eight words for a digest of 32 bytes."""
    number = int.from_bytes(digest[:11], "big")
    return [_list()[number >> 11 * place & 2047] for place in range(WORDS)]
