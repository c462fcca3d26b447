"""How much harm is to be expected of a text before a person has read it: what orders the work of analysts.

It speaks of a text, never of a person: nothing here knows who wrote it or who is named in it.
"""

from math import log10

from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.signals.models import Signal

OURS = 4.0  # as in lists of situations
WAITS = 0.02  # what is expected of a text that tells of no harm and concerns nobody of ours stays below
_UNREAD = 0.5  # how grave a harm is of which the kind is not known
# A chance is never nought: the machine misses things, and more so where it knows no words.
_LEAST = 0.02
_NO_WORDS = 0.15
_STATED = 0.6  # the source itself named the kind of harm
_PASSED = {"past": 0.3, "over": 0.3}


def expected(signal: Signal) -> float:
    """How grave the harm is × the chance that it is one × our link × how many people × how far it is still to come.

    Gravity lies between 0 and 1 and comes from the taxonomy; the chance is the learned one where a model stands, else
    the strength that the word lists give. Four times for our own; 1 + log10 of the number of people that is told.
    """
    key = signal.harm
    grave = harm_type(key).endangers if key else _UNREAD
    many = 1 + log10(signal.people) if signal.people > 1 else 1.0
    ours = OURS if signal.our_link else 1.0
    return round(grave * chance(signal) * ours * many * _PASSED.get(signal.urgency, 1.0), 4)


def chance(signal: Signal) -> float:
    """The chance, 0 to 1, that a text tells of a harm, as far as the machine can tell."""
    learned = signal.why.get("learned") or {}
    if learned.get("chance") is not None:
        return max(_LEAST, float(learned["chance"]))
    if signal.state == Signal.State.UNREADABLE or not signal.why.get("has_words", True):
        return _NO_WORDS
    strengths = dict(signal.why.get("harms") or ())
    if signal.harm:
        return max(_LEAST, float(strengths.get(signal.harm, _STATED)))
    return max(_LEAST, max(strengths.values(), default=0.0) / 2)


def waits(signal: Signal) -> bool:
    """Whether an analyst should look at it: a text, no copy, of the present, about which more than nothing is expected.

    What a person found to be dead or not about us waits no longer.
    """
    if signal.finding_id is not None or signal.copy_of_id is not None or signal.replayed:
        return False
    return signal.state in (Signal.State.READ, Signal.State.UNREADABLE) and signal.expected >= WAITS
