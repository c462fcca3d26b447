"""Answers that no collector should stumble over. All of them are generated here, none is a recording."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from functools import lru_cache
from threading import Event

from tocsin.replay.world import Answer, Endpoint, Request, Stream, json_answer

MOUNT = "/bad"
MEGABYTE = 1024 * 1024
TWO_GIGABYTES = 2 * 1024 * MEGABYTE
BOMB_MEGABYTES = 512
DRIP_SECONDS = 1.0
RSS = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad answer: its name in the path, what is wrong, and how it is made."""

    name: str
    wrong: str
    answer: Callable[[Request], Answer]


def bad_endpoints() -> list[Endpoint]:
    """Every bad answer, and ``/bad/index.json`` that lists them with what is wrong."""
    endpoints = [Endpoint(f"{MOUNT}/{bad.name}", "bad", bad.wrong, bad.answer, faulty=False) for bad in EVERY]

    def index(request: Request) -> Answer:
        rows = [{"url": f"{request.base_url}{MOUNT}/{bad.name}", "wrong": bad.wrong} for bad in EVERY]
        return json_answer({"bad": rows}, modified=request.clock.launched)

    return [Endpoint(f"{MOUNT}/index.json", "bad", "The list of bad answers", index, faulty=False), *endpoints]


def _item(number: int, title: str, date: str = "") -> str:
    return f'<item><title>{title}</title><guid isPermaLink="false">bad:{number}</guid>{date}</item>'


def _feed(items: str, *, before: str = "", encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{before}<rss version="2.0"><channel><title>Bad</title>'
        f"<link>http://bad.example/</link><description>Bad on purpose</description>{items}</channel></rss>\n"
    )


def _fixed(body: bytes, content_type: str = RSS, **more: str) -> Callable[[Request], Answer]:
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return lambda _: Answer(body, content_type, headers=headers, plain=True)


def _streamed(stream: Stream, length: int | None = None, content_type: str = RSS) -> Callable[[Request], Answer]:
    return lambda _: Answer(content_type=content_type, stream=stream, length=length, plain=True)


def _laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    return _feed(_item(1, "&l9;"), before=f'<!DOCTYPE rss [<!ENTITY l0 "ha">{levels}]>').encode()


def _quadratic() -> bytes:
    return _feed(_item(1, "&a;" * 20_000), before=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>').encode()


def _external() -> bytes:
    return _feed(_item(1, "&file;"), before='<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/hostname">]>').encode()


def _outside(request: Request) -> Answer:
    doctype = f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{request.base_url}{MOUNT}/fetched.dtd">%x;]>'
    return Answer(_feed(_item(1, "One"), before=doctype).encode(), RSS, plain=True)


def _bomb() -> bytes:
    """Half a gigabyte of spaces inside a feed, packed into about half a megabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(_feed("").removesuffix("</channel></rss>\n").encode())
        for _ in range(BOMB_MEGABYTES):
            stream.write(b" " * MEGABYTE)
    return packed.getvalue()


def _long_title() -> bytes:
    return _feed(_item(1, "long " * 2 * MEGABYTE)).encode()


def _many() -> bytes:
    return _feed("".join(_item(number, "x") for number in range(200_000))).encode()


def _made(make: Callable[[], bytes], content_type: str = RSS, **more: str) -> Callable[[Request], Answer]:
    """Made at the first request and kept, since some of these are large."""
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    kept = lru_cache(maxsize=1)(make)
    return lambda _: Answer(kept(), content_type, headers=headers, plain=True)


def _endless(stop: Event) -> Iterator[bytes]:
    yield _feed("").removesuffix("</channel></rss>\n").encode()
    number = 0
    while not stop.is_set():
        number += 1
        yield "".join(_item(number * 500 + each, "And another") for each in range(500)).encode()


def _zeros(stop: Event) -> Iterator[bytes]:
    block = bytes(MEGABYTE)
    for _ in range(TWO_GIGABYTES // MEGABYTE):
        if stop.is_set():
            return
        yield block


def _drip(stop: Event) -> Iterator[bytes]:
    """One byte a second: each read succeeds, the whole never comes."""
    while not stop.wait(DRIP_SECONDS):
        yield b" "


def _silent(stop: Event) -> Iterator[bytes]:
    yield b"<rss"
    stop.wait()


def _shifted_clock(years: int) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        when = request.clock.launched + timedelta(days=365 * years)
        date = f"<pubDate>{format_datetime(when)}</pubDate>"
        return Answer(_feed(_item(1, "From another time", date)).encode(), RSS, plain=True)

    return answer


def _to(path: str, *, absolute: bool = False) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        target = path if absolute else request.base_url + path
        return Answer(status=302, content_type="", headers=(("Location", target),), plain=True)

    return answer


def _refusing(status: int, retry_after: str) -> Callable[[Request], Answer]:
    return lambda _: Answer(b"Later, please.\n", status=status, headers=(("Retry-After", retry_after),), plain=True)


def _zip_of_nothing() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("readme.txt"), "This archive is not a document.")
    return made.getvalue()


def _depth() -> bytes:
    return b'<?xml version="1.0"?>' + b"<a>" * 200_000


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GOOD = _feed(_item(1, "Fine after all")).encode()

EVERY: tuple[Bad, ...] = (
    Bad("laughs.rss", "Entities that expand to a billion words", _made(_laughs)),
    Bad("quadratic.rss", "One long entity repeated to a gigabyte", _made(_quadratic)),
    Bad("xxe-file.rss", "An entity that names a file of the reader", _made(_external)),
    Bad("xxe-http.rss", "A document type that is fetched from elsewhere", _outside),
    Bad("deep.rss", "Elements nested two hundred thousand deep", _made(_depth)),
    Bad("bomb.rss", "Half a gigabyte packed into half a megabyte", _made(_bomb, Content_Encoding="gzip")),
    Bad("endless.rss", "A feed without an end, as fast as it is read", _streamed(_endless)),
    Bad("two-gigabytes.rss", "Two gigabytes of zeros, announced", _streamed(_zeros, TWO_GIGABYTES)),
    Bad("drip.rss", "A byte a second, without an end", _streamed(_drip)),
    Bad("silent.rss", "Four bytes, then nothing", _streamed(_silent, 10_000)),
    Bad("short.rss", "Fewer bytes than announced", _streamed(lambda _: iter([GOOD[: len(GOOD) // 2]]), len(GOOD))),
    Bad(
        "wrong-encoding.rss",
        "Windows-1251 that calls itself UTF-8",
        _fixed(_feed(_item(1, "Слово")).encode("cp1251")),
    ),
    Bad("utf16.rss", "UTF-16 under a label of UTF-8", _fixed(_feed(_item(1, "Слово")).encode("utf-16"))),
    Bad(
        "no-such-encoding.rss",
        "An encoding that does not exist",
        _fixed(_feed(_item(1, "Word"), encoding="x-none-such").encode(), "application/rss+xml; charset=x-none-such"),
    ),
    Bad("not-gzip.rss", "Says gzip, is plain", _fixed(GOOD, Content_Encoding="gzip")),
    Bad(
        "broken-gzip.rss", "A gzip body cut in half", _fixed(gzip.compress(GOOD, mtime=0)[:80], Content_Encoding="gzip")
    ),
    Bad("ahead.rss", "Dated ten years from now", _shifted_clock(10)),
    Bad("behind.rss", "Dated ten years ago", _shifted_clock(-10)),
    Bad("empty.rss", "A feed without items", _fixed(_feed("").encode())),
    Bad("nothing.rss", "No bytes at all", _fixed(b"")),
    Bad(
        "html.rss",
        "A web page instead of a feed",
        _fixed(b"<!doctype html><title>Log in</title><p>Log in", "text/html"),
    ),
    Bad("html-as-rss.rss", "A web page that calls itself a feed", _fixed(b"<!doctype html><title>Hello</title><p>Hi")),
    Bad("cut.rss", "XML that stops in the middle", _fixed(GOOD[:-40])),
    Bad("ampersand.rss", "An ampersand that is not escaped", _fixed(_feed(_item(1, "Bread & roses")).encode())),
    Bad("nul.rss", "Characters that XML can't hold", _fixed(_feed(_item(1, "A\x00B\x1bC")).encode())),
    Bad(
        "same-guid.rss", "Three items, one id", _fixed(_feed("".join(_item(1, f"Copy {n}") for n in range(3))).encode())
    ),
    Bad("long-title.rss", "A title of ten megabytes", _made(_long_title)),
    Bad("many.rss", "Two hundred thousand items", _made(_many)),
    Bad("redirect-refused", "A redirect to a closed port of this machine", _to("http://127.0.0.1:1/", absolute=True)),
    Bad("redirect-metadata", "A redirect to a link-local address", _to("http://169.254.169.254/", absolute=True)),
    Bad("redirect-file", "A redirect to a file", _to("file:///etc/hostname", absolute=True)),
    Bad("loop", "A redirect to itself", _to(f"{MOUNT}/loop")),
    Bad("loop-a", "A redirect to one that leads back", _to(f"{MOUNT}/loop-b")),
    Bad("loop-b", "The one that leads back", _to(f"{MOUNT}/loop-a")),
    Bad("busy", "503, try again in 2 seconds", _refusing(503, "2")),
    Bad("busy-for-years", "429, try again in ten years", _refusing(429, str(10 * 365 * 86_400))),
    Bad("error", "500", lambda _: Answer(b"Broken.\n", status=500, plain=True)),
    Bad("gone", "410", lambda _: Answer(b"Gone.\n", status=410, plain=True)),
    Bad("not-a-document.docx", "A DOCX that is plain text", _fixed(b"I am not a document.\n", DOCX)),
    Bad("zip.docx", "A DOCX that is an archive of something else", _fixed(_zip_of_nothing(), DOCX)),
    Bad("not-a-document.pdf", "A PDF that is not one", _fixed(b"%PDF-1.7\nnothing follows\n", "application/pdf")),
    Bad(
        "list.opml",
        "OPML with broken entries",
        _fixed(
            b'<?xml version="1.0"?><opml version="2.0"><body><outline text="Tom & Jerry" xmlUrl="http://a.example/?a=1&b=2"/>'
            b'<outline text="no address"/><outline text="file" xmlUrl="file:///etc/hostname"/></body></opml>',
            "text/x-opml",
        ),
    ),
    Bad(
        "bad.json",
        "JSON that stops in the middle",
        _fixed(b'{"version":"https://jsonfeed.org/version/1.1","items":[{', "application/feed+json"),
    ),
    Bad("deep.json", "JSON nested a hundred thousand deep", _fixed(b"[" * 100_000, "application/feed+json")),
)
