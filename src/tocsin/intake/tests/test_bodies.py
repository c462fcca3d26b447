"""What stands before Django: nobody can hold every place by sending slowly, and no body ever reaches Django."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.intake import bodies
from tocsin.intake.bodies import Bodies
from tocsin.intake.tests.visitor import Visitor
from tocsin.lib.tests import loops

pytestmark = pytest.mark.django_db(databases=["door"], transaction=True)
START = b'--x\r\nContent-Disposition: form-data; name="'


class Sender:
    """A connection on which a form comes piece by piece."""

    def __init__(self, application: Bodies, draft: str) -> None:
        self._application, self._pieces = application, asyncio.Queue[dict[str, Any]]()
        self.status = 0
        body = START + b'draft"\r\n\r\n' + draft.encode() + b"\r\n" + START + b'at"\r\n\r\nfiles\r\n'
        self.send(body + START + b'files"; filename="a"\r\n\r\nbeginning')

    def send(self, data: bytes, more: bool = True) -> None:
        self._pieces.put_nowait({"type": "http.request", "body": data, "more_body": more})

    def hang_up(self) -> None:
        self._pieces.put_nowait({"type": "http.disconnect"})

    def begin(self) -> "asyncio.Task[None]":
        scope = {
            "type": "http", "method": "POST", "path": "/en/tell", "raw_path": b"/en/tell", "query_string": b"",
            "headers": [(b"content-type", b"multipart/form-data; boundary=x")], "http_version": "1.1",
            "scheme": "http", "server": ("door", 80), "client": None, "root_path": "",
        }  # fmt: skip
        return asyncio.ensure_future(self._application(scope, self._pieces.get, self._answer))

    async def _answer(self, message: Any) -> None:
        self.status = message.get("status", self.status)


def files(folder: Path) -> int:
    return len(list((folder / "files").iterdir()))


async def until_files(folder: Path, count: int) -> None:
    while files(folder) != count:
        await asyncio.sleep(0.01)


def test_the_slowest_gives_way_when_one_too_many_brings_files(
    dana: Visitor, application: Bodies, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BRINGING_AT_MOST", 2)
    monkeypatch.setattr(bodies, "_A_CHANCE", 0.0)
    dana.to_files()

    async def story() -> None:
        slow, quick, newcomer = (Sender(application, dana.hidden("draft")) for _ in range(3))
        slow_one, quick_one = slow.begin(), quick.begin()
        quick.send(b"much" * 100_000)
        await until_files(folder, 2)
        newcomer_one = newcomer.begin()
        await slow_one
        await until_files(folder, 2)
        assert not quick_one.done()
        assert not newcomer_one.done()
        for sender in (quick, newcomer):
            sender.hang_up()
        await asyncio.gather(quick_one, newcomer_one)

    loops.run(story())
    assert files(folder) == 0


def test_who_has_not_had_a_chance_yet_keeps_the_place(
    dana: Visitor, application: Bodies, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BRINGING_AT_MOST", 1)
    dana.to_files()

    async def story() -> None:
        first, newcomer = (Sender(application, dana.hidden("draft")) for _ in range(2))
        first_one = first.begin()
        await until_files(folder, 1)
        newcomer.send(b"\r\n--x--\r\n", more=False)
        await newcomer.begin()
        assert newcomer.status == 400
        assert not first_one.done()
        first.hang_up()
        await first_one

    loops.run(story())
    assert files(folder) == 0


def test_who_falls_silent_is_cut_off(
    dana: Visitor, application: Bodies, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SILENT_AT_MOST", 0.05)
    dana.to_files()

    async def story() -> None:
        sender = Sender(application, dana.hidden("draft"))
        await sender.begin()
        assert sender.status == 0

    loops.run(story())
    assert files(folder) == 0


def test_django_gets_no_byte_of_a_body_and_no_cookie(folder: Path) -> None:
    heard: list[Any] = []

    async def framework(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive(), dict(scope["headers"])))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", b"a=b")]})
        await send({"type": "http.response.body", "body": b""})

    for method in ("post", "put", "get"):
        visitor = Visitor(Bodies(framework))
        headers = {"Cookie": "a=b", "Content-Type": "application/x-www-form-urlencoded"}
        page = visitor._ask(method.upper(), "/en/tell", content=b"text=secret", headers=headers)
        assert "set-cookie" not in page.headers
    for message, headers in heard:
        assert message == {"type": "http.request", "body": b"", "more_body": False}
        assert not {b"cookie", b"content-length", b"content-type"} & set(headers)
    assert len(heard) == 3


def test_a_flood_behind_a_fault_is_neither_parsed_nor_kept_and_then_cut_off(dana: Visitor, folder: Path) -> None:
    flood, heard = b"".join(b"\r\n" + START + b'%d"\r\n\r\n' % number for number in range(1_500)), list[Any]()

    async def framework(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope[bodies.POSTED])
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def endless() -> AsyncIterator[bytes]:
        yield START + b'text"\r\n\r\n' + b"x" * 300_000
        while True:
            heard.append(len(flood))
            yield flood

    dana = Visitor(Bodies(framework))
    dana._ask("POST", "/en/tell", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    *sent, posted = heard
    assert list(posted.fields) == ["text"]
    assert sum(sent) < 5 * 1024 * 1024
