"""Tells the language of a text: by its script where that settles it, else by a model among that script's languages."""

import unicodedata
from collections import Counter
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"
_SAMPLE = 500
_FEWEST = 12  # letters below which a spaced script says too little
_FEWEST_UNSPACED = 3

_SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "Latn"), (0x0370, 0x03FF, "Grek"), (0x0400, 0x052F, "Cyrl"), (0x0530, 0x058F, "Armn"),
    (0x0590, 0x05FF, "Hebr"), (0x0600, 0x06FF, "Arab"), (0x0700, 0x074F, "Syrc"), (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"), (0x07C0, 0x07FF, "Nkoo"), (0x0900, 0x097F, "Deva"), (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"), (0x0A80, 0x0AFF, "Gujr"), (0x0B00, 0x0B7F, "Orya"), (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"), (0x0C80, 0x0CFF, "Knda"), (0x0D00, 0x0D7F, "Mlym"), (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"), (0x0E80, 0x0EFF, "Laoo"), (0x0F00, 0x0FFF, "Tibt"), (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"), (0x13A0, 0x13FF, "Cher"),
    (0x1780, 0x17FF, "Khmr"), (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"), (0x3040, 0x30FF, "Kana"),
    (0x3400, 0x9FFF, "Hani"), (0xA960, 0xA97F, "Hang"), (0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"),
    (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFE, "Arab"), (0x20000, 0x3FFFF, "Hani"),
)  # fmt: skip
_ONE_LANGUAGE = {
    "Grek": "el", "Armn": "hy", "Thaa": "dv", "Guru": "pa", "Gujr": "gu", "Orya": "or", "Taml": "ta", "Telu": "te",
    "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo", "Mymr": "my", "Geor": "ka", "Hang": "ko",
    "Khmr": "km", "Kana": "ja", "Hani": "zh", "Syrc": "syr", "Nkoo": "nqo", "Cher": "chr", "Hebr": "he",
}  # fmt: skip
_CHOICES = {
    "Cyrl": "ru uk be bg sr mk kk ky mn tg",
    "Arab": "ar fa ur ps ug ku sd",
    "Deva": "hi mr ne",
    "Beng": "bn as",
    "Tibt": "dz",
}
UNSPACED = frozenset(("Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Hani", "Kana"))
CASED = frozenset(("Latn", "Grek", "Cyrl", "Armn"))
# Tigrinya writes these where Amharic does not; the model knows only Amharic.
_TIGRINYA = ("ን ", "እዩ", "ኣብ", "ናይ", "እቲ")
# Letters of Sorani Kurdish alone; the model takes it for Persian.
_SORANI = "ێڵڕ"
# Letters that settle between Cyrillic languages which the model mixes up in short texts; і, їєґи and ыўэ come first.
_SPECIAL_LETTERS = {"sr": "ђћџљњј", "mk": "ѓќѕ", "kk": "әғқңұһ"}


@cache
def script_of(char: str) -> str:
    """ISO 15924 code of a letter's script (``Kana`` for both Japanese syllabaries), empty for anything else."""
    if not unicodedata.category(char).startswith(("L", "M")):
        return ""
    point = ord(char)
    return next((name for low, high, name in _SCRIPTS if low <= point <= high), "")


def main_script(sample: str) -> tuple[str, int]:
    """The script of most letters, empty without any, and how many letters there are.

    A fifth of kana makes Han text Japanese.
    """
    counts: Counter[str] = Counter()
    for char, n in Counter(sample).items():
        script = script_of(char)
        if script:
            counts[script] += n
    if not counts:
        return "", 0
    letters = counts.total()
    if counts["Kana"] * 5 >= counts["Hani"] > 0:
        counts["Kana"] += counts["Hani"]
    # Latin names and addresses inside a text in another script must not hide that script.
    counts["Latn"] = counts["Latn"] * 2 // 5 if len(counts) > 1 else counts["Latn"]
    return max(sorted(counts), key=lambda s: counts[s]), letters


@cache
def _model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _allowed(script: str) -> frozenset[str]:
    named = _CHOICES.get(script)
    if named is not None:
        return frozenset(named.split())
    elsewhere = set(_ONE_LANGUAGE.values()) | {c for names in _CHOICES.values() for c in names.split()}
    return frozenset(c for c in _model().labels if c not in elsewhere or c in ("ku", "sr", "mn"))


def detect(title: str, body: str, hint: str = "") -> tuple[str, float, str]:
    """Language (ISO 639, ``und`` if unsure), confidence 0–1, and main script of a text.

    ``hint`` is what the source says of itself; it decides only where the text itself says too little, and only if it
    fits the script.
    """
    sample = f"{title} {body[:_SAMPLE]}"[: _SAMPLE + 150].encode("utf-8", "ignore").decode("utf-8")
    script, letters = main_script(sample)
    hint = hint.replace("_", "-").split("-")[0].lower()
    if not script:
        return (hint or UNKNOWN, 0.1 if hint else 0.0, "")
    if script == "Ethi":
        if hint in ("am", "ti") and letters < 40:
            return hint, 0.6, script
        return ("ti" if sum(sample.count(w) for w in _TIGRINYA) * 60 > letters else "am", 0.9, script)
    if script in _ONE_LANGUAGE:
        return (_ONE_LANGUAGE[script], 0.95 if letters >= _FEWEST_UNSPACED else 0.5, script)
    if letters < _FEWEST:
        return (hint, 0.3, script) if hint else (UNKNOWN, 0.0, script)
    if script == "Arab" and sum(sample.count(one) for one in _SORANI) * 40 > letters:
        return "ckb", 0.9, script
    found, sure = _ranked(sample, script)
    if hint and hint != found and sure < (0.9 if letters < 60 else 0.5):
        return hint, 0.4, script
    if sure < 0.2:
        return UNKNOWN, sure, script
    return found, sure, script


def _ranked(sample: str, script: str) -> tuple[str, float]:
    """Best language of a script with its share of the probability of all languages of that script."""
    allowed = _allowed(script)
    ranked = [(name, p) for name, p in _model().rank(sample) if name in allowed]
    total = sum(p for _, p in ranked)
    if not ranked or total <= 0:
        return UNKNOWN, 0.0
    best, p = ranked[0]
    if script == "Cyrl":
        settled = _cyrillic(sample.casefold())
        if settled and settled != best:
            return settled, 0.6
    return best, p / total


def _cyrillic(lowered: str) -> str:
    """Language that the letters alone tell, or an empty string."""
    if "і" in lowered and not any(c in lowered for c in "әғқңұһ"):
        belarusian, ukrainian = (sum(lowered.count(c) for c in letters) for letters in ("ыўэ", "иїєґ"))
        if belarusian != ukrainian:
            return "be" if belarusian > ukrainian else "uk"
    for name, letters in _SPECIAL_LETTERS.items():
        if sum(lowered.count(c) for c in letters) * 25 > len(lowered):
            return name
    return ""
