"""What of an item may stand in lists, pages and answers: its words without the names of those who were harmed."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from tocsin.analysis.text import Text
from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import MASK, Names, masked, names_at
from tocsin.streams import naming
from tocsin.streams.models import Item

_SHORTEST = 3  # letters of a part of a name that is looked for in addresses and names of files


class Told(Protocol):
    """What a source delivered, stored or not."""

    title: str
    text: str
    url: str
    language: str


def spans_of(item: Told) -> tuple[Span, ...]:
    """Where names stand in ``title + "\\n" + text``: as they were kept, or found now where nobody looked yet."""
    kept = getattr(item, "named", None)
    return found(item) if kept is None else spans_kept(kept)


def spans_kept(kept: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    """Spans from the form in which they are stored."""
    return tuple(Span(start, end) for start, end in kept)


def found(item: Told) -> tuple[Span, ...]:
    """The same, always found anew."""
    return naming.found(written(item))


def written(item: Told) -> Text:
    """An item as it was written, to look for names in."""
    return Text(item.title, item.text, item.language)


def names_kept(item: Told) -> Names:
    """The names that stand where names were found."""
    return names_at(f"{item.title}\n{item.text}", spans_of(item))


def title(item: Told) -> str:
    """The title of an item, masked; where it has none, its address as far as it names nobody."""
    return masked(item.title, spans_of(item)) if item.title else address(item)


def body(item: Told) -> str:
    """The text of an item, masked."""
    return naming.of_body(item.title, item.text, spans_of(item))


def address(item: Told) -> str:
    """Where an item stands on the web, cut to its host where the rest may name somebody."""
    return of_address(item.url, item, spans_of(item))


def of_address(url: str, item: Told, spans: Sequence[Span]) -> str:
    """The same with spans at hand."""
    if not url or not spans or not names_somebody(url, item, spans):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""


def file_name(item: Told, name: str) -> str:
    """The name of a file that an item came in, or a mask where it may name somebody."""
    spans = spans_of(item)
    return MASK if name and spans and names_somebody(name, item, spans) else name


def facts(item: Item) -> dict[str, Any]:
    """What a source itself says of an item, masked."""
    spans = spans_of(item)
    if not spans:
        return dict(item.facts)
    names = names_at(f"{item.title}\n{item.text}", spans)
    told = {key: names.masked(value) if isinstance(value, str) else value for key, value in item.facts.items()}
    return told | ({"file": file_name(item, str(item.facts["file"]))} if "file" in item.facts else {})


def names_somebody(written: str, item: Told, spans: Sequence[Span]) -> bool:
    """Whether an address or the name of a file holds a part of a name that stands at these spans."""
    names = names_at(f"{item.title}\n{item.text}", spans)
    plain = fold_name("".join(one if one.isalnum() else " " for one in unquote(written)))
    words = set(plain.split())
    if any(len(part) >= _SHORTEST and part in words for part in names.parts):
        return True
    return any(fold_name(one).replace(" ", "") in plain.replace(" ", "") for one in names.strings if one)
