"""Runs typst; loaded in the jail alone, where no file but the fonts can be read and nothing can be reached."""

import base64
import json
from typing import Any

import pypdfium2
import typst

_NOWHERE = "/nonexistent"


def threads() -> None:
    """Start typst's threads; the jail calls this once files are locked, so that they are locked in too."""
    typst.compile(b"")


def pages(payload: bytes, fonts: list[str], root: str, moment: int) -> dict[str, Any]:
    """A PDF of a document, as base64.

    ``payload`` is JSON: ``template`` (ours), ``document`` (data), ``sizes`` (the sizes of type to try, in points) and
    ``most`` (pages; 0 for any number). ``root`` is an empty folder, ``moment`` the time of making in Unix seconds.
    """
    given = json.loads(payload)
    compiler = _compiler(fonts, root)
    body: Any = b""
    for size in given["sizes"]:
        document = json.dumps({**given["document"], "size": size}, ensure_ascii=False)
        body, warnings = compiler.compile_with_warnings(
            given["template"].encode(),
            format="pdf",
            sys_inputs={"document": document},
            pdf_standards=["ua-1"],
            timestamp=moment,
        )
        count = len(pypdfium2.PdfDocument(body))
        if not given["most"] or count <= given["most"]:
            break
    return {
        "pdf": base64.b64encode(body).decode("ascii"),
        "pages": count,
        "size": size,
        "warnings": [one.message for one in warnings],
    }


def rasters(payload: bytes, fonts: list[str], root: str) -> list[str]:
    """Pictures as PNG, base64 each. ``payload`` is JSON: ``template`` (ours) and ``pictures`` (data)."""
    given = json.loads(payload)
    body = _compiler(fonts, root).compile(
        given["template"].encode(),
        format="png",
        ppi=200,
        sys_inputs={"pictures": json.dumps(given["pictures"], ensure_ascii=False)},
    )
    drawn = body if isinstance(body, list) else [body]
    return [base64.b64encode(one or b"").decode("ascii") for one in drawn]


def _compiler(fonts: list[str], root: str) -> typst.Compiler:
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(fonts))
    return typst.Compiler(root=root, font_paths=found, package_path=_NOWHERE, package_cache_path=_NOWHERE)
