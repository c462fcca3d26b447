"""Secret words: the receipt of a person at risk, the passphrase of a member of staff, and one way to read both.

The base lists are those of BIP 39 (https://github.com/bitcoin/bips/blob/master/bip-0039/bip-0039-wordlists.md); the
Arabic and Persian ones are our own. Words that frighten, or that one should not be found with, are left out.
Nothing here completes or corrects a word: that would help whoever guesses.
"""

import math
import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from mnemonic import Mnemonic

RECEIPT_BITS: Final = 88
PASSPHRASE_BITS: Final = 66

_FOLDER: Final = Path(__file__).parent / "wordlists"
_BASES: Final = {
    "en": "english",
    "fr": "french",
    "es": "spanish",
    "ar": "",
    "ru": "russian",
    "zh": "chinese_simplified",
    "tr": "turkish",
    "fa": "",
    "pt": "portuguese",
}
# In the base list as packaged, one Russian word is broken: it has replacement characters in it.
_BROKEN: Final = "\ufffd"

_NUMBER_SIGNS: Final = str.maketrans("ºª°№", "    ")
_LETTERS: Final = str.maketrans(
    {
        "ı": "i",  # Turkish, where a keyboard or a case rule lost the dot or added it
        "ł": "l",
        "đ": "d",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ى": "ي",  # Arabic and Persian keyboards give different letters for the same stroke of the pen
        "ی": "ي",
        "ې": "ي",
        "ے": "ي",
        "ک": "ك",
        "ڪ": "ك",
        "ة": "ه",
        "ۃ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ٱ": "ا",
        "ء": None,
    }
)
# "1st", "2e", "3-й": the ending of a number, not a word.
_ORDINALS: Final = re.compile(r"\d+[-.]?(?:st|nd|rd|th|er|ere|re|eme|ro|ra|do|da|to|ta|ыи|ои|ая|ое|го)\b")
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def languages() -> tuple[str, ...]:
    """The languages that have a list of words, as ISO 639-1 codes."""
    return tuple(_BASES)


def make_receipt(language: str) -> list[str]:
    """Words that open a mailbox, drawn from the system's randomness: at least 88 bits.

    Eight words in English (88.1 bits), ten in Arabic and Persian (92), nine in the other languages (95 to 96); see
    `receipt_bits`. A Chinese word is one character. Raises KeyError for a language without a list.
    """
    drawn = words(language)
    return [secrets.choice(drawn) for _ in range(_count(RECEIPT_BITS, len(drawn)))]


def receipt_bits(language: str) -> float:
    """How many bits a receipt in this language has: the count of its words times log2 of the length of the list."""
    size = len(words(language))
    return _count(RECEIPT_BITS, size) * math.log2(size)


def make_passphrase() -> str:
    """Six English words for the vault of a member of staff, with single spaces: a little more than 66 bits.

    Guessing costs 2**65 tries on average, and each try costs what `sealing.VAULT_COST` asks: three passes of Argon2id
    over 512 MiB. A machine with 64 GiB that does a hundred such tries at a time, one second each, would need more than
    ten thousand million years; ten million such machines would need a thousand. Fewer words would lean on the cost
    alone, more would be written on a note. It is generated, because people choose what others can guess.
    """
    drawn = words("en")
    return " ".join(secrets.choice(drawn) for _ in range(_count(PASSPHRASE_BITS, len(drawn))))


def normalise(text: str) -> bytes:
    """One canonical form, in UTF-8, of words as somebody copies them from paper: letters, and a space between words.

    Case, accents, the marks and letter variants of Arabic script, tatweel, full width, zero-width characters, spaces,
    hyphens, commas, numbering and traditional for simplified Chinese characters make no difference; Chinese may stand
    without spaces. The words and their order do. What has no letters gives b"", which a caller refuses.

    Receipts and vaults depend on this form for as long as they live: it may learn to forgive more only for texts that
    no list can make. The tables of Unicode that it uses are stable for assigned characters
    (https://www.unicode.org/policies/stability_policy.html).
    """
    text = text.translate(_NUMBER_SIGNS)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = "".join(c for c in text if not _vanishes(c)).translate(_LETTERS).translate(_simplified())
    text = _HAN.sub(r" \g<0> ", _ORDINALS.sub(" ", text))
    found = "".join(c if c.isalpha() else " " for c in text).split()
    # A single letter is left over from numbering ("a)", "3-й"): no list has a word of one letter, apart from Chinese.
    return " ".join(word for word in found if len(word) > 1 or _HAN.match(word)).encode()


@cache
def words(language: str) -> tuple[str, ...]:
    """The words that receipts in this language are made of. Raises KeyError for a language without a list."""
    base = Mnemonic(_BASES[language]).wordlist if _BASES[language] else []
    without = _read(_FOLDER / "left_out" / f"{language}.txt")
    ours = _read(_FOLDER / f"{language}.txt")
    taken = (unicodedata.normalize("NFC", word) for word in base if _BROKEN not in word)
    return tuple(sorted({word for word in taken if word not in without} | ours))


def _read(file: Path) -> frozenset[str]:
    if not file.exists():
        return frozenset()
    lines = unicodedata.normalize("NFC", file.read_text("utf-8")).splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _count(bits: int, size: int) -> int:
    return math.ceil(bits / math.log2(size))


def _vanishes(character: str) -> bool:
    kind = unicodedata.category(character)
    # Marks, format characters and letters that only modify others (tatweel).
    return kind[0] == "M" or kind in {"Cf", "Lm"}


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified: the two base lists have the same character on the same line."""
    simplified, traditional = Mnemonic("chinese_simplified").wordlist, Mnemonic("chinese_traditional").wordlist
    return str.maketrans({t: s for t, s in zip(traditional, simplified, strict=True) if t != s})
