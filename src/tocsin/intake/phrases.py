"""What the door says, in each language: one flat file each in ``words``, read once."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent / "words"
# Each with the name that it has in itself, in the order in which they are offered.
LANGUAGES: Final = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
    "ru": "Русский",
    "zh": "中文",
    "tr": "Türkçe",
    "fa": "فارسی",
    "pt": "Português",
}
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa"})
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def languages() -> dict[str, str]:
    """The languages whose words are here."""
    return {code: name for code, name in LANGUAGES.items() if (FOLDER / f"{code}.toml").is_file()}


@cache
def table(language: str) -> Mapping[str, str]:
    """Every sentence of a language by its key."""
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {str(key): str(sentence) for key, sentence in found.items()}


class Words(Mapping[str, str]):
    """The sentences of one language, with what stands for {placeholders} filled in. English stands in for none."""

    def __init__(self, language: str, **values: Any) -> None:
        self.language = language if language in languages() else "en"
        self._values = values

    def __getitem__(self, key: str) -> str:
        sentence = table(self.language)[key] if key in table(self.language) else table("en")[key]
        return PLACEHOLDER.sub(lambda found: str(self._values.get(found[1], found[0])), sentence)

    def __iter__(self) -> Iterator[str]:
        return iter(table("en"))

    def __len__(self) -> int:
        return len(table("en"))

    def filled(self, key: str, **values: Any) -> str:
        """One sentence with values of its own."""
        return Words(self.language, **{**self._values, **values})[key]


def preferred(header: str) -> str:
    """The language that an Accept-Language header asks for first, of those that are here."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        wanted.append((-quality, place, name.strip().lower().partition("-")[0]))
    return next((code for quality, _, code in sorted(wanted) if quality < 0 and code in languages()), "en")
