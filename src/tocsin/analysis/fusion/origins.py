"""Who tells: what counts as one origin, however it is written, worded, carried or counted. Decided here alone.

Of texts: one owner's hosts, a name and the host that it writes from, and one story in other words are one masthead; a
masthead counts only with a feed of its own. Of measurements: a provider and its networks are one family, and its counts
of texts are no other origin than the texts that it brings.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from tocsin.analysis.fusion.clues import Door, Origin
from tocsin.analysis.fusion.facts import GRADES, Measured, Told
from tocsin.analysis.text.fingerprints import similarity

REWORDED = 0.3
"""Texts that share this much or more of their words were not written apart from each other."""

_MOST = 60
_MOST_COUNTED = 50
# Of many owners: below the first the owner is a host, on the second nothing in the address's host tells them apart.
_HOSTERS: Final = frozenset(
    {"blogspot.com", "github.io", "livejournal.com", "substack.com", "tumblr.com", "wordpress.com"}
)
_CROWDS: Final = frozenset(
    {
        "facebook.com",
        "google.com",
        "medium.com",
        "reddit.com",
        "t.me",
        "telegra.ph",
        "twitter.com",
        "x.com",
        "youtube.com",
    }
)
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


def voices(told: Iterable[Told]) -> dict[str, Origin]:
    """By the source of each text that is no copy, the origin that it counts as: the masthead and the feed of the text
    whose words it shares."""
    return dict(_voices(tuple(told)))


@lru_cache(maxsize=8)
def _voices(known: tuple[Told, ...]) -> dict[str, Origin]:
    # One judgement asks for them several times.
    first, names = firsts(known), _names(known)
    return {source: Origin(Door.TEXT, names[text.source], text.feed) for source, text in first.items()}


def instrument(found: Measured) -> Origin:
    """The provider and the network that a finding comes from."""
    return Origin(Door.MEASURED, found.provider, found.network)


def heard(origins: Iterable[Origin]) -> int:
    """How many independent origins these are: mastheads that came through feeds of their own, and networks; a provider
    of counts is one of its own feeds. A calendar is none."""
    known = set(origins)
    parts: dict[str, set[str]] = defaultdict(set)
    each: dict[str, float] = {one.name: 1.0 for one in known if one.door is Door.TEXT}
    for one in known:
        if one.door is Door.MEASURED:
            parts[one.name].add(one.carrier)
    each |= {counts(name): max(1.0, len(networks - {""})) for name, networks in parts.items()}
    return int(sum(each[name] for name in apart(each, carriers(known))))


def best(told: Iterable[Told]) -> list[Told]:
    """The best text of each independent masthead, of equals the first in time: who says so of their own accord."""
    known = tuple(told)
    by_name: dict[str, list[Told]] = defaultdict(list)
    voice = voices(known)
    for text in known:
        if text.source in voice:
            by_name[voice[text.source].name].append(text)
    weights = {name: max(GRADES.get(one.grade, GRADES["E"]) for one in texts) for name, texts in by_name.items()}
    chosen = apart(weights, carriers(voice.values()))
    return [min(by_name[name], key=lambda one: (one.grade, one.at, one.source)) for name in chosen]


def carriers(origins: Iterable[Origin]) -> dict[str, set[str]]:
    """What brought each of them, under the names that ``apart`` takes."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in origins:
        if one.door is Door.TEXT:
            found[one.name].add(one.carrier)
        elif one.door is Door.MEASURED:
            found[counts(one.name)].add(one.name)
    return found


def counts(provider: str) -> str:
    """A provider of counts, as a masthead that it carries itself: what it counts may be the very texts it brings."""
    return f"counts of {provider}\0"


def apart(said: Mapping[str, float], carried: Mapping[str, set[str]]) -> list[str]:
    """The mastheads that weigh most together when each needs a feed of its own.

    One feed that carries a hundred names is one origin, and so is one name in a hundred feeds. Taking the heaviest
    first is best here, for sets that can be matched form a matroid.
    Reference: Edmonds and Fulkerson, "Transversals and matroid partition" (1965).
    """
    taken: dict[str, str] = {}
    chosen: list[str] = []
    for name, weight in sorted(said.items(), key=lambda one: (-one[1], one[0])):
        if weight > 0 and len(chosen) < _MOST_COUNTED and _placed(name, carried, taken, set()):
            chosen.append(name)
    return chosen


def _placed(name: str, carried: Mapping[str, set[str]], taken: dict[str, str], tried: set[str]) -> bool:
    for carrier in sorted(carried[name]):
        if carrier in tried:
            continue
        tried.add(carrier)
        if carrier not in taken or _placed(taken[carrier], carried, taken, tried):
            taken[carrier] = name
            return True
    return False


def _names(told: Iterable[Told]) -> dict[str, str]:
    """By the source of each text, its masthead: the host that it stands on where it has one, else the name, or the host
    that others of this name stand on, or that has this name."""
    known = tuple(told)
    hosts = {one.source: _owner(one.host) for one in known}
    plain = {one.source: masthead(one.masthead) for one in known}
    standing: dict[str, set[str]] = defaultdict(set)
    for one in known:
        for domain in {hosts[one.source], plain[one.source] if "." in plain[one.source] else ""} - {""}:
            standing[_bare(domain.partition(".")[0])].add(domain)
            standing[_bare(plain[one.source])].add(domain)
    found = {}
    for one in known:
        name = plain[one.source]
        domain = hosts[one.source] or (name if "." in name else min(standing.get(_bare(name), {""})))
        found[one.source] = domain or name
    return found


def _owner(written: str) -> str:
    """Whose host it is; empty where that tells nothing: a number, one label, a place of many owners."""
    host = written.rstrip(".").casefold()
    domain = masthead(host)
    if "." not in host or ":" in host or host.replace(".", "").isdigit() or domain in _CROWDS:
        return ""
    if domain in _HOSTERS:
        owner = host.removesuffix(domain).rstrip(".").rpartition(".")[2]
        return f"{owner}.{domain}" if owner not in {"", "www"} else ""
    return domain


def _bare(name: str) -> str:
    """A name without its article and signs."""
    return "".join(letter for letter in name.casefold().removeprefix("the ") if letter.isalnum())


def firsts(told: Iterable[Told]) -> dict[str, Told]:
    """By the source of each text, the text that it counts as: the best graded of those that it shares its words with,
    of equals the first; itself where it shares them with none. Copies are left out."""
    known = [one for one in told if not one.copy]
    found = {one.source: one for one in known if not one.mark}
    return found | _firsts(frozenset(one for one in known if one.mark))


@lru_cache(maxsize=8)
def _firsts(marked: frozenset[Told]) -> dict[str, Told]:
    order = sorted(marked, key=lambda one: (-GRADES.get(one.grade, 0.0), one.at, one.source))
    leading: list[Told] = []
    found: dict[str, Told] = {}
    for text in order:
        first = next((one for one in leading if similarity(one.mark, text.mark) >= REWORDED), text)
        if first is text and len(leading) < _MOST:
            leading.append(text)
        found[text.source] = first
    return found
