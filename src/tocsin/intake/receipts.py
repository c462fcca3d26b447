"""Receipts: words that only their holder knows, from which the place and the key of a box are made."""

from tocsin.intake.configured import Door, salt
from tocsin.intake.envelopes import Receipt
from tocsin.keys import words
from tocsin.keys.sealing import box_keys, receipt_keys


def make(door: Door, language: str) -> tuple[list[str], Receipt]:
    """New words, and what they lead to. It takes the time and memory of one try."""
    made = words.make_receipt(language)
    return made, read(door, " ".join(made))


def read(door: Door, text: str) -> Receipt:
    """What these words lead to, whether or not there is such a box. It always takes the same time and memory."""
    lookup, seed = receipt_keys(words.normalise(text), salt(door.folder), door.cost)
    public, _ = box_keys(seed)
    return Receipt(lookup, seed, public)
