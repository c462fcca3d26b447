"""The search cache of this node: overlapping pairs and triples of letters, so that every script can be searched.

It holds letters of open texts and the ids of their signals, nothing that a reader sees: hits are looked up in the
database again, so that a text that expired, or that somebody may not read, never shows. It can be deleted at any time.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

VERSION = 1
_INDEXED = 8_000
_HEAP = 64_000_000
_MOST_GRAMS = 24


@dataclass(frozen=True, slots=True)
class Page:
    """What is indexed of one signal."""

    signal: int
    readers: int
    text: str


class Index:
    """One folder on this node; one process writes it, others read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"v{VERSION}"
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._writer: Any = None

    def position(self) -> int:
        """How far the log was followed when the newest commit was made; 0 for a new or damaged index."""
        path = self.folder / "position"
        try:
            return int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def write(self, pages: Iterable[Page], gone: Iterable[int], position: int) -> None:
        """Put pages in place of their former selves, remove others, and remember the position."""
        writer = self._open_writer()
        for number in gone:
            writer.delete_documents_by_term("id", number)
        for page in pages:
            writer.delete_documents_by_term("id", page.signal)
            document = tantivy.Document()
            document.add_unsigned("id", page.signal)
            document.add_unsigned("readers", page.readers)
            document.add_text("text", page.text[:_INDEXED])
            writer.add_document(document)
        writer.commit()
        # A crash before this line reads the same part of the log again, which changes nothing.
        part = self.folder / "position.part"
        part.write_text(str(position), encoding="ascii")
        part.replace(self.folder / "position")

    def ids(self, words: str, readers: Iterable[int], limit: int) -> list[int]:
        """Signals whose text holds every pair or triple of letters of the words, newest first."""
        index = self._open()
        grams = _grams(words)
        if index is None or not grams:
            return []
        index.reload()
        term = tantivy.Query.term_query
        must = [(tantivy.Occur.Must, term(self._schema, "text", gram, "basic")) for gram in grams]
        allowed = [(tantivy.Occur.Should, term(self._schema, "readers", one)) for one in readers]
        must.append((tantivy.Occur.Must, tantivy.Query.boolean_query(allowed)))
        searcher = index.searcher()
        # What hits are ordered by stands beside each: no stored page has to be opened for it.
        found = searcher.search(tantivy.Query.boolean_query(must), limit, order_by_field="id", count=False)
        return [int(number) for number, _ in found.hits]

    def remove(self) -> None:
        """Delete the cache; it is made again from the log."""
        self._index = self._writer = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> tantivy.Index | None:
        if self._index is None and self.folder.is_dir() and tantivy.Index.exists(str(self.folder)):
            self._index = _analysed(tantivy.Index.open(str(self.folder)))
        return self._index

    def _open_writer(self) -> Any:
        if self._writer is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not tantivy.Index.exists(str(self.folder)):
                tantivy.Index(self._schema, path=str(self.folder))
            index = self._open()
            if index is None:
                raise OSError("the search cache can't be opened")
            self._writer = index.writer(heap_size=_HEAP, num_threads=1)
        return self._writer


class NodeLock:
    """The right of one process of this node to write the index; it ends with the process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "writer"
        self._file: int | None = None

    def had(self) -> bool:
        """Whether this process has it, or can have it now."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True


_QUOTES = '"“”„‟«»「」『』'
_TERM = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]|([^\s{_QUOTES}]+|[{_QUOTES}])")


def fold(text: str) -> str:
    """How texts and words are compared: lower case, spaces joined."""
    return " ".join(text.lower().split())


def terms(words: str) -> list[str]:
    """What each must occur: single words, and phrases that stand in quotation marks of any kind."""
    found = [fold(phrase or word.strip(_QUOTES)) for phrase, word in _TERM.findall(words)]
    return [term for term in found if term]


def _grams(words: str) -> list[str]:
    """The triples of each word, or its pair when it is no longer; single letters find nothing."""
    found: list[str] = []
    for word in " ".join(terms(words)).split():
        size = min(3, len(word))
        if size >= 2:
            found += [word[start : start + size] for start in range(len(word) - size + 1)]
    return list(dict.fromkeys(found))[:_MOST_GRAMS]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("readers", indexed=True)
    builder.add_text_field("text", stored=False, tokenizer_name="grams", index_option="basic")
    return builder.build()


def _analysed(index: tantivy.Index) -> tantivy.Index:
    grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(2, 3, False))
    index.register_tokenizer("grams", grams.filter(tantivy.Filter.lowercase()).build())
    return index
