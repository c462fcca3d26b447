"""One hash over every chain, once an hour, signed, to two witnesses outside: a mailbox and an address.

It has one size whether or not anything happened, and is keyed, so that a witness learns neither counts nor rhythm. Who
runs this server can show later that a line which a witness holds belongs to the chains as they are, up to its moment.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db.models import F, Max
from django.utils import timezone

from tocsin.alerts.channels import calling, smtp, values
from tocsin.alerts.channels.base import Result
from tocsin.alerts.channels.mail import Mail
from tocsin.audit.chain import GENESIS
from tocsin.audit.models import Seal
from tocsin.keys import sealing
from tocsin.keys.models import DirectoryEntry, Link, LogLine, Root, Safe
from tocsin.keys.sealing import SealError
from tocsin.keys.tampering import mark
from tocsin.lib.claims import hold
from tocsin.lib.http import Client, HttpError, Limits, Politeness

log = logging.getLogger("tocsin.keys")

EVERY: Final = timedelta(hours=1)
_WITH_LEAVES: Final = 48
_PATIENCE: Final = 20.0
_LIMITS: Final = Limits(connect=5, read=10, total=15, patience=5, received=64 * 1024)
_WORD: Final = "tocsin-root-1"
_WHOLE_LINES: Final = SMTP.clone(max_line_length=998)

Leaf = list[int | str]


@dataclass(frozen=True, slots=True)
class Told:
    """How far what a witness holds agrees with the chains; ``wrong`` says where it does not, in words."""

    agrees_to: datetime | None
    lines: int
    wrong: tuple[str, ...]


def step() -> bool:
    """Make the hash that is due, and tell it to each witness that did not take it yet."""
    if not hold("keys.roots", 120):
        return False
    last = Root.objects.order_by("-pk").first()
    now = timezone.now()
    if last is None or now - last.at >= EVERY or last.at > now:
        last = take(now)
    _tell(last)
    return False


def take(at: datetime) -> Root:
    """Make and store one."""
    at = at.astimezone(UTC)
    head = Seal.objects.order_by("-sequence").first()
    line = DirectoryEntry.objects.order_by("-number").first()
    leaves = _leaves()
    made = Root(
        at=at,
        sequence=head.sequence if head else 0,
        audit=head.digest if head else GENESIS,
        number=line.number if line else 0,
        directory=bytes(line.digest).hex() if line else "",
        safes=_combined(leaves),
        leaves=leaves,
    )
    made.root = _root(made)
    made.signature = sealing.sign(_seed(), _statement(made)).hex()
    made.save()
    old = Root.objects.order_by("-pk").values_list("pk", flat=True)[_WITH_LEAVES : _WITH_LEAVES + 100]
    Root.objects.filter(pk__in=list(old)).update(leaves={})
    return made


def _leaves() -> dict[str, Leaf]:
    """By a keyed hash of each safe: its newest version and log line, with their digests."""
    logs = dict(LogLine.objects.values_list("safe").annotate(last=Max("number")))
    digests = {
        (one.safe_id, one.number): bytes(one.digest).hex()
        for one in LogLine.objects.filter(number__in=set(logs.values())).only("safe_id", "number", "digest")
    }
    newest = Link.objects.filter(version=F("safe__version"))
    return {
        mark("leaf", one.safe_id.hex): [
            one.version,
            bytes(one.signature).hex(),
            last := logs.get(one.safe_id, 0),
            digests.get((one.safe_id, last), ""),
        ]
        for one in newest
    }


def _combined(leaves: dict[str, Leaf]) -> str:
    parts = [part for name, leaf in sorted(leaves.items()) for part in (name, *leaf)]
    return sealing.digest("leaves", *parts).hex()


def _root(one: Root) -> str:
    at = one.at.astimezone(UTC).isoformat()
    return mark("root", one.sequence, one.audit, one.number, one.directory, one.safes, at)


def _seed() -> bytes:
    return sealing.derive(sha256(settings.SECRET_KEY.encode()).digest(), "witness")


def public_key() -> str:
    """The key that witnesses check a line's signature with, in hexadecimal digits."""
    return sealing.sign_keys(_seed())[0].hex()


def _statement(one: Root) -> bytes:
    return f"{_WORD} {one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {one.root}".encode()


def line_of(one: Root) -> str:
    """What a witness is told: always of one size."""
    return f"{_statement(one).decode()} {one.signature}"


def _tell(one: Root) -> None:
    ways: tuple[tuple[str, str, Callable[[str, str], str]], ...] = (
        ("mailed_at", settings.CONFIGURATION.witness_mail, _mail),
        ("posted_at", settings.CONFIGURATION.witness_url, _post),
    )
    for field, where, way in ways:
        if not where or getattr(one, field) is not None:
            continue
        why = way(where, line_of(one))
        if why:
            log.error("an outside witness was not told", extra={"kind": field.partition("_")[0], "code": why})
        else:
            Root.objects.filter(pk=one.pk).update(**{field: timezone.now()})


def _mail(where: str, line: str) -> str:
    """Why it did not go; empty when the mail server took it."""
    mail = Mail(settings.PAGING)
    if not mail.ready().ready:
        return "not-set-up"
    # In one piece, so that what a mailbox holds can be checked as it came.
    letter = EmailMessage(policy=_WHOLE_LINES)
    sender = values.text(settings.PAGING, "mail_from")
    letter["From"], letter["To"], letter["Subject"] = sender, where, "Checkpoint"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(line + "\n")
    server = mail.server()
    outcome = smtp.deliver(server, sender, where, letter.as_bytes(), _PATIENCE, calling.PLAIN_LINE)
    return "" if outcome.result is Result.TAKEN else str(outcome.why or outcome.result)


def _post(where: str, line: str) -> str:
    allow = frozenset(one.strip() for one in settings.CONFIGURATION.inside_hosts.split(",") if one.strip())
    client = Client("Tocsin", politeness=Politeness(timedelta(0)))
    try:
        kind = {"content-type": "text/plain"}
        client.fetch(where, method="POST", content=line.encode() + b"\n", headers=kind, limits=_LIMITS, allow=allow)
    except HttpError as error:
        return str(error.code)
    return ""


def verify(told: Iterable[str] = ()) -> Told:
    """Check every stored hash against the chains, the newest one against every safe too, and what a witness holds.

    Each of ``told`` may stand in other words, as a mail does; only lines that begin with our word are read.
    """
    wrong: list[str] = []
    sound: dict[str, datetime] = {}
    rows = list(Root.objects.order_by("pk").defer("leaves"))
    chain = dict(Seal.objects.filter(sequence__in={one.sequence for one in rows}).values_list("sequence", "digest"))
    lines = dict(DirectoryEntry.objects.values_list("number", "digest"))
    for one in rows:
        audit = chain.get(one.sequence, GENESIS if one.sequence == 0 else "") == one.audit
        listed = bytes(lines.get(one.number, b"")).hex() == one.directory
        if audit and listed and _root(one) == one.root:
            sound[one.root] = one.at
        else:
            what = "the record" if not audit else "the directory of keys" if not listed else "the checkpoint itself"
            wrong.append(f"Since the checkpoint of {one.at:%Y-%m-%d %H:%M} UTC {what} was rewritten.")
    wrong += _safes_since()
    agrees_to, count = None, 0
    for line in told:
        words = line.split()
        if len(words) != 4 or words[0] != _WORD:
            continue
        count += 1
        if not _signed(words):
            wrong.append(f"What a witness holds of {words[1]} was not signed by this server.")
        elif words[2] not in sound:
            wrong.append(
                f"A witness holds a checkpoint of {words[1]} that these chains don't fit: they were rewritten."
            )
        elif agrees_to is None or sound[words[2]] > agrees_to:
            agrees_to = sound[words[2]]
    return Told(agrees_to, count, tuple(wrong))


def _signed(words: list[str]) -> bool:
    try:
        message = " ".join(words[:3]).encode()
        sealing.verify(bytes.fromhex(public_key()), message, bytes.fromhex(words[3]))
    except (SealError, ValueError):
        return False
    return True


def _safes_since() -> list[str]:
    """What became of the safes that the newest hash covers."""
    newest = Root.objects.order_by("-pk").first()
    if newest is None:
        return []
    if _combined(newest.leaves) != newest.safes:
        return [f"What the checkpoint of {newest.at:%Y-%m-%d %H:%M} UTC says of safes was changed."]
    changed = 0
    for safe in Safe.objects.only("pk").iterator():
        leaf = newest.leaves.get(mark("leaf", safe.pk.hex))
        if leaf is not None and not _continues(safe, leaf):
            changed += 1
    at = f"{newest.at:%Y-%m-%d %H:%M}"
    return [f"{changed} safes don't go on from what they were at {at} UTC."] if changed else []


def _continues(safe: Safe, leaf: Leaf) -> bool:
    version, signature, number, digest = leaf
    link = Link.objects.filter(safe=safe, version=version).first()
    line = LogLine.objects.filter(safe=safe, number=number).first()
    logged = number == 0 or (line is not None and bytes(line.digest).hex() == digest)
    return link is not None and bytes(link.signature).hex() == signature and logged


def heard() -> datetime | None:
    """When a witness last took a line; None: never."""
    found = Root.objects.aggregate(mailed=Max("mailed_at"), posted=Max("posted_at"))
    return max((one for one in found.values() if one is not None), default=None)
