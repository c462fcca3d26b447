"""A safe as one open vault reads it: its head, checked against its chain, and its rows in clear."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils import timezone

from tocsin.keys import expiring, heads, logs, proofs, sealing, tampering, wraps
from tocsin.keys.custodians import Made
from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.logs import LOG, Writers
from tocsin.keys.models import Epoch, Link, Row, Safe, Wrap
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, Seen, UnverifiedError

Body = dict[str, Any]


class NotInError(Exception):
    """This person holds no key of this safe, or there is no such safe: the two look alike."""


class ChangedError(Exception):
    """Somebody else changed the safe, or this very row, meanwhile."""


class LastHolderError(Exception):
    """Nobody else could open a compartment any more."""

    def __init__(self, compartments: Iterable[str]) -> None:
        self.compartments = tuple(compartments)
        super().__init__(*self.compartments)


@dataclass(frozen=True, slots=True)
class Record:
    """A row in clear."""

    id: UUID
    compartment: str
    version: int
    body: Body


@dataclass(frozen=True, slots=True)
class Given:
    """The keys that a quorum gave, by compartment and epoch, and their consents, packed, for the head's chain."""

    keys: Mapping[tuple[str, int], bytes]
    consents: bytes


class Opened:
    """One safe, open to be read."""

    def __init__(self, vault: OpenVault, safe: UUID, given: Given | None = None) -> None:
        """Open it; ``given`` is what a quorum of its custodians gave to somebody who is not in it.

        Raises:
            NotInError: when this person holds no key of it, or it does not exist.
            TamperError: when anything in it is not as its members sealed and signed it.
            RolledBackError: when it is older than what this vault has seen.
            UnverifiedError: when this vault never saw it, and never compared keys with who gave it the key.
        """
        self.id, self.vault, self._given = safe, vault, given
        try:
            self._load()
        except TamperError as error:
            tampering.report(error)
            raise

    def _load(self) -> None:
        try:
            self._read()
        except (ValueError, LookupError, TypeError, AttributeError):
            # Nothing that members stored has another shape.
            raise TamperError(self.id.hex, "head") from None

    def _read(self) -> None:
        self._keys, granters = wraps.keys_of(self.vault, self.id)
        self._keys |= self._given.keys if self._given else {}
        row = Safe.objects.filter(pk=self.id).first()
        if row is None or not any(name == HEAD for name, _ in self._keys):
            raise NotInError
        self.kind, self.made_on = row.kind, row.made_on
        before = self.vault.memory.safes.get(self.id.hex, Seen())
        if not before.version and self._given is None:
            self._know_who_let_in()
        self._seen = heads.walk(self.id, before, self.vault.directory)
        self.head = self._open_head(row)
        if not heads.agree(self.head, self._seen) or not granters <= self.head.ever:
            raise TamperError(self.id.hex, "head")
        self._check_keys()
        if self._given is None and expiring.over(self.me):
            raise NotInError
        self._seen = replace(self._seen, order=self.head.order, log=self._newest_line(before))
        self.vault.saw(self.id.hex, self._seen)
        self._barred = self.head.barred
        self._stored = {one.pk: one for one in Row.objects.filter(safe=self.id)}
        self._changed: dict[UUID, Row | None] = {}
        self._epochs: list[tuple[Epoch, bytes]] = []
        self._granted: list[tuple[str, int, int]] = []
        self._left: set[int] = set()
        self._over: set[tuple[str, int]] = set()
        self._entrusted: list[Made] = []
        self._gone: list[proofs.Gone] = []
        self._check_rows()

    def _know_who_let_in(self) -> None:
        """A safe that this vault never saw is believed only if somebody whose keys were compared gave its key.

        Raises:
            UnverifiedError: when nobody did; the two should compare their keys.
        """
        newest = Wrap.objects.filter(epoch__safe=self.id, epoch__compartment=HEAD, person=self.vault.person)
        wrap = newest.filter(generation=self.vault.generation).order_by("-epoch__number").first()
        granter = self.vault.directory.at(wrap.granter, wrap.granter_generation) if wrap is not None else None
        if wrap is not None and (granter is None or not self.vault.trusts(granter)):
            raise UnverifiedError(wrap.granter)

    def _open_head(self, row: Safe) -> Head:
        link = Link.objects.get(safe=self.id, version=self._seen.version)
        for (name, number), key in sorted(self._keys.items(), reverse=True):
            if name != HEAD or heads.content(bytes(row.head), number) != bytes(link.content):
                continue
            try:
                packed = sealing.open_sealed(key, bytes(row.head), heads.place(self.id, number, row.version))
            except SealError:
                break
            if row.version == self._seen.version:
                return Head.unpack(packed)
        raise TamperError(self.id.hex, "head")

    def _check_keys(self) -> None:
        """Every key is the one that the head names for its epoch."""
        if self._given is not None:
            # What was entrusted may hold keys of epochs that ended since.
            self._keys = {
                (name, number): key
                for (name, number), key in self._keys.items()
                if f"{name}:{number}" in self.head.keys
            }
        for place, one in heads.key_digests(self.id, self._keys).items():
            if self.head.keys.get(place) != one:
                raise TamperError(self.id.hex, "wrap")

    def _newest_line(self, before: Seen) -> tuple[int, str]:
        """The end of the log, which goes on from where this vault saw it last."""
        if not logs.goes_on(self.id, before.log):
            raise TamperError(self.id.hex, f"log {before.log[0]}")
        return max(before.log, logs.newest(self.id))

    def _check_rows(self) -> None:
        """Every row that the head names is there, in its version, and no other; so is a key of every compartment."""
        there = {pk.hex: heads.row_of(row) for pk, row in self._stored.items()}
        gone = self._check_gone(there.keys())
        named = {name: place for name, place in self.head.rows.items() if place[0] not in gone}
        for name in there.keys() ^ named.keys():
            raise TamperError(self.id.hex, f"row {name}")
        for name, found in there.items():
            if found != named[name]:
                raise TamperError(self.id.hex, f"row {name}")

    def _check_gone(self, there: Collection[str]) -> set[str]:
        """The compartments of which something is missing, each with a certificate of who might shred it.

        A restored backup, from which was taken what was shredded after it was made, looks so.

        Raises:
            TamperError: when nobody who might has signed for it.
        """
        gone = {self.head.rows[name][0] for name in self.head.rows.keys() - there}
        keys = set(Epoch.objects.filter(safe=self.id).values_list("compartment", "number"))
        gone |= {name for name, number in self.head.epochs.items() if (name, number) not in keys}
        if self._given is None and not self.me.until and self._signs:
            gone |= self._kept_from_me()
        for name in sorted(gone):
            standing, proof = proofs.best(proofs.of(self.id, name), self._seen, self.vault.directory)
            if not standing.holds:
                raise TamperError(self.id.hex, f"shredding {name}", deleted=name)
            self._gone.append(proofs.Gone(self.id, name, standing, proof))
        for name in gone & set(self.me.compartments) if not self.me.until else ():
            self.close_compartment(name)
        return gone

    def _kept_from_me(self) -> set[str]:
        """The compartments of mine whose wrapped key somebody deleted: who made new keys lacks some rightly."""
        mine = Wrap.objects.filter(epoch__safe=self.id, person=self.vault.person)
        there = set(mine.values_list("epoch__compartment", flat=True))
        return {name for name in self.me.compartments if name in self.head.epochs and name not in there}

    @property
    def _signs(self) -> bool:
        """Whether the safe names these very keys for this person: only with them something can be signed."""
        return self.head.signers.get(self.vault.person) == self.vault.own.digest.hex()

    @property
    def leads(self) -> bool:
        """Whether this person holds every compartment: they decide who is in it, and who keeps its shares."""
        return self._seen.leads(self.vault.person) and self.head.epochs.keys() <= set(self.me.compartments)

    @property
    def shredded(self) -> list[proofs.Gone]:
        """The compartments that are no more, each with its certificate, or plainly without one."""
        return [*self._gone, *proofs.ended(self.id, self._seen, self.vault.directory)]

    @property
    def compartments(self) -> frozenset[str]:
        """Those that this person can read now."""
        return frozenset(name for name, number in self.head.epochs.items() if (name, number) in self._keys)

    @property
    def version(self) -> int:
        """How often it was stored."""
        return self._seen.version

    @property
    def me(self) -> Member:
        """What this person is in this safe."""
        return self.head.members.get(self.vault.person, Member(()))

    def records(self, *compartments: str) -> list[Record]:
        """The rows of these compartments, or of all that this person can read, in no order.

        Raises:
            TamperError: when one is not as it was sealed.
        """
        wanted = set(compartments) or self.compartments
        rows = [row for row in self._stored.values() if row.compartment in wanted]
        try:
            return [self._open_row(row) for row in rows if row.compartment in self.compartments]
        except TamperError as error:
            tampering.report(error)
            raise

    def record(self, row: UUID) -> Record:
        """One row.

        Raises:
            NotInError: when it isn't there, or this person can't read it.
        """
        found = self._stored.get(row)
        if found is None or found.compartment not in self.compartments:
            raise NotInError
        try:
            return self._open_row(found)
        except TamperError as error:
            tampering.report(error)
            raise

    def _open_row(self, row: Row) -> Record:
        key = self._keys.get((row.compartment, row.epoch))
        try:
            if key is None or row.epoch > self.head.epochs[row.compartment]:
                raise SealError
            plain = sealing.open_sealed(key, bytes(row.blob), self._place(row))
            return Record(row.pk, row.compartment, row.version, json.loads(plain))
        except SealError:
            raise TamperError(self.id.hex, f"row {row.pk.hex}") from None

    def _place(self, row: Row) -> Context:
        return Context(self.id.bytes, row.compartment, row.epoch, row.pk.bytes, "body", row.version)

    def close_compartment(self, name: str) -> None:
        """Take a compartment with all its rows out of the head. Only shredding does, and then deletes its keys."""
        for pk, row in self._stored.items():
            if row.compartment == name:
                self._changed[pk] = None
        for person, member in self.head.members.items():
            left = tuple(one for one in member.compartments if one != name)
            self.head = self.head.with_member(person, replace(member, compartments=left))
        self._keys = {place: key for place, key in self._keys.items() if place[0] != name}
        self._granted = [one for one in self._granted if one[0] != name]
        self.head = self.head.without_compartment(name)

    def log(self, code: str, **facts: object) -> None:
        """Write into the safe's log, sealed to those who may read it. At once: reading, too, leaves a line."""
        line = {"at": timezone.now().isoformat(timespec="minutes"), "code": code, **facts}
        last = logs.add_to_log(self.vault, self.id, self.head.epochs[LOG], self.head.public[LOG], line)
        self._seen = replace(self._seen, log=last)
        self.vault.saw(self.id.hex, self._seen)

    def read_log(self) -> list[Mapping[str, Any]]:
        """Every line that this person may read, in order.

        Raises:
            NotInError: when the log is not theirs.
            TamperError: when a line was changed, is missing, or was not signed by somebody who might write it.
        """
        if LOG not in self.compartments:
            raise NotInError
        keys = {number: key for (name, number), key in self._keys.items() if name == LOG}
        known = self.head.ever | self.head.heard | set(self.head.custodians.values())
        return logs.read_log(self.id, keys, Writers(self.vault.directory, known))

    def open_letter(self, compartment: str, epoch: int, blob: bytes) -> bytes:
        """What somebody outside sealed to the public key of a compartment.

        Raises:
            NotInError: when this person does not hold that epoch's key.
            SealError: when it does not open.
        """
        key = self._keys.get((compartment, epoch))
        if key is None:
            raise NotInError
        return sealing.open_box(key, blob)
