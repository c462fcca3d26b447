"""A public door that really runs: the process, its home on the disk, a desk that can read, and somebody who writes."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from tocsin.config import home
from tocsin.keys.sealing import box_keys

SEED = b"7" * 32
PATIENCE = 60.0
# A connection for each request: one that is kept may be hung up on just as it is used again.
_ONE_EACH = httpx.Limits(max_keepalive_connections=0)


class PublicDoor:
    """One home with ``tocsin intake`` in it, which can be killed and started again at the same address."""

    def __init__(self, folder: Path, before: Sequence[str] = (), module: str = "tocsin.config.cli") -> None:
        self.home, self.folder, self._before, self._module = folder, folder / "intake", before, module
        home.prepare(folder)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "logs" / "intake.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
        own = {"TOCSIN_HOME": str(self.home), "TOCSIN_MINIMUM_FREE_MB": "64", "TMPDIR": str(self.temporary())}
        words = [sys.executable, "-m", self._module, "intake", "--file", str(self._listening.fileno())]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*self._before, *words],
                env={**outside, **own},
                pass_fds=[self._listening.fileno()],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.publish()
        assert httpx.get(f"{self.url}/healthz", timeout=PATIENCE).status_code == 200, self.log.read_text()

    def temporary(self) -> Path:
        """Where this process would put temporary files."""
        made = self.home / "tmp"
        made.mkdir(exist_ok=True)
        return made

    def publish(self) -> None:
        """Say that there is a desk."""
        public, _ = box_keys(SEED)
        desk = {
            "id": "rights",
            "names": {"en": "Rights desk", "ar": "مكتب الحقوق"},
            "public": base64.b64encode(public).decode(),
            "epoch": 1,
            "languages": ["en", "ar"],
            "people": [{"id": "alice", "name": "Alice"}, {"id": "charlie", "name": "Charlie"}],
        }
        self.folder.mkdir(exist_ok=True)
        part = self.folder / "desks.part"
        part.write_text(json.dumps({"desks": [desk, {**desk, "id": "legal", "people": []}]}))
        part.rename(self.folder / "desks.json")

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            # With whoever traces it.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end(self) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def close(self) -> None:
        """Leave nothing behind."""
        self.kill()
        self._listening.close()


@contextmanager
def public_door(folder: Path, before: Sequence[str] = (), module: str = "tocsin.config.cli") -> Iterator[PublicDoor]:
    """A door that runs until the end of the block."""
    made = PublicDoor(folder, before, module)
    try:
        made.start()
        yield made
    finally:
        made.close()


class Writer:
    """Somebody who writes over a real connection, without a browser."""

    def __init__(self, url: str, language: str = "en") -> None:
        self._client = httpx.Client(base_url=f"{url}/{language}/", timeout=PATIENCE, limits=_ONE_EACH)
        self._draft = ""

    def to_files(self, text: str) -> None:
        """Every step before the last."""
        self._draft = hidden(self._client.get("tell").text, "draft")
        self.step("tell", text=text)
        for at in ("now", "who"):
            self.step(at)
        self.step("answer", answer="here")
        self.step("check", text=text)

    def step(self, at: str, go: str = "next", files: Any = None, **fields: Any) -> str:
        """One step; gives the page that follows."""
        answer = self._client.post("tell", data={"at": at, "draft": self._draft, "go": go, **fields}, files=files)
        if 'name="draft"' in answer.text:
            self._draft = hidden(answer.text, "draft")
        return answer.text

    def send(self, files: Any = None) -> str:
        """The last step; gives the receipt."""
        return receipt(self.step("files", "send", files))

    def last_form(self) -> dict[str, str]:
        """The fields of the last step."""
        return {"at": "files", "draft": self._draft, "go": "send"}

    def open(self, words: str) -> str:
        """The box of these words, however long the line is; gives the page."""
        page = self._client.post("box", data={"words": words, "go": "open"}).text
        while ticket := re.search(r'url=[^"]*(wait/[\w-]+)"', page):
            time.sleep(0.05)
            page = self._client.get(ticket[1]).text
        return page


def hidden(page: str, name: str) -> str:
    """A hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:2000]
    return unescape(found[1])


def receipt(page: str) -> str:
    """The words on a page."""
    found = re.search(r'<ol class="words".*?</ol>', page, re.DOTALL)
    assert found, page[:2000]
    return " ".join(re.findall(r"<li>(.*?)</li>", found[0]))
