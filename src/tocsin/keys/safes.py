"""A safe as one open vault sees it: its members, its rows in clear, and every change to it, sealed and signed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from tocsin.keys import custodians, expiring, heads, sealing, tampering, wraps
from tocsin.keys.custodians import BarredError
from tocsin.keys.expiring import NotLastingError, StaysError
from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.logs import LOG
from tocsin.keys.models import Epoch, Row, Safe
from tocsin.keys.opening import Body, ChangedError, Given, LastHolderError, NotInError, Record
from tocsin.keys.seen import Seen
from tocsin.keys.storing import NotYoursError, Storing
from tocsin.keys.vaults import OpenVault

__all__ = [
    "LOG",
    "Body",
    "ChangedError",
    "Given",
    "LastHolderError",
    "NotInError",
    "NotLastingError",
    "NotYoursError",
    "OpenSafe",
    "Record",
    "StaysError",
    "changing",
    "found",
]

T = TypeVar("T")


class OpenSafe(Storing):
    """One safe, open for one request. Changes are gathered, and stand once ``commit`` has stored them all at once."""

    def add(self, compartment: str, body: Body) -> UUID:
        """A new row; gives its id.

        Raises:
            NotInError: when this person does not hold the compartment.
        """
        row = Row(id=uuid4(), safe_id=self.id, compartment=compartment, version=0)
        self._seal(row, body)
        return row.pk

    def change(self, row: UUID, version: int, body: Body) -> None:
        """Put another body in the place of one that was read in this version.

        Raises:
            ChangedError: when somebody changed it meanwhile.
            NotInError: when this person can't read it.
        """
        found = self._stored.get(row)
        if found is None or found.compartment not in self.compartments:
            raise NotInError
        if found.version != version:
            raise ChangedError
        self._seal(found, body)

    def drop(self, row: UUID) -> None:
        """Take a row away.

        Raises:
            NotInError: when this person can't read it.
        """
        found = self._stored.get(row)
        if found is None or found.compartment not in self.compartments:
            raise NotInError
        self._changed[row] = None

    def let_in(self, person: int, compartments: Iterable[str], role: str = "", until: datetime | None = None) -> None:
        """Give somebody the keys of compartments that this person holds; with what they hold already.

        Raises:
            NotInError: for a compartment that this person does not hold, and for somebody who does not hold all.
            NotLastingError: when this person is in it for a while and they for good.
            UnverifiedError: when their keys were not compared with them.
        """
        wanted = {HEAD, *compartments}
        if not wanted <= self.compartments:
            raise NotInError
        if not self.leads:
            raise NotYoursError
        self.vault.keys_to_wrap_for(person)
        end = expiring.end_for(self.head.members.get(person), until, self.me)
        before = self.head.members.get(person, Member(()))
        names = tuple(sorted(wanted | set(before.compartments)))
        self.head = self.head.with_member(person, Member(names, role or before.role, end))
        # What they hold already ends with the rest.
        given = wanted if end == before.until else set(names)
        self._granted += [(name, number, person) for name, number in self._keys if name in given]

    def put_out(self, person: int) -> None:
        """Take somebody out: what is written from now on opens under new keys. ``reseal`` then renews what was written.

        Raises:
            LastHolderError: when nobody else holds one of their compartments.
            NotInError: when this person does not hold every compartment.
            NotLastingError: when this person is in it for a while and they for good.
            UnverifiedError: when the keys of somebody who stays were not compared with them.
        """
        held = self.head.members[person].compartments
        if self.me.until and not self.head.members[person].until:
            raise NotLastingError
        if alone := [name for name in held if not expiring.held_without(self.head, name, person)]:
            raise LastHolderError(alone)
        if not set(held) <= self.compartments:
            raise NotInError
        if not self.leads:
            raise NotYoursError
        self._take(person, held)

    def take_over(self, compartments: Iterable[str], until: datetime | None, leaving_out: Iterable[int] = ()) -> None:
        """Come in with what a quorum gave. For good new epochs begin; until a moment they begin when it has passed.

        Raises:
            UnverifiedError: when the keys of somebody who stays were not compared with them: do, or leave them out.
            StaysError: when somebody is to be left out who has not made new keys since, or holds more than is given.
        """
        me, names = self.vault.person, set(compartments)
        end = expiring.end_given(self.head.members.get(me), until)
        held = tuple(sorted(names | set(self.me.compartments)))
        self.head = self.head.with_member(me, Member(held, self.me.role, end))
        self._granted += [(name, number, me) for name, number in self._keys if name in names]
        for person in set(leaving_out) & self.head.members.keys() - {me}:
            now, theirs = self.vault.directory.now(person), set(self.head.members[person].compartments)
            renewed = now is not None and now.digest.hex() != self.head.signers[person]
            if until is not None or not renewed or not theirs <= names:
                raise StaysError(person)
            self.head = self.head.without(person)
            self._left.add(person)
        if until is None:
            self.renew(*sorted(names))

    def renew(self, *compartments: str) -> None:
        """Begin new epochs.

        Raises:
            NotInError: for a compartment that this person does not hold.
            UnverifiedError: when the keys of somebody who holds one were not compared with them.
        """
        for name in compartments:
            if name not in self.compartments:
                raise NotInError
            self._begin_epoch(name)

    def end_epoch(self, compartment: str, number: int) -> None:
        """Destroy the key of an earlier epoch of a public compartment: what was sealed to it opens no more.

        Raises:
            NotInError: for a compartment that this person does not hold.
            ValueError: for the epoch of now, the log's, or one that rows still lie under.
        """
        if compartment not in self.compartments:
            raise NotInError
        under = any((row.compartment, row.epoch) == (compartment, number) for row in self._stored.values())
        if under or compartment == LOG or number >= self.head.epochs[compartment]:
            raise ValueError("this epoch is still needed")
        self._over.add((compartment, number))

    def open_compartment(self, name: str, holders: Iterable[int] = (), *, public: bool = False) -> None:
        """Begin a compartment that was not there yet, for these people and this one.

        One of a name that was shredded goes on with its numbers, so that no key of either is ever taken for the other.

        Raises:
            NotInError: for somebody who does not hold every compartment.
            ValueError: for one that is there.
        """
        if not self.leads:
            raise NotYoursError
        if name in self.head.epochs:
            raise ValueError("there is such a compartment")
        people = {self.vault.person, *holders}
        for person in people:
            member = self.head.members[person]
            self.head = self.head.with_member(
                person, replace(member, compartments=tuple(sorted({*member.compartments, name})))
            )
        if public:
            self.head = replace(self.head, public={**self.head.public, name: b""})
        self._begin_epoch(name)

    def set_custodians(self, people: Iterable[int], quorum: int, barred: Iterable[int] = ()) -> None:
        """Let any ``quorum`` of these people give this safe's keys to somebody; nobody ``barred`` ever gets any.

        Every compartment is entrusted to them, so only who could read all of it anyway chooses them; all members are
        told. Who is no longer among them had shares, so new epochs begin. No people at all: nothing is entrusted.

        Raises:
            NotInError: for somebody who does not hold every compartment.
            NotLastingError: for somebody who is in it for a while.
            QuorumError: for fewer than two, or a quorum that they can't reach.
            BarredError: when one of them is in conflict.
            UnverifiedError: when the keys of one of them were not compared with them.
        """
        if not self.head.epochs.keys() <= set(self.me.compartments) & self.compartments:
            raise NotInError
        if self.me.until:
            raise NotLastingError
        chosen = {person: self.vault.keys_to_wrap_for(person).digest.hex() for person in people}
        if chosen:
            custodians.check(chosen, quorum, barred := frozenset(barred))
        left = self.head.custodians.keys() - chosen.keys()
        self.head = replace(
            self.head,
            custodians=chosen,
            quorum=quorum if chosen else 0,
            barred=self.head.barred | frozenset(barred),
            custody={},
        )
        self._chosen = True
        if left:
            self.renew(*sorted(self.compartments))

    def bar(self, people: Iterable[int]) -> None:
        """Say who is in conflict with it: nobody can let them in, no quorum can give it to them. All others may.

        Custodians get new shares, since each share says whom it must not reach.

        Raises:
            NotInError: for somebody who does not hold every compartment.
            NotLastingError: for somebody who is in it for a while.
            BarredError: for one who is in it, or keeps a share of it: put them out, or choose others, first.
        """
        wanted = frozenset(people)
        if not self.leads:
            raise NotYoursError
        if self.me.until:
            raise NotLastingError
        for person in sorted(wanted & (self.head.members.keys() | self.head.custodians.keys())):
            raise BarredError(person)
        self.head = replace(self.head, barred=wanted)

    def order(self, digest: str) -> None:
        """Let the head name the order by which a timer may shred it; empty: none may."""
        self.head = replace(self.head, order=digest)

    @property
    def stale(self) -> int:
        """How many rows still lie under keys of an earlier epoch, as far as this person can renew them."""
        return len(self._stale())

    def _stale(self) -> list[Row]:
        mine = (row for row in self._stored.values() if row.compartment in self.compartments)
        return [row for row in mine if row.epoch < self.head.epochs[row.compartment]]

    def reseal(self, limit: int = 200) -> int:
        """Renew some rows under the keys of now; how many are left. ``commit`` follows.

        Raises:
            TamperError: when one is not as it was sealed.
        """
        rows = self._stale()
        for row in rows[:limit]:
            self._seal(row, self._open_row(row).body)
        return max(0, len(rows) - limit)


def found(
    vault: OpenVault, kind: str, compartments: Iterable[str], role: str = "", public: Iterable[str] = ()
) -> OpenSafe:
    """A new safe with these compartments, all held by its founder alone for now."""
    names, open_to_all = (HEAD, *compartments), {LOG, *public}
    safe, today = uuid4(), timezone.now().date()
    keys = {name: sealing.new_key() for name in (*names, LOG)}
    epochs = {name: Epoch(safe_id=safe, compartment=name, number=1, began_on=today) for name in keys}
    for name in open_to_all:
        epochs[name].public = sealing.box_keys(keys[name])[0]
    head = Head(
        members={vault.person: Member(tuple(sorted(keys)), role)},
        epochs=dict.fromkeys(keys, 1),
        public={name: bytes(epochs[name].public) for name in open_to_all},
        keys=heads.key_digests(safe, {(name, 1): key for name, key in keys.items()}),
        salt=sealing.new_key().hex(),
    )
    head = heads.with_signers(head, vault, {vault.person})
    blob = sealing.seal(keys[HEAD], head.pack(), heads.place(safe, 1, 1))
    link = heads.signed_link(vault, safe, Seen(), blob, head)
    own = vault.keys_to_wrap_for(vault.person)
    with transaction.atomic():
        Safe.objects.create(pk=safe, kind=kind, version=1, head=blob, made_on=today)
        link.save()
        Epoch.objects.bulk_create(epochs.values())
        stored = Epoch.objects.filter(safe=safe)
        wraps.store(wraps.make(vault, [(one, keys[one.compartment], own) for one in stored]))
        tampering.note("founded", safe.hex)
    return OpenSafe(vault, safe)


def changing(vault: OpenVault, safe: UUID, act: Callable[[OpenSafe], T], tries: int = 4) -> T:
    """Open a safe, act on it and store what changed; again from the start when somebody else was faster.

    Raises:
        ChangedError: when others were faster every time, or changed the very row that ``act`` changes.
    """
    for left in range(tries - 1, -1, -1):
        opened = OpenSafe(vault, safe)
        done = act(opened)
        try:
            opened.commit()
        except ChangedError:
            if not left:
                raise
            continue
        return done
    raise AssertionError("unreachable")
