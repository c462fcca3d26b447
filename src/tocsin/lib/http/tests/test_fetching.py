"""What a fetch brings back, and what it sends."""

import gzip
import io
import zlib
from collections.abc import Callable

import pytest

from tocsin.lib.http import Answer, Client, Code, HttpError, Limits
from tocsin.lib.http.tests.conftest import NOW
from tocsin.lib.http.tests.servers import Server, page, redirect, serving

Making = Callable[..., Client]


def fetch(client: Making, server: Server, path: str = "/", **wishes: object) -> Answer:
    return client().fetch(server.url(path), allow=frozenset({server.name}), **wishes)  # type: ignore[arg-type]


def failure(client: Making, server: Server, path: str = "/", **wishes: object) -> HttpError:
    with pytest.raises(HttpError) as caught:
        fetch(client, server, path, **wishes)
    return caught.value


def test_an_answer_says_what_came_from_where_and_when(client: Making) -> None:
    with serving(lambda _: page(ETag='"v1"', Last_Modified="Tue, 01 Jan 2030 00:00:00 GMT", X_Twice="a")) as server:
        answer = fetch(client, server, "/feed?x=1#part")
    assert (answer.status, answer.body, answer.size, answer.bytes_received) == (200, b"hello", 5, 5)
    assert answer.url == server.url("/feed?x=1")
    assert (answer.etag, answer.last_modified) == ('"v1"', "Tue, 01 Jan 2030 00:00:00 GMT")
    assert answer.fetched_at == NOW
    assert not answer.not_modified
    assert "user-agent: tocsin test (someone@example.org)\r\n" in server.requests[0].lower()


def test_an_unchanged_page_is_not_sent_again(client: Making) -> None:
    with serving(lambda _: b"HTTP/1.1 304 Not Modified\r\n\r\n") as server:
        answer = fetch(client, server, etag='"v1"', last_modified="Tue, 01 Jan 2030 00:00:00 GMT")
    assert answer.not_modified
    assert answer.body == b""
    assert 'if-none-match: "v1"\r\n' in server.requests[0].lower()
    assert "if-modified-since: tue, 01 jan 2030 00:00:00 gmt\r\n" in server.requests[0].lower()


def test_unchanged_since_never_is_an_error(client: Making) -> None:
    with serving(lambda _: b"HTTP/1.1 304 Not Modified\r\n\r\n") as server:
        assert failure(client, server).status == 304


def test_packed_pages_are_unpacked(client: Making) -> None:
    text = b"bells " * 50_000
    packed = {
        "/gzip": page(gzip.compress(text), Content_Encoding="gzip"),
        "/deflate": page(zlib.compress(text), Content_Encoding="deflate"),
        "/parts": page(gzip.compress(text[:7]) + gzip.compress(text[7:]) + b"\0\0", Content_Encoding="x-gzip"),
        "/plain": page(text, Content_Encoding="identity"),
    }
    with serving(packed.__getitem__) as server:
        for path in packed:
            assert fetch(client, server, path).body == text


def test_what_can_not_be_unpacked_is_said_so(client: Making) -> None:
    bad = {
        "/unknown": page(b"x", Content_Encoding="br"),
        "/twice": page(b"x", Content_Encoding="gzip, gzip"),
        "/broken": page(b"not gzip", Content_Encoding="gzip"),
        "/half": page(gzip.compress(b"x" * 1000)[:-9], Content_Encoding="gzip"),
        "/empty-parts": page(gzip.compress(b"") * 1001, Content_Encoding="gzip"),
    }
    with serving(bad.__getitem__) as server:
        for path in bad:
            assert failure(client, server, path).code is Code.DECODE


def test_a_file_takes_the_body_instead_of_memory(client: Making) -> None:
    file = io.BytesIO()
    with serving(lambda _: page(b"x" * 100_000)) as server:
        answer = fetch(client, server, into=file)
    assert answer.body == b""
    assert answer.size == len(file.getvalue()) == 100_000


def test_redirects_are_followed_and_a_lasting_move_is_told(client: Making) -> None:
    pages = {
        "/old": redirect("/new", "301 Moved"),
        "/new": redirect("/newest", "308 Moved"),
        "/newest": page(),
        "/today": redirect("/newest"),
        "/bl%C3%A4nk": page(b"found"),
        "/odd": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /bl\xc3\xa4nk\r\n\r\n",
    }
    with serving(pages.__getitem__) as server:
        answer = fetch(client, server, "/old")
        assert (answer.url, answer.moved_to) == (server.url("/newest"), server.url("/newest"))
        assert fetch(client, server, "/today").moved_to == ""
        assert fetch(client, server, "/odd").body == b"found"


def test_redirects_end_somewhere(client: Making) -> None:
    with serving(lambda path: redirect(path + "x")) as server:
        assert failure(client, server).code is Code.TOO_MANY_REDIRECTS
    assert len(server.requests) == 6


def test_secrets_and_conditions_stay_with_the_host_they_are_for(client: Making) -> None:
    secrets = {"Authorization": "Bearer s3cret", "Cookie": "s3cret", "X-Key": "s3cret", "Accept": "text/html"}
    with serving(lambda _: page()) as other, serving(lambda _: redirect(other.url())) as first:
        allow = frozenset({first.name, other.name})
        client().fetch(first.url(), headers=secrets, etag='"s3cret"', last_modified="s3cret", allow=allow)
    assert first.requests[0].count("s3cret") == 5
    assert "s3cret" not in other.requests[0]
    assert "accept: text/html" in other.requests[0]


def test_a_post_is_sent_once_and_follows_nothing(client: Making) -> None:
    with serving(lambda path: page(status="202 Accepted") if path == "/" else redirect("/")) as server:
        assert fetch(client, server, method="POST", content=b"ping").status == 202
        assert failure(client, server, "/on", method="POST").status == 302
    assert "content-length: 4\r\n" in server.requests[0].lower()


def test_a_head_brings_no_body(client: Making) -> None:
    with serving(lambda _: page(b"")[:-4] + b"\r\nContent-Encoding: gzip\r\n\r\n") as server:
        assert fetch(client, server, method="HEAD").status == 200


def test_no_header_can_smuggle_another(client: Making) -> None:
    with serving(lambda _: page()) as server:
        fetch(client, server, etag="a\r\nX-Evil: 1", headers={"X-Note": "b\r\nX-Evil: 2"})
    assert "\r\nx-evil" not in server.requests[0].lower()


@pytest.mark.parametrize(
    "status", ["401 No", "403 No", "404 Gone", "410 Gone", "418 Tea", "429 Slow", "500 Ow", "300 Any"]
)
def test_other_answers_are_errors_with_their_status(client: Making, status: str) -> None:
    with serving(lambda _: page(b"secret words of the server", status)) as server:
        error = failure(client, server)
    assert (error.code, error.status) == (Code.STATUS, int(status[:3]))
    assert "secret" not in error.message
    assert error.message.endswith(".")


def test_limits_have_sane_defaults() -> None:
    limits = Limits()
    assert limits.dns <= limits.connect <= limits.read <= limits.total
    assert limits.received <= limits.unpacked
