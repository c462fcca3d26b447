"""Letters from anybody: only a plain first line of a person counts, and no letter costs more than its bytes."""

import pytest

from tocsin.alerts.doors.letters import MOST_BYTES, Letter, UnreadableError, read

_HEAD = b"From: Bob <Bob@Example.org>\r\nMessage-ID: <1@example.org>\r\n"


def letter(body: bytes, more: bytes = b"", return_path: str | None = "bob@example.org") -> Letter:
    return read(_HEAD + more + b"\r\n" + body, return_path)


def nested(depth: int) -> bytes:
    """A letter that many parts deep, with the words in the deepest."""
    begin = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    end = b"".join(b"\r\n--b%d--\r\n" % n for n in reversed(range(depth)))
    return _HEAD + begin + b"Content-Type: text/plain\r\n\r\nI HAVE IT\r\n" + end


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"I HAVE IT\r\n", "I HAVE IT"),
        (b"\r\n \r\n\t I have it. \r\n\r\nSent from my phone\r\n", "I have it"),
        ("\ufeff\u200eI have it\u200b\r\n".encode(), "I have it"),
        ("\u00a0Pass on\r\n".encode(), "Pass on"),
        (b"> I HAVE IT\r\n", "> I HAVE IT"),
        (b"I HAVE IT, I think", "I HAVE IT, I think"),
        (b"x" * 101, ""),
        (b"", ""),
        (b"\r\n\r\n", ""),
        (b"\xff\xfe I HAVE IT", "\ufffd\ufffd I HAVE IT"),
    ],
)
def test_the_first_line_with_words_is_read(body: bytes, line: str) -> None:
    assert letter(body).first_line == line


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "nonsense", "idna", "punycode", "zlib", "us-ascii", '"; x="'])
def test_no_charset_is_believed(charset: str) -> None:
    more = f"Content-Type: text/plain; charset={charset}\r\n".encode()
    assert letter(b"I HAVE IT\r\n", more).first_line == "I HAVE IT"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", b"SSBIQVZFIElUCg=="),
        ("quoted-printable", b"I =48AVE IT"),
        ("8bit", b"I HAVE IT"),
        ("x", b"I HAVE IT"),
    ],
)
def test_encoded_words_are_decoded(encoding: str, body: bytes) -> None:
    assert letter(body, f"Content-Transfer-Encoding: {encoding}\r\n".encode()).first_line == "I HAVE IT"


def test_of_several_parts_the_first_plain_one_counts() -> None:
    body = (
        b"preamble\r\n--x y\r\nContent-Type: text/html\r\n\r\n<p>PASS ON</p>\r\n--x y\r\n"
        b"Content-Disposition: attachment\r\n\r\nPASS ON\r\n--x y\r\nContent-Type: text/plain\r\n\r\nI HAVE IT\r\n"
        b"--x y\r\nContent-Type: text/plain\r\n\r\nPASS ON\r\n--x y--\r\n"
    )
    assert letter(body, b'Content-Type: multipart/alternative; boundary="x y"\r\n').first_line == "I HAVE IT"


def test_a_few_parts_deep_it_is_found_and_a_thousand_deep_it_is_not() -> None:
    assert read(nested(3), "bob@example.org").first_line == "I HAVE IT"
    assert read(nested(1_000), "bob@example.org").first_line == ""


@pytest.mark.parametrize(
    "more",
    [
        b'Content-Type: multipart/mixed; boundary="' + b"a" * 50_000 + b'"\r\n',
        b"Content-Type: multipart/mixed\r\n",
        b'Content-Type: text/plain; x="' + b'";' * 20_000 + b"\r\n",
        b"To: " + b"(" * 50_000 + b"\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
    ],
)
def test_headers_made_to_cost_time_cost_none(more: bytes) -> None:
    assert letter(b"--x\r\n" * 30_000, more).sender == "bob@example.org"


@pytest.mark.parametrize(
    "senders",
    [
        b"",
        b"From: bob@example.org\r\nFrom: eve@example.org\r\n",
        b"From: bob@example.org, eve@example.org\r\n",
        b"From: bob@example.org <eve@example.org> bob@example.org\r\n",
        b"From: " + b"(" * 900 + b"bob@example.org\r\n",
        b"From: <bob@example.org\r\n",
        b"From: bob@example.org@example.net\r\n",
        b'From: "' + b'\\"' * 499 + b"\r\n",
        b"From: " + b"b" * 2_000 + b"@example.org\r\n",
    ],
)
def test_without_exactly_one_sender_a_letter_counts_as_nothing(senders: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(senders + b"Message-ID: <1@example.org>\r\n\r\nI HAVE IT\r\n", "bob@example.org")


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        (b'"bob@example.org" <eve@example.net>', "eve@example.net"),
        (b'"Doe \\" <eve@example.net>, " <bob@example.org>', "bob@example.org"),
        (b"=?utf-8?q?B=C3=B6b?= <BOB@example.org>", "bob@example.org"),
        (b"bob@example.org (Bob)", "bob@example.org"),
    ],
)
def test_the_address_counts_and_not_the_name_beside_it(given: bytes, sender: str) -> None:
    assert read(b"From: " + given + b"\r\n\r\n", "x@example.org").sender == sender


@pytest.mark.parametrize(
    "more",
    [
        b"Auto-Submitted: auto-replied\r\n",
        b"Precedence: bulk\r\n",
        b"X-Autoreply: yes\r\n",
        b"X-Auto-Response-Suppress: All\r\n",
        b"X-Vacation: yes\r\n",
        b"Return-Path: <>\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n",
        b"List-Id: <team.example.org>\r\n",
    ],
)
def test_what_a_program_wrote_is_seen(more: bytes) -> None:
    assert letter(b"I HAVE IT\r\n", more).automatic


def test_what_a_person_wrote_is_not_automatic_unless_nobody_can_answer_it() -> None:
    assert not letter(b"I HAVE IT\r\n", b"Auto-Submitted: no\r\n").automatic
    assert letter(b"I HAVE IT\r\n", return_path=None).automatic
    assert letter(b"I HAVE IT\r\n", return_path="").automatic


@pytest.mark.parametrize(
    "content",
    [
        _HEAD + b"\r\n" + b"x" * MOST_BYTES,
        _HEAD + b"\r\nI HAVE\x00IT",
        _HEAD + b"X: y\r\n" * 301 + b"\r\n",
        b"\xff" * 100_000,
    ],
)
def test_a_letter_beyond_the_bounds_is_not_read(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(content, "bob@example.org")


def test_two_message_ids_are_none() -> None:
    assert letter(b"", b"Message-ID: <2@example.org>\r\n").number == ""
    assert len(letter(b"").number) == 64
