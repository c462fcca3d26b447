"""A form is read alike however it is cut on its way, and one that makes no sense or is too much leaves nothing."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tocsin.keys import uploads
from tocsin.keys.uploads import Fault, Limits, Parts, Plain, Posted, form_of

BOUNDARY = b"----a-boundary"


@dataclass(slots=True)
class Kept:
    """Where a file goes in these tests: nowhere."""

    name: str
    kind: str
    content: bytearray = field(default_factory=bytearray)
    whole: bool = False
    gone: bool = False

    @property
    def size(self) -> int:
        return len(self.content)

    def write(self, data: bytes) -> None:
        self.content += data

    def finish(self) -> None:
        self.whole = True

    def discard(self) -> None:
        self.gone = True


class Reader:
    """A form reader, with every file that it began."""

    def __init__(self, most: int = 10_000, files: int = 2, may: bool = True, room: bool = True) -> None:
        self.begun: list[Kept] = []
        limits = Limits(most, 2 * most, files)
        self.parts = Parts(BOUNDARY, limits, self._store, lambda _posted: may, lambda: room)

    def _store(self, name: str, kind: str) -> Kept:
        self.begun.append(Kept(name, kind))
        return self.begun[-1]

    def read(self, body: bytes, cuts: list[int] | None = None) -> Posted:
        places = sorted({min(one, len(body)) for one in cuts or []} | {0, len(body)})
        for start, end in itertools.pairwise(places):
            self.parts.feed(body[start:end])
        return self.parts.end()


def _body(words: dict[str, str], *files: tuple[str, bytes]) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{k}"\r\n\r\n'.encode() + v.encode() for k, v in words.items()]
    for name, content in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + content)
    return b"".join(b"--" + BOUNDARY + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + BOUNDARY + b"--\r\n"


@given(
    some.binary(max_size=600),
    some.text(alphabet="abcé\u0645 -\n", max_size=60),
    some.lists(some.integers(0, 1200), max_size=8),
)
def test_it_reads_alike_however_it_was_cut(content: bytes, words: str, cuts: list[int]) -> None:
    tricky = content + b"\r\n--" + BOUNDARY[:-1] + content
    reader = Reader()
    posted = reader.read(_body({"description": words}, ("a photo.jpg", tricky)), cuts)
    assert (posted.fault, posted.one("description")) == (None, words)
    (file,) = reader.begun
    assert (bytes(file.content), file.name, file.kind, file.whole) == (tricky, "a photo.jpg", "image/jpeg", True)


@given(some.binary(max_size=400), some.lists(some.integers(0, 400), max_size=5))
def test_whatever_else_comes_is_no_form_and_leaves_no_file(noise: bytes, cuts: list[int]) -> None:
    reader = Reader()
    posted = reader.read(noise, cuts)
    assert posted.files == []
    assert all(one.gone for one in reader.begun)


@given(some.integers(0, 700))
def test_one_that_was_cut_off_leaves_nothing(length: int) -> None:
    body = _body({"description": "x"}, ("a.jpg", b"x" * 300))
    reader = Reader()
    posted = reader.read(body[: min(length, len(body) - 5)])
    assert posted.fault is Fault.BROKEN
    assert posted.files == []
    assert all(one.gone for one in reader.begun)


@pytest.mark.parametrize(
    ("reader", "body", "fault"),
    [
        (Reader(most=99), _body({}, ("a", b"x" * 100)), Fault.FILE),
        (Reader(most=60), _body({}, ("a", b"x" * 50), ("b", b"x" * 50), ("c", b"x")), Fault.TOTAL),
        (Reader(files=1), _body({}, ("a", b"x"), ("b", b"x")), Fault.TOTAL),
        (Reader(room=False), _body({}, ("a", b"x")), Fault.ROOM),
        (Reader(may=False), _body({}, ("a", b"x")), Fault.BROKEN),
        (Reader(), _body({"words": "x" * (uploads.FIELD_BYTES + 1)}, ("a", b"x")), Fault.LONG),
        (Reader(), _body({str(n): "" for n in range(uploads.FIELDS_AT_MOST + 1)}), Fault.BROKEN),
    ],
)
def test_what_is_too_much_is_named_and_leaves_nothing(reader: Reader, body: bytes, fault: Fault) -> None:
    posted = reader.read(body)
    assert posted.fault is fault
    assert posted.files == []
    assert all(one.gone for one in reader.begun)


def test_a_disk_that_is_full_in_the_middle_is_said_so() -> None:
    class Full(Kept):
        def write(self, data: bytes) -> None:
            raise OSError

    made: list[Any] = []

    def store(name: str, kind: str) -> Full:
        made.append(Full(name, kind))
        return made[-1]  # type: ignore[no-any-return]

    parts = Parts(BOUNDARY, Limits(100, 100, 1), store, lambda _posted: True, lambda: True)
    parts.feed(_body({}, ("a", b"x" * 50)))
    assert parts.end().fault is Fault.ROOM
    assert made[0].gone


def test_only_encodings_that_forms_have_are_read() -> None:
    def parts(boundary: bytes) -> Parts:
        return Parts(boundary, Limits(1, 1, 1), lambda *_: Kept("", ""), lambda _posted: True, lambda: True)

    assert isinstance(form_of(b"application/x-www-form-urlencoded", parts), Plain)
    assert isinstance(form_of(b"multipart/form-data; boundary=abc", parts), Parts)
    for wrong in (b"", b"text/plain", b"multipart/form-data", b"application/json", b"multipart/form-data; boundary="):
        assert form_of(wrong, parts) is None


def _part(name: str, content: bytes = b"") -> bytes:
    return b"--" + BOUNDARY + f'\r\nContent-Disposition: x; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"


def test_behind_a_fault_nothing_is_kept_however_much_comes() -> None:
    parts = Reader().parts
    parts.feed(_part("before", b"kept") + _part("text", b"x" * (uploads.FIELD_BYTES + 1)) + _part("behind", b"lost"))
    for number in range(2_000):
        parts.feed(_part(f"field {number}"))
    posted = parts.end()
    assert posted.fault is Fault.LONG
    assert (posted.one("before"), list(posted.fields)) == ("kept", ["before", "text"])


def test_too_many_parts_end_the_reading_for_good() -> None:
    parts = Reader().parts
    for number in range(3 * uploads.FIELDS_AT_MOST):
        parts.feed(_part(f"field {number}"))
    posted = parts.end()
    assert posted.fault is Fault.BROKEN
    assert len(posted.fields) == uploads.FIELDS_AT_MOST


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(b"\r\n" * 8_192, id="line ends before the first part"),
        pytest.param(_body({"a": "b"}) + b"x" * 16_384, id="what stands behind the last part"),
        pytest.param(_part('" ; filename="', b"x" * 16_384), id="content of a file without a name"),
    ],
)
def test_what_no_form_has_has_an_end(endless: bytes) -> None:
    parts = Reader().parts
    for _ in range(100):
        parts.feed(endless)
    assert parts.posted.fault is Fault.BROKEN


def test_names_of_fields_are_cut_and_headers_counted() -> None:
    parts = Reader().parts
    parts.feed(_part("n" * 2_000, b"x") + b"--" + BOUNDARY + b"\r\n")
    assert [len(name) for name in parts.posted.fields] == [512]
    parts.feed(b"A: b\r\n" * 50)
    assert parts.posted.fault is Fault.BROKEN


def test_plain_words_behind_too_many_are_not_added_to_them() -> None:
    form = Plain()
    form.feed(b"text=begun")
    form.feed(b"x" * 4 * uploads.FIELD_BYTES)
    form.feed(b"more")
    assert (form.end().one("text"), form.posted.fault) == ("begun", Fault.LONG)
