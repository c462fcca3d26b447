"""A browser window that keeps note of everything that must never happen on a page of ours."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

_AXE = f"{Axe().axe_script}; 0"
# Only the words that a failed test shows cross over; the whole answer is megabytes on a long page.
_RUN = """options => axe.run(options).then(({violations}) => violations.map(
    ({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`))"""


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
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        self.page.evaluate(_AXE)
        found: list[str] = self.page.evaluate(_RUN, options)
        return found

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
