"""Who may sign which change of a safe: read from its signed, public chain, so that no vault has to be open for it.

Who holds every compartment leads: they decide who is in it, who keeps its shares, and who is kept out. Who holds a
compartment changes that one alone. Who is in it for a while changes nothing for those who stay. A quorum of custodians
lets one named person in.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from tocsin.keys.consents import Consents, consents, state
from tocsin.keys.directory import Directory, Keys
from tocsin.keys.seen import HEAD, LOG, Seen
from tocsin.keys.tampering import mark


@dataclass(frozen=True, slots=True)
class Signing:
    """A version that was signed with these keys. ``given`` are a quorum's consents, packed, where one let them in."""

    safe: UUID
    keys: Keys
    digest: bytes
    stamp: str
    given: bytes

    @property
    def person(self) -> int:
        """Who signed."""
        return self.keys.person


@dataclass(frozen=True, slots=True)
class _Power:
    """What somebody may change: the compartments that they hold, whether they lead, whether they are here for good."""

    held: frozenset[str]
    leads: bool
    lasting: bool


def allowed(signing: Signing, now: Seen, after: Seen, directory: Directory) -> bool:
    """Whether what was signed may follow this version."""
    if not _in_shape(after):
        return False
    if not now.version:
        # A founding is taken at its founder's word, and bears their own keys.
        return not signing.given and after.members == {signing.person: signing.keys.digest.hex()}
    if signing.given:
        return _consented(signing, now, after, directory)
    if now.members.get(signing.person) != signing.keys.digest.hex():
        return False
    held = frozenset(now.holds[signing.person])
    power = _Power(held, now.leads(signing.person), signing.person not in now.ends)
    if not power.lasting and not _in_time(signing, now, after):
        return False
    return _parts(power, now, after) and _people(power, now, after) and _custodians(power, now, after)


def _in_shape(after: Seen) -> bool:
    """Whether everybody holds what there is, the head too, and nothing both lives and has ended."""
    living = after.parts.keys()
    return (
        {HEAD, LOG} <= living
        and not living & after.ended.keys()
        and after.holds.keys() == after.members.keys()
        and all({HEAD} <= set(names) <= living for names in after.holds.values())
    )


def _parts(power: _Power, now: Seen, after: Seen) -> bool:
    """Compartments: changed by who holds them, begun by who leads, ended by who held them for good; none vanishes."""
    living, ended = now.parts.keys(), now.ended.keys()
    known = living | ended
    if after.ended.keys() - known or (after.parts.keys() - living and not power.leads):
        return False
    return all(_part(name, power, now, after) for name in known)


def _part(name: str, power: _Power, now: Seen, after: Seen) -> bool:
    last = now.parts[name].number if name in now.parts else now.ended[name]
    if name in after.parts:
        part = after.parts[name]
        if name in now.ended:
            return part.number > last
        return part == now.parts[name] or (name in power.held and part.number >= last)
    if after.ended.get(name) != last:
        return False
    return name in now.ended or (name in power.held and power.lasting and name not in {HEAD, LOG})


def _people(power: _Power, now: Seen, after: Seen, but: Collection[int] = ()) -> bool:
    """Members: who does not lead takes from those whose time is over, and changes nobody else."""
    if power.leads:
        return True
    if after.members.keys() - now.members.keys() - set(but):
        return False
    return all(_stays(one, power, now, after) for one in now.members.keys() - set(but))


def _stays(one: int, power: _Power, now: Seen, after: Seen) -> bool:
    before, left = set(now.holds[one]) - after.ended.keys(), set(after.holds.get(one, ()))
    taken = before - left
    if one in after.members:
        same = (after.members[one], after.ends.get(one)) == (now.members[one], now.ends.get(one))
        if not same or not left <= before:
            return False
    return not taken or (_over(one, now) and taken <= power.held)


def _custodians(power: _Power, now: Seen, after: Seen) -> bool:
    same = (now.quorum, now.custodians, now.barred) == (after.quorum, after.custodians, after.barred)
    return same or (power.leads and power.lasting)


def _over(person: int, now: Seen) -> bool:
    return person in now.ends and _time(now.ends[person]) <= timezone.now()


def still(seen: Seen, person: int) -> bool:
    """Whether somebody is in it for a while that is not over."""
    return person in seen.ends and not _over(person, seen)


def _in_time(signing: Signing, now: Seen, after: Seen) -> bool:
    """Whether a signer's time was not over, and they changed nothing for those who stay longer.

    The moment of signing is this home's word, by its mark: what somebody signed in their time stands after it.
    """
    end = _time(now.ends[signing.person])
    if end <= timezone.now() and not hmac.compare_digest(signing.stamp, stamp(signing.digest)):
        return False
    lasting = now.members.keys() - now.ends.keys()
    kept = all(_alike(one, now, after) and one not in after.ends for one in lasting)
    shorter = all(
        one in after.ends and (after.ends[one] == now.ends.get(one) or _time(after.ends[one]) <= end)
        for one in after.members.keys() - lasting
    )
    return kept and shorter


def _alike(one: int, now: Seen, after: Seen) -> bool:
    return (after.members.get(one), after.holds.get(one)) == (now.members[one], now.holds[one])


def _time(end: str) -> datetime:
    return datetime.fromisoformat(end)


def stamp(one: bytes) -> str:
    """This home's mark that it was signed in time."""
    return mark("signed in time", one.hex())


def _consented(signing: Signing, now: Seen, after: Seen, directory: Directory) -> bool:
    """Whether enough of the custodians whom the version before names gave this very person these keys, once.

    Who gets all of it for good leads at once, but adds nobody and changes no custodian.
    """
    given, me = Consents.unpack(signing.given), signing.person
    message = given.statement(signing.safe, signing.keys, state(now))
    agreed = {one.person for one in given.given if consents(one, now.custodians, message, directory)}
    if now.quorum < 2 or len(agreed) < now.quorum:
        return False
    before, lasting = set(now.holds.get(me, ())), not given.until
    power = _Power(frozenset(before | set(given.compartments)), False, lasting)
    mine = after.members.get(me) == signing.keys.digest.hex() and set(after.holds.get(me, ())) == power.held
    nobody_new = after.members.keys() <= now.members.keys() | {me}
    if not mine or not nobody_new or not _ends_as_given(me, given, now, after):
        return False
    others = lasting and now.parts.keys() <= power.held
    # Who lost their keys may be left out by who gets everything that they held.
    out = {one for one in now.members.keys() - after.members.keys() if lasting and set(now.holds[one]) <= power.held}
    people = others or _people(power, now, after, but={me, *out})
    return people and _parts(power, now, after) and _custodians(power, now, after)


def _ends_as_given(me: int, given: Consents, now: Seen, after: Seen) -> bool:
    """Whether a quorum's gift ends when they said, changes nobody else's end, and for a while puts out nobody."""
    lasting = now.members.keys() - now.ends.keys()
    mine = {""} if me in lasting or not given.until else {given.until, now.ends.get(me, given.until)}
    others = all(until == now.ends.get(one) for one, until in after.ends.items() if one != me)
    stay = all(one not in after.ends for one in lasting) and (not given.until or lasting <= after.members.keys())
    return after.ends.get(me, "") in mine and others and stay
