"""Everything that the door writes: what is sent, what is added, what is taken back, what was read."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from tocsin.intake import envelopes, storing
from tocsin.intake.configured import door, key_for
from tocsin.intake.desks import Desk, Hidden
from tocsin.intake.drafts import Draft, Opened
from tocsin.intake.envelopes import Receipt
from tocsin.intake.models import Box, Envelope, Message, Sent
from tocsin.intake.storing import Incoming, Kept
from tocsin.keys.sealing import digest
from tocsin.keys.uploads import settle

_QUARTER = 15
# A form is open for a day; its hash is of no use after.
_FORMS_KEPT = timedelta(days=3)


class _Twice(Exception):  # noqa: N818  # never leaves this module
    """This form was taken already."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody reads in their box. ``texts`` are (day, words or None where it can't be opened).

    ``desk`` is empty where nobody knows any more who must not see it: then nothing more may be written.
    """

    found: bool
    texts: tuple[tuple[date, str | None], ...] = ()
    desk: str = ""
    hidden: tuple[str, ...] = ()


def accept(
    draft: Draft, hidden: Hidden, language: str, desk: Desk, receipt: Receipt, files: Sequence[Incoming]
) -> bool:
    """Keep what somebody sends, sealed, and make their box; False if this form was taken already."""
    moment, box = datetime.now(UTC), (receipt.lookup, receipt.public)

    def write(kept: Sequence[Kept]) -> None:
        body = envelopes.first(draft, hidden, language, moment, box, kept)
        Box.objects.using(door().database).create(
            lookup=receipt.lookup,
            public=receipt.public,
            about=envelopes.about(receipt, desk.id, draft.hidden),
            day=moment.date(),
        )
        _envelope(desk, body, moment, receipt.lookup, draft.urgency, language, kept)

    return _once(draft.form, files, write)


def add(opened: Opened, text: str, language: str, desk: Desk, files: Sequence[Incoming]) -> bool:
    """Keep what somebody adds, sealed, once; False if the box is gone."""
    moment, alias = datetime.now(UTC), door().database
    lookup, public = bytes.fromhex(opened.lookup), bytes.fromhex(opened.public)
    box = Box.objects.using(alias).filter(lookup=lookup).first()
    if box is None:
        return False

    def write(kept: Sequence[Kept]) -> None:
        body = envelopes.more(text, box.frozen, language, moment, (lookup, public), kept)
        _envelope(desk, body, moment, lookup, "", language, kept, follows=True)

    _once(opened.form, files, write)
    return True


def withdraw(opened: Opened, delete: bool) -> None:
    """Ask that sharing stops now; with ``delete`` also that it is destroyed after the delay. Nothing goes yet."""
    wish = Box.Wish.DELETE if delete else Box.Wish.STOP
    rows = Box.objects.using(door().database).filter(lookup=bytes.fromhex(opened.lookup))
    rows.update(wish=wish, withdrawn_at=_quarter(datetime.now(UTC)), wish_taken=False)


def show(receipt: Receipt) -> Shown:
    """The unread messages of a box; they are gone from here with that. A frozen box looks like an empty one."""
    alias = door().database
    with transaction.atomic(using=alias):
        box = Box.objects.using(alias).filter(lookup=receipt.lookup).first()
        # The same work whether or not there is a box.
        about = envelopes.recalled(receipt, bytes(box.about) if box else envelopes.about(receipt, "", ())) or {}
        if box is None:
            return Shown(found=False)
        rows = [] if box.frozen else list(Message.objects.using(alias).filter(box=box).order_by("day", "id"))
        Message.objects.using(alias).filter(id__in=[row.id for row in rows]).delete()
    texts = tuple((row.day, _words(envelopes.opened(receipt.seed, bytes(row.sealed)))) for row in rows)
    return Shown(True, texts, str(about.get("desk", "")), tuple(map(str, about.get("hidden", ()))))


def sweep() -> int:
    """Remove parts of broken uploads, files without a row, and old hashes of forms; says how many files."""
    made, now = door(), datetime.now(UTC)
    Sent.objects.using(made.database).filter(day__lt=(now - _FORMS_KEPT).date()).delete()
    lists = Envelope.objects.using(made.database).values_list("files", flat=True)
    known = {place for files in lists for place in storing.places_of(files)}
    return storing.sweep(made.files, known, now.timestamp())


def _once(form: str, files: Sequence[Incoming], write: Any) -> bool:
    made, kept = door(), list[Kept]()
    try:
        with transaction.atomic(using=made.database):
            try:
                with transaction.atomic(using=made.database):
                    mark = digest(form, key=key_for(made.folder, "intake.sent"))
                    Sent.objects.using(made.database).create(form=mark, day=datetime.now(UTC).date())
            except IntegrityError:
                raise _Twice from None
            # First the files have their lasting names, then there is a row that speaks of them: never the other way.
            kept += [one.keep() for one in files]
            if kept:
                settle(made.files)
            write(kept)
    except _Twice:
        return False
    except BaseException:
        with suppress(OSError):
            storing.remove(made.files, [one.place for one in kept])
        raise
    return True


def _envelope(
    desk: Desk,
    body: dict[str, Any],
    moment: datetime,
    lookup: bytes,
    urgency: str,
    language: str,
    kept: Sequence[Kept],
    follows: bool = False,
) -> None:
    Envelope.objects.using(door().database).create(
        desk=desk.id,
        epoch=desk.epoch,
        sealed=envelopes.sealed(desk.public, body),
        arrived_at=_quarter(moment),
        language=language,
        urgency=urgency,
        lookup=lookup,
        follows=follows,
        files=[{"place": one.place, "stored": one.stored} for one in kept],
    )


def _quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // _QUARTER * _QUARTER, second=0, microsecond=0)


def _words(found: dict[str, Any] | None) -> str | None:
    return str(found["text"]) if found and "text" in found else None
