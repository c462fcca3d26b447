"""The public directory of keys: append-only, chained, each line signed by the key that it names."""

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.keys import sealing
from tocsin.keys.fingerprints import words
from tocsin.keys.models import DirectoryEntry
from tocsin.keys.sealing import SealError

_START = bytes(32)


class ForgedDirectoryError(Exception):
    """The directory is not what it was: a line was changed, taken away, or never signed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys of one person at one generation."""

    person: int
    generation: int
    box: bytes
    sign: bytes

    @property
    def digest(self) -> bytes:
        """What a vault remembers of keys that it verified: 32 bytes."""
        return sealing.digest("keys", self.person, self.generation, self.box, self.sign)

    @property
    def words(self) -> list[str]:
        """What two people read to each other to know that they see the same keys."""
        return words(self.digest)


@dataclass(frozen=True, slots=True)
class Directory:
    """Every line, checked; ``heads`` are the digests of the chain, from the first line on."""

    keys: tuple[Keys, ...]
    heads: tuple[bytes, ...]

    def now(self, person: int) -> Keys | None:
        """The newest keys of a person.

        A later line with earlier keys, which only they can sign, takes back what was listed between.
        """
        theirs = sorted((one for one in self.keys if one.person == person), key=lambda one: one.generation)
        return next((one for one in theirs if (one.box, one.sign) == (theirs[-1].box, theirs[-1].sign)), None)

    def at(self, person: int, generation: int) -> Keys | None:
        """The keys that a person had."""
        return next((one for one in self.keys if (one.person, one.generation) == (person, generation)), None)

    def continues(self, number: int, head: bytes) -> bool:
        """Whether this is a directory that somebody saw earlier, perhaps with more lines."""
        return number == 0 or (number <= len(self.heads) and self.heads[number - 1] == head)


def load() -> Directory:
    """The directory.

    Raises:
        ForgedDirectoryError: when a line does not follow from those before, or was not signed by its key.
    """
    keys, heads = [], []
    before = _START
    for number, line in enumerate(DirectoryEntry.objects.order_by("number"), start=1):
        one = Keys(line.person, line.generation, bytes(line.box), bytes(line.sign))
        before = _check(line, one, number, before)
        keys.append(one)
        heads.append(before)
    return Directory(tuple(keys), tuple(heads))


def _check(line: DirectoryEntry, keys: Keys, number: int, before: bytes) -> bytes:
    digest = _digest(number, keys, before)
    try:
        sealing.verify(keys.sign, digest, bytes(line.signature))
    except SealError:
        raise ForgedDirectoryError from None
    if line.number != number or bytes(line.previous) != before or bytes(line.digest) != digest:
        raise ForgedDirectoryError
    return digest


def statement(keys: Keys) -> tuple[int, bytes, bytes]:
    """The number, the digest before and the digest of the line that these keys would get; their owner signs the last.

    In a transaction that holds its turn.
    """
    last = DirectoryEntry.objects.order_by("-number").first()
    number, before = (last.number + 1, bytes(last.digest)) if last else (1, _START)
    return number, before, _digest(number, keys, before)


def _digest(number: int, keys: Keys, before: bytes) -> bytes:
    return sealing.digest("directory", number, keys.digest, before)


def people(directory: Directory) -> Iterable[int]:
    """Everybody who ever had keys."""
    return {one.person for one in directory.keys}
