"""An epoch's key, sealed to one person and signed by who grants it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from tocsin.keys import sealing
from tocsin.keys.directory import Keys
from tocsin.keys.models import Epoch, Wrap
from tocsin.keys.sealing import SealError
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault


def make(vault: OpenVault, granted: Sequence[tuple[Epoch, bytes, Keys]]) -> list[Wrap]:
    """Wraps of epochs' keys to people, whose keys the caller took from ``vault.keys_to_wrap_for``; not stored yet."""
    sealed = [
        sealing.seal_to(keys.box, _prefix(epoch, keys.person, keys.generation) + key) for epoch, key, keys in granted
    ]
    statements = [
        _statement(epoch, keys.person, keys.generation, blob)
        for (epoch, _, keys), blob in zip(granted, sealed, strict=True)
    ]
    signatures = vault.sign(*statements) if statements else []
    return [
        Wrap(
            epoch=epoch,
            person=keys.person,
            generation=keys.generation,
            sealed=blob,
            granter=vault.person,
            granter_generation=vault.generation,
            signature=signature,
        )
        for (epoch, _, keys), blob, signature in zip(granted, sealed, signatures, strict=True)
    ]


def store(wraps: Iterable[Wrap]) -> None:
    """Store wraps, in place of those that the same people had of the same epochs."""
    new = list(wraps)
    for epoch in {wrap.epoch for wrap in new}:
        Wrap.objects.filter(epoch=epoch, person__in=[one.person for one in new if one.epoch == epoch]).delete()
    Wrap.objects.bulk_create(new)


def keys_of(vault: OpenVault, safe: UUID) -> tuple[dict[tuple[str, int], bytes], frozenset[str]]:
    """The keys of a safe that are wrapped to this vault, by compartment and epoch, and the digests of granters' keys.

    Wraps to an earlier vault of the same person are passed over: they can't be opened any more.

    Raises:
        TamperError: for a wrap that nobody signed, or that was made for something else.
    """
    mine = Wrap.objects.filter(epoch__safe=safe, person=vault.person, generation=vault.generation)
    wraps = list(mine.select_related("epoch"))
    granters = frozenset(_signed(vault, wrap) for wrap in wraps)
    keys: dict[tuple[str, int], bytes] = {}
    for wrap, plain in zip(wraps, vault.open_boxes([bytes(one.sealed) for one in wraps]), strict=True):
        prefix = _prefix(wrap.epoch, vault.person, vault.generation)
        if plain is None or not plain.startswith(prefix) or len(plain) != len(prefix) + sealing.KEY:
            raise TamperError(safe.hex, "wrap")
        keys[wrap.epoch.compartment, wrap.epoch.number] = plain[len(prefix) :]
    return keys, granters


def _signed(vault: OpenVault, wrap: Wrap) -> str:
    granter = vault.directory.at(wrap.granter, wrap.granter_generation)
    statement = _statement(wrap.epoch, wrap.person, wrap.generation, bytes(wrap.sealed))
    try:
        if granter is None:
            raise SealError
        sealing.verify(granter.sign, statement, bytes(wrap.signature))
    except SealError:
        raise TamperError(wrap.epoch.safe_id.hex, "wrap") from None
    return granter.digest.hex()


def _prefix(epoch: Epoch, person: int, generation: int) -> bytes:
    return sealing.encode("wrap", epoch.safe_id.bytes, epoch.compartment, epoch.number, person, generation)


def _statement(epoch: Epoch, person: int, generation: int, sealed: bytes) -> bytes:
    return sealing.digest("wrap", _prefix(epoch, person, generation), sealed)
