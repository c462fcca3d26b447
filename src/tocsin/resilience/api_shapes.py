"""What programs see of communities and of context, and what they may hand over."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from tocsin.lib.inputs import Country, Id, Line, Text
from tocsin.lib.pages import Part
from tocsin.resilience import words
from tocsin.resilience.contexts import Outcome
from tocsin.resilience.drafts import (
    NAME,
    REASON,
    SOURCE,
    URL,
    WORDS,
    CommunityDraft,
    ConsentDraft,
    DealingDraft,
    StatementDraft,
)
from tocsin.resilience.importing import Wrong
from tocsin.resilience.models import Batch, Community, Context, Dealing, Statement, Tie

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2xab"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})?$", max_length=16, examples=["sw"])]
KindName = Literal["language", "country", "affiliate", "thematic"]
ConsentName = Literal["not_asked", "given", "refused"]
DealingName = Literal["told", "asked", "promised", "got"]
PartName = Literal["law", "civic", "connectivity", "other"]
IndexName = Literal["freedom", "press", "protection"]
Said = Annotated[Text, Field(min_length=3, max_length=WORDS)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]
Why = Annotated[Line, Field(min_length=10, max_length=REASON)]


class CommunityFilters(Part):
    """Which communities are wanted. Without a state, all but those put away."""

    kind: KindName | None = None
    country: Country | None = None
    language: Language | None = None
    consent: ConsentName | None = None
    state: Literal["promised", "put_away"] | None = None


class CommunityIn(Schema):
    """Who a community is, as a whole. An account or an address of mail in the words is refused."""

    name: Annotated[Line, Field(min_length=1, max_length=NAME)]
    kind: KindName
    about: Said
    countries: list[Country] = Field(default_factory=list, max_length=260)
    languages: list[Language] = Field(default_factory=list, max_length=60)
    owner: Id

    def draft(self) -> CommunityDraft:
        """What was handed over."""
        return CommunityDraft(
            self.name, self.kind, self.about, self.owner, tuple(self.countries), tuple(self.languages)
        )


class NewCommunityIn(Schema):
    """A new community. ``once`` is a random name of yours: sent twice it adds one."""

    community: CommunityIn
    once: Annotated[str, Field(pattern=r"^[0-9a-z]{8,32}$", examples=["k3v9x2mw7q"])]


class NamingIn(Schema):
    """Whether they want to be named outside; a yes or no needs its day and who spoke for them."""

    consent: ConsentName
    on: Day | None = None
    words: Annotated[Line, Field(max_length=REASON)] = ""

    def draft(self) -> ConsentDraft:
        """What was handed over."""
        return ConsentDraft(self.consent, self.on, self.words)


class StatementIn(Schema):
    """One dated sentence about where they live, with its source."""

    part: PartName
    words: Said
    on: Day
    source: Annotated[Line, Field(min_length=1, max_length=SOURCE)]
    url: Annotated[Line, Field(max_length=URL)] = ""

    def draft(self) -> StatementDraft:
        """What was handed over."""
        return StatementDraft(self.part, self.words, self.on, self.source, self.url)


class DealingIn(Schema):
    """What they told us, asked for, were promised or got. A promise needs ``due`` and ``keeper``."""

    kind: DealingName
    words: Said
    on: Day
    due: Day | None = None
    keeper: Id | None = None
    answers: Id | None = None

    def draft(self) -> DealingDraft:
        """What was handed over."""
        return DealingDraft(self.kind, self.words, self.on, self.due, self.keeper, self.answers)


class EndIn(Schema):
    """How a promise ended. One that is not kept needs its reason."""

    kept: bool
    on: Day
    reason: Annotated[Line, Field(max_length=REASON)] = ""


class WhyIn(Schema):
    """Why."""

    reason: Why


class TieIn(Schema):
    """An ally whom they trust."""

    ally: PublicId
    words: Annotated[Line, Field(max_length=200)] = ""


class ContextFileIn(Schema):
    """A table of an index, as text. ``on`` is the day for which it holds, where its rows name none."""

    index: IndexName
    table: Annotated[str, Field(max_length=5_000_000)]
    file: Annotated[Line, Field(max_length=120)] = ""
    on: Day | None = None


class CommunityOut(Schema):
    """A community in a list; ``promises`` and ``late`` count its open promises."""

    id: str
    name: str
    kind: KindName
    countries: list[str]
    languages: list[str]
    consent: ConsentName
    consent_on: date | None
    put_away: bool
    promises: int
    late: int


class StatementOut(Schema):
    """One dated sentence; a withdrawn one says why."""

    id: int
    part: PartName
    words: str
    on: date
    source: str
    url: str
    withdrawn: bool
    withdrawn_why: str


class DealingOut(Schema):
    """One thing that passed; ``late`` is of an open promise whose day has passed."""

    id: int
    kind: DealingName
    words: str
    on: date
    due: date | None
    keeper: str
    answers: int | None
    ended_on: date | None
    ended_as: Literal["", "kept", "broken"]
    ended_why: str
    late: bool


class TieOut(Schema):
    """An ally whom they trust."""

    ally: str
    name: str
    words: str


class CommunityDetail(CommunityOut):
    """Everything about a community. ``trusted`` is null for who may not read about allies."""

    about: str
    consent_words: str
    statements: list[StatementOut]
    dealings: list[DealingOut]
    trusted: list[TieOut] | None


class ContextFilters(Schema):
    """Of which country."""

    country: Country


class ContextOut(Schema):
    """What an index said of a country for one day: context, and no verdict."""

    index: IndexName
    country: str
    on: date
    says: str
    word: str
    score: Decimal | None
    rank: int | None
    more: str
    source: str


class RefusedLineOut(Schema):
    """What is wrong on one line; 0 is the whole file."""

    line: int
    why: str


class BatchOut(Schema):
    """A file of context: what it would do, or what it did."""

    id: str
    index: IndexName
    file: str
    on: date | None
    state: Literal["seen", "taking", "taken", "undone"]
    at: datetime
    new: int
    changed: int
    same: int
    doubled: int
    refused: int


class LookedOut(BatchOut):
    """The same with the first hundred lines that are refused, or said twice in the file."""

    refused_lines: list[RefusedLineOut]
    doubled_lines: list[RefusedLineOut]


def community_fields(row: Community, promises: int, late: int) -> dict[str, Any]:
    """What every answer about a community holds."""
    return {
        "id": row.public_id,
        "put_away": row.put_away_at is not None,
        "promises": promises,
        "late": late,
        **{name: getattr(row, name) for name in ("name", "kind", "countries", "languages", "consent", "consent_on")},
    }


def statement_out(row: Statement) -> StatementOut:
    """A statement as programs see it."""
    plain = {name: getattr(row, name) for name in ("part", "words", "on", "source", "url", "withdrawn_why")}
    return StatementOut(id=row.pk, withdrawn=row.withdrawn_at is not None, **plain)


def dealing_out(row: Dealing, today: date) -> DealingOut:
    """What passed, as programs see it."""
    plain = {name: getattr(row, name) for name in ("kind", "words", "on", "due", "ended_on", "ended_as", "ended_why")}
    keeper = row.keeper.name if row.keeper is not None else ""
    return DealingOut(id=row.pk, keeper=keeper, answers=row.answers_id, late=row.late(today), **plain)


def tie_out(row: Tie) -> TieOut:
    """A trusted contact as programs see one."""
    return TieOut(ally=row.contact.public_id, name=row.contact.name, words=row.words)


def context_out(row: Context) -> ContextOut:
    """One row of context, in words and in its parts."""
    plain = {name: getattr(row, name) for name in ("index", "country", "on", "word", "score", "rank", "more")}
    return ContextOut(says=words.of(row), source=words.SOURCES[row.index][0], **plain)


def batch_fields(row: Batch) -> dict[str, Any]:
    """What every answer about a file holds."""
    names = ("index", "file", "on", "state", "at", "new", "changed", "same", "doubled", "refused")
    return {"id": row.public_id, **{name: getattr(row, name) for name in names}}


def looked_out(row: Batch, found: Outcome | None) -> LookedOut:
    """A file with the lines that are wrong, while it waits."""
    refused, doubled = (found.refused, found.doubled) if found is not None else ((), ())
    return LookedOut(**batch_fields(row), refused_lines=_lines(refused), doubled_lines=_lines(doubled))


def _lines(wrong: tuple[Wrong, ...]) -> list[RefusedLineOut]:
    return [RefusedLineOut(line=one.line, why=one.why) for one in wrong[:100]]
