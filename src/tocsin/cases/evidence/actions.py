"""Every write about evidence. Whoever looks, copies or sends leaves a line of custody before they get anything."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.cases.actions import changing, open_or_refuse, owner_or_refuse
from tocsin.cases.entries import Entry, entries, hashed, of
from tocsin.cases.evidence import reading, stamps
from tocsin.cases.evidence.access import COMPARTMENT, access_evidence, piece, pieces
from tocsin.cases.evidence.arrivals import Arrival
from tocsin.cases.evidence.items import Act, Evidence, Harm, Kept
from tocsin.cases.evidence.reading import About, Copy, UnreadError
from tocsin.cases.evidence.stamps import Service, StampError
from tocsin.cases.kinds.consent import Consent
from tocsin.cases.refusals import RefusedError
from tocsin.keys import files, holds
from tocsin.keys.files import Incoming, StoredFile
from tocsin.keys.holds import HeldError
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import KEY, SealError
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox.files import place_of
from tocsin.oncall.actions import note_load
from tocsin.oncall.models import Load

# Minutes that are counted for the viewer's own rest.
GLANCE, LOOK = 1, 3
_SHORTEST_REASON: Final = 15


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says of a file that they bring."""

    description: str
    source: str
    captured_on: date | None = None
    captured_by: str = ""
    captured_how: str = ""
    harm: Harm = Harm.UNKNOWN
    about: str = ""


def folder() -> Path:
    """Where sealed files are."""
    made: Path = settings.SEALED_FILES
    return made


def take(vault: OpenVault, case: UUID, draft: Draft, arrived: Incoming, name: str = "", claimed: str = "") -> UUID:
    """Keep a file that came whole and is sealed already; gives its row. Where that fails, nothing of it stays.

    Raises:
        Http404: when the case is not this person's to open.
        RefusedError: when it is closed, or has this very file already.
    """
    return _kept(vault, case, draft, arrived.keep(), name, claimed)


def adopt(vault: OpenVault, case: UUID, draft: Draft, one: Arrival) -> UUID:
    """Make evidence of a file that came with a letter; gives its row. It is checked whole before it is recorded.

    Raises:
        Http404: when the case is not this person's to open.
        RefusedError: when it is closed, has this file already, or the file is not what the letter says.
    """
    try:
        file = files.take_in(folder(), place_of(one.place), one.key, one.size, one.sha256)
    except SealError:
        raise RefusedError(
            _("The file of this letter is not here, or was changed. Tell the owner of the case.")
        ) from None
    if not _opens(file):
        files.drop(folder(), file.id)
        raise RefusedError(_("The file of this letter is not here, or was changed. Tell the owner of the case."))
    return _kept(vault, case, draft, file, one.name, one.kind)


def _opens(file: StoredFile) -> bool:
    try:
        for _piece in files.read(folder(), file):
            pass
    except SealError:
        return False
    return True


def _kept(vault: OpenVault, case: UUID, draft: Draft, file: StoredFile, name: str, claimed: str) -> UUID:
    try:
        about = _about(file, name)

        def act(safe: OpenSafe) -> UUID:
            open_or_refuse(safe)
            if any(one.piece.file.sha256 == file.sha256 and not one.piece.gone for one in pieces(safe)):
                raise RefusedError(_("This very file is here already. Nothing was added."))
            one = Evidence(
                **{field: getattr(draft, field) for field in Draft.__slots__},
                file=file,
                name=name[:200],
                claimed=claimed[:100],
                media=about.kind,
                warnings=about.warnings,
                facts=about.facts,
                trouble=about.trouble,
                epoch=safe.head.epochs[COMPARTMENT],
            )
            safe.log("evidence", act="received")
            return safe.add(COMPARTMENT, one.then(clock.now(), vault.person, Act.RECEIVED, draft.source[:300]).pack())

        return changing(vault, case, act)
    except BaseException:
        files.drop(folder(), file.id)
        raise


def _about(file: StoredFile, name: str) -> About:
    try:
        return reading.about(reading.whole(files.read(folder(), file), file.size), name)
    except UnreadError as error:
        return About("other", trouble=error.words)


def describe(vault: OpenVault, case: UUID, row: UUID, version: int, draft: Draft, why: str) -> None:
    """Say something else of a piece. The line of custody says why; the file stays as it is.

    Raises:
        RefusedError: when somebody changed it meanwhile.
    """

    def change(one: Evidence) -> Evidence:
        return replace(one, **{field: getattr(draft, field) for field in Draft.__slots__})

    _acted(vault, case, row, Act.DESCRIBED, why, version=version, change=change)


def look(vault: OpenVault, case: UUID, row: UUID, why: str, *, large: bool) -> Kept:
    """Note that somebody looks, before they do; for what may distress it counts for their own rest, for nobody else.

    Raises:
        RefusedError: without a reason, or when the file was taken out.
    """
    if len(why.strip()) < 3:
        raise RefusedError(_("Say what you look for. Often the description is enough."))
    kept = _acted(vault, case, row, Act.VIEWED, why)
    if kept.piece.harm is not Harm.PLAIN:
        # The day is enough to count it; the hour would tell who looked when.
        today = datetime.combine(clock.now().date(), datetime.min.time(), UTC)
        note_load(vault.person, Load.Kind.EXPOSURE, today, LOOK if large else GLANCE, private=True)
    return kept


def picture(one: Evidence, *, large: bool) -> bytes:
    """A preview as a new PNG; small ones of what is not known to be harmless are grey.

    Raises:
        UnreadError: when there is none.
        SealError: when the file was changed.
    """
    body = reading.whole(files.read(folder(), one.file), one.file.size)
    return reading.picture(body, large=large, grey=not large and one.harm is not Harm.PLAIN)


def clean_copy(one: Evidence) -> Copy:
    """A copy that tells nothing but what it shows. Whoever hands it out calls ``hand_out`` first.

    Raises:
        UnreadError: when it can't be cleaned.
        SealError: when the file was changed.
    """
    return reading.copy(reading.whole(files.read(folder(), one.file), one.file.size))


def consents(safe: OpenSafe) -> list[tuple[Entry, Consent]]:
    """The consents of a case that sending can rest on today, as far as this person can read them."""
    today = clock.now().date()
    return [(entry, one) for entry, one in of(entries(safe), Consent) if one.holds(today)]


def hand_out(vault: OpenVault, case: UUID, row: UUID, why: str, to: str = "", consent: str = "") -> Kept:
    """Note a copy before it is made: for work here, or, with ``to``, for somebody outside.

    What goes outside rests on a consent of the case, or on a reason in full words.

    Raises:
        RefusedError: without that, or when the file was taken out.
    """
    if len(why.strip()) < 3:
        raise RefusedError(_("Say what the copy is for."))

    def allowed(safe: OpenSafe) -> None:
        if not to:
            return
        if consent and not any(str(entry.id) == consent for entry, _one in consents(safe)):
            raise RefusedError(_("This consent doesn’t hold: it was withdrawn, has lapsed, or was not given freely."))
        if not consent and len(why.strip()) < _SHORTEST_REASON:
            raise RefusedError(_("Nobody consented to this. Choose a consent, or give the reason in a full sentence."))

    return _acted(vault, case, row, Act.SENT if to else Act.COPIED, why, to, check=allowed)


def original(one: Evidence) -> Iterator[bytes]:
    """The file as it came, piece by piece. Whoever hands it out calls ``hand_out`` first.

    Raises:
        SealError: when it was changed: at the latest after its last piece.
    """
    return files.read(folder(), one.file)


def stamp(vault: OpenVault, case: UUID, row: UUID) -> None:
    """Have the hash stamped by the service that an operator chose.

    Raises:
        RefusedError: when there is none, or it gave none.
    """
    if not settings.TIMESTAMPS:
        raise RefusedError(_("No time-stamping service is set up here. An operator does this."))
    kept = piece(access_evidence(vault, case), row)
    try:
        made = stamps.ask(service(), kept.piece.file.sha256)
    except StampError as error:
        raise RefusedError(error.words) from error
    change: Callable[[Evidence], Evidence] = lambda one: replace(one, stamp=made)  # noqa: E731  # one line says it
    _acted(vault, case, row, Act.STAMPED, "", made.service, change=change)


def service() -> Service:
    """The service that an operator chose."""
    return Service(**settings.TIMESTAMPS)


def stamp_holds(one: Evidence) -> bool:
    """Whether the stamp of a piece still stands for its hash."""
    return one.stamp is not None and stamps.holds(service(), one.stamp, one.file.sha256)


def remove(vault: OpenVault, case: UUID, row: UUID, why: str) -> None:
    """Take a file out for good. Its description, hash and custody stay, its key does not.

    Raises:
        RefusedError: without a reason, or when this person is no owner of the case.
    """
    if len(why.strip()) < _SHORTEST_REASON:
        raise RefusedError(_("Say why, in a full sentence: this can’t be undone."))
    gone: list[str] = []

    def change(one: Evidence) -> Evidence:
        gone[:] = [one.file.id]
        return replace(
            one, gone=clock.now().date().isoformat(), file=replace(one.file, key=bytes(KEY)), facts=(), name=""
        )

    safe = access_evidence(vault, case)
    with transaction.atomic():
        # Asked first, before anything is locked: no hold is set until what is removed is gone.
        _no_hold(safe)
        _acted(vault, case, row, Act.REMOVED, why, change=change, check=owner_or_refuse)
    _drop(gone[0])


def _no_hold(safe: OpenSafe) -> None:
    try:
        holds.check(safe.id, safe.kind)
    except HeldError as held:
        words = _("A legal hold stands until %(day)s: nothing of this case is taken out. Ask counsel.")
        raise RefusedError(words % {"day": held.until.isoformat()}) from held


def stale(safe: OpenSafe) -> list[Kept]:
    """The pieces whose files lie under keys that somebody who has left may have seen."""
    now = safe.head.epochs[COMPARTMENT]
    return [one for one in pieces(safe) if one.piece.epoch < now and not one.piece.gone]


def reseal(vault: OpenVault, case: UUID) -> int:
    """Seal one such file anew, under a key that only those of now know; how many are left.

    Raises:
        SealError: when the file was changed.
    """
    waiting = stale(access_evidence(vault, case))
    if not waiting:
        return 0
    one = waiting[0]
    fresh = files.store(folder(), files.read(folder(), one.piece.file))
    try:

        def act(safe: OpenSafe) -> None:
            kept = piece(safe, one.id)
            if kept.piece.file.id != one.piece.file.id:
                raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew."))
            made = replace(kept.piece, file=fresh, epoch=safe.head.epochs[COMPARTMENT])
            made = made.then(clock.now(), vault.person, Act.RESEALED)
            safe.change(kept.id, kept.version, made.pack())

        changing(vault, case, act)
    except BaseException:
        files.drop(folder(), fresh.id)
        raise
    _drop(one.piece.file.id)
    return len(waiting) - 1


def untouched(one: Evidence) -> bool:
    """Whether the file on the disk is, byte for byte, the one that was received, and its custody has no gap."""
    return one.unbroken and _opens(one.file)


def _acted(
    vault: OpenVault,
    case: UUID,
    row: UUID,
    act: Act,
    why: str,
    to: str = "",
    *,
    version: int | None = None,
    change: Callable[[Evidence], Evidence] = lambda one: one,
    check: Callable[[OpenSafe], None] = lambda _safe: None,
) -> Kept:
    """One act on a piece with its line of custody, stored before anything comes of it."""

    def write(safe: OpenSafe) -> Kept:
        kept = piece(safe, row)
        if version is not None and kept.version != version:
            raise RefusedError(_("Somebody changed this meanwhile. Look again, then write it anew."))
        if kept.piece.gone:
            raise RefusedError(_("This file was taken out. Its description and custody stay."))
        check(safe)
        made = change(kept.piece).then(clock.now(), vault.person, act, " ".join(why.split())[:300], to[:200])
        safe.log("evidence", act=act.value, record=hashed(row))
        safe.change(row, kept.version, made.pack())
        return Kept(row, kept.version + 1, made)

    return changing(vault, case, write)


def _drop(ident: str) -> None:
    # Only once the record that no longer names it is there for good.
    transaction.on_commit(partial(files.drop, folder(), ident))
