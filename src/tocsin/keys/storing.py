"""How a change of a safe is stored: rows, keys, shares, head and link in one transaction, or nothing."""

import json
from collections.abc import Iterable
from dataclasses import replace

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
from tocsin.keys.heads import HEAD
from tocsin.keys.models import Epoch, Link, Row, Safe, Wrap
from tocsin.keys.opening import Body, ChangedError, NotInError, Opened


class NotYoursError(NotInError):
    """This person may not sign such a change: every other member's vault would refuse it, and the safe with it."""


class Storing(Opened):
    """One safe in which changes are gathered until ``commit`` stores them."""

    _chosen = False
    _named: tuple[tuple[str, filing.Named], ...] = ()

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

    @property
    def _leading(self) -> bool:
        """Whether this person may decide, in what is about to be stored, who is in it and by which keys."""
        if self._given is not None:
            return not self.me.until and self.head.epochs.keys() <= set(self.me.compartments)
        return self._seen.leads(self.vault.person)

    def _entrust(self) -> None:
        """Entrust anew what began a new epoch, or is not entrusted as the head says, as far as this person can."""
        if self.head.barred != self._barred:
            self._leave_out_barred()
            self.head = replace(self.head, custody={}, salt=sealing.new_key().hex())
        begun = {epoch.compartment for epoch, _ in self._epochs}
        fixed = self._given is not None or bool(self.me.until) or not self._leading
        self.head, self._entrusted = entrusting.renewed(self.vault, self.id, self.head, self._keys, begun, fixed=fixed)

    def _leave_out_barred(self) -> None:
        """Who is in conflict keeps no share: the others do, if they are enough, of keys that begin now."""
        left = {person: keys for person, keys in self.head.custodians.items() if person not in self.head.barred}
        if left == self.head.custodians:
            return
        enough = len(left) >= max(self.head.quorum, custodians.LEAST)
        self.head = replace(
            self.head, custodians=left if enough else {}, quorum=self.head.quorum if enough else 0, custody={}
        )
        self._chosen = True
        for name in sorted(self.compartments):
            self._begin_epoch(name)

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
