"""Fetches one source once and reads the answer in the jail. Writes nothing."""

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any

from django.conf import settings

from tocsin.lib import http, jail
from tocsin.streams.drafts import ALLOWED_INSIDE, host_and_port
from tocsin.streams.models import Source
from tocsin.streams.sources import kind
from tocsin.streams.sources.base import Batch, Kind, Request, Target
from tocsin.streams.turns import turn

MOVED = "The server says that this address has moved for good. Edit the source, before the old one goes."
PATIENCE = 10.0  # seconds to wait for one's turn at a host; then other hosts come first

_MARKS_KEPT = 400

Reading = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fetch.

    ``code`` is empty for a good answer, else the stable code of what went wrong. ``unchanged``: the source has nothing
    that was not stored before. ``transport`` is what the collector itself remembers between fetches. ``skipped`` is the
    kind's memory without what failed, for a part that stays unreadable while the rest may be fine.
    """

    at: datetime
    seconds: float
    code: str = ""
    message: str = ""
    status: int | None = None
    bytes: int = 0
    unchanged: bool = False
    batch: Batch = field(default_factory=Batch)
    transport: Mapping[str, Any] = field(default_factory=dict)
    retry_after: timedelta | None = None
    skipped: Mapping[str, Any] | None = None


@cache
def client() -> http.Client:
    """The process's one client; it says who runs it where a contact is configured."""
    contact = settings.CONFIGURATION.contact
    about = f"; +{contact}" if contact else ""
    return http.Client(f"Tocsin/{version('tocsin')} (human-rights early warning{about})")


def target_of(source: Source) -> Target:
    """The source as its kind sees it."""
    return Target(
        url=source.url,
        options=source.options,
        countries=tuple(source.countries),
        languages=tuple(source.languages),
        memory=source.memory.get("kind", {}),
    )


def fetch(source: Source, now: datetime | None = None, *, hurry: bool = False) -> Outcome:
    """Fetch what the source's kind wants next. Never raises for anything that the other side does."""
    at = now or datetime.now(UTC)
    started = time.monotonic()
    what, target = kind(source.kind), target_of(source)
    try:
        request = what.plan(target, at)
    except (ValueError, TypeError, KeyError):
        return Outcome(at=at, seconds=0.0, code="settings", message="Its settings can't be used. Edit the source.")
    transport = source.memory.get("transport", {})
    if request is None:
        batch = Batch(memory=target.memory, entries=1)
        return Outcome(at=at, seconds=0.0, unchanged=True, batch=batch, transport=transport)
    limits = replace(request.fetch_limits, patience=PATIENCE)
    request = _hurried(request) if hurry else replace(request, fetch_limits=limits)
    # People who wait take turns at reading; collectors have their own bound.
    reading = turn if hurry else nullcontext
    outcome = _fetch(what, target, request, transport, source, at, reading)
    return replace(outcome, seconds=time.monotonic() - started)


def try_out(source: Source) -> Outcome:
    """Fetch a source that is not saved, for somebody who waits for the answer: shorter limits, nothing stored.

    Raises:
        RefusedError: when too many others are being read for people who wait.
    """
    return fetch(source, hurry=True)


def _allowed(source: Source) -> frozenset[str]:
    """The host inside that may be reached: the source's own, where it is allowed."""
    own = host_and_port(source.url)
    return frozenset({own}) if own and own == source.allow_private else frozenset()


def _hurried(request: Request) -> Request:
    fetch_limits = replace(request.fetch_limits, total=15.0, patience=5.0)
    return replace(request, fetch_limits=fetch_limits, parse_limits=replace(request.parse_limits, wall=15.0))


def _fetch(
    what: Kind,
    target: Target,
    request: Request,
    transport: Mapping[str, Any],
    source: Source,
    at: datetime,
    reading: Reading,
) -> Outcome:
    same = transport.get("url") == request.url
    try:
        answer = client().fetch(
            request.url,
            headers={"accept": request.accept},
            etag=str(transport.get("etag", "")) if same else "",
            last_modified=str(transport.get("last_modified", "")) if same else "",
            limits=request.fetch_limits,
            allow=_allowed(source),
        )
    except http.HttpError as error:
        if error.status == 404 and request.may_be_missing:
            batch = what.absent(target, request, at)
            return Outcome(at=at, seconds=0, status=404, batch=batch, transport=transport, message=batch.note)
        return Outcome(
            at=at,
            seconds=0,
            code=error.code,
            message=_plain(error, source, request),
            status=error.status,
            retry_after=error.retry_after,
            skipped=what.skipped(target, request, at) if _is_of_this_part(error) else None,
        )
    digest = hashlib.sha256(answer.body).hexdigest()
    # A 304 need not repeat what it confirms.
    before = transport if answer.not_modified else {}
    learnt = {
        **transport,
        "url": request.url,
        "etag": answer.etag[:400] or before.get("etag", ""),
        "last_modified": answer.last_modified[:100] or before.get("last_modified", ""),
    }
    moved = MOVED if answer.moved_to and answer.moved_to != request.url else ""
    got = Outcome(
        at=at, seconds=0, status=answer.status, bytes=answer.bytes_received, transport=transport, message=moved
    )
    if answer.not_modified or (same and transport.get("digest") == digest):
        memory = Batch(memory=target.memory, entries=int(transport.get("entries", 1)))
        return replace(got, unchanged=True, batch=memory, transport={**learnt, "digest": transport.get("digest", "")})
    return _read(what, target, request, answer, replace(got, transport={**learnt, "digest": digest}), reading)


def _plain(error: http.HttpError, source: Source, request: Request) -> str:
    """The line of an error; for an address inside, with what to write where if that is meant."""
    own = host_and_port(source.url)
    if error.code != http.Code.REFUSED_ADDRESS or own in _allowed(source):
        return error.message
    if error.redirected or host_and_port(request.url) != own:
        return "The server leads to an address that is not on the public internet. Such a one can't be allowed."
    return (
        "This name leads to an address that is not on the public internet. If that is meant, the lead writes "
        f"{own} into “{ALLOWED_INSIDE}” on this source."
    )


def _is_of_this_part(error: http.HttpError) -> bool:
    """Whether an error may belong to the one address that was asked, not to the whole server."""
    if error.code == http.Code.STATUS:
        return error.status is not None and 400 <= error.status < 500 and error.status not in {401, 429}
    return error.code in {http.Code.TOO_LARGE, http.Code.DECODE}


def _read(what: Kind, target: Target, request: Request, answer: http.Answer, got: Outcome, reading: Reading) -> Outcome:
    argument = dict(request.argument)
    if request.labelled:
        argument["content_type"] = answer.content_type
    skipped = what.skipped(target, request, got.at)
    with reading():
        result = jail.run(request.parser, answer.body, limits=request.parse_limits, argument=argument)
    if result.failure is not None:
        code, message = str(result.failure.code), result.failure.message
        return replace(got, code=code, message=message, transport={}, skipped=skipped)
    try:
        batch = what.take(target, request, result.data, got.at)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        message = "The reader of this answer gave something that makes no sense. Look at the source with care."
        return replace(got, code="refused", message=message, transport={}, skipped=skipped)
    transport = {**got.transport, "entries": batch.entries}
    batch, transport = _without_known(request, batch, transport)
    return replace(got, batch=batch, transport=transport, message=" ".join(filter(None, [got.message, batch.note])))


def _without_known(request: Request, batch: Batch, transport: dict[str, Any]) -> tuple[Batch, dict[str, Any]]:
    """Drop observations that equal those of the last answer under the same name."""
    if not batch.observations:
        return batch, transport
    mark = hashlib.sha256(repr(sorted(map(repr, batch.observations))).encode()).hexdigest()[:16]
    marks: dict[str, str] = dict(transport.get("marks", {}))
    if marks.get(request.name) == mark:
        return replace(batch, observations=()), transport
    marks.pop(request.name, None)
    marks[request.name] = mark
    return batch, {**transport, "marks": dict(list(marks.items())[-_MARKS_KEPT:])}
