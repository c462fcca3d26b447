"""Serves passages of country reports as documents, a report for each country and year, in HTML and as plain text."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tocsin.replay.articles import first_row, rows_of
from tocsin.replay.feeds import slug_of
from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, json_answer, not_found

MOUNT = "/documents"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it lies in a folder of reports."""

    name: str
    media_type: str
    body: bytes


def document_endpoints(documents: Iterable[Document], suggestion: Suggestion | None = None) -> list[Endpoint]:
    """The listing (HTML and JSON) and the files; none where there are no documents."""
    by_name = {document.name: document for document in documents}
    if not by_name:
        return []

    def html(request: Request) -> Answer:
        links = "".join(f'<li><a href="{escape(name)}">{escape(name)}</a></li>' for name in sorted(by_name))
        body = f'<!doctype html><html lang="en"><title>Documents</title><h1>Documents</h1><ul>{links}</ul></html>'
        return Answer(body.encode(), "text/html; charset=utf-8", modified=request.clock.launched)

    def listing(request: Request) -> Answer:
        rows = [
            {"url": f"{request.base_url}{MOUNT}/{name}", "media_type": document.media_type, "bytes": len(document.body)}
            for name, document in sorted(by_name.items())
        ]
        return json_answer({"documents": rows}, modified=request.clock.launched)

    def one(request: Request) -> Answer:
        document = by_name.get(request.path.removeprefix(f"{MOUNT}/"))
        if document is None:
            return not_found()
        return Answer(document.body, document.media_type, modified=request.clock.launched)

    about = f"Documents ({len(by_name)} files)"
    suggested = suggestion or Suggestion("Replay: documents", "documents", reliability="B", interval_seconds=86_400)
    return [
        Endpoint(f"{MOUNT}/", "documents", f"{about}: the list", html, (suggested,)),
        Endpoint(f"{MOUNT}/index.json", "documents", f"{about}: the list for programs", listing),
        Endpoint(f"{MOUNT}/*", "documents", about, one),
    ]


def report_documents(folder: Path) -> list[Document]:
    """Passages with ``year, country, item, sub_item, detail``, joined to a report for each country and year."""
    reports: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("*/*.jsonl.gz")):
        if {"year", "country", "sub_item", "detail"} <= first_row(path).keys():
            for row in rows_of(path):
                reports[(str(row["country"]), str(row["year"]))].append(row)
    return [
        document for (country, year), rows in sorted(reports.items()) for document in _report(country, str(year), rows)
    ]


def _report(country: str, year: str, rows: list[dict[str, str]]) -> list[Document]:
    title = f"{country}, {year}"
    slug = f"{slug_of(country)}-{year}"
    parts = [(str(row.get("sub_item") or row.get("item") or ""), str(row.get("detail") or "")) for row in rows]
    sections = "".join(f"<h2>{escape(heading)}</h2><p>{escape(text)}</p>" for heading, text in parts)
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1>{sections}</body></html>"
    )
    text = "\n\n".join([title, *(f"{heading}\n{passage}" for heading, passage in parts)]) + "\n"
    return [
        Document(f"{slug}.html", "text/html; charset=utf-8", html.encode("utf-8", "replace")),
        Document(f"{slug}.txt", "text/plain; charset=utf-8", text.encode("utf-8", "replace")),
    ]
