"""Where a text names somebody whom it says was harmed, and the text without: plain values, no rows."""

from collections.abc import Iterable

from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import READ, Names, masked, names_in
from tocsin.lib.territories import EXERCISE_MARK


def names_of(written: Text) -> Names:
    """The names themselves. The mark of an exercise is taken for no word of a name."""
    mark = EXERCISE_MARK.strip()
    title, body = (one.replace(mark, " " * len(mark)) for one in (written.title, written.body))
    return names_in(Text(title, body, written.language))


# A name that begins in what is shown is found whole, though it ends behind it.
_OVER = 200


def found(written: Text) -> tuple[Span, ...]:
    """Where names stand in ``title + "\\n" + body``, as far as it is ever shown; in order, none within another."""
    return names_of(written).spans(f"{written.title}\n{written.body[: READ + _OVER]}")


def of_body(headline: str, body: str, spans: Iterable[Span]) -> str:
    """A body, masked by spans of ``headline + "\\n" + body``; what nobody looked through for names is cut off."""
    shift = len(headline) + 1
    behind = [Span(one.start - shift, one.end - shift) for one in spans if one.end > shift]
    return masked(body[: max(0, READ - shift)], behind)


def without(written: Text, spans: Iterable[Span]) -> str:
    """Title and body without names, so that no model learns one."""
    kept = tuple(spans)
    return f"{masked(written.title, kept)}\n{of_body(written.title, written.body, kept)}"
