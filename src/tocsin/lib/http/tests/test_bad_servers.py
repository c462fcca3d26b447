"""A bad server costs little time and little memory, and gets a clear line."""

import gzip
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tocsin.lib.http import Client, Code, HttpError, Limits
from tocsin.lib.http.tests.servers import HOST, Answering, page, serving

Making = Callable[..., Client]
SMALL = Limits(headers=4096, received=100_000, unpacked=1_000_000, read=5, total=5)
START = b"HTTP/1.1 200 OK\r\n"


def code(client: Making, answering: Answering, limits: Limits = SMALL) -> Code:
    with serving(answering) as server, pytest.raises(HttpError) as caught:
        client().fetch(server.url(), limits=limits, allow=frozenset({server.name}))
    return caught.value.code


def test_two_gigabytes_are_refused_when_they_are_announced(client: Making) -> None:
    assert code(client, lambda _: START + b"Content-Length: 2147483648\r\n\r\n") is Code.TOO_LARGE


def test_a_body_without_end_is_cut(client: Making) -> None:
    assert code(client, lambda _: itertools.chain([START + b"\r\n"], itertools.repeat(b"x" * 1000))) is Code.TOO_LARGE


def test_chunks_without_end_are_cut(client: Making) -> None:
    chunks = itertools.chain(
        [START + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    )
    assert code(client, lambda _: chunks) is Code.TOO_LARGE


def test_chunks_of_nearly_nothing_are_cut(client: Making) -> None:
    chunk = b"1;" + b"x" * 10_000 + b"\r\nx\r\n"
    chunks = itertools.chain([START + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(chunk))
    assert code(client, lambda _: chunks) is Code.TOO_LARGE


def test_a_bomb_stops_at_its_unpacked_size(client: Making) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    assert code(client, lambda _: page(bomb, Content_Encoding="gzip")) is Code.TOO_LARGE


def test_a_bomb_stops_at_its_ratio(client: Making) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    limits = Limits(unpacked=10**9, ratio=100)
    assert code(client, lambda _: page(bomb, Content_Encoding="gzip"), limits) is Code.TOO_LARGE


def test_headers_without_end_are_cut(client: Making) -> None:
    flood = itertools.chain([START], (b"X-%d: x\r\n" % number for number in itertools.count()))
    assert code(client, lambda _: flood) is Code.TOO_LARGE
    assert code(client, lambda _: itertools.chain([START, b"X: "], itertools.repeat(b"x" * 1000))) is Code.TOO_LARGE


def test_early_hints_without_end_are_cut(client: Making) -> None:
    assert code(client, lambda _: itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n")) is Code.TOO_LARGE


def dripping(first: bytes, drop: bytes) -> Iterator[bytes]:
    yield first
    while True:
        time.sleep(0.02)
        yield drop


@pytest.mark.parametrize(
    ("first", "drop"),
    [(START + b"\r\n", b"x"), (START, b"X: y\r\n"), (START + b"Content-Length: 99999\r\n\r\n", b"x"), (b"H", b"")],
)
def test_a_server_that_drips_is_left_at_the_deadline(client: Making, first: bytes, drop: bytes) -> None:
    limits = Limits(read=5, total=0.2)
    assert code(client, lambda _: dripping(first, drop), limits) is Code.TOO_SLOW


def test_a_server_that_says_nothing_is_left(client: Making) -> None:
    with socket.create_server((HOST, 0)) as silent:
        name = f"{HOST}:{silent.getsockname()[1]}"
        with pytest.raises(HttpError) as caught:
            client().fetch(f"http://{name}/", limits=Limits(read=0.05), allow=frozenset({name}))
    assert caught.value.code is Code.TOO_SLOW


def test_a_body_that_breaks_off_is_not_taken_for_whole(client: Making) -> None:
    assert code(client, lambda _: START + b"Content-Length: 100\r\n\r\nonly this") is Code.CUT_SHORT
    assert code(client, lambda _: START + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel") is Code.CUT_SHORT
    assert code(client, lambda _: START) is Code.CUT_SHORT
    assert code(client, lambda _: b"") is Code.CUT_SHORT


def test_more_than_was_announced_is_ignored(client: Making) -> None:
    with serving(lambda _: START + b"Content-Length: 5\r\n\r\nhello and more") as server:
        assert client().fetch(server.url(), allow=frozenset({server.name})).body == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        START + b"Content-Length: many\r\n\r\n",
        START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + b"No colon here\r\n\r\n",
        START + b"A\0B: x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(client: Making, answer: bytes) -> None:
    assert code(client, lambda _: answer) is Code.CUT_SHORT


def test_nobody_listening_is_said_so(client: Making) -> None:
    with socket.create_server((HOST, 0)) as closed:
        name = f"{HOST}:{closed.getsockname()[1]}"
    with pytest.raises(HttpError) as caught:
        client().fetch(f"http://{name}/", allow=frozenset({name}))
    assert caught.value.code is Code.CONNECT


def test_an_unknown_name_is_said_so(client: Making) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "secret of the system")

    with pytest.raises(HttpError) as caught:
        client(resolver=unknown).fetch("http://feed.example/")
    assert caught.value.code is Code.DNS
    assert "secret" not in caught.value.message


def test_a_look_up_that_hangs_is_left(client: Making) -> None:
    over = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        over.wait()
        return []

    with pytest.raises(HttpError) as caught:
        client(resolver=hanging).fetch("http://feed.example/", limits=Limits(dns=0.05))
    over.set()
    assert caught.value.code is Code.DNS


def test_the_next_address_of_a_name_is_tried(client: Making) -> None:
    with serving(lambda _: page()) as server:
        name = f"feed.example:{server.port}"
        two = client(resolver=lambda *_: ["127.0.0.2", HOST])
        assert two.fetch(f"http://{name}/", allow=frozenset({name})).body == b"hello"
