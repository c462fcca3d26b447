"""Submissions an hour with files, and how long somebody with a receipt waits while the public door is flooded.

A real ``tocsin intake`` process runs in a home of its own. Writers go the whole way as a browser does, page after page,
each with one file. Then the flood: guessers send words that open nothing, over and over; impatient ones never look
again, patient ones keep their place in line as a person does. In the middle of it somebody with a receipt opens their
box again and again, following the page that renews itself after as many seconds as it says. Guesses cost what they
cost in real use (Argon2id, 19 MiB, t = 2). The whole runs on one machine, so writers and guessers take their share of
the processors too: what is printed is a lower bound.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx

from tocsin.config import home
from tocsin.keys.sealing import box_keys

_PATIENCE = 600.0


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(
        prog="tocsin bench intake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="how long writers write")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--file-mb", type=float, default=2.0)
    parser.add_argument("--guessers", type=int, default=60)
    parser.add_argument("--visits", type=int, default=8, help="how often somebody opens their box during a flood")
    parser.add_argument("--data", type=Path, help="not needed: the texts are made up")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, _door(Path(folder)) as (url, pid):
        sent, seconds = asyncio.run(_write(url, given))
        peak = _peak_mb(pid)
        quiet = [_visit(url, _receipt(url)) for _ in range(3)]
        floods = {kind: _during_flood(url, given, kind == "patient") for kind in ("impatient", "patient")}
    hourly = round(sent / seconds * 3600)
    print(f"{sent} submissions with a file of {given.file_mb:g} MB in {seconds:.1f} s: {hourly} an hour; {peak:.0f} MB")
    print(f"a receipt opens in {statistics.median(quiet):.2f} s when it is quiet")
    for kind, (waits, rate) in floods.items():
        print(f"during {rate:.0f} {kind} guesses a second: {statistics.median(waits):.1f} s, at most {max(waits):.1f}")
    line = {
        "bench": "intake",
        "cores": os.cpu_count(),
        "submissions_per_hour": hourly,
        "file_mb": given.file_mb,
        "peak_mb": round(peak),
        "quiet_s": round(statistics.median(quiet), 3),
        **{
            f"flood_{kind}": {
                "guesses_per_second": round(rate),
                "median_s": round(statistics.median(waits), 2),
                "max_s": round(max(waits), 2),
            }
            for kind, (waits, rate) in floods.items()
        },
    }
    print(json.dumps(line))
    return 0


@contextmanager
def _door(folder: Path) -> Iterator[tuple[str, int]]:
    home.prepare(folder)
    (folder / "intake").mkdir()
    public, _ = box_keys(b"7" * 32)
    desk = {"id": "desk", "names": {"en": "Desk"}, "public": base64.b64encode(public).decode(), "epoch": 1}
    (folder / "intake" / "desks.json").write_text(json.dumps({"desks": [{**desk, "languages": ["en"]}]}))
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.config.cli", "intake", "--file", str(listening.fileno())],
            env={**os.environ, "TOCSIN_HOME": str(folder), "TOCSIN_MINIMUM_FREE_MB": "64"},
            pass_fds=[listening.fileno()],
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            httpx.get(f"{url}/healthz", timeout=60).raise_for_status()
            yield url, process.pid
        finally:
            process.kill()
            process.wait()


async def _write(url: str, given: argparse.Namespace) -> tuple[int, float]:
    content, sent, until = os.urandom(int(given.file_mb * 1_000_000)), 0, time.monotonic() + given.seconds

    async def write() -> None:
        nonlocal sent
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE) as client:
            while time.monotonic() < until:
                await _submit(client, content)
                sent += 1

    begun = time.monotonic()
    await asyncio.gather(*(write() for _ in range(given.writers)))
    return sent, time.monotonic() - begun


async def _submit(client: httpx.AsyncClient, content: bytes) -> str:
    """The whole way; gives the receipt."""
    draft = _hidden((await client.get("/en/tell")).text)
    said = {"tell": {"text": "They came. " * 40}, "now": {"urgency": "today"}, "who": {}, "answer": {"answer": "here"}}
    for at, fields in [*said.items(), ("check", {"text": "They came. " * 40})]:
        page = await client.post("/en/tell", data={"at": at, "draft": draft, "go": "next", **fields})
        draft = _hidden(page.text)
    files = {"files": ("photo.jpg", content, "image/jpeg")} if content else None
    page = await client.post("/en/tell", data={"at": "files", "draft": draft, "go": "send"}, files=files)
    found = re.search(r'<ol class="words".*?</ol>', page.text, re.DOTALL)
    assert found, page.status_code
    return " ".join(re.findall(r"<li>(.*?)</li>", found[0]))


def _receipt(url: str) -> str:
    async def make() -> str:
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE) as client:
            return await _submit(client, b"")

    return asyncio.run(make())


def _hidden(page: str) -> str:
    found = re.search(r'name="draft" value="([^"]*)"', page)
    assert found, page[:1000]
    return unescape(found[1])


def _visit(url: str, words: str) -> float:
    """Open a box, however long the line is; gives the seconds."""
    begun = time.monotonic()
    with httpx.Client(base_url=url, timeout=_PATIENCE) as client:
        page = client.post("/en/box", data={"words": words, "go": "open"}).text
        while "no new message" not in page:
            found = re.search(r'content="(\d+); url=[^"]*(wait/[\w-]+)"', page)
            if found:
                time.sleep(int(found[1]))
                page = client.get(f"/en/{found[2]}").text
            else:  # the place was lost: enter the words again
                page = client.post("/en/box", data={"words": words, "go": "open"}).text
    return time.monotonic() - begun


def _during_flood(url: str, given: argparse.Namespace, patient: bool) -> tuple[list[float], float]:
    words = _receipt(url)
    ended, guesses = threading.Event(), [0]

    async def guess(client: httpx.AsyncClient, number: int) -> None:
        while not ended.is_set():
            with contextlib.suppress(httpx.TransportError):  # a server under flood may hang up
                await guess_once(client, number)

    async def guess_once(client: httpx.AsyncClient, number: int) -> None:
        data = {"words": f"guess {number} {guesses[0]} here", "go": "open"}
        page = (await client.post("/en/box", data=data)).text
        guesses[0] += 1
        while patient and not ended.is_set() and (found := re.search(r'url=[^"]*(wait/[\w-]+)"', page)):
            page = (await client.get(f"/en/{found[1]}")).text

    async def flood() -> None:
        limits = httpx.Limits(max_connections=given.guessers)
        async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE, limits=limits) as client:
            await asyncio.gather(*(guess(client, number) for number in range(given.guessers)))

    thread = threading.Thread(target=lambda: asyncio.run(flood()))
    thread.start()
    begun = time.monotonic()
    try:
        while guesses[0] < 2 * given.guessers:
            time.sleep(0.05)
        waits = [_visit(url, words) for _ in range(given.visits)]
    finally:
        ended.set()
        thread.join()
    return waits, guesses[0] / (time.monotonic() - begun)


def _peak_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
