"""What people outside see in two worlds, one with something sealed and one without: it must be the same to the byte."""

import re
from collections.abc import Iterator, Mapping, Sequence

from django.test import Client

from tests.stories.canaries import walk

# What differs between any two answers of the same page: tokens of forms, nonces, moments, names of the moment.
PASSING = (
    rb'name="(?:csrfmiddlewaretoken|once)" value="[^"]+"',
    rb"nonce-[\w+/=-]+",
    rb"(?i)etag: [^\n]+\n?",
    rb"(?i)(?:last-modified|expires|date|server-timing): [^\n]+\n?",
    rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)",
    rb"(?:in )?\d+ (?:second|minute|hour)s?(?: ago)?|just now|now<",
    rb"\d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d(?: UTC)?",
    rb"\d\d:\d\d(?::\d\d)?",
    rb'(?s)<div class="duty-picture">.*?</svg>',
    rb'"free_mb": \d+',
    rb"(?m)^(?:(?:# \w+ )?(?:tocsin_http|python_|process_).*\n)+",  # how often and how fast pages were asked for
    rb"(?m)^(tocsin_\w+(?:\{[^}]*\})?) [\d.e+-]+",
    rb"\d+ (?:entries|entry|waits?|wait)\b",
    rb'"content-length": "?\d+|(?i:content-length: \d+)',
)


def normal(body: bytes) -> bytes:
    """A page without what passes."""
    for pattern in PASSING:
        body = re.sub(pattern, b"_", body)
    return body


def world(
    clients: Mapping[str, Client], starts: Sequence[str], without: tuple[str, ...] = ()
) -> Iterator[tuple[str, bytes]]:
    """All that each of these readers comes to, as it is compared; the record grows by being read, so it is left out."""
    for name, client in clients.items():
        client.cookies["csrf"] = "a" * 32
        for address, body in walk(client, starts, without).items():
            if "audit" not in address:
                yield f"{name} at {address}", normal(body)


def differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Each page that differs, with the words around the first place where it does."""
    found = {one: _first(before.get(one, b""), after.get(one, b"")) for one in sorted({*before, *after})}
    return [f"{address}: {how}" for address, how in found.items() if how]


def _first(one: bytes, other: bytes) -> str:
    if one == other:
        return ""
    for left, right in zip(one.split(b"\n"), other.split(b"\n"), strict=False):
        if left != right:
            at = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), 0)
            return f"{left[max(0, at - 80) : at + 80]!r} / {right[max(0, at - 80) : at + 80]!r}"
    return "one is longer"
