"""Serves recorded files byte for byte: feeds with their pages, conformance corpora, alerts, feed lists."""

import gzip
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, json_answer, not_found

MEDIA = {
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".xml": "application/xml",
    ".cap": "application/cap+xml",
    ".edxlde": "application/xml",
    ".opml": "text/x-opml",
    ".json": "application/json",
    ".html": "text/html",
}
# A recorded crawl leaves this where the address of its own server belongs.
PLACEHOLDER = b"<BASE_WEBSITE_URL/>"
# Conformance files state the headers that they were meant to be sent with.
STATED_HEADER = re.compile(rb"^Header:\s*([A-Za-z-]+)\s*:\s*(.+?)\s*$", re.MULTILINE)
STATED_WITHIN = 4096
LARGEST_MEMBER = 20 * 1024 * 1024
SPOILT_NAMES = ("invalid", "no_", "xee", "_errors", "empty_")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files under one mount: relative path → a way to read its bytes."""

    mount: str
    about: str
    files: Mapping[str, Callable[[], bytes]]


def file_endpoints(folder: Path) -> list[Endpoint]:
    """Everything of this kind in the folder, found by shape."""
    shelves = [*_conformance(folder), *_alerts(folder), *_lists(folder), *_crawls(folder)]
    return [endpoint for shelf in shelves for endpoint in (_listing(shelf), _served(shelf))]


def _conformance(folder: Path) -> list[Shelf]:
    found = []
    for path in sorted(folder.glob("*/*.tar.gz")):
        members = _archive(path)
        if any("wellformed/" in name for name in members):
            found.append(Shelf("feedparser", "Conformance files for feed readers", members))
    return found


def _alerts(folder: Path) -> list[Shelf]:
    parents = sorted({path.parent for path in folder.glob("*/*.cap")})
    return [Shelf("cap", "Alert samples, valid and invalid", _plain(parent)) for parent in parents]


def _lists(folder: Path) -> list[Shelf]:
    parents = sorted({path.parent for pattern in ("*/*.opml", "*/*/*.opml") for path in folder.glob(pattern)})
    return [Shelf("opml", "Lists of feeds, many of them malformed", _plain(parent)) for parent in parents]


def _crawls(folder: Path) -> list[Shelf]:
    """Folders with a feed that holds the crawl's placeholder, together with the pages that it leads to."""
    found = []
    for parent in sorted({path.parent for path in folder.glob("*/*.rss")}):
        if any(PLACEHOLDER in path.read_bytes() for path in parent.glob("*.rss")):
            files = dict(_plain(parent))
            for below in sorted(each for each in parent.iterdir() if each.is_dir()):
                files |= {f"{below.name}/{name}": read for name, read in _plain(below).items()}
            for archive in sorted(parent.glob("*.tar.gz")):
                # The feed names its pages below a folder that carries the archive's first word.
                first = archive.name.split("_", 1)[0]
                files |= {f"{first}/{name}": read for name, read in _archive(archive).items()}
            found.append(Shelf("globalvoices", "A recorded feed and the pages that it leads to", files))
    return found


def _plain(parent: Path) -> dict[str, Callable[[], bytes]]:
    files: dict[str, Callable[[], bytes]] = {}
    for path in sorted(parent.iterdir()):
        if path.name.endswith(".xml.gz"):
            files[path.name.removesuffix(".gz")] = partial(_unzipped, path)
        elif path.suffix in MEDIA:
            files[path.name] = path.read_bytes
    return files


def _archive(path: Path) -> dict[str, Callable[[], bytes]]:
    """Members of an archive, read into memory once: they are small, and the archive is read from start to end."""
    kept: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.size <= LARGEST_MEMBER and Path(member.name).suffix in MEDIA:
                opened = archive.extractfile(member)
                if opened is not None:
                    kept[member.name.removeprefix("./")] = opened.read()
    return {name: partial(bytes, content) for name, content in kept.items()}


def _unzipped(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _listing(shelf: Shelf) -> Endpoint:
    path = f"/{shelf.mount}/index.json"

    def answer(request: Request) -> Answer:
        urls = [f"{request.base_url}/{shelf.mount}/{name}" for name in sorted(shelf.files)]
        return json_answer({"files": urls}, modified=request.clock.launched)

    return Endpoint(path, "list", f"{shelf.about}: the list", answer, faulty=False)


def _served(shelf: Shelf) -> Endpoint:
    def answer(request: Request) -> Answer:
        read = shelf.files.get(request.path.removeprefix(f"/{shelf.mount}/"))
        if read is None:
            return not_found()
        return _answer(request.path, read(), shelf, request)

    suggestions = tuple(
        Suggestion(f"Replay: {shelf.mount}, {Path(name).stem}", "feeds", f"/{shelf.mount}/{name}", reliability="C")
        for name in sorted(shelf.files)
        if _is_feed(shelf, name)
    )
    return Endpoint(f"/{shelf.mount}/*", "file", f"{shelf.about} ({len(shelf.files)} files)", answer, suggestions)


def _is_feed(shelf: Shelf, name: str) -> bool:
    """Whether to suggest it: a feed that nobody spoilt on purpose. A conformance corpus is for tests alone."""
    if shelf.mount in ("feedparser", "opml") or any(word in name for word in SPOILT_NAMES):
        return False
    return Path(name).suffix in (".rss", ".atom") or name.endswith("feed_example.xml")


def _answer(path: str, body: bytes, shelf: Shelf, request: Request) -> Answer:
    media = MEDIA.get(Path(path).suffix, "application/octet-stream")
    stated: list[tuple[str, str]] = []
    if shelf.mount == "feedparser":
        for name, value in STATED_HEADER.findall(body[:STATED_WITHIN]):
            if name.lower() == b"content-type":
                media = value.decode("latin-1")
            elif name.lower() in (b"content-language", b"content-location"):
                stated.append((name.decode("latin-1"), value.decode("latin-1")))
    body = body.replace(PLACEHOLDER, f"{request.base_url}/{shelf.mount}/".encode())
    return Answer(body, media, headers=tuple(stated), modified=request.clock.launched)
