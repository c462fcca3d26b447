"""Taking part: somebody chooses to be asked, says how, and can undo it at any moment."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tocsin.alerts import actions as alerts
from tocsin.alerts import clock
from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Address
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls.models import Ask, CheckIn, Fallback, Journey, Member, Participant, RollCall
from tocsin.rollcalls.record import note
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.words import SKILLS

# A message in one's own words carries nothing else only here, and its answer comes back the same way.
PLAIN_CHANNELS = ("signal", "sms")
LONGEST_WORDS = 80
LONGEST_WAIT_HOURS = 72
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_TELLING = re.compile(r"://|www|@|[0-9]{3}|\w\.\w{2}|[\x00-\x1f\x7f]", re.IGNORECASE)
_MOST_LANGUAGES = 20


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody chooses. Addresses and the contact are ids; 0 is none."""

    safe_check: bool
    can_help: bool
    manner: Participant.Manner
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    country: str = ""
    own_words: str = ""
    help_words: str = ""
    address: int = 0
    second_address: int = 0
    fallback: Fallback = Fallback.CONTACT
    fallback_hours: int = 0
    contact: int = 0


def take_part(person: Person, part: Part) -> Participant:
    """Consent to be asked, or change how. The moment of the first consent stays.

    Raises:
        RefusedError: with what to change.
    """
    _check(person, part)
    with transaction.atomic():
        at = clock.now()
        row = Participant.objects.select_for_update().filter(person=person).first()
        row = row or Participant(person=person, opted_in_at=at)
        row.changed_at = at
        row.safe_check, row.can_help, row.manner = part.safe_check, part.can_help, part.manner
        row.languages, row.skills = sorted(set(part.languages)), sorted(set(part.skills))
        row.country = part.country
        row.own_words, row.help_words = part.own_words.strip(), part.help_words.strip()
        row.address, row.second_address = _own(person, part.address), _own(person, part.second_address)
        row.fallback, row.fallback_hours = part.fallback, part.fallback_hours
        row.contact = contacts(person).filter(pk=part.contact).first()
        if row.manner != Participant.Manner.AGREED:
            row.quiet_digit = None
        row.save()
        note(person.pk, "took_part", f"person:{person.pk}")
        return row


def set_quiet_digit(person: Person, digit: int | None) -> None:
    """Choose the digit that looks like any answer and means help, or have none. No page says whether there is one.

    Raises:
        RefusedError: when the person takes no part in words of their own, or it is a digit that means something else.
    """
    if digit is not None and not 3 <= digit <= 9:
        raise RefusedError(_("Choose a digit from 3 to 9."))
    with transaction.atomic():
        mine = Participant.objects.filter(person=person, manner=Participant.Manner.AGREED)
        if not mine.update(quiet_digit=digit):
            raise RefusedError(_("This works only with messages in words of your own. Choose those first."))
        note(person.pk, "set_digit", f"person:{person.pk}")


def withdraw(person: Person) -> None:
    """Take no part any more: the row, every answer, every journey and every message about them are erased."""
    with transaction.atomic():
        asks = Ask.objects.filter(Q(member__person=person) | Q(checkin__journey__person=person))
        alerts.forget(asks.values_list("notice", flat=True))
        for row in RollCall.objects.filter(members__person=person):
            RollCall.objects.filter(pk=row.pk).update(changes=row.changes + 1)
        Member.objects.filter(person=person).delete()
        CheckIn.objects.filter(journey__person=person).delete()
        Journey.objects.filter(person=person).delete()
        Participant.objects.filter(person=person).delete()
        note(person.pk, "withdrew", f"person:{person.pk}")


def contacts(person: Person) -> QuerySet[Person]:
    """Who may be chosen as a contact or a watcher: those who may hold roll-calls, without oneself."""
    able = [one.pk for one in Person.objects.filter(is_active=True).exclude(roles=0) if one.may(Right.ROLLCALLS)]
    return Person.objects.filter(pk__in=able).exclude(pk=person.pk).order_by("name", "pk")


def plain_addresses(person: Person) -> QuerySet[Address]:
    """The person's addresses at which a message can consist of nothing but words of their own."""
    return Address.objects.filter(
        person=person, channel__in=PLAIN_CHANNELS, ended_at=None, verified_at__isnull=False
    ).order_by("pk")


def ways(row: Participant) -> list[Address]:
    """The addresses for words of one's own that work now, in the chosen order."""
    known = set(usable())
    chosen = [one for one in (row.address, row.second_address) if one is not None]
    return [one for one in chosen if one.channel in known and one.ended_at is None and one.verified_at is not None]


def telling(person: Person, words: str) -> bool:
    """Whether these words could tie a phone to us: a link, a number, an address, or a name."""
    folded = words.casefold()
    host = (urlsplit(settings.PUBLIC_URL).hostname or "").split(".")
    names = [settings.PAGING.pager_name, "tocsin", "wikipedia", "wikimedia", *person.name.split(), *host]
    named = any(len(name) > 2 and name.casefold() in folded for name in names)
    return named or _TELLING.search(words) is not None


def _own(person: Person, number: int) -> Address | None:
    return plain_addresses(person).filter(pk=number).first() if number else None


def _check(person: Person, part: Part) -> None:
    if not person.is_active:
        raise RefusedError(_("This account is closed."))
    if not part.safe_check and not part.can_help:
        raise RefusedError(_("Choose at least one thing that you may be asked. To be asked nothing, withdraw."))
    if not set(part.skills) <= set(SKILLS) or len(part.languages) > _MOST_LANGUAGES:
        raise RefusedError(_("Choose from the lists."))
    if any(not _LANGUAGE.fullmatch(one) for one in part.languages) or (
        part.country and part.country not in TERRITORIES
    ):
        raise RefusedError(_("Choose from the lists."))
    if not 0 <= part.fallback_hours <= LONGEST_WAIT_HOURS:
        raise RefusedError(_("Choose a wait of at most 72 hours."))
    if part.contact and not contacts(person).filter(pk=part.contact).exists():
        raise RefusedError(_("Choose a contact from the list."))
    if part.manner == Participant.Manner.AGREED:
        _check_words(person, part)


def _check_words(person: Person, part: Part) -> None:
    needed = [words for words, asked in ((part.own_words, part.safe_check), (part.help_words, part.can_help)) if asked]
    if any(not words.strip() for words in needed):
        raise RefusedError(_("Write the words of each question that you may be asked."))
    if len(needed) == 2 and needed[0].strip().casefold() == needed[1].strip().casefold():
        raise RefusedError(_("Choose different words for the two questions: the digits mean different things."))
    for words in (part.own_words, part.help_words):
        if len(words) > LONGEST_WORDS or telling(person, words):
            raise RefusedError(_("Use short everyday words: no name, no link, no number, nothing of this work."))
    if _own(person, part.address) is None:
        raise RefusedError(_("Choose a verified phone for text messages or Signal. Add one under “My contacts”."))
    if part.second_address and _own(person, part.second_address) is None:
        raise RefusedError(_("Choose the second phone from your verified ones."))
