"""A safe as one open vault sees it: its members, its rows in clear, and every change to it, sealed and signed."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from tocsin.keys import (
    announcing,
    custodians,
    entrusting,
    expiring,
    filing,
    heads,
    holds,
    ledger,
    sealing,
    tampering,
    wraps,
)
from tocsin.keys.custodians import BarredError
from tocsin.keys.expiring import NotLastingError, StaysError
from tocsin.keys.heads import HEAD, Head, Member
from tocsin.keys.logs import LOG
from tocsin.keys.models import Epoch, Link, Row, Safe, Wrap
from tocsin.keys.opening import Body, ChangedError, Given, LastHolderError, NotInError, Opened, Record
from tocsin.keys.seen import Seen
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


class NotYoursError(NotInError):
    """This person may not sign such a change: every other member's vault would refuse it, and the safe with it."""


class OpenSafe(Opened):
    """One safe, open for one request. Changes are gathered, and stand once ``commit`` has stored them all at once."""

    _chosen = False
    _named: tuple[tuple[str, filing.Named], ...] = ()

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

    def _seal(self, row: Row, body: Body) -> None:
        number = self.head.epochs.get(row.compartment)
        key = self._keys.get((row.compartment, number)) if number is not None else None
        if number is None or key is None:
            raise NotInError
        new = Row(pk=row.pk, safe_id=self.id, compartment=row.compartment, epoch=number, version=row.version + 1)
        new.blob = sealing.seal(key, json.dumps(body, separators=(",", ":")).encode(), self._place(new))
        self._changed[row.pk] = new
        self._named = (*self._named, *((row.compartment, one) for one in filing.named_in(body)))
        # What this request reads from now on is what it wrote.
        self._stored = {**self._stored, row.pk: new}

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

    def _take(self, person: int, names: Iterable[str]) -> None:
        """Take these compartments from somebody; who has none left is out."""
        left = tuple(one for one in self.head.members[person].compartments if one not in names)
        if left:
            self.head = self.head.with_member(person, replace(self.head.members[person], compartments=left))
        else:
            self.head = self.head.without(person)
            self._left.add(person)
        for name in names:
            self._begin_epoch(name)

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
    def _leading(self) -> bool:
        """Whether this person may decide, in what is about to be stored, who is in it and by which keys."""
        if self._given is not None:
            return not self.me.until and self.head.epochs.keys() <= set(self.me.compartments)
        return self._seen.leads(self.vault.person)

    def _entrust(self) -> None:
        """Entrust anew what began a new epoch, or is not entrusted as the head says, as far as this person can."""
        begun = {epoch.compartment for epoch, _ in self._epochs}
        if self.head.barred != self._barred:
            self.head = replace(self.head, custody={}, salt=sealing.new_key().hex())
        fixed = self._given is not None or bool(self.me.until) or not self._leading
        self.head, self._entrusted = entrusting.renewed(self.vault, self.id, self.head, self._keys, begun, fixed=fixed)

    def _begin_epoch(self, name: str) -> None:
        for person in self.head.holders(name):
            self.vault.keys_to_wrap_for(person)
        number, key = max(self.head.epochs.get(name, 0), self.head.ended.get(name, 0)) + 1, sealing.new_key()
        ended = {one: last for one, last in self.head.ended.items() if one != name}
        self.head = replace(self.head, epochs={**self.head.epochs, name: number}, ended=ended)
        epoch = Epoch(safe_id=self.id, compartment=name, number=number, began_on=timezone.now().date())
        if name in self.head.public:
            epoch.public = sealing.box_keys(key)[0]
            self.head = replace(self.head, public={**self.head.public, name: epoch.public})
        self._keys[name, number] = key
        self._epochs.append((epoch, key))
        self._granted += [(name, number, person) for person in self.head.holders(name)]

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

    def commit(self) -> None:
        """Store every change at once, with a new head.

        Whoever's time is over is put out by it, as far as this person can; what is entrusted follows new epochs.

        Raises:
            ChangedError: when somebody stored another head meanwhile; nothing is stored then.
            NotInError: when somebody changed what is not theirs to change.
            HeldError: when an epoch would end while a legal hold covers the safe.
        """
        for person, names in expiring.due(self.head, self.compartments, self.vault):
            self._take(person, names)
        if self._given is None or self._epochs:
            self._entrust()
        rows = dict(self.head.rows)
        for pk, row in self._changed.items():
            if row is None:
                rows.pop(pk.hex, None)
            else:
                rows[pk.hex] = heads.row_of(row)
        living = {f"{name}:{number}" for name, number in self._living()}
        keys = {**self.head.keys, **heads.key_digests(self.id, self._keys)}
        mine = self.compartments
        keys = {place: one for place, one in keys.items() if place in living or place.rpartition(":")[0] not in mine}
        keys = {place: one for place, one in keys.items() if place.rpartition(":")[0] in self.head.epochs}
        self.head = replace(self.head, rows=rows, keys=keys)
        self.head = heads.with_signers(self.head, self.vault, self._regranted(), leads=self._leading)
        number = self.head.epochs[HEAD]
        blob = sealing.seal(
            self._keys[HEAD, number], self.head.pack(), heads.place(self.id, number, self._seen.version + 1)
        )
        given = self._given.consents if self._given else b""
        link = heads.signed_link(self.vault, self.id, self._seen, blob, self.head, given=given)
        self._check_own(link)
        with transaction.atomic():
            if self._over:
                holds.check(self.id, self.kind)
            self._store(blob, link)
        self._seen, self._given = replace(heads.seen_of(link, self._seen), order=self.head.order), None
        self.vault.saw(self.id.hex, self._seen)
        self._changed, self._epochs, self._granted, self._left, self._over = {}, [], [], set(), set()
        self._entrusted, self._chosen, self._named, self._barred = [], False, (), self.head.barred
        self._gone = []

    def _check_own(self, link: Link) -> None:
        """Never store what the others' vaults would refuse."""
        if not heads.check_own(link, self.vault.own, self._seen, self.vault.directory):
            raise NotYoursError

    def _store(self, blob: bytes, link: Link) -> None:
        moved = Safe.objects.filter(pk=self.id, version=self._seen.version).update(version=link.version, head=blob)
        if not moved:
            raise ChangedError
        link.save()
        for epoch, _ in self._epochs:
            epoch.save()
        Wrap.objects.filter(epoch__safe=self.id, person__in=self._left).delete()
        ledger.removed(self.vault, self.id, self._left, link.version)
        filing.note(self.id, self._named)
        self._store_wraps()
        custodians.store(self.id, self._entrusted, self.head.custody)
        if self._chosen:
            told = self.head.members.keys() - {self.vault.person}
            announcing.tell(told, f"{self.id.hex}:{link.version}", life=False, words="custodians")
            new = self.head.custodians.keys() - self._seen.custodians.keys() - {self.vault.person}
            announcing.tell(new, f"{self.id.hex}:{link.version}:share", life=False, words="custodian")
        gone = [pk for pk, row in self._changed.items() if row is None]
        Row.objects.filter(pk__in=gone).delete()
        kept = [row for row in self._changed.values() if row is not None]
        Row.objects.bulk_create(
            kept, update_conflicts=True, unique_fields=["id"], update_fields=["epoch", "version", "blob"]
        )
        tampering.note("stored", self.id.hex, link.version)
        self._end_epochs()

    def _store_wraps(self) -> None:
        granted = [one for one in self._granted if one[2] in self.head.members]
        epochs = {(one.compartment, one.number): one for one in Epoch.objects.filter(safe=self.id)}
        to = {person: self.vault.keys_to_wrap_for(person) for person in self._regranted()}
        if not self._leading:
            # Who made new keys since is let in again by who leads: until then theirs sign nothing here.
            to = {person: keys for person, keys in to.items() if self.head.signers[person] == keys.digest.hex()}
        made = wraps.make(
            self.vault,
            [
                (epochs[name, number], self._keys[name, number], to[person])
                for name, number, person in dict.fromkeys(granted)
                if (name, number) in epochs and person in to
            ],
        )
        for wrap in made:
            wrap.expires_at = expiring.end_of(self.head.members[wrap.person])
        wraps.store(made)

    def _regranted(self) -> set[int]:
        return {person for _, _, person in self._granted if person in self.head.members}

    def _living(self) -> set[tuple[str, int]]:
        """The epochs whose keys stay: an earlier one goes with its last row, of a public one when somebody says so."""
        rows = {pk: self._changed.get(pk, row) for pk, row in self._stored.items()} | self._changed
        used = {(row.compartment, row.epoch) for row in rows.values() if row is not None}
        there = set(Epoch.objects.filter(safe=self.id).values_list("compartment", "number")) | self._keys.keys()
        return {
            (name, number)
            for name, number in there
            if number >= self.head.epochs.get(name, 0)
            or (name, number) in used
            or (name in self.head.public and (name, number) not in self._over)
        }

    def _end_epochs(self) -> None:
        living = self._living()
        for epoch in Epoch.objects.filter(safe=self.id):
            place = (epoch.compartment, epoch.number)
            if place not in living and epoch.compartment in self.compartments:
                epoch.delete()
                self._keys.pop(place, None)


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
