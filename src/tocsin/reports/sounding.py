"""Names as they sound, so that one is found again in another script: by its consonants, roughly.

Latin, Cyrillic, Greek, Arabic and Hebrew letters are known. What is found may be another word that sounds alike: a
person decides. A name in a script without an alphabet, or one whose sounds its spelling hides, is not found.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from tocsin.analysis.text.folding import fold

# Each group of letters sounds alike when names go from one script into another; vowels, v, w and y say nothing.
_ALIKE: Final = {
    "b": "bpбпβπبپבפ",
    "d": "dдδدذضד",
    "f": "fфφف",
    "k": "cgjkqгґжкқғγκξكکگقغججчҷцחכקגץצ",
    "l": "llлλلל",
    "m": "mмμمמ",
    "n": "nнñνنנ",
    "r": "rрρرر\u0695ר",
    "s": "szсзшщσςζسصزشثظжژסזשצ",
    "t": "tтτθتطةטת",
    "h": "hхһҳχحخهהח",
}
_SOUND: Final = {letter: key for key, letters in _ALIKE.items() for letter in letters}
# One sound that is spelled with several letters, and x, which is two.
_TWO: Final = (
    ("sch", "s"), ("sh", "s"), ("kh", "h"), ("gh", "k"), ("ph", "f"), ("th", "t"), ("ch", "k"), ("zh", "s"),
    ("dj", "k"), ("дж", "k"), ("x", "ks"),
)  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")
_ALONE: Final = 4  # a single word has so many consonants at least to count by itself
_TOGETHER: Final = 4  # as many have all words of a name that stand behind each other


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """The consonants of a word, each once where it is doubled: ``Rahimi`` and ``رحيمي`` are both ``rhm``."""
    plain = fold(word).strip()
    for letters, one in _TWO:
        plain = plain.replace(letters, one)
    found = "".join(_SOUND.get(letter, "") for letter in plain)
    return re.sub(r"(.)\1+", r"\1", found)


def sounds(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where a text may say one of these names in another script: start and end."""
    words = [(one.start(), one.end(), sound(one.group()), _script(one.group())) for one in _WORD.finditer(text)]
    for name in names:
        parts = [(sound(one), _script(one)) for one in _WORD.findall(name)]
        heard = [one for one in parts if one[0]]
        if len(heard) > 1 and sum(len(said) for said, _kind in heard) >= _TOGETHER:
            yield from _behind(words, heard)
        yield from (
            (start, end)
            for said, kind in heard
            if len(said) >= _ALONE
            for start, end, here, script in words
            if script != kind and _same(said, here)
        )


def _behind(words: list[tuple[int, int, str, str]], parts: list[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    for order in (parts, parts[::-1]):
        for at in range(len(words) - len(order) + 1):
            here = words[at : at + len(order)]
            pairs = list(zip(here, order, strict=True))
            if all(_same(said, one[2]) and one[3] != kind for one, (said, kind) in pairs):
                yield here[0][0], here[-1][1]


def _same(said: str, here: str) -> bool:
    """Whether two words sound alike: with one letter joined in front, or an ending behind."""
    return here in {said, here[:1] + said, said + here[-1:]} if here else False


def _script(word: str) -> str:
    code = ord(word[0])
    if code < 0x370 or 0x1E00 <= code < 0x1F00:
        return "latin"
    return "greek" if code < 0x400 or 0x1F00 <= code < 0x2000 else "cyrillic" if code < 0x530 else f"{code >> 8}"
