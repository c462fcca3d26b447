"""Making, opening and re-wrapping one vault: the passphrase opens the vault's key, which opens the seeds."""

import secrets
from dataclasses import dataclass, replace

from tocsin.keys import sealing
from tocsin.keys.sealing import Context, Cost, SealError

SALT = 16


@dataclass(frozen=True, slots=True)
class Locked:
    """A vault as it lies in the database: nothing here opens without the passphrase."""

    person: int
    generation: int
    salt: bytes
    cost: Cost
    key: bytes
    seeds: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The vault's key, and the seeds of the person's two keys: for sealed boxes, and for signatures."""

    person: int
    generation: int
    key: bytes
    box: bytes
    sign: bytes


def make(person: int, generation: int, passphrase: bytes, cost: Cost) -> tuple[Locked, Opened]:
    """A new vault."""
    opened = Opened(person, generation, *(sealing.new_key() for _ in range(3)))
    seeds = sealing.seal(opened.key, opened.box + opened.sign, _place(opened, "seeds"))
    bare = Locked(person, generation, b"", cost, b"", seeds)
    return wrap(bare, opened, passphrase, cost), opened


def wrap(locked: Locked, opened: Opened, passphrase: bytes, cost: Cost) -> Locked:
    """The same vault under another passphrase."""
    salt = secrets.token_bytes(SALT)
    key = sealing.seal(sealing.passphrase_key(passphrase, salt, cost), opened.key, _place(locked, "key"))
    return replace(locked, salt=salt, cost=cost, key=key)


def unlock(locked: Locked, passphrase: bytes) -> Opened:
    """The vault, opened.

    Raises:
        SealError: for a wrong passphrase, or a vault that is not this person's.
    """
    outer = sealing.passphrase_key(passphrase, locked.salt, locked.cost)
    key = sealing.open_sealed(outer, locked.key, _place(locked, "key"))
    seeds = sealing.open_sealed(key, locked.seeds, _place(locked, "seeds"))
    if len(seeds) != 2 * sealing.KEY:
        raise SealError
    return Opened(locked.person, locked.generation, key, seeds[: sealing.KEY], seeds[sealing.KEY :])


def seal_memory(opened: Opened, version: int, memory: bytes) -> bytes:
    """What a vault remembers, sealed."""
    return sealing.seal(opened.key, memory, _place(opened, "memory", version))


def open_memory(opened: Opened, version: int, blob: bytes) -> bytes:
    """What a vault remembers.

    Raises:
        SealError: when it was changed.
    """
    return sealing.open_sealed(opened.key, blob, _place(opened, "memory", version))


def _place(vault: Locked | Opened, field: str, version: int = 0) -> Context:
    return Context(b"vault", str(vault.person), vault.generation, b"", field, version)
