"""One measurement of ``bench seal``, in a process of its own; prints one JSON object. Words: its name, then numbers."""

import asyncio
import ctypes
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
CHUNK = 64 * 1024
_BLOCK = os.urandom(MEGABYTE)


class _Made(io.RawIOBase):
    """A file of so many megabytes that nobody had to write."""

    def __init__(self, megabytes: int) -> None:
        self._left = megabytes * MEGABYTE

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, into: Any) -> int:
        """The next bytes."""
        length = min(len(into), MEGABYTE, self._left)
        into[:length] = _BLOCK[:length]
        self._left -= length
        return length


def _blocks(megabytes: int) -> Iterator[bytes]:
    yield from (_BLOCK for _ in range(megabytes))


def _settled(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


def tocsin(folder: Path, megabytes: int) -> dict[str, float]:
    """Seal with ``keys.files``, the disk waited for; then open it again, every byte checked."""
    from tocsin.keys import files

    begun = time.perf_counter()
    file = files.store(folder, _blocks(megabytes))
    sealed = time.perf_counter()
    size = sum(len(piece) for piece in files.read(folder, file))
    assert size == megabytes * MEGABYTE
    return {"seal_s": sealed - begun, "open_s": time.perf_counter() - sealed}


def upload(folder: Path, megabytes: int) -> dict[str, float]:
    """The same through the layer that reads a browser's form before the framework: parsing, sealing, hashing."""
    from tocsin.keys.streaming import CAME, Door, Stage, Streamed

    came: list[Any] = []

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        asked = scope[CAME]
        if not isinstance(asked, Stage):
            came.append(asked.files[0].keep())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        pieces = iter([head, *[None] * (megabytes * 16), b"\r\n--b--\r\n", b""])

        async def receive() -> Any:
            piece = next(pieces)
            return {
                "type": "http.request",
                "body": _BLOCK[:CHUNK] if piece is None else piece,
                "more_body": piece != b"",
            }

        async def send(_message: Any) -> None:
            """Nobody listens."""

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
        }
        await Streamed(application, Door(lambda _path: True, lambda: folder, 4 * 1024**3))(scope, receive, send)

    begun = time.perf_counter()
    asyncio.run(run())
    assert came[0].size == megabytes * MEGABYTE
    return {"seal_s": time.perf_counter() - begun}


def age(folder: Path, megabytes: int) -> dict[str, float]:
    """The rival: age's own stream (pyrage), sealed to one key."""
    import pyrage  # type: ignore[import-untyped]

    key, path = pyrage.x25519.Identity.generate(), folder / "age"
    begun = time.perf_counter()
    with path.open("wb") as out:
        pyrage.encrypt_io(io.BufferedReader(_Made(megabytes), MEGABYTE), out, [key.to_public()])
    _settled(path)
    sealed = time.perf_counter()
    with path.open("rb") as sealed_file, Path(os.devnull).open("wb") as out:
        pyrage.decrypt_io(sealed_file, out, [key])
    return {"seal_s": sealed - begun, "open_s": time.perf_counter() - sealed}


def aes(folder: Path, megabytes: int) -> dict[str, float]:
    """The rival: AES-256-GCM of OpenSSL over pieces of 64 kB, each with a nonce of its own; no end is marked."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, path = AESGCM(AESGCM.generate_key(256)), folder / "aes"
    begun = time.perf_counter()
    with path.open("wb") as out:
        for number in range(megabytes * 16):
            at = number % 16 * CHUNK
            out.write(cipher.encrypt(number.to_bytes(12, "big"), _BLOCK[at : at + CHUNK], None))
    _settled(path)
    sealed, number = time.perf_counter(), 0
    with path.open("rb") as sealed_file:
        while piece := sealed_file.read(CHUNK + 16):
            cipher.decrypt(number.to_bytes(12, "big"), piece, None)
            number += 1
    return {"seal_s": sealed - begun, "open_s": time.perf_counter() - sealed}


def hashed(_folder: Path, megabytes: int) -> dict[str, float]:
    """What the hash alone takes, which the record of every file needs and the rivals don't make."""
    import hashlib

    begun, digest = time.perf_counter(), hashlib.sha256()
    for block in _blocks(megabytes):
        digest.update(block)
    return {"seal_s": time.perf_counter() - begun}


def _django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.settings"
    import django

    django.setup()


def unlock(_folder: Path, rounds: int) -> dict[str, Any]:
    """Open one vault again and again, in the keyholder that runs beside, at the real cost."""
    _django()
    from django.conf import settings

    from tocsin.keys import vaults
    from tocsin.keys.sealing import Cost, passphrase_key
    from tocsin.keys.vaults import keyholder
    from tocsin.people.models import Person

    person = Person.objects.create(email="alice@example.org", name="Alice")
    passphrase, cookie = vaults.make(person.pk)
    keyholder().lock(cookie)
    seconds, bare = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        cookie = vaults.unlock(person.pk, passphrase)
        seconds.append(time.perf_counter() - begun)
        keyholder().lock(cookie)
    for _ in range(rounds):
        begun = time.perf_counter()
        passphrase_key(passphrase.encode(), bytes(16), Cost(*settings.VAULT_COST))
        bare.append(time.perf_counter() - begun)
    return {"seconds": seconds, "argon2id": bare, "age": _age_passphrase(rounds, passphrase)}


def _age_passphrase(rounds: int, passphrase: str) -> list[float]:
    import pyrage

    locked, seconds = pyrage.passphrase.encrypt(b"a seed", passphrase), []
    for _ in range(rounds):
        begun = time.perf_counter()
        pyrage.passphrase.decrypt(locked, passphrase)
        seconds.append(time.perf_counter() - begun)
    return seconds


def case(_folder: Path, rounds: int, entries: int = 500) -> dict[str, Any]:
    """Open a case of so many entries: wraps, chain, head and every row checked, and each row read in clear."""
    _django()
    from tocsin.keys import safes, vaults
    from tocsin.keys.safes import OpenSafe
    from tocsin.keys.vaults import OpenVault
    from tocsin.people.models import Person

    person = Person.objects.get()
    _, cookie = vaults.make(person.pk)
    compartments = ["account", "identity", "legal", "communications", "security", "money", "evidence", "duty"]
    safe = safes.found(OpenVault(person.pk, cookie), "case", compartments, "owner")
    for number in range(entries):
        safe.add(compartments[number % 8], {"kind": "contact", "text": "She called at noon and was well. " * 20})
    safe.commit()
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = OpenSafe(OpenVault(person.pk, cookie), safe.id).records()
        seconds.append(time.perf_counter() - begun)
        assert len(found) == entries
    return {"seconds": seconds}


def _peak() -> float:
    """This process's greatest resident memory, in megabytes. (``getrusage`` counts that of who started it, too.)"""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Do one part, and say what it took."""
    ctypes.CDLL(None).prctl(1, 15)  # it ends with whoever started it
    name, number, *more = sys.argv[1:]
    parts: dict[str, Any] = {one.__name__: one for one in (tocsin, upload, age, aes, hashed, unlock, case)}
    with tempfile.TemporaryDirectory() as folder:
        found = parts[name](Path(folder), int(number), *map(int, more))
    found |= {"peak_mb": _peak(), "cpu_s": time.process_time()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
