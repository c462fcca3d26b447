"""OpenPGP for the emergency address: its private key lies sealed in the desk's safe, and works in a session alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pysequoia


@dataclass(frozen=True, slots=True)
class Pair:
    """Both halves of a key, armoured."""

    private: str
    public: str
    fingerprint: str


def make(address: str) -> Pair:
    """A new key for an address."""
    key: Any = pysequoia.Tsk.generate(address)
    public = key.extract_certificate()
    return Pair(str(key), str(public), str(public.fingerprint).upper())


def decrypt(private: str, message: bytes) -> bytes | None:
    """What a message says; None when it does not open with this key, or is none."""
    try:
        key: Any = pysequoia.Tsk.from_bytes(private.encode())
        return pysequoia.decrypt(message, decryptor=key.decryptor()).bytes
    except Exception:  # noqa: BLE001  # the library has no other type, and a stranger chose what it reads
        return None


def encrypt(key: bytes, text: bytes, signer: str = "") -> bytes | None:
    """A text for the holder of this key, signed inside by the private key ``signer``; None when one can't be used."""
    try:
        recipient: Any = pysequoia.Cert.from_bytes(key)
        own: Any = pysequoia.Tsk.from_bytes(signer.encode()).signer() if signer else None
        sealed: bytes = bytes(pysequoia.encrypt(text, recipients=[recipient], signer=own))
    except Exception:  # noqa: BLE001  # as above
        return None
    return sealed


def fingerprint(key: bytes) -> str:
    """What two people read to each other to compare this key; empty when it is none."""
    try:
        found: Sequence[str] = str(pysequoia.Cert.from_bytes(key).fingerprint).upper()
    except Exception:  # noqa: BLE001  # as above
        return ""
    return " ".join(str(found)[at : at + 4] for at in range(0, len(found), 4))
