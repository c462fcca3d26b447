"""What goes in and out of the REST API of sources, items, requirements and coverage."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from tocsin.lib.inputs import Country, Id, Line, Moment, Text
from tocsin.lib.pages import Part
from tocsin.streams.drafts import RequirementDraft, SourceDraft
from tocsin.streams.occasions import OccasionDraft

_EVERY_ROLE = 127

SortName = Literal["holiday", "election", "exam", "protest", "anniversary"]
KindName = Literal["feeds", "ooni", "ioda", "pageviews", "gdelt", "calendars", "documents"]
TlpWord = Literal["clear", "green", "amber", "amber+strict", "red"]
Grade = Literal["A", "B", "C", "D", "E", "F"]
HealthWord = Literal["new", "fresh", "unchanged", "empty", "slow", "broken", "silent", "paused"]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=16)]
Seconds = Annotated[int, Field(ge=10, le=400 * 86_400)]
Readers = Annotated[int, Field(ge=0, le=_EVERY_ROLE, description="Roles as bits; 0: all who may read.")]


class SourceIn(Schema, extra="forbid"):
    """A source as it should be."""

    name: Annotated[Line, Field(min_length=1, max_length=200)]
    kind: KindName
    url: Annotated[Line, Field(max_length=1_000)] = ""
    options: dict[Annotated[Line, Field(max_length=40)], bool | int | Line | list[Line]] = Field(
        default_factory=dict, max_length=20, description="What docs/streams.md lists for the kind."
    )
    countries: list[Country] = Field(default_factory=list, max_length=260)
    languages: list[Language] = Field(default_factory=list, max_length=300)
    reliability: Grade = "F"
    tlp: TlpWord = "clear"
    readers: Readers = 0
    interval_seconds: Seconds = Field(43_200, description="Something new is expected at least this often.")
    allow_private: Annotated[Line, Field(max_length=200)] = Field(
        "",
        description="host:port of a private server that may be reached. By a token it can't be set.",
    )

    def draft(self, owner: int | None) -> SourceDraft:
        """The same for the verbs."""
        return SourceDraft(
            name=self.name,
            kind=self.kind,
            url=self.url,
            options=self.options,
            countries=tuple(self.countries),
            languages=tuple(self.languages),
            reliability=self.reliability,
            tlp=self.tlp,
            readers=self.readers,
            expected_every=timedelta(seconds=self.interval_seconds),
            owner=owner,
            allow_private=self.allow_private,
        )


class SourceOut(Schema):
    """A source and how it is."""

    id: int
    name: str
    kind: str
    url: str
    options: dict[str, Any]
    countries: list[str]
    languages: list[str]
    reliability: str
    tlp: str
    readers: int
    interval_seconds: float
    owner: str | None
    exercise: bool
    paused: bool
    health: str
    message: str = Field(description="One plain line about the last fetch; empty if there is nothing to say.")
    blind: bool = Field(description="Whether it is a blind spot now.")
    last_fetch_at: datetime | None
    last_answer_at: datetime | None
    last_news_at: datetime | None
    next_fetch_at: datetime


class FetchOut(Schema):
    """One try to fetch a source."""

    id: int
    at: datetime
    seconds: float
    outcome: str
    status: int | None
    bytes: int
    items: int
    observations: int
    refused: int
    message: str


class ItemOut(Schema):
    """An item, without its text."""

    id: int
    source: int
    title: str
    url: str
    language: str
    origin: str
    published_at: datetime | None = Field(description="Null: not stated, or not believed.")
    time_doubt: str
    fetched_at: datetime
    expires_at: datetime
    tlp: str
    media_type: str
    digest: str


class ItemDetail(ItemOut):
    """An item with its text."""

    text: str = Field(description="Up to 20,000 characters.")
    text_is_cut: bool
    names_masked: bool = Field(description="Whether […] stands in it for names of people who may have been harmed.")
    facts: dict[str, Any] = Field(description="What the source itself says, such as country and codes.")


class OccasionIn(Schema, extra="forbid"):
    """Days in the calendar of a country on which networks have been cut elsewhere, or on which people read less."""

    country: Country
    sort: SortName
    name: Annotated[Line, Field(min_length=1, max_length=120)]
    first: date
    last: date | None = Field(default=None, description="Included; without it: one day.")

    def draft(self) -> OccasionDraft:
        """The same for the verbs."""
        return OccasionDraft(**self.model_dump())


class OccasionOut(Schema):
    """An occasion that stands."""

    id: int
    country: str
    sort: SortName
    name: str
    first: date
    last: date


class OccasionFileIn(Schema, extra="forbid"):
    """What the days of a calendar file are, beside the file itself."""

    country: Country
    sort: SortName


class BroughtOut(Schema):
    """What a calendar file became."""

    new: int = Field(description="Days that were added.")
    known: int = Field(description="Days that were there already, or that somebody took out.")
    lost: int = Field(description="Events that can't be read.")
    first_only: int = Field(description="Events that repeat in a way that is not followed: their first day was taken.")


class RequirementIn(Schema, extra="forbid"):
    """What we need to know."""

    question: Annotated[Line, Field(min_length=1, max_length=300)]
    asked_by: Annotated[Line, Field(min_length=1, max_length=120)]
    why: Annotated[Text, Field(max_length=5_000)] = ""
    countries: list[Country] = Field(default_factory=list, max_length=260)
    languages: list[Language] = Field(default_factory=list, max_length=300)
    harms: list[Annotated[Line, Field(max_length=40)]] = Field(default_factory=list, max_length=60)
    streams: list[KindName] = Field(default_factory=list, max_length=10)
    review_on: date | None = None

    def draft(self) -> RequirementDraft:
        """The same for the verbs."""
        values = self.model_dump()
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return RequirementDraft(**{**values, **lists})


class RequirementOut(Schema):
    """A requirement."""

    id: int
    question: str
    why: str
    asked_by: str
    countries: list[str]
    languages: list[str]
    harms: list[str]
    streams: list[str]
    owner: str | None
    created_at: datetime
    review_on: date | None
    closed_at: datetime | None


class CoverOut(Schema):
    """One country, language or kind of a requirement, and who covers it."""

    code: str = Field(description="Empty: anywhere.")
    cover: Literal["live", "stale", "nobody"]
    sources: list[int]


class CoverageOut(Schema):
    """A requirement and how well it is covered."""

    requirement: int
    question: str
    worst: Literal["live", "stale", "nobody"]
    countries: list[CoverOut]
    languages: list[CoverOut]
    kinds: list[CoverOut]


class BlindSpotOut(Schema):
    """A time during which a source did not look."""

    id: int
    source: int
    since: datetime
    until: datetime | None
    countries: list[str]
    languages: list[str]
    reason: str


class ImportIn(Schema, extra="forbid"):
    """A list of feeds as OPML text, and what every source of it is given."""

    opml: Annotated[str, Field(min_length=1, max_length=250_000)]
    countries: list[Country] = Field(default_factory=list, max_length=260)
    languages: list[Language] = Field(default_factory=list, max_length=300)
    reliability: Grade = "F"
    tlp: TlpWord = "clear"
    readers: Readers = 0
    interval_seconds: Seconds = 86_400
    allow_private: Annotated[Line, Field(max_length=200)] = Field(
        "", description="Host and port of a server inside that feeds of the list may reach. By a token it can't be set."
    )


class ImportOut(Schema):
    """What a list holds, and what became of it."""

    id: int
    title: str
    state: Literal["proposed", "done", "undone"]
    note: str
    feeds: list[dict[str, Any]]
    refused: list[dict[str, Any]]


class FileIn(Schema, extra="forbid"):
    """What is known of a document, beside the file itself."""

    name: Annotated[Line, Field(min_length=1, max_length=200)]
    tlp: TlpWord = "amber"
    readers: Readers = 0
    language: Language | Literal[""] = ""
    country: Country | Literal[""] = ""


class DocumentIn(FileIn):
    """A document, base64-encoded. A larger one is sent as it is to ``/documents/file``."""

    content: Annotated[str, Field(min_length=1, max_length=250_000, pattern=r"^[A-Za-z0-9+/=]*$")]


FILE = {
    "description": "The file as it is: PDF, DOCX, HTML or text.",
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


class SourceFilters(Part):
    """Which sources are wanted."""

    kind: KindName | None = None
    health: HealthWord | None = None
    country: Country | None = None


class ItemFilters(Part):
    """Which items are wanted."""

    source: Id | None = None
    language: Language | None = None
    since: Moment | None = Field(None, description="Fetched at this moment or later.")


class BlindSpotFilters(Part):
    """Which blind spots are wanted."""

    open: bool | None = None


CALENDAR_FILE = {
    "description": "The calendar as it is (iCalendar, .ics), up to 2 MB.",
    "required": True,
    "content": {"text/calendar": {"schema": {"type": "string", "format": "binary"}}},
}
