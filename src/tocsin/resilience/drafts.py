"""What somebody writes about a community, checked before it is stored: the same rules for pages and programs."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from tocsin.alliances import drafts as plain
from tocsin.alliances.refusals import RefusedError
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience.models import Community, Dealing, Statement

NAME, WORDS, REASON, SOURCE, URL = 120, 4_000, 300, 200, 500
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
# An address of mail, or an account's page: whoever stands so in a text is one person, not a community.
_SOMEBODY = re.compile(r"[\w.+-]+@[\w-]+\.\w|\b(?:user|user[ _]talk|special:contributions)[:/]\s*\S", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CommunityDraft:
    """Who a community is. ``owner`` is the id of somebody of the team."""

    name: str
    kind: str
    about: str
    owner: int | None
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """One dated sentence with its source."""

    part: str
    words: str
    on: date
    source: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DealingDraft:
    """One thing that passed between them and us. ``due`` and ``keeper`` belong to a promise; ``answers`` is an id."""

    kind: str
    words: str
    on: date
    due: date | None = None
    keeper: int | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """What they said about being named outside."""

    consent: str
    on: date | None
    words: str = ""


def checked(draft: CommunityDraft) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: with the first field that can't be used.
    """
    if draft.kind not in Community.Kind.values:
        raise RefusedError(_("Choose what they have in common from the list."), "kind")
    countries = plain.countries(draft.countries, "countries")
    if draft.kind == Community.Kind.COUNTRY and not countries:
        raise RefusedError(_("A country community needs its country."), "countries")
    languages = plain.languages(draft.languages)
    if draft.kind == Community.Kind.LANGUAGE and not languages:
        raise RefusedError(_("A language community needs its language."), "languages")
    return {
        "name": nobody(plain.line(draft.name, NAME, "name", needed=True), "name"),
        "kind": draft.kind,
        "about": sentence(draft.about, "about"),
        "countries": countries,
        "languages": languages,
        "owner_id": somebody(draft.owner, "owner"),
    }


def checked_statement(draft: StatementDraft, today: date) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: without a source, for a day to come, or with the first field that can't be used.
    """
    if draft.part not in Statement.Part.values:
        raise RefusedError(_("Choose what it is about from the list."), "part")
    url = plain.line(draft.url, URL, "url")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
        raise RefusedError(_("Write an address that begins with https:// or http://."), "url")
    return {
        "part": draft.part,
        "words": sentence(draft.words, "words"),
        "on": past(draft.on, today, "on"),
        "source": nobody(plain.line(draft.source, SOURCE, "source", needed=True), "source"),
        "url": url,
    }


def checked_dealing(draft: DealingDraft, community: Community, today: date) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: for a promise without a day or somebody who keeps it, or with the first field that can't be used.
    """
    if draft.kind not in Dealing.Kind.values:
        raise RefusedError(_("Choose which way it went from the list."), "kind")
    on = past(draft.on, today, "on")
    promise = draft.kind == Dealing.Kind.PROMISED
    if promise and (draft.due is None or not on <= draft.due <= LATEST):
        raise RefusedError(_("Say by which day we keep it; it can’t lie before the promise."), "due")
    if draft.answers is not None and not community.dealings.filter(pk=draft.answers).exists():
        raise RefusedError(_("Choose what it answers from the list."), "answers")
    return {
        "kind": draft.kind,
        "words": sentence(draft.words, "words"),
        "on": on,
        "due": draft.due if promise else None,
        "keeper_id": somebody(draft.keeper, "keeper") if promise else None,
        "answers_id": draft.answers,
    }


def checked_consent(draft: ConsentDraft, today: date) -> dict[str, object]:
    """The columns of a draft.

    Raises:
        RefusedError: for a yes or no without its day and who spoke for them.
    """
    if draft.consent not in Community.Consent.values:
        raise RefusedError(_("Choose what they said from the list."), "consent")
    if draft.consent == Community.Consent.NOT_ASKED:
        return {"consent": draft.consent, "consent_on": None, "consent_words": ""}
    if draft.on is None:
        raise RefusedError(_("Say on which day they said so."), "on")
    words = nobody(plain.line(draft.words, REASON, "words"), "words")
    if len(words) < 10:
        raise RefusedError(_("Say how it was asked, and by which body it was answered."), "words")
    return {"consent": draft.consent, "consent_on": past(draft.on, today, "on"), "consent_words": words}


def reason_of(words: str, field: str = "reason") -> str:
    """A reason that says something and names nobody.

    Raises:
        RefusedError: for one of less than ten letters, or one that names somebody.
    """
    found = nobody(plain.line(words, REASON, field), field)
    if len(found) < 10:
        raise RefusedError(_("Say why, in a few words."), field)
    return found


def sentence(words: str, field: str, most: int = WORDS) -> str:
    """Lines that say something and name nobody.

    Raises:
        RefusedError: when they are too short or too long, or name somebody.
    """
    found = nobody(plain.text(words, most, field), field)
    if len(found) < 3:
        raise RefusedError(_("This is needed."), field)
    return found


def nobody(words: str, field: str) -> str:
    """The words, if they hold no address of mail and no account.

    Raises:
        RefusedError: when they do: no list of people grows here.
    """
    if names_somebody(words):
        raise RefusedError(_("Name nobody here: no account, no address. Say what holds for all of them."), field)
    return words


def names_somebody(words: str) -> bool:
    """Whether words hold an address of mail or the page of an account."""
    return _SOMEBODY.search(words) is not None


def past(day: date, today: date, field: str) -> date:
    """A day that is not to come.

    Raises:
        RefusedError: when it is, or lies before 1900.
    """
    if not EARLIEST <= day <= today:
        raise RefusedError(_("This day can’t be used: it is to come, or too long ago."), field)
    return day


def somebody(number: int | None, field: str) -> int:
    """The id of somebody of the team.

    Raises:
        RefusedError: for anybody else.
    """
    person = Person.objects.filter(pk=number or 0, is_active=True).first()
    if person is None or not person.may(Right.RESILIENCE):
        raise RefusedError(_("Choose somebody of the team."), field)
    return person.pk
