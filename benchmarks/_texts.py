"""As many texts as one likes, made from the real ones of a folder by resampling and editing them.

A *world* tells all stories of the folder anew: what is rare in the folder (names, numbers, odd words) is renamed
alike throughout the world, countries change places, and each text loses some sentences. Some come again under another
masthead, word for word or nearly so. So stories, their sizes and the growth of the vocabulary stay like real ones.
"""

import gzip
import hashlib
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_COMMON = 0.02  # share of the texts from which on a word is no name of a story
_COPIES, _NEAR_COPIES, _DROPPED = 0.03, 0.07, 0.1
_MASTHEADS = 400
_COUNTRIES = (  # noqa: SIM905
    "Turkey France Peru Kenya Japan Egypt Brazil Poland Canada Ghana Nepal Norway Belarus Iran Pakistan Uganda Chile "
    "Spain Cuba India China Russia Mexico Italy Ethiopia Myanmar Vietnam Tunisia Serbia Colombia"
).split()
_SYLLABLES = "ba de ki lo mu ra se ti vo na pe gu shi dra ler mon tas vik zor bel cam fin har jun".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Told:
    """One text; ``story`` is the true one, ``copy`` says that it repeats an earlier text."""

    number: int
    masthead: str
    title: str
    text: str
    story: str
    copy: bool


@dataclass(frozen=True, slots=True)
class _Base:
    title: str
    sentences: tuple[str, ...]
    story: str


class Newsroom:
    """``told(number)`` is the same text for the same folder, whatever was asked before."""

    def __init__(self, folder: Path) -> None:
        self._bases = _bases(folder)
        if not self._bases:
            raise ValueError(f"There is no set of stories in {folder / 'stories'}.")
        seen = Counter(w for one in self._bases for w in set(_words(one)))
        often = max(3, round(_COMMON * len(self._bases)))
        kept = {w for w, count in seen.items() if count >= often} | {name.lower() for name in _COUNTRIES}
        self._rare = {w for w in seen if w not in kept and (len(w) > 3 or w.isdigit())}
        self._countries = {name.lower(): place for place, name in enumerate(_COUNTRIES)}

    @property
    def size(self) -> int:
        """Texts of one world."""
        return len(self._bases)

    def told(self, number: int) -> Told:
        """The text of this number."""
        world, place = divmod(number, self.size)
        order = random.Random(f"order {world}").sample(range(self.size), self.size)
        chance = random.Random(f"text {number}")
        draw, which = chance.random(), place
        copied = place > 0 and draw < _COPIES + _NEAR_COPIES
        if copied:
            which = chance.randrange(place)
        base = self._bases[order[which]]
        words = random.Random(f"text {world * self.size + which}") if copied else chance
        sentences = [one for one in base.sentences if words.random() >= _DROPPED] or list(base.sentences[:1])
        if copied and draw >= _COPIES and len(sentences) > 3:
            sentences.pop(chance.randrange(len(sentences)))
        masthead = f"masthead-{chance.randrange(_MASTHEADS)}"
        title, text = self._renamed(base.title, world), self._renamed(" ".join(sentences), world)
        return Told(number, masthead, title, text, f"{world}-{base.story}", copied)

    def _renamed(self, words: str, world: int) -> str:
        return _WORD.sub(lambda found: self._name(found.group(), world), words)

    def _name(self, word: str, world: int) -> str:
        low = word.lower()
        if low in self._countries:
            return _COUNTRIES[(self._countries[low] + 7 * world) % len(_COUNTRIES)]
        if low not in self._rare:
            return word
        mark = int.from_bytes(hashlib.blake2b(f"{world} {low}".encode(), digest_size=8).digest(), "big")
        if word.isdigit():
            return str(mark % 10 ** min(len(word), 18)).zfill(len(word))
        made = ""
        while len(made) < min(len(word), 12):
            mark, part = divmod(mark, len(_SYLLABLES))
            made += _SYLLABLES[part]
        return made.capitalize() if word[0].isupper() else made


def _bases(folder: Path) -> list[_Base]:
    found = []
    for file in sorted((folder / "stories").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                text = str(row.get("text") or "")
                title = str(row.get("title") or "") or text[:80]
                found.append(_Base(title, tuple(_SENTENCE.split(text)), f"{file.name.split('.')[0]}-{row['story']}"))
    return found


def _words(base: _Base) -> list[str]:
    return [found.lower() for part in (base.title, *base.sentences) for found in _WORD.findall(part)]
