"""What can be wrong with a text: where, in words, and what to do about it."""

from dataclasses import dataclass
from typing import Final

# They turn the order of what follows around, so that a text reads otherwise than it is.
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def gettext_noop(text: str) -> str:
    """Mark words for translators; pages translate them, this file knows no framework."""
    return text


class Wrong:
    """Each kind of fault, in words with places for what is known of it."""

    LARGE: Final = gettext_noop("The text is longer than %(most)d signs. Shorten it: nobody reads that at night.")
    ENCODING: Final = gettext_noop("This is no text in UTF-8. Save it as plain text in UTF-8.")
    LONG_LINE: Final = gettext_noop(
        "The line is longer than %(most)d signs. Break it, and begin the next with two spaces."
    )
    CONTROL: Final = gettext_noop(
        "The line holds an invisible sign that is no space, such as a tab or one that turns the order of "
        "letters. Type it anew."
    )
    NO_HEAD: Final = gettext_noop("The first line must be +++ and begin the head.")
    OPEN_HEAD: Final = gettext_noop("The head must end with a second line +++ after at most %(most)d lines.")
    HEAD_LINE: Final = gettext_noop("A line of the head is a name, an equals sign and a value.")
    UNKNOWN_NAME: Final = gettext_noop("The head knows no “%(name)s”. It knows: %(known)s.")
    TWICE: Final = gettext_noop("“%(name)s” stands twice in the head. Keep one.")
    MISSING: Final = gettext_noop("The head lacks “%(name)s”. Add a line for it.")
    VALUE: Final = gettext_noop("The value of “%(name)s” can’t be used. Write it like this: %(like)s")
    HARM: Final = gettext_noop("There is no kind of harm “%(name)s”. There are: %(known)s.")
    CHOICE: Final = gettext_noop("“%(name)s” must be one of: %(known)s.")
    NOT_REVIEWED_DAY: Final = gettext_noop("A text that nobody reviewed has no day of review. Take the line out.")
    NO_DAY: Final = gettext_noop("Add reviewed_on with the day, or write “%(like)s”.")
    DIGEST: Final = gettext_noop(
        "“translates” must be the digest of the original, 64 letters and digits; its page shows it."
    )
    NO_SECTION: Final = gettext_noop("The section “# %(name)s” is missing. Add it.")
    EMPTY_SECTION: Final = gettext_noop("The section “# %(name)s” says nothing. Fill it.")
    SECTION: Final = gettext_noop("There is no such section. They are, in any language: %(known)s.")
    SECTION_TWICE: Final = gettext_noop("The section “# %(name)s” stands twice. Put both together.")
    SECTION_ORDER: Final = gettext_noop("The section “# %(name)s” stands too late. The order is: %(known)s.")
    BEFORE_SECTION: Final = gettext_noop("Words stand before the first section. Put them under “# %(name)s”.")
    LINE: Final = gettext_noop(
        "The line belongs to nothing. Begin it with “- ”, or with two spaces right under what it goes on."
    )
    MANY: Final = gettext_noop("A section has at most %(most)d entries. Take out what matters least.")
    LONG: Final = gettext_noop("This is longer than %(most)d signs. Say it shorter, or make it two.")
    STEP: Final = gettext_noop("Write a step like this: - [1 h] legal · approval: What to do.")
    DUE: Final = gettext_noop("Say by when in brackets: a number and min, h or d, such as [15 min].")
    TOO_LATE: Final = gettext_noop("This is due later than its section lasts. Move it to a later section.")
    FUNCTION: Final = gettext_noop("Nobody is called “%(name)s”. Who acts is one of: %(known)s.")
    MARK: Final = gettext_noop(
        "“%(name)s” is unknown here. Write at once, approval, second look, or uses and the protection."
    )
    AT_ONCE: Final = gettext_noop(
        "A step that begins at once, before anybody’s yes, has no other mark, and is nothing for communications. It "
        "only asks, gathers, keeps, calls counsel or checks in."
    )
    PROTECTION: Final = gettext_noop("There is no protection “%(name)s”. Look at the table of protections.")
    PAIR: Final = gettext_noop("Two parts are needed with | between them, such as: - %(like)s")
    NO_OPTION: Final = gettext_noop("Begin each option with a line “## ” and its title.")
    OPTION_PART: Final = gettext_noop("Of an option say, each once: %(known)s.")
    OPTION_LACKS: Final = gettext_noop("This option does not say its %(name)s. Add a line “- %(name)s: ”.")
    REVERSIBLE: Final = gettext_noop("Write yes, partly or no, then | and how it is taken back, or why it can’t be.")
    TWIN: Final = gettext_noop("The same step stands in line %(other)d already. Keep one.")
    SHAPE: Final = gettext_noop("The original has %(there)d entries under “%(name)s”, this text %(here)d.")
    STEP_DIFFERS: Final = gettext_noop(
        "By when, who, or what is asked before differs from line %(other)d of the original. Only words are translated."
    )
    TABLE_LINE: Final = gettext_noop(
        "This line can’t be read. A line is a name, an equals sign and a value: words in double quotes, a number, or "
        "true or false."
    )
    TABLE_FORM: Final = gettext_noop(
        "Write each protection under a line [[protection]], one name a line, up to 60 of them."
    )
    TABLE_MISSING: Final = gettext_noop("This protection lacks “%(name)s”. Add a line for it.")
    TABLE_UNKNOWN: Final = gettext_noop("A protection has no “%(name)s”. It has: %(known)s.")
    TABLE_TWICE: Final = gettext_noop("“%(name)s” stands twice. Keep one.")
    TABLE_KEY: Final = gettext_noop("A key has 3 to 40 small letters, digits and dashes, such as: lock")
    TABLE_GUARDED: Final = gettext_noop(
        "“%(name)s” can cost others their freedom: risk_check stays true. Only the words may change."
    )
    TABLE_USED: Final = gettext_noop(
        "The playbook “%(book)s” uses “%(name)s”. Put that protection back, or change the playbook first."
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``line`` counts from 1; 0 is the whole. ``words`` are one of ``Wrong``'s."""

    file: str
    line: int
    words: str
    given: tuple[tuple[str, str | int], ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words % dict(self.given)}"


class ReadingError(ValueError):
    """A text can't be used; ``faults`` says each reason, in the order of lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(one) for one in faults))
        self.faults = faults
