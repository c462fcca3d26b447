"""A short plain beginning of a text, to be read in a list."""

import re

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Direction marks, zero-width spaces and lone surrogates go; the joiners that shape Persian and Indic words stay.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_ADDRESS = re.compile(r"(?:https?|www)[:.]\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,200}>")
_END = re.compile(r"(?<=[.!?।။።؟。！？])(?:\s+|(?<=[。！？]))")
_LEAD = re.compile(r"^\s*(?:\([^()]{2,40}\)\s*[-–—:]\s*|[-–—•*|>]+\s*)")


def summarise(title: str, body: str, limit: int = 280) -> str:
    """The first whole sentences of the body, at most ``limit`` characters; the title where there is no body.

    Tags, addresses, control and direction characters are left out. A first sentence that is too long ends with "…".
    """
    text = _clean(body[: limit * 5]) or _clean(title)
    text = _LEAD.sub("", text)
    if len(text) <= limit:
        return text
    kept = ""
    for sentence in _END.split(text):
        joined = f"{kept} {sentence}".strip() if kept and kept[-1] not in "。！？" else kept + sentence
        if len(joined) > limit:
            break
        kept = joined
    if len(kept) >= limit // 4:
        return kept
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:-–—") + "…"


def _clean(text: str) -> str:
    text = _ADDRESS.sub(" ", _TAG.sub(" ", text))
    return _SPACE.sub(" ", _HIDDEN.sub("", text)).strip()
