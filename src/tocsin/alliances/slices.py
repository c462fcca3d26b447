"""Slices: something sealed for one ally, opened by a link and a code, until it expires or is recalled.

The key comes out of both the token in the link and the code (Argon2id); the server keeps a hash of the token, the salt
and the blob. The expiry and the case's public key lie inside the blob, so that nobody who changes rows can lengthen the
one or swap the other. Times in rows are days; the moments go to the case, sealed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.html import escape
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances.models import Contact, Reply, Slice
from tocsin.alliances.record import note_sealed
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.secrets import Link, SliceCode, SliceToken
from tocsin.alliances.usability import require_usable
from tocsin.alliances.words import ANSWERS, within
from tocsin.keys.sealing import RECEIPT_COST, Context, SealError, new_key, open_sealed, passphrase_key, seal, seal_to
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person

# The door's page must stay under 30 kB; what is escaped counts as it is sent.
LARGEST = 15_000
LONGEST_ANSWER = 2_000
LONGEST = timedelta(days=90)
TRIES = 3
# Rows without content stay so long, for the case to pull what came back.
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Opened:
    """A slice as its ally sees it. ``reply_to`` is the public key that answers are sealed to; b"" takes none."""

    slice: Slice
    text: str
    tlp: str
    expires_at: datetime
    reply_to: bytes


@dataclass(frozen=True, slots=True)
class SealedReply:
    """Something that came back. Opened, ``sealed`` is JSON: kind ("opened" or an answer), words, at (ISO 8601)."""

    id: str
    slice: str
    sealed: bytes
    on: date


def make_slice(
    contact: Contact,
    plain: bytes,
    expires_at: datetime,
    by: Person,
    *,
    tlp: str = Tlp.AMBER_STRICT.value,
    reply_to: bytes = b"",
    override: str = "",
) -> Link:
    """Seal a text (UTF-8) for one ally. The link and the code are given once; tell the code by another channel.

    The caller has the consent and writes down who did it; ``override`` is a reason to use an ally who is proposed or
    stale, and is not kept here.

    Raises:
        RefusedError: when the ally can't be used or may not be told this, for a text that is no UTF-8 or too long, or
            an expiry that lies behind us or more than 90 days ahead.
    """
    at = clock.now()
    _check(plain, expires_at, at)
    token, code, name, salt = SliceToken.mint(), SliceCode.mint(), random_name(20), new_key()[:16]
    inside = {
        "text": plain.decode(),
        "tlp": tlp,
        "until": expires_at.astimezone(UTC).isoformat(),
        "reply_to": reply_to.hex(),
    }
    blob = seal(_key(token, code, salt), json.dumps(inside).encode(), _place(name))
    with transaction.atomic():
        # As they stand at this very moment: who is suspended meanwhile gets nothing.
        ally = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
        require_usable(ally, at, override)
        if tlp not in set(Tlp) or not within(tlp, ally.tlp):
            raise RefusedError(_("They may not be told this much: see the TLP that stands with them."), "tlp")
        Slice.objects.create(
            public_id=name,
            contact=ally,
            token_hash=token.digest,
            salt=salt,
            blob=blob,
            tlp=tlp,
            made_on=at.date(),
            expires_at=expires_at,
        )
        note_sealed(by, "slice", name)
    return Link(name, token, code)


def _check(plain: bytes, expires_at: datetime, at: datetime) -> None:
    if not at < expires_at <= at + LONGEST:
        raise RefusedError(_("Choose when it ends: later than now, within 90 days."), "expires_at")
    try:
        shown = escape(plain.decode())
    except UnicodeDecodeError:
        raise RefusedError(_("Only text can be shared this way."), "plain") from None
    if not plain.strip() or len(shown.encode()) > LARGEST:
        raise RefusedError(_("Share between one letter and about 15,000."), "plain")


def open_slices(token: str) -> Slice | None:
    """The slice behind a link while it can be opened; None for one that never was, expired, was recalled or spent."""
    if not token.isascii() or len(token) > 80:
        return None
    rows = Slice.objects.filter(token_hash=SliceToken(token).digest, recalled_at=None, tries_left__gt=0)
    return rows.filter(expires_at__gt=clock.now()).first()


def open_slice(row: Slice, token: str, code: str) -> Opened | None:
    """What a slice holds; None for a wrong code, of which the third destroys the content.

    The try is counted before the code is looked at, so that many at once are no more than three.
    """
    if not Slice.objects.filter(pk=row.pk, tries_left__gt=0).update(tries_left=F("tries_left") - 1):
        return None
    try:
        key = _key(SliceToken(token), SliceCode.typed(code), bytes(row.salt))
        inside = json.loads(open_sealed(key, bytes(row.blob), _place(row.public_id)))
    except SealError:
        if Slice.objects.filter(pk=row.pk, tries_left=0).update(blob=b"", recalled_at=clock.now()):
            with transaction.atomic():
                note_sealed(None, "slice_spent", row.public_id)
        return None
    at, until = clock.now(), datetime.fromisoformat(inside["until"])
    if until <= at or not Slice.objects.filter(pk=row.pk, recalled_at=None).update(
        tries_left=TRIES, opened_on=at.date()
    ):
        return None
    return Opened(row, inside["text"], inside["tlp"], until, bytes.fromhex(inside["reply_to"]))


def note_opening(opened: Opened) -> None:
    """Tell the case, sealed, that its slice was opened at this moment."""
    _reply(opened, "opened", "", None)


def answer(opened: Opened, kind: str, words: str, once: str) -> None:
    """Take the ally's answer, sealed to the case. The same form sent twice counts once.

    Raises:
        RefusedError: for an answer that is none, a question without words, or too many words.
    """
    said = words.strip()
    if not opened.reply_to or kind not in ANSWERS:
        raise RefusedError(_("Choose one of the answers."))
    if len(said) > LONGEST_ANSWER:
        raise RefusedError(_("At most %(n)s letters fit here.") % {"n": LONGEST_ANSWER})
    if kind == "question" and not said:
        raise RefusedError(_("Write your question."))
    _reply(opened, kind, said, SliceToken(f"{opened.slice.public_id}:{once[:40]}").digest)


def _reply(opened: Opened, kind: str, words: str, once: str | None) -> None:
    if not opened.reply_to:
        return
    at = clock.now()
    said = json.dumps({"kind": kind, "words": words, "at": at.isoformat()}).encode()
    row = Reply(
        public_id=random_name(20), slice=opened.slice, once=once, sealed=seal_to(opened.reply_to, said), on=at.date()
    )
    Reply.objects.bulk_create([row], ignore_conflicts=True)


def recall(found: Slice | str, by: Person) -> None:
    """Destroy what a slice holds, at once; by the row or its public id. What came back stays until it is pulled."""
    name = found.public_id if isinstance(found, Slice) else found
    with transaction.atomic():
        if Slice.objects.filter(public_id=name, recalled_at=None).update(blob=b"", recalled_at=clock.now()):
            note_sealed(by, "recall", name)


def recall_all(contact: Contact, by: Person) -> None:
    """Destroy whatever this ally could still open, in the transaction of the caller."""
    rows = Slice.objects.filter(contact=contact, recalled_at=None).order_by("pk")
    for name in list(rows.values_list("public_id", flat=True)):
        recall(name, by)


def replies(slices: Iterable[str]) -> list[SealedReply]:
    """What came back about these slices (public ids), the oldest first."""
    rows = Reply.objects.filter(slice__public_id__in=list(slices)).select_related("slice").order_by("pk")
    return [SealedReply(one.public_id, one.slice.public_id, bytes(one.sealed), one.on) for one in rows]


def forget_replies(ids: Iterable[str]) -> None:
    """Erase replies that the case holds by now."""
    Reply.objects.filter(public_id__in=list(ids)).delete()


def tidy(at: datetime) -> bool:
    """Destroy what slices hold that expired, and erase rows that ended long ago; False when there was none."""
    over = Slice.objects.filter(expires_at__lte=at, recalled_at=None).update(blob=b"", recalled_at=at)
    gone, _each = Slice.objects.filter(recalled_at__lt=at - KEPT).delete()
    return bool(over or gone)


def _key(token: SliceToken, code: SliceCode, salt: bytes) -> bytes:
    return passphrase_key(f"{token} {code}".encode(), salt, RECEIPT_COST)


def _place(name: str) -> Context:
    return Context(name.encode(), "slice", 0, name.encode(), "blob", 1)
