"""A vault as its owner meets it: made, opened by a passphrase, asked through the keyholder, and what it remembers."""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import directory
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.holder.client import Keyholder, Made, NoKeyholderError
from tocsin.keys.holder.holding import ClosedError
from tocsin.keys.holder.vault import Locked
from tocsin.keys.models import DirectoryEntry, Locking, Vault
from tocsin.keys.sealing import Cost, SealError
from tocsin.keys.seen import Seen, bytes_of, text_of
from tocsin.keys.words import make_passphrase, normalise
from tocsin.lib.claims import in_order

__all__ = [
    "Memory",
    "NoVaultError",
    "OpenVault",
    "RolledBackError",
    "Seen",
    "UnverifiedError",
    "change_passphrase",
    "generation",
    "has_vault",
    "keyholder",
    "lock_everything",
    "make",
    "undo",
    "unlock",
    "vault_row",
]

_UNDO_FOR: Final = timedelta(days=7)


class NoVaultError(Exception):
    """This person has no vault yet."""


class RolledBackError(SealError):
    """Something is older than what this vault has seen, or another than what it saw."""


class UnverifiedError(Exception):
    """Somebody's keys were not compared with their owner yet, so that nothing may be wrapped to them."""

    def __init__(self, person: int) -> None:
        super().__init__(person)
        self.person = person


@dataclass(slots=True)
class Memory:
    """What a vault remembers: the directory's head, whose keys its owner compared, the newest head of each safe."""

    number: int = 0
    head: bytes = b""
    verified: dict[int, bytes] = field(default_factory=dict)
    safes: dict[str, Seen] = field(default_factory=dict)

    def pack(self) -> bytes:
        """As bytes."""
        words = {
            "directory": [self.number, text_of(self.head)],
            "verified": {str(person): text_of(one) for person, one in self.verified.items()},
            "safes": {safe: one.pack() for safe, one in self.safes.items()},
        }
        return json.dumps(words).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Memory":
        """From bytes."""
        words: dict[str, Any] = json.loads(packed)
        number, head = words["directory"]
        return cls(
            number,
            bytes_of(head),
            {int(person): bytes_of(one) for person, one in words["verified"].items()},
            # What an earlier shape of memory says of a safe is passed over: it is looked at as for the first time.
            {safe: Seen.unpack(one) for safe, one in words["safes"].items() if isinstance(one, dict)},
        )


def keyholder() -> Keyholder:
    """The keyholder of this machine."""
    return Keyholder(settings.KEYHOLDER)


def vault_row(person: int, generation: int | None = None) -> Vault:
    """The newest vault of a person, or that of one generation.

    Raises:
        NoVaultError: when there is none.
    """
    rows = Vault.objects.filter(person=person).order_by("-generation")
    row = (rows if generation is None else rows.filter(generation=generation)).first()
    if row is None:
        raise NoVaultError
    return row


def has_vault(person: int) -> bool:
    """Whether a person has keys."""
    return Vault.objects.filter(person=person).exists()


def make(person: int) -> tuple[str, bytes]:
    """A new vault, and its line in the directory; gives the passphrase, which is shown once, and the open cookie.

    A person who had one gets a new generation: what was wrapped to the one before stays closed until somebody grants
    it again.
    """
    passphrase = make_passphrase()
    generation = _last_generation(person) + 1
    seen = directory.load()
    memory = Memory(len(seen.heads), seen.heads[-1] if seen.heads else b"")
    made = keyholder().make(person, generation, normalise(passphrase), memory.pack())
    with transaction.atomic():
        _store(made)
        _list(made)
        record(person, "keys.vault_made", f"person:{person}", generation=generation)
    return passphrase, made.cookie


def _last_generation(person: int) -> int:
    """The newest that there ever was: the directory forgets none."""
    found = DirectoryEntry.objects.filter(person=person).order_by("-generation").values_list("generation", flat=True)
    return found.first() or 0


def _store(made: Made) -> None:
    one = made.vault
    Vault.objects.create(
        person=one.person,
        generation=one.generation,
        salt=one.salt,
        passes=one.cost.passes,
        memory_bytes=one.cost.memory,
        key=one.key,
        seeds=one.seeds,
        memory=made.memory,
        made_on=timezone.now().date(),
    )


def _list(made: Made) -> None:
    """Append the keys to the directory; their owner signs the line."""
    in_order("keys.directory")
    keys = Keys(made.vault.person, made.vault.generation, made.box, made.sign)
    _append(keys, lambda digest: keyholder().sign(made.cookie, [digest])[0])


def _append(keys: Keys, sign: Callable[[bytes], bytes]) -> None:
    number, before, digest = directory.statement(keys)
    DirectoryEntry.objects.create(
        number=number,
        person=keys.person,
        generation=keys.generation,
        box=keys.box,
        sign=keys.sign,
        previous=before,
        digest=digest,
        signature=sign(digest),
    )


def unlock(person: int, passphrase: str) -> bytes:
    """Open a vault; gives the cookie.

    For some days after a new one was made the words of the one before open that one: perhaps its owner made none.

    Raises:
        NoVaultError: when there is none.
        SealError: for a wrong passphrase.
    """
    row = vault_row(person)
    words = normalise(passphrase)
    try:
        cookie = keyholder().unlock(_locked(row), words)
    except SealError:
        if row.made_on < timezone.now().date() - _UNDO_FOR:
            raise
        before = Vault.objects.filter(person=person, generation__lt=row.generation).order_by("-generation").first()
        if before is None:
            raise
        cookie = keyholder().unlock(_locked(before), words)
    with transaction.atomic():
        record(person, "keys.vault_opened", f"person:{person}")
    return cookie


def undo(vault: "OpenVault") -> int:
    """Take back every vault that was made after this one; gives how many. Its owner says so, by opening this one.

    A new line of the directory, signed by the keys of this vault, says that they are this person's again.
    """
    newer = Vault.objects.filter(person=vault.person, generation__gt=vault.generation)
    with transaction.atomic():
        in_order("keys.directory")
        count = newer.count()
        if count:
            keys = Keys(vault.person, _last_generation(vault.person) + 1, vault.own.box, vault.own.sign)
            _append(keys, lambda digest: vault.sign(digest)[0])
            newer.delete()
            record(vault.person, "keys.vault_undone", f"person:{vault.person}", generation=vault.generation)
    if count:
        keyholder().lock_person(vault.person)
    return count


def change_passphrase(person: int, old: str) -> str:
    """Make another passphrase; gives it, to be shown once. The keys stay.

    Raises:
        SealError: when the old one is wrong.
    """
    new = make_passphrase()
    row = vault_row(person)
    locked = keyholder().rewrap(_locked(row), normalise(old), normalise(new))
    with transaction.atomic():
        fields = {"salt": locked.salt, "key": locked.key, "passes": locked.cost.passes}
        Vault.objects.filter(pk=row.pk).update(**fields, memory_bytes=locked.cost.memory)
        record(person, "keys.passphrase_changed", f"person:{person}")
    return new


def lock_everything(by: int | None) -> None:
    """Close every open vault on every machine, at once."""
    with transaction.atomic():
        row, _ = Locking.objects.select_for_update().get_or_create(pk=1)
        row.generation += 1
        row.save(update_fields=["generation"])
        record(by, "keys.locked_all", "keys:all", generation=row.generation)


def generation() -> int:
    """How often everything was locked."""
    return Locking.objects.get_or_create(pk=1)[0].generation


class OpenVault:
    """A vault that is open in this browser, for one request. It holds no seed: the keyholder does."""

    def __init__(self, person: int, cookie: bytes, active: bool = True) -> None:
        self.person = person
        self._cookie, self._active = cookie, active
        # From the keys that are open themselves: a row could say that somebody else's are one's own.
        self.own = Keys(person, *keyholder().public(cookie))
        self._row = vault_row(person, self.own.generation)
        self._memory: Memory | None = None
        self._unsure = False

    @property
    def generation(self) -> int:
        """Which of this person's vaults it is."""
        return self.own.generation

    @property
    def superseded(self) -> bool:
        """Whether this person, or somebody in their name, made a newer one."""
        return Vault.objects.filter(person=self.person, generation__gt=self.generation).exists()

    @cached_property
    def directory(self) -> Directory:
        """The directory, which goes on from where this vault saw it last.

        Raises:
            RolledBackError: when it doesn't.
        """
        now = directory.load()
        if not now.continues(self.memory.number, self.memory.head):
            raise RolledBackError
        return now

    @property
    def memory(self) -> Memory:
        """What this vault remembers."""
        if self._unsure and not connection.in_atomic_block:
            self._unsure = False
            row = Vault.objects.get(pk=self._row.pk)
            if row.memory_version != self._row.memory_version:
                # What was remembered last went back with its transaction.
                self._row, self._memory = row, None
        if self._memory is None:
            self._memory = self._recall()
        return self._memory

    def _recall(self) -> Memory:
        try:
            packed = keyholder().recall(self._cookie, self._row.memory_version, bytes(self._row.memory))
        except SealError:
            # Another window of the same person may have stored a newer one since the row was read.
            self._row = Vault.objects.get(pk=self._row.pk)
            packed = keyholder().recall(self._cookie, self._row.memory_version, bytes(self._row.memory))
        return Memory.unpack(packed)

    def open_boxes(self, blobs: Sequence[bytes]) -> list[bytes | None]:
        """What was sealed to this person; None for what does not open."""
        return keyholder().boxes(self._cookie, [bytes(blob) for blob in blobs], self._active)

    def sign(self, *messages: bytes) -> list[bytes]:
        """This person's signatures."""
        return keyholder().sign(self._cookie, messages, self._active)

    def trusts(self, keys: Keys) -> bool:
        """Whether these are this person's own keys, or were compared with their owner."""
        if keys.person == self.person:
            return keys == self.own
        return self.memory.verified.get(keys.person) == keys.digest

    def keys_to_wrap_for(self, person: int) -> Keys:
        """The newest keys of somebody.

        Raises:
            UnverifiedError: when there are none, or they were not compared with their owner.
        """
        if person == self.person:
            return self.own
        keys = self.directory.now(person)
        if keys is None or not self.trusts(keys):
            raise UnverifiedError(person)
        return keys

    def verify(self, keys: Keys) -> None:
        """Remember that these keys were compared with their owner, by another way than this system."""
        self.remember(lambda memory: memory.verified.__setitem__(keys.person, keys.digest))
        with transaction.atomic():
            record(self.person, "keys.verified", f"person:{keys.person}", generation=keys.generation)

    def saw(self, safe: str, seen: Seen) -> None:
        """Remember the newest head of a safe."""
        if self.memory.safes.get(safe) != seen:
            self.remember(lambda memory: memory.safes.__setitem__(safe, seen))

    def forget(self, safe: str) -> None:
        """A safe is gone."""
        if safe in self.memory.safes:
            self.remember(lambda memory: memory.safes.pop(safe, None))

    def remember(self, change: Callable[[Memory], object]) -> None:
        """Store what this vault remembers once ``change`` is made to it, with what another window stored meanwhile."""
        self._remember(change)
        self._unsure = connection.in_atomic_block

    @transaction.atomic
    def _remember(self, change: Callable[[Memory], object]) -> None:
        row = Vault.objects.select_for_update().get(pk=self._row.pk)
        if row.memory_version != self._row.memory_version:
            other = Memory.unpack(keyholder().recall(self._cookie, row.memory_version, bytes(row.memory)))
            if row.memory_version < self._row.memory_version:
                self._memory = other  # what was newer went back with its transaction
            else:
                _join(self.memory, other)
        change(self.memory)
        heads = self.directory.heads
        self.memory.number, self.memory.head = len(heads), heads[-1] if heads else b""
        row.memory_version += 1
        row.memory = keyholder().remember(self._cookie, row.memory_version, self.memory.pack())
        row.save(update_fields=["memory", "memory_version"])
        self._row = row
        version, blob = row.memory_version, row.memory
        # Only what is stored for good may make the keyholder refuse what is older: a transaction may still go back.
        transaction.on_commit(lambda: self._stored(version, blob))

    def _stored(self, version: int, blob: bytes) -> None:
        """Let the keyholder refuse every older memory from now on."""
        with contextlib.suppress(NoKeyholderError, ClosedError):  # what is closed asks for the words again
            keyholder().recall(self._cookie, version, blob)


def _join(mine: Memory, other: Memory) -> None:
    for person, one in other.verified.items():
        mine.verified.setdefault(person, one)
    for safe, seen in other.safes.items():
        known = mine.safes.get(safe, Seen())
        newer = seen if known.version < seen.version else known
        # A log only grows, whichever window saw more of it.
        mine.safes[safe] = replace(newer, log=max(known.log, seen.log))


def _locked(row: Vault) -> Locked:
    cost = Cost(row.passes, row.memory_bytes)
    return Locked(row.person, row.generation, bytes(row.salt), cost, bytes(row.key), bytes(row.seeds))
