"""Who shredded what: signed by a member, or done by a timer whose order a member signed in advance. Nobody else's word.

This home's own marks decide what a restore forgets. What members are told rests on what stands here alone: whoever owns
the database and every secret of the home can destroy, and can't make it look as if a member had.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from tocsin.keys import heads, sealing
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.models import Link, Safe, Shredding
from tocsin.keys.sealing import SealError
from tocsin.keys.seen import Part, Seen
from tocsin.keys.vaults import OpenVault

LAG_DAYS: Final = 14  # for so long a backup of wraps is kept
_HOW: Final = (
    "every wrapped key and every custodian's share was deleted, then the rows, the files, and what was kept of it "
    "elsewhere."
)
_LOST: Final = (
    "it was found gone, and nobody had signed for that. Who signs here accepts the loss, so that the rest opens again; "
    "what was left of it was deleted."
)


class Standing(StrEnum):
    """What a certificate is worth to somebody who looks."""

    SIGNED = "signed"
    ORDERED = "ordered"
    STRANGER = "stranger"
    UNPROVED = "unproved"

    @property
    def holds(self) -> bool:
        """Whether somebody did it, or ordered it, who might."""
        return self in {Standing.SIGNED, Standing.ORDERED}


@dataclass(frozen=True, slots=True)
class Order:
    """What a member signs when the time of a safe begins: a timer may shred it from this day on.

    ``version`` is the one that the order becomes part of. A later order, or none, takes it back.
    """

    safe: str
    policy: str
    due: str
    version: int
    person: int
    generation: int
    signature: str = ""

    @property
    def digest(self) -> bytes:
        """What is signed, and what the head names."""
        what = (bytes.fromhex(self.safe), self.policy, self.due, self.version)
        return sealing.digest("order", *what, self.person, self.generation)

    def pack(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {name: getattr(self, name) for name in self.__slots__}


def order(vault: OpenVault, safe: UUID, policy: str, due: date, version: int) -> Order:
    """An order, signed."""
    made = Order(safe.hex, policy, due.isoformat(), version, vault.person, vault.generation)
    return replace(made, signature=vault.sign(made.digest)[0].hex())


@dataclass(frozen=True, slots=True)
class Proof:
    """A shredding as its certificate says it, and who signed that: a member, or whoever ordered the timer.

    ``version`` and ``head`` are the number and the digest of the safe's version before, ``what`` a digest over
    everything in it that went. No compartment: all of it. ``lost``: it was gone before, and who signs accepts that.
    """

    id: str
    safe: str
    compartment: str
    kind: str
    made_on: str
    on: str
    version: int
    head: str
    what: str
    person: int = 0
    generation: int = 0
    signature: str = ""
    order: Order | None = None
    lost: bool = False

    @property
    def text(self) -> str:
        """The certificate. It tells what and when by random ids and days, never whose."""
        what = f"one compartment ({self.compartment}) of a safe" if self.compartment else "a whole safe"
        return "\n".join(
            [
                f"Certificate of shredding {UUID(self.id)}",
                "",
                f"What: {what} of class “{self.kind}”, begun on {self.made_on}.",
                f"When: {self.on} (UTC).",
                f"By: {self._who()}.",
                f"How: {_LOST if self.lost else _HOW}",
                f"Backups: copies of wrapped keys are kept for {LAG_DAYS} days. Until {LAG_DAYS} days after this date "
                "a backup together with a member's passphrase could still open it; a restore applies this shredding "
                "first.",
                "Not reached: what a member wrote down, printed or exported, and a partner's own copy.",
                f"Covers: {self._covered().hex()}",
            ]
        )

    def _who(self) -> str:
        if self.order is None:
            return f"person {self.person}" if self.person else "a retention timer, by nobody's order"
        given = self.order
        return f"the retention timer of class “{given.policy}”, ordered by person {given.person} for {given.due}"

    def _covered(self) -> bytes:
        """What the text does not say in words: which safe, which version, what was in it, by which order."""
        which = (bytes.fromhex(self.safe), self.compartment, self.version, self.head, self.what)
        return sealing.digest("shredded", self.id, *which, self.order.digest if self.order else b"")

    @property
    def day(self) -> date:
        """When."""
        return date.fromisoformat(self.on)

    def pack(self) -> bytes:
        """As bytes."""
        words = {name: getattr(self, name) for name in self.__slots__ if name != "order"}
        return json.dumps({**words, "order": self.order.pack() if self.order else None}).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Proof | None":
        """From bytes; None for what ``pack`` did not make."""
        try:
            words: dict[str, Any] = json.loads(packed)
            given = Order(**words["order"]) if words["order"] else None
            made = cls(**{**words, "order": given})
            made.day, made.text  # noqa: B018  # whatever is no day and no id is no proof
        except (ValueError, LookupError, TypeError, AttributeError):
            return None
        return made


def covers(parts: Mapping[str, Part], compartment: str) -> str:
    """A digest over everything that stands in a compartment, or in all of them."""
    names = sorted(name for name in parts if compartment in {"", name})
    return sealing.digest("went", *(word for name in names for word in (name, *parts[name]))).hex()


def statement(text: str) -> bytes:
    """What whoever shreds signs of a certificate."""
    return sealing.digest("certificate", text)


def sign(vault: OpenVault, made: Proof) -> Proof:
    """The same, by this person."""
    mine = replace(made, person=vault.person, generation=vault.generation)
    return replace(mine, signature=vault.sign(statement(mine.text))[0].hex())


def by_timer(made: Proof, given: Order | None) -> Proof:
    """The same, by a timer."""
    return replace(made, order=given)


def of_newest(id_: UUID, safe: Safe, compartment: str = "") -> Proof:
    """What there is to say of a safe, or a compartment of it, as it stands; signed by nobody yet."""
    link = Link.objects.filter(safe=safe).order_by("-version").first()
    seen = heads.seen_of(link, Seen()) if link is not None else Seen()
    return Proof(
        id_.hex,
        safe.pk.hex,
        compartment,
        safe.kind,
        safe.made_on.isoformat(),
        timezone.now().date().isoformat(),
        seen.version,
        seen.head.hex(),
        covers(seen.parts, compartment),
    )


def signer(proof: Proof, directory: Directory) -> Keys | None:
    """With whose keys a certificate, or the order that it cites, was signed; None when with nobody's."""
    given = proof.order
    who = (given.person, given.generation) if given else (proof.person, proof.generation)
    keys = directory.at(*who)
    if keys is None or (given is not None and not _as_ordered(proof, given)):
        return None
    message, signature = (given.digest, given.signature) if given else (statement(proof.text), proof.signature)
    try:
        sealing.verify(keys.sign, message, bytes.fromhex(signature))
    except (SealError, ValueError):
        return None
    return keys


def _as_ordered(proof: Proof, given: Order) -> bool:
    return given.safe == proof.safe and not proof.compartment and given.due <= proof.on


def judge(proof: Proof, seen: Seen, directory: Directory) -> Standing:
    """What a certificate is worth to whoever last saw this version of the safe."""
    keys = signer(proof, directory)
    early = proof.version < seen.version or proof.day > timezone.now().date()
    other = proof.version == seen.version and proof.head != seen.head.hex()
    if keys is None or early or other:
        return Standing.UNPROVED
    names = {proof.compartment} if proof.compartment else seen.parts.keys()
    held = set(seen.holds.get(keys.person, ()))
    if seen.members.get(keys.person) != keys.digest.hex() or keys.person in seen.ends or not names <= held:
        return Standing.STRANGER
    if proof.order is None:
        return Standing.SIGNED
    # What was taken back before this person last looked is no order any more.
    standing = proof.order.digest.hex() == seen.order or proof.order.version > seen.version
    return Standing.ORDERED if standing else Standing.UNPROVED


def of(safe: UUID, compartment: str = "") -> list[Proof]:
    """Every certificate that is kept of a safe, or of a compartment, the newest first."""
    rows = Shredding.objects.filter(safe=safe, compartment=compartment)
    found = (Proof.unpack(bytes(one.proof)) for one in rows)
    mine = [one for one in found if one is not None and (one.safe, one.compartment) == (safe.hex, compartment)]
    return sorted(mine, key=lambda one: one.version, reverse=True)


def best(found: list[Proof], seen: Seen, directory: Directory) -> tuple[Standing, Proof | None]:
    """The certificate that is worth most, and what it is worth."""
    judged = [(judge(one, seen, directory), one) for one in found]
    ranked = sorted(judged, key=lambda one: list(Standing).index(one[0]))
    return ranked[0] if ranked else (Standing.UNPROVED, None)


@dataclass(frozen=True, slots=True)
class Removed:
    """That somebody was taken out of a safe with one of its versions, as whoever did it signed."""

    safe: str
    person: int
    version: int
    by: int
    generation: int
    signature: str = ""

    @property
    def digest(self) -> bytes:
        """What is signed."""
        return sealing.digest("removed", bytes.fromhex(self.safe), self.person, self.version, self.by, self.generation)

    def pack(self) -> bytes:
        """As bytes."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()

    def holds(self, directory: Directory) -> bool:
        """Whether it was signed by whom it names, and, while the safe's chain is there, by who made that version."""
        keys = directory.at(self.by, self.generation)
        link = Link.objects.filter(safe=UUID(self.safe), version=self.version).first()
        if keys is None or (link is not None and not self._is_of(link)):
            return False
        try:
            sealing.verify(keys.sign, self.digest, bytes.fromhex(self.signature))
        except (SealError, ValueError):
            return False
        return True

    def _is_of(self, link: Link) -> bool:
        return (link.person, link.generation) == (self.by, self.generation) and str(self.person) not in link.members


def removed(vault: OpenVault, safe: UUID, person: int, version: int) -> Removed:
    """Somebody was taken out by this person; signed."""
    made = Removed(safe.hex, person, version, vault.person, vault.generation)
    return replace(made, signature=vault.sign(made.digest)[0].hex())


def removal(packed: bytes) -> Removed | None:
    """From bytes; None for what ``Removed.pack`` did not make."""
    try:
        made = Removed(**json.loads(packed))
        UUID(made.safe)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return made


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that somebody was in and that is no more: its compartment (empty: all of it), and by whose word."""

    safe: UUID
    compartment: str
    standing: Standing
    proof: Proof | None

    @property
    def by(self) -> int | None:
        """Who signed it, or ordered the timer."""
        if self.proof is None:
            return None
        return self.proof.order.person if self.proof.order else self.proof.person or None


def ended(safe: UUID, seen: Seen, directory: Directory) -> list[Gone]:
    """The compartments of a safe that are no more, as its chain says, each with its certificate or without."""
    found = []
    for name in sorted(seen.ended):
        before = _last_alive(safe, name, seen)
        standing, proof = best(of(safe, name), before, directory) if before else (Standing.UNPROVED, None)
        found.append(Gone(safe, name, standing, proof))
    return found


def _last_alive(safe: UUID, name: str, seen: Seen) -> Seen | None:
    """The newest version that had this compartment."""
    links = Link.objects.filter(safe=safe, version__lte=seen.version).order_by("-version")
    last = next((link for link in links.iterator() if name in link.parts), None)
    return heads.chained(safe, last.version, seen) if last is not None else None


def whole(vault: OpenVault) -> list[Gone]:
    """Every safe that this vault remembers and that is no more."""
    remembered = {UUID(one): seen for one, seen in vault.memory.safes.items()}
    there = set(Safe.objects.filter(pk__in=remembered).values_list("pk", flat=True))
    gone = sorted((pk for pk in remembered if pk not in there), key=str)
    return [Gone(pk, "", *best(of(pk), remembered[pk], vault.directory)) for pk in gone]
