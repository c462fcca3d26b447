"""Labelled texts for ``harm``: plain forms and sentences of police events, with what of each endangers a person."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

# What endangers a person, told by the name of a label, so that a set never seen can be tried.
DANGER = re.compile(
    r"threat|arrest|abduct|disap|dissap|sex_?viol|force|mob_?viol|^attack$|kill|tortur|violence", re.IGNORECASE
)
# The same in our own taxonomy, the first that fits.
OURS = (
    ("threat", re.compile(r"threat", re.IGNORECASE)),
    ("arrest", re.compile(r"arrest|detain", re.IGNORECASE)),
    ("disappearance", re.compile(r"abduct|disap|dissap", re.IGNORECASE)),
    ("killing", re.compile(r"kill", re.IGNORECASE)),
    ("violence", re.compile(r"sex_?viol|force|mob_?viol|^attack$|tortur|violence", re.IGNORECASE)),
)
_ALIKE = 0.6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its gold label; texts of one ``kin`` are versions of each other or of one document."""

    id: str
    language: str
    text: str
    label: str
    functionality: str
    kin: str

    @property
    def danger(self) -> bool:
        """Whether its label says that a person is in danger."""
        return bool(DANGER.search(self.label))

    @property
    def harm(self) -> str:
        """Its label in our taxonomy, or ``none``."""
        return next((key for key, pattern in OURS if pattern.search(self.label)), "none")


def sets(folder: Path, most: int, only: str) -> Iterator[tuple[str, list[Labelled]]]:
    """Every labelled set, by name; of a large one about ``most`` texts, whole kins, always the same ones."""
    for file in sorted((folder / "harm").glob("*.jsonl.gz")):
        name = file.name.removesuffix(".jsonl.gz")
        if only in name:
            yield name, _some(_kin([_plain(row) for row in _rows(file)]), most)
    police = folder / "event-indiapoliceevents" / "sents.jsonl.gz"
    if police.exists() and only in "indiapoliceevents":
        yield "indiapoliceevents", _some([_sentence(row) for row in _rows(police)], most)


def _rows(file: Path) -> Iterator[dict[str, object]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _plain(row: dict[str, object]) -> Labelled:
    said = {name: str(row.get(name) or "") for name in ("id", "language", "text", "label", "functionality")}
    return Labelled(**said, kin="")


def _sentence(row: dict[str, object]) -> Labelled:
    labels = row["sent_labels"]
    assert isinstance(labels, list)
    label = next((one for one in ("KILL", "FORCE", "ARREST") if one in labels), "none")
    return Labelled(f"{row['doc_id']}-{row['sent_id']}", "en", str(row["sent_text"]), label, "", str(row["doc_id"]))


def _kin(rows: Sequence[Labelled]) -> list[Labelled]:
    """With kins: texts of one template share half of their words, and must not stand in training and test."""
    families: dict[tuple[str, str], list[tuple[frozenset[str], str]]] = {}
    found = []
    for row in rows:
        words = frozenset(_WORD.findall(row.text.lower()))
        known = families.setdefault((row.label, row.functionality), [])
        kin = next((name for others, name in known if _alike(words, others)), "")
        if not kin:
            kin = row.id
            known.append((words, kin))
        found.append(Labelled(row.id, row.language, row.text, row.label, row.functionality, kin))
    return found


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    both = len(one & other)
    return both >= _ALIKE * (len(one) + len(other) - both) and both > 0


def _some(rows: Sequence[Labelled], most: int) -> list[Labelled]:
    order = sorted({row.kin for row in rows}, key=lambda kin: (crc32(kin.encode()), kin))
    members: dict[str, list[Labelled]] = {}
    for row in rows:
        members.setdefault(row.kin, []).append(row)
    chosen: list[Labelled] = []
    for kin in order:
        if len(chosen) >= most:
            break
        chosen += members[kin]
    return chosen
