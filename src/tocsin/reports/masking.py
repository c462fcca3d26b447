"""Finds what names a person or leads to one, and masks it. A miss can harm somebody; a find too many costs a look."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from django.utils.translation import gettext as _

from tocsin.reports import user_words
from tocsin.reports.known_names import mentions, spelled

_MOST_PASSES: Final = 3
_USERS = "|".join(sorted(map(re.escape, user_words.USER), key=len, reverse=True))
_WORD = r"[^\W_][\w'’\u200c-]{0,30}"
# A namespace, in its word order of every language: Benutzer Diskussion, Обсуждение участника, 利用者‐会話.
_SPACE = rf"(?:{_WORD}[ _])?(?:{_USERS})(?:[ _‐-]?(?:{_WORD}))?"
_LINK = re.compile(rf"\[\[\s*:?(?:[\w-]{{1,24}}:){{0,2}}\s*{_SPACE}\s*[:：]\s*([^\[\]|#\n]+)(?:[^\[\]\n]*)\]\]", re.I)
_TEMPLATE = re.compile(
    r"\{\{\s*(?:u|user|ping|reply to|re|noping|benutzer|utilisateur|usuario|участник|مستخدم|متن)\s*\|[^{}\n]+\}\}", re.I
)
_BARE = re.compile(rf"(?<!\w){_SPACE}\s?[:：]\s?([^\s\[\]|<>{{}}#,;،؛。、]+)", re.I)
_SPECIAL = re.compile(
    rf"(?<!\w)(?:\w+[:：])?(?:{'|'.join(map(re.escape, user_words.CONTRIBUTIONS))})/([^\s\[\]|<>{{}}#,;،]+)", re.I
)
_HANDLE = re.compile(r"(?<![\w.])[@＠][^\W](?:[\w.\-·]*\w)?(?:[@:][\w.\-]+\.\w+)?")
_NUMBERED = re.compile(r"(?<![\w.])[^\W\d_][\w.]{1,31}#\d{4}(?!\w)")
_ELSEWHERE = re.compile(
    rf"(?<!\w)(?:(?:{'|'.join(map(re.escape, user_words.SERVICES))})(?:\s(?:id|name|user|username|handle|account))?"
    r"|(?-i:LINE|ICQ))\s?[:：=]\s?@?[^\W\d_][\w.\-]{2,40}",
    re.I,
)
_REDDIT = re.compile(r"(?<![\w/])/?u/[\w-]{3,}")
_MADE_UP = re.compile(
    r"(?<![\w@.-])(?:[^\W\d_]{2,40}(?:[\w-]{0,40}?)\d{2,40}\w{0,40}|[^\W\d_]{1,40}(?:_[^\W_]{1,40}){1,8}|[a-z]{1,40}[A-Z]\w{1,40})"
    r"(?![\w-])"
)
_AT = r"(?:[@＠]|\s?[\[({<]\s?(?:at|ät|arroba|собака)\s?[\])}>]\s?)"
_DOT = r"(?:[.。．]|\s?[\[({]\s?(?:\.|dot|punkt|punto|точка)\s?[\])}]\s?)"
_BRACKETED = re.compile(_DOT, re.I)
_MAIL = re.compile(rf"(?<![\w.+%'’\-])[\w.+%'’\-]{{1,80}}{_AT}[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{1,63}}){{1,8}}", re.I)
_PHONE = re.compile(r"(?<![\w.,])(?:[+＋]|00)?[(\[]?\d(?:[\s().\-–‑/\u00a0]{0,2}\d){6,16}(?![\w])")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:[0-9a-fA-F]{0,4}(?::|\[:\])){2,7}[0-9a-fA-F.]{0,15}(?:/\d{1,3})?"
    rf"|(?<![\w.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?:/\d{{1,2}})?(?![\w])"
)
_URL = re.compile(
    r"(?:h(?:tt|xx)ps?(?::|\[:\])//|www\."
    r"|(?<![\w@.])(?:[\w-]{1,63}(?:\.|\[\.\])){1,6}(?:org|com|net|me|ru|io|app|social)/)"
    r"(?:\[\.\]|[^\s<>\"“”|\]])*",
    re.I,
)
_TITLED = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, user_words.TITLES), key=len, reverse=True))})\.?\s+"
    r"((?:[^\W\d_]['’\w-]*|[^\W\d_]\.)(?:\s+[^\W\d_]['’\w-]*){0,2})",
    re.I,
)
_HONOURED = re.compile(rf"[^\W\d_]{{1,12}}\s?(?:{'|'.join(map(re.escape, user_words.AFTER))})")
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:19|20)\d\d|(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d)(?!\d)"
)
# Drawn as nothing, though no format characters: fillers, joiners, selectors.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


class Kind(StrEnum):
    """What was found."""

    NAME = "name"
    HANDLE = "handle"
    MAIL = "mail"
    PHONE = "phone"
    ADDRESS = "address"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Found:
    """One find: ``text[start:end]``. Not ``sure`` of it: it only looks like one, a person decides."""

    start: int
    end: int
    text: str
    kind: Kind
    sure: bool = True


def found(text: str, known: Collection[str] = ()) -> tuple[Found, ...]:
    """Everything in a text that names somebody or leads to them, in order, nothing twice.

    ``known`` are names to look for: people of the team, allies, code names of cases. They are found in any script,
    spelling of letters and case, with endings and joined prefixes, letter by letter, and each of their parts.
    """
    finds = [*_known(text, known), *_written(text)]
    plain, places = _as_seen(text)
    if plain != text:
        finds += (_back(one, text, places) for one in (*_known(plain, known), *_written(plain)))
    finds.sort(key=lambda one: (one.start, -one.end, not one.sure))
    kept: list[Found] = []
    for one in finds:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end or one.sure > kept[-1].sure:
            # Two that overlap are one, as long as both: nothing of either may stay.
            last = kept.pop()
            end = max(one.end, last.end)
            kind = last.kind if last.sure or not one.sure else one.kind
            kept.append(Found(last.start, end, text[last.start : end], kind, last.sure or one.sure))
    return tuple(kept)


def masked(text: str, finds: Iterable[Found]) -> str:
    """The text with each find replaced by what it was."""
    words = {
        Kind.NAME: _("[name withheld]"),
        Kind.HANDLE: _("[account withheld]"),
        Kind.MAIL: _("[mail address withheld]"),
        Kind.PHONE: _("[number withheld]"),
        Kind.ADDRESS: _("[network address withheld]"),
        Kind.PAGE: _("[page withheld]"),
    }
    parts, last = [], 0
    for one in sorted(finds, key=lambda one: one.start):
        parts += [text[last : one.start], words[one.kind]]
        last = max(last, one.end)
    return "".join([*parts, text[last:]])


def _as_seen(text: str) -> tuple[str, list[int]]:
    """A text without what no font draws and with plain letters and digits; and where in it each of them stood."""
    kept = [(_plain(char), at) for at, char in enumerate(text) if not _is_unseen(char)]
    return "".join(char for char, _at in kept), [at for _char, at in kept]


def _plain(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.digit(char, None)
    plain = unicodedata.normalize("NFKC", char) if digit is None else str(digit)
    return plain if len(plain) == 1 else char


def _is_unseen(char: str) -> bool:
    return not char.isascii() and (unicodedata.category(char) == "Cf" or _UNSEEN.match(char) is not None)


def _back(one: Found, text: str, places: Sequence[int]) -> Found:
    start, end = places[one.start], places[one.end - 1] + 1
    return Found(start, end, text[start:end], one.kind, one.sure)


def _known(text: str, known: Collection[str]) -> Iterator[Found]:
    for start, end, sure in (*mentions(text, known), *spelled(text, known)):
        yield Found(start, end, text[start:end], Kind.NAME, sure)


def _written(text: str) -> Iterator[Found]:
    yield from _each(_LINK, text, Kind.PAGE)
    yield from _each(_TEMPLATE, text, Kind.PAGE)
    for one in _each(_BARE, text, Kind.PAGE):
        # "The user said: nothing" is most likely a sentence.
        yield Found(one.start, one.end, one.text, one.kind, re.search(r"[:：]\s", one.text) is None)
    yield from _each(_SPECIAL, text, Kind.PAGE)
    yield from _each(_URL, text, Kind.PAGE, _leads_to_a_person)
    yield from _each(_MAIL, text, Kind.MAIL)
    yield from _each(_HANDLE, text, Kind.HANDLE)
    yield from _each(_REDDIT, text, Kind.HANDLE)
    yield from _each(_NUMBERED, text, Kind.HANDLE, sure=False)
    yield from _each(_ELSEWHERE, text, Kind.HANDLE, sure=False)
    yield from _each(_ADDRESS, text, Kind.ADDRESS, _is_address)
    yield from _each(_PHONE, _blanked(_DAY, text), Kind.PHONE, _is_number)
    yield from _each(_MADE_UP, _blanked(_URL, text), Kind.HANDLE, sure=False)
    yield from _each(_TITLED, text, Kind.NAME, sure=False)
    yield from _each(_HONOURED, text, Kind.NAME, sure=False)


def _each(
    pattern: re.Pattern[str], text: str, kind: Kind, fits: Callable[[str], bool] = bool, *, sure: bool = True
) -> Iterator[Found]:
    for hit in pattern.finditer(text):
        words = hit.group().rstrip(" .,;:!?)")
        if words and fits(words):
            yield Found(hit.start(), hit.start() + len(words), words, kind, sure)


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text, as long as it was, without what the pattern finds."""
    return pattern.sub(lambda hit: "/" * len(hit.group()), text)


def _is_address(words: str) -> bool:
    words = _BRACKETED.sub(".", words).replace("[:]", ":")
    try:
        ipaddress.ip_network(words, strict=False)
    except ValueError:
        return False
    return words.count(":") != 1 and words != "::"


def _is_number(words: str) -> bool:
    digits = sum(1 for char in words if unicodedata.digit(char, None) is not None)
    return 7 <= digits <= 15 and not _is_address(words) and not _grouped(words)


def _grouped(words: str) -> bool:
    """Whether it is written as a large number: 12 500 000."""
    return re.fullmatch(r"\d{1,3}(?:[\s.\u00a0]\d{3})+", words) is not None and not words.startswith("0")


@lru_cache(maxsize=256)
def _leads_to_a_person(address: str) -> bool:
    plain = address.replace("[.]", ".").replace("[:]", ":")
    for _pass in range(_MOST_PASSES):
        plain = unquote(plain)
    bare = re.sub(r"^(?:h(?:tt|xx)ps?://)?(?:www\.)?", "", plain, flags=re.I)
    host, _slash, path = bare.partition("/")
    host, path = host.lower(), path.replace("_", " ")
    if re.search(rf"(?:^|[/=:])(?:{_SPACE})\s*:", path, re.I) or _SPECIAL.search(path):
        return True
    if any(host == one or host.endswith("." + one) for one in user_words.PROFILES):
        return bool(path.strip("/ "))
    return bool(re.search(r"(?:^|/)(?:@|~|u/|users?/|profile/|in/|people/)[^/]+", path, re.I))
