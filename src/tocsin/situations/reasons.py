"""Every reason that a rule of this room gives, so that whoever shows one can translate it."""

from enum import StrEnum


class Weighed(StrEnum):
    """Why a situation is as likely as the machine suggests."""

    SOURCES = "independent sources: {count}, the best rated {best}"
    FINDINGS = "measured findings: {count}, the strongest scored {score}"
    AGREE = "words and measurements agree"
    COPIES = "copies of the same text, not counted: {count}"
    LONE = "a single source never counts above {cap}"
    PERSON = "a person's assessment"


class Joined(StrEnum):
    """Why a signal is in a situation, or in one of its own."""

    OTHER_COUNTRY = "a document about another country"
    SAYS_MEASURED = "says what was measured in the same country, of the same kind of harm"
    NOTHING_CLOSE = "nothing close enough"
    MEASURED = "measured"
    MEASURED_NEAR = "measured in the same country, of the same kind of harm, within two weeks"
    TOGETHER = "later texts show which of these belong together"
    COPY = "copy of an earlier text ({alike})"
    WORDS = "words: {words}"
    COUNTRY = "country: {country}"
    HARM = "harm: {harm}"


class Titled(StrEnum):
    """Where the title of a situation was taken from; no word of a text stands here, for texts expire."""

    TEXT = "the title of signal {number}, which is nearest to what this is about"
    MEASURED = "a title from what is measured, for no text fits"
    NOTHING = "a plain title, for nothing is left that could give one"
