"""What is sealed opens with its key, in its place, whole; and in no other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tocsin.keys import sealing
from tocsin.keys.sealing import Context, Cost, FileSealer, SealError

KEY, OTHER = bytes(range(32)), bytes(32)
CHEAP = Cost(1, 8192)

contexts = some.builds(
    Context,
    safe=some.binary(min_size=16, max_size=16),
    compartment=some.text(max_size=12),
    epoch=some.integers(0, 1000),
    row=some.binary(min_size=16, max_size=16),
    field=some.text(max_size=12),
    version=some.integers(0, 1000),
)


@given(some.binary(max_size=3000), contexts)
def test_what_is_sealed_opens_again(plain: bytes, context: Context) -> None:
    assert sealing.open_sealed(KEY, sealing.seal(KEY, plain, context), context) == plain


@given(some.binary(max_size=300), contexts, contexts)
def test_it_opens_in_no_other_place(plain: bytes, here: Context, there: Context) -> None:
    blob = sealing.seal(KEY, plain, here)
    if here != there:
        with pytest.raises(SealError):
            sealing.open_sealed(KEY, blob, there)


@given(some.binary(max_size=100), contexts, some.data())
def test_one_bit_changed_anywhere_is_refused(plain: bytes, context: Context, data: some.DataObject) -> None:
    blob = bytearray(sealing.seal(KEY, plain, context))
    at = data.draw(some.integers(0, len(blob) * 8 - 1))
    blob[at // 8] ^= 1 << at % 8
    with pytest.raises(SealError):
        sealing.open_sealed(KEY, bytes(blob), context)
    with pytest.raises(SealError):
        sealing.open_sealed(KEY, bytes(blob)[: at // 8], context)


def test_no_ciphertext_opens_under_another_key() -> None:
    context = Context(b"s", "account", 1, b"r", "body", 1)
    with pytest.raises(SealError):
        sealing.open_sealed(OTHER, sealing.seal(KEY, b"hers", context), context)


@given(some.lists(some.one_of(some.binary(), some.text(), some.integers(-(2**100), 2**100)), max_size=4))
def test_two_lists_of_parts_are_never_encoded_alike(parts: list[bytes | str | int]) -> None:
    assert sealing.encode(*parts) != sealing.encode(*parts, b"")
    assert sealing.encode(b"a", b"bc") != sealing.encode(b"ab", b"c")
    assert sealing.encode("1") != sealing.encode(b"1") != sealing.encode(1)


@given(some.integers(1, 2**33))
def test_padding_adds_little_and_leaves_few_sizes(size: int) -> None:
    padded = sealing.pad_size(size)
    assert size <= padded <= max(256, size * 1.12)
    assert sealing.pad_size(padded) == padded


def test_texts_of_different_length_are_sealed_to_the_same_size() -> None:
    context = Context(b"s", "account", 1, b"r", "body", 1)
    sizes = {len(sealing.seal(KEY, b"x" * length, context)) for length in range(240)}
    assert len(sizes) == 1
    public, _ = sealing.box_keys(KEY)
    assert len({len(sealing.seal_to(public, b"x" * length)) for length in range(240)}) == 1


def test_a_box_opens_for_its_holder_alone() -> None:
    public, _ = sealing.box_keys(KEY)
    blob = sealing.seal_to(public, b"for her")
    assert sealing.open_box(KEY, blob) == b"for her"
    with pytest.raises(SealError):
        sealing.open_box(OTHER, blob)
    with pytest.raises(SealError):
        sealing.open_box(KEY, blob[:-1])
    with pytest.raises(SealError):
        sealing.seal_to(b"no key", b"")


def test_a_signature_is_of_one_message_by_one_key() -> None:
    public, _ = sealing.sign_keys(KEY)
    signature = sealing.sign(KEY, b"hers")
    sealing.verify(public, b"hers", signature)
    for key, message, mark in (
        (public, b"his", signature),
        (sealing.sign_keys(OTHER)[0], b"hers", signature),
        (public, b"hers", bytes(64)),
        (public, b"hers", b""),
        (b"", b"hers", signature),
    ):
        with pytest.raises(SealError):
            sealing.verify(key, message, mark)


def test_a_receipt_gives_the_same_keys_again_and_another_gives_others() -> None:
    salt = bytes(16)
    assert sealing.receipt_keys(b"river chair", salt, CHEAP) == sealing.receipt_keys(b"river chair", salt, CHEAP)
    assert sealing.receipt_keys(b"river chair", salt, CHEAP) != sealing.receipt_keys(b"river chairs", salt, CHEAP)
    lookup, seed = sealing.receipt_keys(b"river chair", salt, CHEAP)
    assert (len(lookup), len(seed)) == (16, 32)


def _file(*pieces: bytes) -> tuple[bytes, list[bytes]]:
    sealer = FileSealer(KEY)
    return sealer.header, [sealer.push(piece, last=n == len(pieces) - 1) for n, piece in enumerate(pieces)]


def test_a_file_opens_whole() -> None:
    pieces = [b"a" * sealing.CHUNK, b"b" * sealing.CHUNK, b"end"]
    header, sealed = _file(*pieces)
    assert list(sealing.opened(KEY, header, sealed)) == pieces
    assert [len(one) for one in sealed[:2]] == [sealing.SEALED_CHUNK] * 2


def test_a_file_that_is_cut_doubled_shuffled_or_longer_is_refused() -> None:
    header, (first, second, last) = _file(b"a" * sealing.CHUNK, b"b" * sealing.CHUNK, b"end")
    for wrong in (
        [first, second],
        [second, first, last],
        [first, first, second, last],
        [first, second, last, last],
        [],
    ):
        with pytest.raises(SealError):
            list(sealing.opened(KEY, header, wrong))
    with pytest.raises(SealError):
        list(sealing.opened(OTHER, header, [first, second, last]))
    with pytest.raises(ValueError, match="every piece"):
        FileSealer(KEY).push(b"short")
