"""Who tells: one owner's mastheads, and one story in other words, are one origin."""

from collections.abc import Iterable
from typing import Final

from tocsin.analysis.fusion.facts import GRADES, Told
from tocsin.analysis.text.fingerprints import similarity

REWORDED = 0.3
"""Texts that share this much or more of their words were not written apart from each other."""

_MOST = 60
_SECOND: Final = frozenset({"ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "nom", "or", "org"})


def masthead(name: str) -> str:
    """The registrable domain of a masthead that is a host name, else the name itself, in small letters.

    That is its last two labels, and three below a country's second level such as ``co.uk``. There is no list of public
    suffixes here: hosts under a shared one that this does not know, such as those of a blog hoster, count as one.

    >>> masthead("blog.owner.example"), masthead("WWW.Daily.co.uk"), masthead("The Daily")
    ('owner.example', 'daily.co.uk', 'the daily')
    """
    plain = name.strip().rstrip(".").casefold()
    labels = plain.split(".")
    if len(labels) < 2 or not all(labels) or any(one.isspace() for one in plain):
        return plain
    return ".".join(labels[-3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else -2 :])


def firsts(told: Iterable[Told]) -> dict[str, Told]:
    """By the source of each text, the text that it counts as: the best graded of those that it shares its words with,
    of equals the first; itself where it shares them with none. Copies are left out."""
    order = sorted(
        (one for one in told if not one.copy), key=lambda one: (-GRADES.get(one.grade, 0.0), one.at, one.source)
    )
    leading: list[Told] = []
    found: dict[str, Told] = {}
    for text in order:
        same = (one for one in leading if text.mark and similarity(one.mark, text.mark) >= REWORDED)
        first = next(same, text)
        if first is text and text.mark and len(leading) < _MOST:
            leading.append(text)
        found[text.source] = first
    return found
