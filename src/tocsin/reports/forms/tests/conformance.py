"""What of PDF/UA-1 (ISO 14289-1) a program can check, beside what pdfua checks: structure, fonts, marked content."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfua
import pikepdf

_SHOWS = {"Tj", "TJ", "'", '"', "Do", "sh", "f", "F", "f*", "B", "b", "S", "s", "EI"}
_CELLS = {"TH", "TD"}


def faults(body: bytes, folder: Path) -> list[str]:
    """Every fault that is found; ``folder`` takes the file for the checker that wants one."""
    path = folder / "checked.pdf"
    path.write_bytes(body)
    found = [f"{one.rule_id}: {one.message}" for one in pdfua.validate(str(path)).findings]
    with pikepdf.open(io.BytesIO(body)) as pdf:
        found += [*_document(pdf), *_fonts(pdf), *_content(pdf), *_structure(pdf)]
    return found


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """The elements of the structure tree in reading order, with their kind."""

    def walk(node: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(node, pikepdf.Array):
            for one in node:
                yield from walk(one)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield str(node.S).lstrip("/"), node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


def kinds(body: bytes) -> list[str]:
    """The kinds of the elements in reading order."""
    with pikepdf.open(io.BytesIO(body)) as pdf:
        return [kind for kind, _node in elements(pdf)]


def _document(pdf: pikepdf.Pdf) -> Iterator[str]:
    root: Any = pdf.Root
    if not root.get("/Lang"):
        yield "no language"
    if not pdf.docinfo.get("/Title"):
        yield "no title"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "the title is not shown"
    if b"<pdfuaid:part>1</pdfuaid:part>" not in root.Metadata.read_bytes():
        yield "does not say that it is PDF/UA-1"
    for number, page in enumerate(pdf.pages, 1):
        if "/StructParents" not in page.obj:
            yield f"page {number} has no parents in the structure"
        if page.obj.get("/Annots") and page.obj.get("/Tabs") != "/S":
            yield f"page {number} is not walked in the order of its structure"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for name, font in _all_fonts(pdf):
        inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        described = inner.get("/FontDescriptor", {})
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys()):
            yield f"{name} is not inside"
        if "/ToUnicode" not in font:
            yield f"{name} does not say which letters it draws"


def _all_fonts(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font" and one.get("/Subtype") == "/Type0":
            yield str(one.BaseFont), one


def _content(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Whatever a page paints is part of the structure or an artifact."""
    for number, page in enumerate(pdf.pages, 1):
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            name = str(instruction.operator)
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
            if name in _SHOWS and depth == 0:
                yield f"page {number} paints outside of the structure ({name})"
                break


def _structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    level = 0
    for kind, node in elements(pdf):
        if kind == "Figure" and not str(node.get("/Alt", "")).strip():
            yield "a figure without words"
        if kind[:1] == "H" and kind[1:].isdigit():
            if int(kind[1:]) > level + 1:
                yield f"a heading jumps to level {kind[1:]}"
            level = int(kind[1:])
        if kind == "Table":
            yield from _table(node)
        if kind == "Link" and not any(isinstance(one, pikepdf.Dictionary) and "/Obj" in one for one in _kids(node)):
            yield "a link without its place on the page"


def _table(table: Any) -> Iterator[str]:
    rows = [node for kind, node in _below(table) if kind == "TR"]
    widths = {sum(int(_attribute(cell, "/ColSpan", 1)) for cell in _kids(row)) for row in rows}
    if len(widths) != 1:
        yield "a table whose rows differ in width"
    heads = [node for kind, node in _below(table) if kind == "TH"]
    if not heads or any(str(_attribute(one, "/Scope", "")) not in {"/Column", "/Row", "/Both"} for one in heads):
        yield "a table without heads that say what they are heads of"


def _below(node: Any) -> Iterator[tuple[str, Any]]:
    for one in _kids(node):
        if isinstance(one, pikepdf.Dictionary) and "/S" in one:
            yield str(one.S).lstrip("/"), one
            yield from _below(one)


def _kids(node: Any) -> list[Any]:
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _attribute(node: Any, name: str, usual: Any) -> Any:
    given = node.get("/A")
    for one in given if isinstance(given, pikepdf.Array) else [given]:
        if isinstance(one, pikepdf.Dictionary) and name in one:
            return one[name]
    return usual
