"""What programs see of allies, and what they may hand over."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import override
from ninja import Schema
from pydantic import Field

from tocsin.alliances.drafts import NAME, REASON, WORDS, ContactDraft, ReachDraft, VerificationDraft
from tocsin.alliances.models import Contact, Reach, Verification
from tocsin.alliances.usability import Suggestion, usable
from tocsin.lib.inputs import Country, Id, Line, Text
from tocsin.lib.pages import Part

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2xab"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$", max_length=16, examples=["ar"])]
Region = Annotated[str, Field(pattern=r"^[0-9]{3}$", examples=["014"])]
Kind = Literal[
    "lawyer", "host", "counsellor", "interpreter", "fund", "affiliate", "functionary", "platform", "diplomat", "partner"
]
HelpName = Literal[
    "legal", "money", "shelter", "relocation", "medical", "care", "digital", "accounts", "access", "interpreting",
    "diplomacy", "advocacy", "press", "community", "verification", "other",
]  # fmt: skip
TlpName = Literal["clear", "green", "amber", "amber+strict", "red"]
StateName = Literal["proposed", "vetted", "stale", "suspended", "let_go"]
Purpose = Literal["refer", "urgent", "verify", "correct"]
Name = Annotated[Line, Field(max_length=NAME)]
Words = Annotated[Text, Field(max_length=WORDS)]


class Filters(Part):
    """Which allies are wanted. Without a state, all but those let go."""

    kind: Kind | None = None
    help: HelpName | None = None
    country: Country | None = None
    language: Language | None = None
    state: StateName | None = None


class Need(Schema):
    """A need. Nothing of it is stored."""

    help: HelpName | None = None
    country: Country | None = None
    language: Language | None = None
    tlp: TlpName | None = None


class ContactIn(Schema):
    """Everything about an ally but how to reach them."""

    name: Annotated[Line, Field(min_length=1, max_length=NAME)]
    organisation: Name = ""
    kinds: list[Kind] = Field(min_length=1, max_length=10)
    helps: list[HelpName] = Field(min_length=1, max_length=16)
    help_words: Words = ""
    countries: list[Country] = Field(default_factory=list, max_length=260)
    regions: list[Region] = Field(default_factory=list, max_length=30)
    languages: list[Language] = Field(default_factory=list, max_length=60)
    within_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    by_night: bool = False
    tlp: TlpName = "clear"
    fees: Literal["", "free", "reduced", "paid"] = ""
    fee_words: Annotated[Line, Field(max_length=200)] = ""
    conflict_countries: list[Country] = Field(default_factory=list, max_length=260)
    conflict_organisations: list[Name] = Field(default_factory=list, max_length=60)
    conflict_words: Words = ""
    owner: Id
    protected: bool = False

    def draft(self) -> ContactDraft:
        """What was handed over."""
        given = self.dict().items()
        found: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in given}
        return ContactDraft(**found)


class ReachIn(Schema):
    """How to reach an ally: ways, one a line, and what to mind."""

    ways: Words = ""
    instructions: Words = ""

    def draft(self) -> ReachDraft:
        """What was handed over."""
        return ReachDraft(self.ways, self.instructions)


class NewIn(Schema):
    """A new ally. ``once`` is a random name of yours: sent twice it adds one."""

    contact: ContactIn
    reach: ReachIn = Field(default_factory=ReachIn)
    once: Annotated[str, Field(pattern=r"^[0-9a-z]{8,32}$", examples=["k3v9x2mw7q"])]


class VerificationIn(Schema):
    """How you made sure of an ally."""

    identity: Literal["sure", "doubt", "not"]
    reputation: Literal["sure", "doubt", "not"]
    references: Literal["sure", "doubt", "not"]
    how: Annotated[Text, Field(min_length=10, max_length=WORDS)]
    outcome: Literal["holds", "fails"]
    next_due: date | None = None

    def draft(self) -> VerificationDraft:
        """What was handed over."""
        return VerificationDraft(self.identity, self.reputation, self.references, self.how, self.outcome, self.next_due)


class ReasonIn(Schema):
    """Why."""

    reason: Annotated[Line, Field(min_length=10, max_length=REASON)]


class PurposeIn(Schema):
    """What a protected ally's ways are opened for; of others nothing is recorded."""

    purpose: Purpose


class ListIn(Schema):
    """A list of allies as CSV with a header, and who looks after them."""

    csv: Annotated[Text, Field(min_length=1, max_length=200_000)]
    owner: Id


class ContactOut(Schema):
    """An ally. ``stands`` is ``stale`` for a vetted one who must be verified again."""

    id: str
    name: str
    organisation: str
    kinds: list[str]
    helps: list[str]
    help_words: str
    countries: list[str]
    regions: list[str]
    languages: list[str]
    within_hours: int | None
    by_night: bool
    tlp: str
    fees: str
    fee_words: str
    conflict_countries: list[str]
    conflict_organisations: list[str]
    conflict_words: str
    protected: bool
    owner: int | None
    stands: str
    reason: str
    usable: bool
    why_not: str
    verified_at: datetime | None
    next_due: date | None


class VerificationOut(Schema):
    """One time that somebody made sure of an ally."""

    at: datetime
    by: int | None
    identity: str
    reputation: str
    references: str
    how: str
    outcome: str
    next_due: date | None
    undone: bool


class ContactDetail(ContactOut):
    """An ally with every verification, the newest first."""

    verifications: list[VerificationOut]


class ReachOut(Schema):
    """How to reach an ally."""

    ways: str
    instructions: str


class SuggestionOut(Schema):
    """An ally who may fit: why, and what to mind."""

    contact: ContactOut
    reasons: list[str]
    cautions: list[str]


class WrongOut(Schema):
    """What is wrong on a line of a list; line 0 is the whole."""

    line: int
    column: str
    why: str


class TakenOut(Schema):
    """What became of a list: how many were added, or what is wrong, and then none was."""

    count: int
    wrong: list[WrongOut]


_PLAIN = tuple(name for name in ContactOut.model_fields if name not in {"id", "owner", "stands", "usable", "why_not"})


def contact_fields(row: Contact, at: datetime) -> dict[str, Any]:
    """An ally as the fields of a shape."""
    with override("en"):
        found = usable(row, at)
    return {
        **{name: getattr(row, name) for name in _PLAIN},
        "id": row.public_id,
        "owner": row.owner_id,
        "stands": "stale" if row.stale(at.date()) else row.state,
        "usable": found.ok,
        "why_not": found.why,
    }


def verification_out(row: Verification) -> VerificationOut:
    """A verification."""
    names = ("at", "identity", "reputation", "references", "how", "outcome", "next_due")
    return VerificationOut(
        **{name: getattr(row, name) for name in names}, by=row.by_id, undone=row.undone_at is not None
    )


def reach_out(row: Reach) -> ReachOut:
    """How to reach an ally."""
    return ReachOut(ways=row.ways, instructions=row.instructions)


def suggestion_out(found: Suggestion, at: datetime) -> SuggestionOut:
    """An ally who may fit."""
    contact = ContactOut(**contact_fields(found.contact, at))
    return SuggestionOut(contact=contact, reasons=list(found.reasons), cautions=list(found.cautions))
