"""The home's own signing key (Ed25519): with it the door knows its desks, and a restore knows whose backup it is.

The seed stands in ``secrets/signing_key``, apart from the backups; its public half may be told to anybody.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.config.configuration import secret
from tocsin.config.home import write_once
from tocsin.config.refusal import RefusalError
from tocsin.keys import sealing

NAME: Final = "signing_key"
_SEED: Final = 32


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs. ``public`` is its other half, in hexadecimal digits: what others know it by."""

    seed: bytes
    public: str

    def sign(self, message: bytes) -> str:
        """A signature in hexadecimal digits."""
        return sealing.sign(self.seed, message).hex()


def signer_of(home: Path, *, make: bool = True) -> Signer | None:
    """The home's key, made if there is none; None where there is none and none is to be made, or can be.

    Raises:
        RefusalError: when it is no key.
    """
    text = secret(home, NAME)
    if not text and make:
        folder = Path(os.environ.get("TOCSIN_SECRETS", home / "secrets"))
        try:
            write_once(folder / NAME, secrets.token_hex(_SEED) + "\n")
        except OSError:
            return None
        text = secret(home, NAME)
    if not text:
        return None
    try:
        seed = bytes.fromhex(text)
        public, _ = sealing.sign_keys(seed)
    except (ValueError, TypeError, sealing.SealError) as error:
        raise RefusalError(f"secrets/{NAME} is no key: 64 hexadecimal digits. Put it back from a backup.") from error
    return Signer(seed, public.hex())


def holds(public: str, message: bytes, signature: str) -> bool:
    """Whether this key signed this message."""
    try:
        sealing.verify(bytes.fromhex(public), message, bytes.fromhex(signature))
    except (ValueError, TypeError, sealing.SealError):
        return False
    return True
