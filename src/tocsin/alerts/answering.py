"""Answers that come without sign-in: by the link of a page, by a reply, by mail, by the keys of a phone."""

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from tocsin.alerts import actions, clock, telling
from tocsin.alerts.models import Address, Alert, Heard, Notice, NoticeAlert, Page, Pulse, Subject
from tocsin.alerts.secrets import PageToken, number_of
from tocsin.alerts.wording import QUESTIONS
from tocsin.lib.claims import patient

# After this a page can no longer be answered without sign-in.
ALIVE = timedelta(hours=24)
TRIES = 3
# Senders can be forged, and of many pages one may fit a guess: so many wrong numbers in a day, and it takes a sign-in.
MOST_WRONG = 3 * TRIES
_REPLY = re.compile(r"\s*(?:([0-9A-Z]{4})[\s:,.-]+)?([0-9]{4})(?:[\s:,.-]+([A-Z]+))?\s*\.?\s*", re.IGNORECASE)
_MOST_ALIVE = 1_000
_SENT = [Page.State.SENDING, Page.State.SENT]


class Said(StrEnum):
    """What became of an answer, for the words of each door."""

    HAVE = "have"  # it is this person's for fifteen minutes
    PASSED = "passed"  # the next person is called
    TAKEN = "taken"  # somebody else has it; nothing to do
    OVER = "over"  # resolved meanwhile
    THANKS = "thanks"  # an answer to a question, or the proof of an address
    WRONG = "wrong"  # wrong number; there are tries left
    SPENT = "spent"  # three wrong numbers, or too old: sign in
    UNKNOWN = "unknown"  # no such page, or not from this address
    REPEATED = "repeated"  # this very message was heard before


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer; ``page`` is None where the page is unknown."""

    said: Said
    page: Page | None = None
    tries_left: int = 0

    @property
    def good(self) -> bool:
        """Whether the answer counted."""
        return self.said in {Said.HAVE, Said.PASSED, Said.TAKEN, Said.OVER, Said.THANKS}


def by_token(token: str) -> Page | None:
    """The page that a link opens, answered or not; None when it is unknown or too old, when its address was removed or
    its person's account ended, which all look the same.
    """
    found = Page.objects.select_related("notice__person", "address").filter(token_hash=PageToken(token.lower()).digest)
    page = found.filter(notice__leaves_at__gt=clock.now() - ALIVE).first()
    return page if page is not None and _counts(page) else None


def _counts(page: Page) -> bool:
    person, address = page.notice.person, page.address
    about_them = Subject.objects.filter(alert__notices__notice=page.notice, person=person).exists()
    return (person is None or person.is_active) and (address is None or address.ended_at is None) and not about_them


@patient
def answer(page: Page, act: str, number: str, via: str) -> Answered:
    """Answer a page: ``act`` is "have", "pass" or an answer to its question; ``number`` stands in the message.

    A wrong number costs one of three tries; then the page can be answered by signing in only.
    """
    with transaction.atomic():
        # Alerts before pages, as every act locks them: somebody may be answering in the console at this moment.
        list(alerts_of(page).order_by("pk").select_for_update(of=("self",)))
        page = _locked(page)
        if page.tries_left == 0 or page.notice.leaves_at <= clock.now() - ALIVE or not _counts(page):
            return Answered(Said.SPENT, page)
        if not hmac.compare_digest(number.strip().encode(), number_of(page.public_id).encode()):
            Page.objects.filter(pk=page.pk).update(tries_left=F("tries_left") - 1)
            left = page.tries_left - 1
            return Answered(Said.WRONG if left else Said.SPENT, page, left)
        return _do(page, act, via)


@patient
def by_message(channel: str, sender: str, text: str, external_id: str) -> Answered:
    """An answer by SMS, Signal or the keys of a phone: "7F3K 1234", "1234", or with PASS behind it.

    ``sender`` must be the very address that the page went to; ``external_id`` is the provider's, and counts once.
    A question that was asked in words of one's own takes "1", "2" …: nothing but the sender says whose answer that is,
    and the notice remembers so.
    """
    with transaction.atomic():
        if not _first_time(channel, external_id):
            return Answered(Said.REPEATED)
        pages = _pages_to(channel, sender)
        own = _own_words(pages, text)
        if own is not None:
            return own
        match = _REPLY.fullmatch(text[:200])
        if match is None:
            return Answered(Said.UNKNOWN)
        if pages and _guessed(channel, sender) >= MOST_WRONG:
            return Answered(Said.SPENT, pages[0])
        code, number, word = (match[1] or "").upper(), match[2], (match[3] or "").upper()
        for page in [one for one in pages if not code or one.code == code]:
            if hmac.compare_digest(number.encode(), number_of(page.public_id).encode()):
                return answer(page, _act(page, word), number, channel)
        # Without the right number the newest page pays for the try, so that nobody can guess for ever.
        return answer(pages[0], "have", number, channel) if pages else Answered(Said.UNKNOWN)


@patient
def by_mail_token(token: str, sender: str, first_line: str, external_id: str) -> Answered:
    """An answer by mail: the token of its Reply-To, from the address that was paged, and one of the taught words."""
    with transaction.atomic():
        if not _first_time("mail", external_id):
            return Answered(Said.REPEATED)
        page = by_token(token)
        if page is None or page.channel != "mail":
            return Answered(Said.UNKNOWN)
        if page.notice.purpose == Notice.Purpose.PULSE:
            return _returned(page)
        if not _same(sender, _address_of(page)):
            return Answered(Said.UNKNOWN)
        list(alerts_of(page).order_by("pk").select_for_update(of=("self",)))
        page = _locked(page)
        act = _act_of_words(page, first_line)
        if act is None or page.tries_left == 0:
            return Answered(Said.UNKNOWN, page)
        return _do(page, act, "mail")


def pulse_returned(token: str) -> Answered:
    """The pager's own heartbeat came back by its channel."""
    page = by_token(token)
    if page is None or page.notice.purpose != Notice.Purpose.PULSE:
        return Answered(Said.UNKNOWN)
    return _returned(page)


def _do(page: Page, act: str, via: str, *, by_sender: bool = False) -> Answered:
    notice = page.notice
    if notice.person is None or not _counts(page):
        return Answered(Said.UNKNOWN)
    if notice.purpose == Notice.Purpose.ALERT and act in {"have", "pass"}:
        return _answer_alerts(page, act, via)
    if notice.purpose == Notice.Purpose.VERIFY and act == "have":
        _note(notice, "have", via)
        return Answered(Said.THANKS, page)
    if notice.purpose == Notice.Purpose.ASK and act in notice.options:
        _note(notice, act, via, by_sender=by_sender)
        return Answered(Said.THANKS, page)
    return Answered(Said.UNKNOWN, page)


def _answer_alerts(page: Page, act: str, via: str) -> Answered:
    person = page.notice.person
    if person is None:
        return Answered(Said.UNKNOWN)
    said = []
    for alert in alerts_of(page):
        if alert.state == Alert.State.RESOLVED:
            said.append(Said.OVER)
        elif alert.state == Alert.State.ANSWERED and alert.answered_by_id != person.pk:
            actions.acknowledge(alert, person, via, confirmed=False)
            said.append(Said.TAKEN)
        elif act == "have":
            actions.acknowledge(alert, person, via, confirmed=False)
            said.append(Said.HAVE)
        else:
            actions.pass_on(alert, person, via)
            said.append(Said.PASSED)
    # Of several, the one that asks most of the reader is what is said.
    order = [Said.HAVE, Said.PASSED, Said.TAKEN, Said.OVER]
    return Answered(next((one for one in order if one in said), Said.OVER), page)


def alerts_of(page: Page) -> QuerySet[Alert]:
    """The alerts that a page is about, the gravest first."""
    mine = NoticeAlert.objects.filter(notice=page.notice).values("alert")
    return Alert.objects.filter(pk__in=mine).select_related("policy", "answered_by").order_by("-severity", "pk")


def _note(notice: Notice, act: str, via: str, *, by_sender: bool = False) -> None:
    at = clock.now()
    Notice.objects.filter(pk=notice.pk).update(answer=act, answered_at=at, answered_via=via, by_sender=by_sender)
    telling.stop([notice.pk], at)


def _returned(page: Page) -> Answered:
    at = clock.now()
    Pulse.objects.filter(page=page, returned_at=None).update(returned_at=at)
    return Answered(Said.THANKS, page)


def _locked(page: Page) -> Page:
    return Page.objects.select_for_update(of=("self",)).select_related("notice__person", "address").get(pk=page.pk)


def _first_time(channel: str, external_id: str) -> bool:
    try:
        with transaction.atomic():
            Heard.objects.create(channel=channel, external_id=_digest(external_id), at=clock.now())
    except IntegrityError:
        return False
    return True


def _digest(external_id: str) -> str:
    return blake2b(external_id.encode("utf-8", "replace"), digest_size=32).hexdigest()


def _pages_to(channel: str, sender: str) -> list[Page]:
    """The pages that this address may answer, newest first."""
    return [page for page in _alive(channel, sender) if page.state in _SENT and page.tries_left > 0][:50]


def _alive(channel: str, sender: str) -> list[Page]:
    """What went to this address in the last day and asks for an answer, newest first."""
    addresses = Address.objects.filter(channel=channel, value=sender, verified_at__isnull=False, ended_at=None)
    owners = dict(addresses.values_list("pk", "person"))
    # By the notices alone, which are few: an address may have years of pages, and a database may begin with those.
    lately = Notice.objects.filter(
        person__in=set(owners.values()),
        leaves_at__gt=clock.now() - ALIVE,
        purpose__in=[Notice.Purpose.ALERT, Notice.Purpose.ASK],
    )
    notices = list(lately.order_by("-leaves_at").values_list("pk", flat=True)[:_MOST_ALIVE])
    pages = Page.objects.filter(notice__in=notices).select_related("notice__person", "address").order_by("-pk")
    return [page for page in pages if page.address_id in owners]


def _guessed(channel: str, sender: str) -> int:
    """How many wrong numbers were tried on the pages of this address that are alive."""
    return sum(TRIES - page.tries_left for page in _alive(channel, sender))


def _own_words(pages: list[Page], text: str) -> Answered | None:
    """An answer "1", "2" … to the newest question that was asked in the person's own words."""
    chosen = text.strip().rstrip(".")
    if len(chosen) != 1 or not chosen.isdigit():
        return None
    for page in pages:
        options = page.notice.options
        if page.notice.own_words and 0 < int(chosen) <= len(options):
            # A place without an answer keeps the digits of the others where they are.
            act = options[int(chosen) - 1]
            return _do(page, act, page.channel, by_sender=True) if act else None
    return None


def _act(page: Page, word: str) -> str:
    if page.notice.purpose != Notice.Purpose.ASK:
        return "pass" if word == "PASS" else "have"
    chosen = [one for one in page.notice.options if one.upper() == word]
    return chosen[0] if chosen else ""


def _act_of_words(page: Page, line: str) -> str | None:
    words = " ".join(line.casefold().rstrip(". \t").split())
    if page.notice.purpose == Notice.Purpose.ASK:
        question = QUESTIONS.get(page.notice.words)
        known = {str(said).casefold(): key for key, said in question.answers.items()} if question else {}
        return known.get(words, words if words in page.notice.options else None)
    return {"i have it": "have", "pass on": "pass"}.get(words)


def _address_of(page: Page) -> str:
    if page.address is not None:
        return page.address.value
    return page.notice.person.email if page.notice.person is not None else ""


def _same(given: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(given.strip().casefold().encode(), expected.casefold().encode())
