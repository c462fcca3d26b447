"""What a program may hand over: types that refuse at the door what a database could not keep.

PostgreSQL takes no NUL in a text and no number beyond 64 bits, no encoding takes half a surrogate pair, and a moment
near the first or last year can't be told in every zone. A value of these types is safe on every database.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from tocsin.lib.territories import TERRITORIES

BIGGEST_ID = 2**63 - 1
OWN_WORDS = "own_words"
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def refusal(words: str) -> PydanticCustomError:
    """An error whose words may be shown as they stand; they never quote what was sent."""
    # The template language of the library would read braces.
    return PydanticCustomError(OWN_WORDS, words.replace("{", "(").replace("}", ")"))


def in_reach(moment: datetime) -> bool:
    """Whether an aware moment can be told in every zone, with time to count from it."""
    return _EARLIEST <= moment <= _LATEST


def _in_reach(moment: datetime) -> datetime:
    if not in_reach(moment):
        raise refusal("must lie between the years 1900 and 2200")
    return moment


def _territory(code: str) -> str:
    if code not in TERRITORIES:
        raise refusal("must be the two capital letters of a country or territory, such as CH")
    return code


Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
"""The number of a row."""

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]*$")]
"""A text of one line, without control characters and signs that turn the direction of words. Give it a length."""

Text = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028-\u202e\u2066-\u2069]*$")]
"""A text of any number of lines, without such signs. Give it a length where it is used."""

Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""A date and time with its zone, between the years 1900 and 2200."""

Country = Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_territory)]
"""An ISO 3166-1 code, or one of the invented countries of an exercise."""
