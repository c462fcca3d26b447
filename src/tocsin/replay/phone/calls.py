"""Reads what a voice is to say (TwiML): its words, and where pressed keys go."""

from dataclasses import dataclass

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring


@dataclass(frozen=True, slots=True)
class Script:
    """What is said once, where keys go (empty: nowhere new), whether keys are asked for, and messages sent back."""

    words: str = ""
    action: str = ""
    asks: bool = False
    messages: tuple[str, ...] = ()


def read(twiml: str) -> Script:
    """The script; an empty one for what is no TwiML."""
    try:
        root = fromstring(twiml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return Script()
    said = [" ".join((one.text or "").split()) for one in root.iter("Say")]
    gather = next(iter(root.iter("Gather")), None)
    # A script says everything twice, for who was asleep; a page is read in one's own time.
    words = "\n".join(dict.fromkeys(said))
    messages = tuple((one.text or "").strip() for one in root.iter("Message"))
    return Script(words, gather.get("action", "") if gather is not None else "", gather is not None, messages)
