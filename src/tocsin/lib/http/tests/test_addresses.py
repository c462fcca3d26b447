"""Only plain addresses of the public internet may be reached."""

import socket
from collections.abc import Callable
from typing import Any

import httpcore
import pytest

from tocsin.lib.http import Client, Code, HttpError, why_refused
from tocsin.lib.http.tests.servers import HOST, page, redirect, serving


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"]
)
def test_public_addresses_pass(address: str) -> None:
    assert why_refused(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::",
        "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1",
        "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
        "2a00::5efe:10.0.0.1", "2a00::200:5efe:a00:1", "example.org", "",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(address: str) -> None:
    assert why_refused(address) != ""


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "[::1]", "[::ffff:7f00:1]",
     "１２７.0.0.1", "127.0.0.1.", "0", "[::]", "[fe80::1%25lo]"],
)  # fmt: skip
def test_no_way_of_writing_this_machine_gets_through(host: str) -> None:
    with serving(lambda _: page()) as server, pytest.raises(HttpError) as caught:
        Client("test").fetch(f"http://{host}:{server.port}/")
    assert caught.value.code in {Code.REFUSED_ADDRESS, Code.BAD_URL}
    assert server.requests == []


def test_one_bad_answer_among_good_ones_refuses_them_all(client: Callable[..., Client]) -> None:
    with serving(lambda _: page()) as server, pytest.raises(HttpError) as caught:
        client(resolver=lambda *_: ["8.8.8.8", HOST]).fetch(server.url(host="feed.example"))
    assert caught.value.code is Code.REFUSED_ADDRESS
    assert server.requests == []


def test_a_name_is_resolved_once_and_that_answer_is_dialled(
    client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[object] = []
    system = socket.getaddrinfo

    def watched(host: Any, *more: Any) -> Any:
        looked_up.append(host)
        return system(host, *more)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    asked: list[tuple[str, int]] = []

    def changing_its_mind(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return [HOST] if len(asked) == 1 else ["127.0.0.2"]

    with serving(lambda _: page()) as server:
        name = f"feed.example:{server.port}"
        answer = client(resolver=changing_its_mind).fetch(f"http://{name}/", allow=frozenset({name}))
    assert answer.body == b"hello"
    assert asked == [("feed.example", server.port)]
    assert "feed.example" not in looked_up
    assert f"host: {name}\r\n" in server.requests[0].lower()


def test_a_redirect_is_resolved_and_checked_anew(client: Callable[..., Client]) -> None:
    with serving(lambda path: page()) as inside, serving(lambda _: redirect(inside.url("/admin"))) as outside:
        with pytest.raises(HttpError) as caught:
            client().fetch(outside.url(), allow=frozenset({outside.name}))
        assert caught.value.code is Code.REFUSED_ADDRESS
        assert inside.requests == []
        assert client().fetch(outside.url(), allow=frozenset({outside.name, inside.name})).body == b"hello"


def test_who_is_outside_can_not_lead_to_an_allowed_host_inside(
    client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    dial = httpcore.SyncBackend.connect_tcp

    def dial_here(self: httpcore.SyncBackend, host: str, *rest: Any) -> httpcore.NetworkStream:
        return dial(self, HOST, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", dial_here)
    with serving(lambda _: page()) as inside, serving(lambda _: redirect(inside.url())) as outside:
        public = client(resolver=lambda *_: ["8.8.8.8"])
        with pytest.raises(HttpError) as caught:
            public.fetch(outside.url(host="x.example"), allow=frozenset({inside.name}))
        assert caught.value.code is Code.REFUSED_ADDRESS
        assert len(outside.requests) == 1
        assert inside.requests == []


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "224.0.0.1", "240.0.0.1", "192.0.0.192",
     "fe80::1", "fd00:ec2::254", "ff02::1", "::", "::ffff:169.254.169.254"],
)  # fmt: skip
def test_some_addresses_are_refused_even_where_the_host_is_allowed(address: str) -> None:
    with pytest.raises(HttpError) as caught:
        Client("test", resolver=lambda *_: [address]).fetch("http://x.example/", allow=frozenset({"x.example:80"}))
    assert caught.value.code is Code.REFUSED_ADDRESS


def test_allowing_one_port_allows_no_other(client: Callable[..., Client]) -> None:
    with serving(lambda _: page()) as server, pytest.raises(HttpError):
        client().fetch(server.url(), allow=frozenset({f"{HOST}:1"}))


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "/relative",
     "http://", "http:///x", "http://user:word@example.org/", "http://user@example.org/", "http://example.org:0/",
     "http://example.org:99999/", "http://exa mple.org/", "http://example.org/\r\nX: y", "http://[::1/",
     "http://example.org/" + "x" * 9000, "http://xn--\u00fc/"],
)  # fmt: skip
def test_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(HttpError) as caught:
        Client("test", resolver=lambda *_: []).fetch(url)
    assert caught.value.code is Code.BAD_URL


def test_proxies_of_the_environment_are_ignored(client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with serving(lambda _: page()) as server:
        assert client().fetch(server.url(), allow=frozenset({server.name})).body == b"hello"
