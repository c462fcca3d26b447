"""The primitives, all of them libsodium's. Nothing here knows a row, a person or a framework.

Sources: XChaCha20-Poly1305 and secretstream as libsodium documents them; the commitment to the key closes what
https://eprint.iacr.org/2020/1491 describes; Padmé is from https://petsymposium.org/popets/2019/popets-2019-0056.pdf
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

KEY: Final = 32
CHUNK: Final = 64 * 1024
SEALED_CHUNK: Final = CHUNK + bindings.crypto_secretstream_xchacha20poly1305_ABYTES
HEADER: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_SUITE: Final = b"tocsin/1"
_NONCE: Final = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_STEPS: Final = 256  # bytes; no row is shorter than this
_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class SealError(Exception):
    """What should open doesn't: the wrong key, another place, or a changed byte. It never says which."""


@dataclass(frozen=True, slots=True)
class Context:
    """The one place that a ciphertext belongs to. It opens nowhere else."""

    safe: bytes
    compartment: str
    epoch: int
    row: bytes
    field: str
    version: int

    def encode(self) -> bytes:
        """The same place as bytes that no other place has."""
        parts = (self.safe, self.compartment, self.epoch, self.row, self.field, self.version)
        return encode(_SUITE, *parts)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over ``memory`` bytes."""

    passes: int
    memory: int


RECEIPT_COST: Final = Cost(2, 19 * 1024 * 1024)


def encode(*parts: bytes | str | int) -> bytes:
    """Parts as bytes, each with its length and type, so that no two lists of parts are alike."""
    out = bytearray()
    for part in parts:
        if isinstance(part, int):
            kind, raw = b"i", part.to_bytes(16, "big", signed=True)
        elif isinstance(part, str):
            kind, raw = b"s", part.encode()
        else:
            kind, raw = b"b", bytes(part)
        out += kind + len(raw).to_bytes(8, "big") + raw
    return bytes(out)


def digest(*parts: bytes | str | int, key: bytes = b"") -> bytes:
    """BLAKE2b of the encoded parts: 32 bytes."""
    return blake2b(encode(*parts), digest_size=32, key=key).digest()


def new_key() -> bytes:
    """A random key: 32 bytes."""
    return secrets.token_bytes(KEY)


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither the given key nor one for another purpose can be found."""
    return blake2b(purpose.encode(), key=key, digest_size=KEY, person=b"tocsin.derive").digest()


def seal(key: bytes, plain: bytes, context: Context) -> bytes:
    """Seal some bytes for one place: commitment, nonce, ciphertext. The length is padded."""
    nonce = secrets.token_bytes(_NONCE)
    place = context.encode()
    inner = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plain), place, nonce, key)
    return _commitment(key, nonce, place) + nonce + inner


def open_sealed(key: bytes, blob: bytes, context: Context) -> bytes:
    """The bytes that were sealed for this place.

    Raises:
        SealError: for any other key, place or blob.
    """
    blob, place = bytes(blob), context.encode()
    nonce = blob[KEY : KEY + _NONCE]
    if len(nonce) < _NONCE or not hmac.compare_digest(_commitment(key, nonce, place), blob[:KEY]):
        raise SealError
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(blob[KEY + _NONCE :], place, nonce, key)
    except (CryptoError, ValueError):
        raise SealError from None
    return unpad(padded)


def _commitment(key: bytes, nonce: bytes, place: bytes) -> bytes:
    return blake2b(encode(nonce, place), key=key, digest_size=KEY, person=b"tocsin.commit").digest()


def pad_size(size: int) -> int:
    """The size that something of this size is padded to (Padmé): at most 12 % more, and few sizes in all."""
    if size <= _STEPS:
        return _STEPS
    exponent = size.bit_length() - 1
    loose = exponent - (exponent.bit_length())
    mask = (1 << loose) - 1
    return (size + mask) & ~mask


def pad(plain: bytes) -> bytes:
    """The bytes with their length before and zeros behind."""
    whole = len(plain).to_bytes(8, "big") + plain
    return whole.ljust(pad_size(len(whole)), b"\0")


def unpad(padded: bytes) -> bytes:
    """What was padded.

    Raises:
        SealError: for bytes that ``pad`` can't have made.
    """
    length = int.from_bytes(padded[:8], "big")
    plain = padded[8 : 8 + length]
    if len(padded) < 8 or len(plain) != length or padded != pad(plain):
        raise SealError
    return plain


def box_keys(seed: bytes) -> tuple[bytes, bytes]:
    """The X25519 (public, private) key of a seed."""
    return bindings.crypto_box_seed_keypair(seed)


def sign_keys(seed: bytes) -> tuple[bytes, bytes]:
    """The Ed25519 (public, private) key of a seed."""
    return bindings.crypto_sign_seed_keypair(seed)


def seal_to(public: bytes, plain: bytes) -> bytes:
    """Seal for the holder of a key alone; not even the sender can open it again. The length is padded.

    Raises:
        SealError: for something that is no key.
    """
    try:
        return bindings.crypto_box_seal(pad(plain), public)
    except (CryptoError, ValueError, TypeError):
        raise SealError from None


def open_box(seed: bytes, blob: bytes) -> bytes:
    """What was sealed to the key of this seed.

    Raises:
        SealError: when it wasn't.
    """
    public, private = box_keys(seed)
    try:
        return unpad(bindings.crypto_box_seal_open(bytes(blob), public, private))
    except (CryptoError, ValueError, TypeError):
        raise SealError from None


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature alone: 64 bytes."""
    _, private = sign_keys(seed)
    return bindings.crypto_sign(message, private)[: bindings.crypto_sign_BYTES]


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Stop here unless the signature is of this message by the holder of this key.

    Raises:
        SealError: when not.
    """
    try:
        bindings.crypto_sign_open(bytes(signature) + message, bytes(public))
    except (CryptoError, ValueError, TypeError):
        raise SealError from None


def passphrase_key(passphrase: bytes, salt: bytes, cost: Cost, size: int = KEY) -> bytes:
    """Argon2id of a passphrase; ``salt`` has 16 bytes."""
    return argon2id.kdf(size, passphrase, salt, opslimit=cost.passes, memlimit=cost.memory)


def receipt_keys(words: bytes, salt: bytes, cost: Cost = RECEIPT_COST) -> tuple[bytes, bytes]:
    """Lookup (16 bytes) and X25519 seed (32 bytes) of a receipt; ``words`` as ``words.normalise`` gives them."""
    whole = passphrase_key(words, salt, cost, 16 + KEY)
    return whole[:16], whole[16:]


class FileSealer:
    """Seals a file piece by piece (secretstream), in flat memory. Write ``header`` first, then what ``push`` gives."""

    def __init__(self, key: bytes) -> None:
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self.header: bytes = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)

    def push(self, chunk: bytes, last: bool = False) -> bytes:
        """One sealed piece. All but the last are of ``CHUNK`` bytes, so that the reader knows where they end.

        Raises:
            ValueError: for a piece of another length.
        """
        if len(chunk) > CHUNK or (len(chunk) < CHUNK and not last):
            raise ValueError("every piece but the last has the size of a chunk")
        tag = _FINAL if last else _MESSAGE
        return bindings.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, None, tag)


class FileOpener:
    """Opens a file piece by piece. It is whole only if the last piece said so: see ``opened``."""

    def __init__(self, key: bytes, header: bytes) -> None:
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        try:
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)
        except (CryptoError, ValueError, TypeError):
            raise SealError from None

    def pull(self, piece: bytes) -> tuple[bytes, bool]:
        """A piece in clear, and whether it was the last.

        Raises:
            SealError: for a piece that is changed, doubled, missing or in another place.
        """
        try:
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, piece)
        except (CryptoError, ValueError, TypeError, RuntimeError):
            raise SealError from None
        return plain, tag == _FINAL


def opened(key: bytes, header: bytes, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Every piece of a file in clear.

    Raises:
        SealError: for a changed file, and, after its last piece, for one that was cut off or goes on behind its end.
    """
    opener, ended = FileOpener(key, header), False
    for piece in pieces:
        if ended:
            raise SealError
        plain, ended = opener.pull(piece)
        yield plain
    if not ended:
        raise SealError
