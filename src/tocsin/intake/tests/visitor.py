"""Somebody at the door: opens pages, fills forms, keeps what a browser would keep. No network."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import httpx

from tocsin.intake.bodies import Bodies
from tocsin.lib.tests import loops

BASE = "http://door.example"


class Visitor:
    """One browser without scripts and without cookies."""

    def __init__(self, application: Bodies, language: str = "en") -> None:
        self._application, self.language = application, language
        self.page = httpx.Response(200)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open an address."""
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, Any], files: Sequence[Any] = (), **headers: str) -> httpx.Response:
        """Send a form."""
        return self._ask("POST", path, data=dict(fields), files=list(files) or None, headers=headers)

    def raw(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        """Send any bytes."""
        return self._ask("POST", path, content=content, headers=headers)

    def begin(self) -> httpx.Response:
        """Open the first step."""
        return self.get(f"/{self.language}/tell")

    def step(self, go: str = "next", files: Sequence[Any] = (), **fields: Any) -> httpx.Response:
        """Fill the step that is shown, and press a button."""
        at, draft = self.hidden("at"), self.hidden("draft")
        return self.post(f"/{self.language}/tell", {"at": at, "draft": draft, "go": go, **fields}, files)

    def to_files(self, text: str = "They came to the house.", **said: Any) -> httpx.Response:
        """Every step before the last."""
        self.begin()
        self.step(text=text, kind=said.get("kind", "threats"))
        self.step(safe="no", urgency=said.get("urgency", "today"))
        self.step(hidden=said.get("hidden", []))
        self.step(answer="here")
        return self.step(text=text)

    def tell(self, text: str = "They came to the house.", files: Sequence[Any] = (), **said: Any) -> str:
        """The whole way; gives the receipt."""
        self.to_files(text, **said)
        self.step("send", files)
        return self.receipt()

    def tell_again(self, at: str, draft: str) -> str:
        """Send a form as it was; gives the receipt."""
        self.post(f"/{self.language}/tell", {"at": at, "draft": draft, "go": "send"})
        return self.receipt()

    def receipt(self) -> str:
        """The words on the page."""
        assert "It has arrived" in self.page.text or self.language != "en", self.heading()
        found = re.search(r'<ol class="words".*?</ol>', self.page.text, re.DOTALL)
        assert found, self.heading()
        return " ".join(re.findall(r"<li>(.*?)</li>", found[0]))

    def open(self, words: str) -> httpx.Response:
        """Read the box behind these words."""
        return self.post(f"/{self.language}/box", {"words": words, "go": "open"})

    def hidden(self, name: str) -> str:
        """A hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page.text)
        assert found, f"no field {name} on “{self.heading()}”"
        return unescape(found[1])

    def heading(self) -> str:
        """What the page is called."""
        found = re.search(r"<h1>(.*?)</h1>", self.page.text)
        return unescape(found[1]) if found else ""

    def says(self, sentence: str) -> bool:
        """Whether the page says this."""
        return sentence in unescape(self.page.text)

    def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._application)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, **how)

        self.page = loops.run(ask())
        return self.page
