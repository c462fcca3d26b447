"""What programs see of reports, drafts and issues, and what they may hand over."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from ninja import Schema
from pydantic import AfterValidator, Field

from tocsin.lib.inputs import Country, Line, Text, refusal
from tocsin.people.models import Person
from tocsin.reports import checking, editing, eyes, shown
from tocsin.reports.arranging import MOST_LANGUAGES, Wanted
from tocsin.reports.audiences import AUDIENCES, barred
from tocsin.reports.document import Document, sentences
from tocsin.reports.facts import Fact
from tocsin.reports.keeping import document_in
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Delivery, Draft, Issue, Report

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2xab"])]
AudienceKey = Literal["executive", "vice-president", "community", "operational", "policy", "public"]
CadenceKey = Literal["daily", "weekly", "monthly", "quarterly", "event", "hand"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[Line, Field(min_length=1, max_length=40)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=16, examples=["ar"])]
Key = Annotated[Line, Field(min_length=1, max_length=200)]
_ZONES = available_timezones()


def _zone(name: str) -> str:
    if name not in _ZONES:
        raise refusal("must be the name of a time zone, such as Africa/Lagos")
    return name


class ScopeIn(Schema):
    """What reports are about, how often, in which languages."""

    title: Annotated[Line, Field(min_length=1, max_length=120)]
    cadence: CadenceKey
    once: Annotated[Line, Field(min_length=8, max_length=32)] = Field(
        description="A name of your own for this call; sent again, it makes no second report."
    )
    language: Language = "en"
    languages: list[Language] = Field(
        default_factory=list, max_length=MOST_LANGUAGES, description="Others: each issue is to be had in these too."
    )
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] = "UTC"
    hour: Annotated[int, Field(ge=0, le=23)] = 6
    places: list[Country] = Field(default_factory=list, max_length=250)
    harms: list[Annotated[Line, Field(max_length=30)]] = Field(default_factory=list, max_length=30)
    situation: Annotated[str, Field(pattern=r"^[0-9a-z]{0,12}$")] = ""

    def wanted(self, *, exercise: bool) -> Wanted:
        """What was asked for."""
        given = {"audience": "", **self.model_dump(exclude={"audiences"})}
        given |= {name: tuple(given[name]) for name in ("places", "harms", "languages")}
        return Wanted(**given, exercise=exercise)


class ReportIn(ScopeIn):
    """A standing report."""

    audience: AudienceKey


class ReportOut(Schema):
    """A standing report."""

    id: str
    title: str
    audience: str
    cadence: str
    language: str
    languages: list[str]
    set: str | None = Field(description="The set that it is drafted with.")
    due_at: datetime | None
    ended_at: datetime | None
    exercise: bool


class RestsOnOut(Schema):
    """What a fact rests on; `url` is a page of this console."""

    kind: str
    title: str
    url: str
    at: datetime


class FactOut(Schema):
    """A fact that this audience may have."""

    key: str
    topic: str
    nature: str
    says: str
    tlp: str
    author: str
    amount: float | None
    low: float | None
    high: float | None
    sources: list[RestsOnOut]


class WithheldOut(Schema):
    """That something is not for this audience, and why; not what it is."""

    topic: str
    why: str


class SentenceOut(Schema):
    """A sentence, the keys of the facts that it rests on, and whose assessment it is, if it is one. Of a translation
    also the words beside sentences: its title, headings, and the texts of its tables and pictures, each once."""

    id: str
    text: str
    facts: list[str]
    opinion_of: str
    source: str = Field("", description="Of a translation: the words of the original.")
    by_hand: bool = Field(False, description="A person worded it; of a translation: it is translated.")
    ours: bool = Field(False, description="Of a translation: Tocsin knows these words in its language.")
    offer: str = Field("", description="Of a translation: what Tocsin knows a part of.")
    was: str = Field("", description="Of a translation: how it was translated before its original changed.")


class ProblemOut(Schema):
    """Something to mend before it can be released, or (`blocks` false) to look at."""

    kind: str
    says: str
    blocks: bool


class DraftOut(Schema):
    """A draft in a list."""

    id: str
    report: str
    title: str
    title_by: str
    audience: str
    language: str
    translates: str | None = Field(description="The issue that it says in its own language.")
    original: str | None = Field(description="Of a language version: the draft that it follows, released or not.")
    state: str
    version: int
    since: datetime
    until: datetime
    missed: int


class DraftDetail(DraftOut):
    """A draft: its sentences, the facts that it may rest on, what is wrong, and the hash of this very version."""

    digest: str
    sentences: list[SentenceOut]
    facts: list[FactOut]
    withheld: list[WithheldOut]
    problems: list[ProblemOut]


class SentenceIn(Schema):
    """Other words for a sentence. `version` is the version of the draft that you read."""

    version: Version
    text: Annotated[Text, Field(min_length=1, max_length=editing.LONGEST)]
    facts: list[Key] = Field(default_factory=list, max_length=50)


class NewSentenceIn(SentenceIn):
    """A sentence of your own, behind block number `after`; `opinion` marks it as your assessment."""

    after: Annotated[int, Field(ge=0, le=2_000)] = 0
    opinion: bool = False


class FactIn(Schema):
    """A fact to leave out, or to bring back."""

    version: Version
    fact: Key
    back: bool = False


class SentenceNameIn(Schema):
    """A sentence to take out, or in which names are masked."""

    version: Version
    sentence: Name


class NoNameIn(Schema):
    """Words that look like a name, and that are none; or `place:` and a code, for a country that may be named."""

    version: Version
    words: Annotated[Line, Field(min_length=1, max_length=editing.LONGEST)]


class DraftTitleIn(Schema):
    """A title of your own, which then says whose it is; an empty one brings the generated one back."""

    version: Version
    title: Annotated[Line, Field(max_length=editing.LONGEST_TITLE)] = ""


class DraftVersionIn(Schema):
    """The version of the draft that you read."""

    version: Version


class PutAwayIn(Schema):
    """Why there will be no issue."""

    why: Annotated[Line, Field(min_length=1, max_length=200)]


class ReleaseIn(Schema):
    """The hash of the version that you looked at."""

    digest: Digest
    without_pdf: bool = False
    reads: bool = Field(False, description="Of a translation: you read it, and it says what its original says.")


class AgreementIn(Schema):
    """Who of the affected community agreed with this very version."""

    digest: Digest
    with_whom: Annotated[Line, Field(min_length=1, max_length=200)]
    how: Annotated[Line, Field(min_length=1, max_length=300)]
    agreed_on: date


class WrongIn(Schema):
    """What was wrong with an issue."""

    wrong: Annotated[Text, Field(min_length=1, max_length=1_000)]
    withdraw: bool = Field(False, description="Leave nothing of the issue but the notice that it is withdrawn.")


class IssueOut(Schema):
    """An issue in a list."""

    id: str
    name: str
    report: str
    title: str
    audience: str
    language: str
    translates: str | None
    tlp: str
    since: datetime
    until: datetime
    released_at: datetime
    digest: str
    corrects: str | None
    withdraws: bool
    exercise: bool


class NoteOut(Schema):
    """A fact as it left, with its sources in words."""

    says: str
    nature: str
    author: str
    amount: float | None
    low: float | None
    high: float | None
    sources: list[str]


class IssueDetail(IssueOut):
    """An issue: its sentences, what they rest on, and its files by `GET …/files/{form}`."""

    sentences: list[str]
    rests_on: list[NoteOut]
    files: list[str]
    wrong: str


class DeliveryOut(Schema):
    """Who received an issue, and how."""

    id: str
    name: str
    address: str
    way: str
    held: str
    state: str
    tries: int
    sent_at: datetime | None = Field(description="Of one that waits or was stopped: when it may have left.")
    opened: int
    revoked_at: datetime | None


def report_out(row: Report) -> ReportOut:
    """A standing report."""
    return ReportOut(
        id=row.public_id,
        title=row.title,
        audience=row.audience,
        cadence=row.cadence,
        language=row.language,
        languages=row.languages,
        set=row.together.public_id if row.together is not None else None,
        due_at=row.due_at,
        ended_at=row.ended_at,
        exercise=row.exercise,
    )


def draft_fields(person: Person, row: Draft, closed: eyes.Closed | None = None) -> dict[str, Any]:
    """What a list shows of a draft, as far as this person may see it."""
    named = eyes.titled(person, row, closed)
    return {
        "id": row.public_id,
        "report": row.report.public_id,
        "title": named.title,
        "title_by": named.by,
        "audience": row.audience,
        "language": row.language,
        "translates": row.translates.public_id if row.translates is not None else None,
        "original": row.original.public_id if row.original is not None else None,
        "state": row.state,
        "version": row.version,
        "since": row.since,
        "until": row.until,
        "missed": row.missed,
    }


def draft_out(person: Person, row: Draft) -> DraftDetail:
    """A draft with everything that its audience may have and that this person may see, and nothing else."""
    audience = AUDIENCES[row.audience]
    closed = eyes.closed_to(person, row)
    lines = shown.standing(row, closed)
    document = document_of(row)
    said = [one for _block, one in editing.sentences([eyes.seen_of(one, closed, row.dropped) for one in row.blocks])]
    names = SentenceOut.model_fields.keys()
    return DraftDetail(
        **draft_fields(person, row, closed),
        digest=digest_of(document),
        sentences=[SentenceOut(**{name: one[name] for name in names & one.keys()}) for one in said],
        facts=[fact_out(one.fact, row.audience) for one in lines if barred(one.fact, audience) is None],
        withheld=[
            WithheldOut(topic=one.fact.topic.value, why=one.why)
            for one in lines
            if barred(one.fact, audience) is not None
        ],
        problems=[_problem(checking.concealed(one, closed)) for one in checking.problems(row)],
    )


def _problem(found: checking.Problem) -> ProblemOut:
    return ProblemOut(kind=found.kind, says=found.says, blocks=found.blocks)


def fact_out(fact: Fact, audience: str) -> FactOut:
    """A fact in the words for an audience."""
    value = fact.value
    return FactOut(
        key=fact.key,
        topic=fact.topic.value,
        nature=fact.nature.value,
        says=fact.words.get(audience, fact.says),
        tlp=fact.tlp.value,
        author=fact.author,
        amount=value.amount if value is not None else None,
        low=value.low if value is not None else None,
        high=value.high if value is not None else None,
        sources=[RestsOnOut(kind=one.kind, title=one.title, url=one.url, at=one.at) for one in fact.sources],
    )


def issue_fields(row: Issue) -> dict[str, Any]:
    """What a list shows of an issue."""
    return {
        "id": row.public_id,
        "name": row.name,
        "report": row.report.public_id,
        "title": row.title,
        "audience": row.audience,
        "language": row.draft.language,
        "translates": row.translates.public_id if row.translates is not None else None,
        "tlp": row.tlp,
        "since": row.since,
        "until": row.until,
        "released_at": row.released_at,
        "digest": row.digest,
        "corrects": row.corrects.public_id if row.corrects is not None else None,
        "withdraws": row.withdraws,
        "exercise": row.exercise,
    }


def issue_out(row: Issue, files: Sequence[str]) -> IssueDetail:
    """An issue as it was released."""
    document: Document = document_in(row.document)
    return IssueDetail(
        **issue_fields(row),
        sentences=[one.text for one in sentences(document)],
        rests_on=[_note(one) for one in document.facts.values()],
        files=list(files),
        wrong=row.wrong,
    )


def _note(fact: Fact) -> NoteOut:
    value = fact.value
    return NoteOut(
        says=fact.says,
        nature=fact.nature.value,
        author=fact.author,
        amount=value.amount if value is not None else None,
        low=value.low if value is not None else None,
        high=value.high if value is not None else None,
        sources=[one.title for one in fact.sources],
    )


def delivery_out(row: Delivery) -> DeliveryOut:
    """One delivery; never its link."""
    return DeliveryOut(
        id=row.public_id,
        name=row.name,
        address=row.address,
        way=row.way,
        held=row.as_what,
        state=row.state,
        tries=row.tries,
        sent_at=row.sent_at,
        opened=row.opened,
        revoked_at=row.revoked_at,
    )
