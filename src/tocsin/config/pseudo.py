"""The test language, ar-XB: every translatable word, accented, between right-to-left marks.

It is made from the code, the templates and what analysis says, so a word that it does not reach is one that nobody
could translate. No gettext tool is needed: Babel reads and writes the catalogues.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import write_po
from django.utils.translation.template import templatize

from tocsin.console import phrases

LOCALE = "ar_XB"
MARK = "\u200f"
# What may not be touched: placeholders, tags, entities.
_KEPT = re.compile(r"(%\(\w+\)[-#0 +]*\d*(?:\.\d+)?\w|%[sdifrx%]|\{[^{}]*\}|<[^<>]+>|&#?\w+;)")
_ACCENTS = str.maketrans(
    "aceilnorsuyzACEILNORSUYZ",
    "áçéíĺñóŕšúýžÁÇÉÍĹÑÓŔŠÚÝŽ",
)
_KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}
Message = str | tuple[str, ...] | list[str]


def accented(text: str) -> str:
    """A word of the test language: readable, and plainly not English."""
    if not text.strip():
        return text
    pieces = _KEPT.split(text)
    changed = [piece if number % 2 else piece.translate(_ACCENTS) for number, piece in enumerate(pieces)]
    return f"{MARK}{''.join(changed)}{MARK}"


def build(package: Path, folder: Path) -> bool:
    """Write the test language's catalogue below a locale folder, unless nothing changed since; True if written."""
    target = folder / LOCALE / "LC_MESSAGES" / "django.mo"
    stamp, state = folder / "stamp", _state(package)
    if target.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return False
    made = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for messages in (extracted(package), *_foreign()):
        for message in messages:
            if message.id:
                _add(made, message.id, message.context)
    for word in phrases.words():
        _add(made, word, None)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("wb") as out:
        write_mo(out, made)
    part.replace(target)
    stamp.write_text(state, encoding="utf-8")
    return True


def write_template(package: Path, path: Path) -> int:
    """Write every word of the project as a template for translators; gives how many there are."""
    found = extracted(package)
    for word in phrases.words():
        found.add(word, auto_comments=["Analysis or a rule says this."])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, found, width=100, sort_by_file=True)
    return len(found)


def extracted(package: Path) -> Catalog:
    """Every translatable word of the project's code and templates, with where it stands."""
    found = Catalog(project="tocsin", charset="utf-8", fuzzy=False)
    for path in _sources(package):
        where = str(path.relative_to(package))
        for line, message, comments, context in _words(path):
            if message and (message if isinstance(message, str) else message[0]):
                found.add(
                    message, locations=[(where, line)], auto_comments=[str(one) for one in comments], context=context
                )
    return found


def _add(made: Catalog, message: Message, context: str | bytes | None) -> None:
    # Babel gives the context of a compiled catalogue as bytes.
    context = context.decode() if isinstance(context, bytes) else context
    if isinstance(message, str):
        made.add(message, accented(message), context=context)
    else:
        made.add(tuple(message), tuple(accented(one) for one in message), context=context)


def _words(path: Path) -> Iterable[tuple[int, Message, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django's own reader turns a template into calls; without indents they are lines of Python.
        text = "\n".join(line.strip() for line in templatize(text).splitlines())
    source = io.BytesIO(text.encode())
    return extract("python", source, keywords=_KEYWORDS, comment_tags=("Translators:",), options={"encoding": "utf-8"})


def _sources(package: Path) -> Iterator[Path]:
    for pattern in ("*.py", "*.html", "*.txt"):
        for path in sorted(package.rglob(pattern)):
            parts = path.relative_to(package).parts
            if "tests" not in parts and "migrations" not in parts and (path.suffix == ".py" or "templates" in parts):
                yield path


def _foreign() -> Iterator[Catalog]:
    """The words of Django and allauth that our pages show, such as those of a form's errors."""
    import allauth

    roots = [Path(django.__file__).parent, Path(allauth.__file__).parent]
    for root in roots:
        for path in sorted(root.glob("**/locale/de/LC_MESSAGES/django.mo")):
            if "admin" not in str(path):
                with path.open("rb") as file:
                    yield read_mo(file)


def _state(package: Path) -> str:
    found = hashlib.sha256(django.__version__.encode())
    for path in _sources(package):
        seen = path.stat()
        found.update(f"{path.relative_to(package)} {seen.st_mtime_ns} {seen.st_size}\n".encode())
    return found.hexdigest()
