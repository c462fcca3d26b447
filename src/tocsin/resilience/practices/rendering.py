"""Makes a page of what somebody wrote: Markdown without markup of its own, pictures or links that lead elsewhere than
to https."""

from markdown_it import MarkdownIt
from markdown_it.token import Token

_TOP = 2


def html_of(text: str) -> str:
    """A guide's words as HTML that may be shown as it is. Tags in the text stay words, and so do refused links."""
    tokens = _reader().parse(text)
    for token in tokens:
        _settle(token)
    reader = _reader()
    return str(reader.renderer.render(tokens, reader.options, {}))


def foreign_parts(text: str) -> bool:
    """Whether the words hold a tag or a picture, which would be shown as they were typed."""
    found = MarkdownIt("commonmark").parse(text)
    inner = [child for token in found for child in token.children or ()]
    return any(token.type in {"html_block", "html_inline", "image"} for token in [*found, *inner])


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline", "autolink"])
    reader.validateLink = _may_lead  # type: ignore[method-assign]
    return reader


def _may_lead(url: str) -> bool:
    return url.startswith("https://")


def _settle(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        # The title of a guide is its only heading of the first rank.
        token.tag = f"h{max(_TOP, int(token.tag[1]))}"
    for child in token.children or ():
        if child.type == "link_open":
            child.attrSet("rel", "noreferrer noopener")
