"""Every write about playbooks: a new version, its review, and bringing an older one back."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit import actions as audit
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.library import ENGLISH
from tocsin.responses.playbooks.reading import LARGEST, NOT_REVIEWED, ReadingError, digest_of
from tocsin.responses.playbooks.refusals import RefusedError

LEAST_REASON = 10
_RESERVED = frozenset({"new", "protections"})


def write(by: Person, key: str, language: str, text: str, *, base: int, note: str) -> PlaybookText:
    """Add a version, which waits for a second person. ``base`` is the newest version that its writer had seen.

    Raises:
        ReadingError: for a text that can't be read, with every fault.
        RefusedError: when somebody else wrote meanwhile, when nothing changed, or without the right.
    """
    _needs(by)
    _named(key, language)
    text = text.replace("\r\n", "\n").strip() + "\n"
    number = library.newest(key, language) + 1
    if number != base + 1:
        words = _("Somebody saved version %(number)d while you wrote. Yours is kept below: compare, and save again.")
        raise RefusedError(words % {"number": number - 1}, "text")
    library.parsed(key, language, text)
    _changed(key, language, text)
    came = library.shipped().get((key, language))
    try:
        with transaction.atomic():
            row = PlaybookText.objects.create(
                key=key, language=language, version=number, text=_numbered(text, number), by=by, at=clock.now(),
                note=_line(note), shipped=digest_of(came) if came is not None else "",
            )  # fmt: skip
            _note(by, "write", row)
            return row
    except IntegrityError:
        raise RefusedError(_("Somebody saved at the same moment. Yours is kept below: save again."), "text") from None


def review(by: Person, row: PlaybookText) -> PlaybookText:
    """Put a version into force, after a look by somebody who did not write it.

    Raises:
        RefusedError: for its author, for one that is not waiting, or that can't be read any more.
    """
    _needs(by)
    with transaction.atomic():
        here = _waiting(row)
        if here.by_id == by.pk:
            raise RefusedError(_("You wrote it. Somebody else looks at it before it is in force."))
        try:
            library.parsed(here.key, here.language, here.text)
        except ReadingError:
            raise RefusedError(_("This version can’t be read any more. Open it in the editor to see why.")) from None
        here.reviewed_by, here.reviewed_at = by, clock.now()
        here.save(update_fields=["reviewed_by", "reviewed_at"])
        _note(by, "review", here)
        return here


def decline(by: Person, row: PlaybookText, why: str) -> PlaybookText:
    """Put a version aside, with the reason. Its author may put their own aside.

    Raises:
        RefusedError: without a reason, or for one that is not waiting.
    """
    _needs(by)
    words = _line(why)
    if len(words) < LEAST_REASON:
        raise RefusedError(_("Say why, in ten letters or more: somebody gave their time for it."), "why")
    with transaction.atomic():
        here = _waiting(row)
        here.declined_by, here.declined_at, here.declined_why = by, clock.now(), words
        here.save(update_fields=["declined_by", "declined_at", "declined_why"])
        _note(by, "decline", here)
        return here


def restore(by: Person, key: str, language: str, version: int) -> PlaybookText:
    """Bring an older text back as a new version, which waits for a second person like any other.

    Raises:
        RefusedError: when there is no such version, or it is what stands already.
        ReadingError: when the older text can't be read any more.
    """
    row = PlaybookText.objects.filter(key=key, language=language, version=version).first()
    came = library.shipped().get((key, language)) if version == 0 else None
    text = row.text if row is not None else came
    if text is None:
        raise RefusedError(_("There is no such version."))
    note = _("Version %(number)d again") % {"number": version} if version else _("The text that came with Tocsin again")
    return write(by, key, language, text, base=library.newest(key, language), note=note)


def adopt(by: Person, key: str, language: str) -> PlaybookText:
    """Say that somebody of the team looked at the text that came with Tocsin, and that it holds for them.

    Raises:
        RefusedError: when the team has versions of its own.
    """
    _needs(by)
    came = library.shipped().get((key, language))
    if came is None or PlaybookText.objects.filter(key=key, language=language, reviewed_at__isnull=False).exists():
        raise RefusedError(_("The team has a version of its own. Review that one."))
    number, at = library.newest(key, language) + 1, clock.now()
    with transaction.atomic():
        row = PlaybookText.objects.create(
            key=key, language=language, version=number, text=_numbered(came, number), at=at, shipped=digest_of(came),
            note=_("As it came with Tocsin"), reviewed_by=by, reviewed_at=at,
        )  # fmt: skip
        _note(by, "adopt", row)
        return row


def _needs(by: Person) -> None:
    if not by.may(Right.PLANS):
        raise RefusedError(_("Your roles don’t let you change playbooks. Ask whoever leads."))


def _named(key: str, language: str) -> None:
    if not library.KEY.fullmatch(key) or key in _RESERVED:
        raise RefusedError(_("Give it a short name of small letters, digits and dashes, such as: flood"), "key")
    if not library.LANGUAGE.fullmatch(language):
        raise RefusedError(_("Write the language as a code, such as: pt or zh-hant"), "language")
    if language != ENGLISH and library.playbook(key) is None:
        raise RefusedError(_("There is no original to translate."), "language")


def _changed(key: str, language: str, text: str) -> None:
    newest = PlaybookText.objects.filter(key=key, language=language).order_by("-version").first()
    before = newest.text if newest is not None else library.shipped().get((key, language))
    declined = newest is not None and newest.declined_at is not None
    if before is not None and not declined and digest_of(before) == digest_of(text):
        raise RefusedError(_("Nothing is different from the newest version."), "text")


def _numbered(text: str, number: int) -> str:
    """The text with its head's version and review as they are: a new version, which nobody reviewed."""
    end = text.index("\n+++", 3)
    head, rest = text[:end], text[end:]
    head = re.sub(r"^version\s*=.*$", f"version = {number}", head, count=1, flags=re.MULTILINE)
    head = re.sub(r"^reviewed_by\s*=.*$", f'reviewed_by = "{NOT_REVIEWED}"', head, count=1, flags=re.MULTILINE)
    head = re.sub(r"^reviewed_on\s*=.*\n?", "", head, flags=re.MULTILINE)
    return head.rstrip() + rest


def _waiting(row: PlaybookText) -> PlaybookText:
    here = PlaybookText.objects.select_for_update(of=("self",)).get(pk=row.pk)
    later = PlaybookText.objects.filter(key=here.key, language=here.language, version__gt=here.version)
    if here.reviewed_at is not None or here.declined_at is not None or later.exists():
        raise RefusedError(_("It changed meanwhile. Look again how it stands."))
    return here


def _line(words: str) -> str:
    return " ".join(words[:LARGEST].split())[:300]


def _note(by: Person, verb: str, row: PlaybookText) -> None:
    audit.record(by.pk, f"playbook.{verb}", f"playbook:{row.key}", language=row.language, version=row.version)
