"""Asks a time-stamping service (RFC 3161) to say that a hash was there at this moment. It learns the hash alone."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from django.utils.translation import gettext as _
from rfc3161_client import TimeStampResponse, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from tocsin.cases.evidence.items import Stamp
from tocsin.lib.http import Client, HttpError, Limits

_SHA256: Final = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier: SHA-256, no parameters
_LIMITS: Final = Limits(received=64 * 1024, unpacked=64 * 1024, total=20.0)
_KIND: Final = "application/timestamp-query"


class StampError(Exception):
    """There is no stamp; ``words`` say why and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


@dataclass(frozen=True, slots=True)
class Service:
    """Whom to ask: its address, a file with the certificates that its answers must lead to, and ``host:port`` if it is
    inside."""

    url: str
    roots: Path
    inside: frozenset[str] = frozenset()


def request(sha256: str, nonce: int) -> bytes:
    """The question (TimeStampReq): version 1, the hash, a nonce, and the wish for the service's certificate."""
    imprint = _der(0x30, _SHA256 + _der(0x04, bytes.fromhex(sha256)))
    return _der(0x30, _der(0x02, b"\x01") + imprint + _der(0x02, _integer(nonce)) + _der(0x01, b"\xff"))


def ask(service: Service, sha256: str) -> Stamp:
    """A stamp over a SHA-256, checked against the service's own certificates.

    Raises:
        StampError: when there is none, or it does not hold.
    """
    nonce = secrets.randbits(63)
    headers = {"content-type": _KIND, "accept": "application/timestamp-reply"}
    try:
        answer = Client("Tocsin").fetch(
            service.url,
            method="POST",
            headers=headers,
            content=request(sha256, nonce),
            limits=_LIMITS,
            allow=service.inside,
        )
    except HttpError as error:
        raise StampError(_("The time-stamping service did not answer. Try again later.")) from error
    found = _checked(service, answer.body, sha256, nonce)
    at = found.tst_info.gen_time.isoformat(timespec="seconds")
    return Stamp(at, urlsplit(service.url).hostname or "", answer.body.hex())


def holds(service: Service, stamp: Stamp, sha256: str) -> bool:
    """Whether a stamp still stands for this hash."""
    try:
        found = _checked(service, bytes.fromhex(stamp.answer), sha256, None)
    except (StampError, ValueError):
        return False
    return found.tst_info.gen_time.isoformat(timespec="seconds") == stamp.at


def _checked(service: Service, answer: bytes, sha256: str, nonce: int | None) -> TimeStampResponse:
    try:
        roots = x509.load_pem_x509_certificates(service.roots.read_bytes())
    except (OSError, ValueError) as error:
        words = _("The certificates of the time-stamping service can’t be read. An operator mends this.")
        raise StampError(words) from error
    builder = VerifierBuilder(nonce=nonce)
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        found = decode_timestamp_response(answer)
        builder.build().verify(found, bytes.fromhex(sha256))
    except (VerificationError, ValueError) as error:
        words = _("The answer of the time-stamping service does not hold. Nothing was noted; tell an operator.")
        raise StampError(words) from error
    return found


def _der(tag: int, content: bytes) -> bytes:
    # Everything in this question is shorter than 128 bytes.
    return bytes([tag, len(content)]) + content


def _integer(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")
