"""A browser window that keeps note of everything that must never happen on a page of ours."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

_QUICK = {"resultTypes": ["violations"]}


class Window:
    """A page, and its faults: requests that leave the site, errors on the console, errors of scripts."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.faults: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def go(self, path: str) -> int:
        """Open a path of the site; the status of the answer."""
        answer = self.page.goto(self.site + path)
        assert answer is not None
        return answer.status

    def barriers(self, *only: str) -> list[str]:
        """What axe finds on this page, by all of its rules or by those that are named."""
        options: dict[str, Any] = dict(_QUICK)
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary']}" for one in found]

    def too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def forgive(self, words: str) -> None:
        """Take back the faults that hold these words: the test itself brought them about."""
        self.faults[:] = [fault for fault in self.faults if words not in fault]

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site, "blob:", "about:")):
            self.faults.append(f"left the site: {request.url}")

    def _said(self, line: ConsoleMessage) -> None:
        # A status that the test asked for, such as 404, is no fault of the page.
        if line.type in {"error", "warning"} and "the server responded with a status of" not in line.text:
            self.faults.append(f"console: {line.text}")
