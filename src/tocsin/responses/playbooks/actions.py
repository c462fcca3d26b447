"""Every write about playbooks: a new version, its review, and bringing an older one back."""

import re
from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit import actions as audit
from tocsin.lib import unseen
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.playbook_models import PartReview, PlaybookText
from tocsin.responses.playbooks import covering, library
from tocsin.responses.playbooks.covering import Part
from tocsin.responses.playbooks.library import ENGLISH
from tocsin.responses.playbooks.protecting import TABLE
from tocsin.responses.playbooks.reading import LARGEST, NOT_REVIEWED, ReadingError, digest_of
from tocsin.responses.playbooks.refusals import RefusedError

LEAST_REASON = 10
_RESERVED = frozenset({"new"})


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
    library.check(key, language, text)
    _changed(key, language, text)
    _readable(text)
    came = library.came(key, language)
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


def review(by: Person, row: PlaybookText, seen: int) -> PlaybookText:
    """Put a version into force, after a look at what differs from version ``seen``, the one in force (0: as it came).

    The look covers the parts that differ, and of those the ones that somebody else wrote. Other parts stay reviewed
    by whoever reviewed them, or by nobody.

    Raises:
        RefusedError: for its author, when it changes a part to words of the reviewer's own that nobody else looked at,
            for one that is not waiting, or that can't be read any more, or when another version came into force
            meanwhile.
    """
    _needs(by)
    with transaction.atomic():
        here = _waiting(row)
        if here.by_id == by.pk:
            raise RefusedError(_("You wrote it. Somebody else looks at it before it is in force."))
        try:
            library.check(here.key, here.language, here.text)
        except ReadingError:
            raise RefusedError(_("This version can’t be read any more. Open it in the editor to see why.")) from None
        before = library.held(here.key, here.language)
        if (before.in_force if before is not None else 0) != seen:
            raise RefusedError(_("Another version came into force meanwhile. Look again at what is different."))
        old = before.text if before is not None and not before.waiting_alone else ""
        parts = covering.changed(old, here.text)
        if own := own_alone(by, here.key, here.language, parts):
            words = _("You wrote a part of it yourself: %(parts)s. Somebody else puts it into force.")
            raise RefusedError(words % {"parts": " · ".join(own)})
        _cover(by, here.key, here.language, here.version, parts)
        here.reviewed_by, here.reviewed_at = by, clock.now()
        here.save(update_fields=["reviewed_by", "reviewed_at"])
        _note(by, "review", here)
        return here


def look(by: Person, key: str, language: str, digests: Collection[str]) -> int:
    """Say that somebody of the team read these parts of the text in force, and that they hold. Answers how many.

    ``digests`` are those of the parts as they were shown.

    Raises:
        RefusedError: when a part reads differently now, when it is their own, or when there is none.
    """
    _needs(by)
    with transaction.atomic():
        here = library.held(key, language)
        if here is None or here.waiting_alone:
            raise RefusedError(_("Nothing is in force here yet."))
        parts = [one.part for one in here.parts if one.part.digest in digests]
        if not parts:
            raise RefusedError(_("Tick at least one part that you have read."))
        if len({one.digest for one in parts}) != len(set(digests)):
            raise RefusedError(_("A part reads differently now. Look again at what it says."))
        if not _cover(by, key, language, here.version, parts):
            raise RefusedError(_("You wrote these parts. Somebody else looks at them."))
        audit.record(by.pk, "playbook.look", f"playbook:{key}", language=language, version=here.version)
        return len(parts)


def own_parts(by: Person, key: str, language: str) -> frozenset[tuple[str, str]]:
    """Names and digests of the parts that somebody wrote: theirs is the first version that reads so."""
    came = library.came(key, language)
    first: dict[tuple[str, str], int | None] = {}
    if came is not None:
        first.update(((one.name, one.digest), None) for one in covering.parts_of(came))
    for row in PlaybookText.objects.filter(key=key, language=language).order_by("version"):
        for one in covering.parts_of(row.text):
            first.setdefault((one.name, one.digest), row.by_id)
    return frozenset(one for one, author in first.items() if author == by.pk)


def own_alone(by: Person, key: str, language: str, parts: Iterable[Part]) -> list[str]:
    """Names of those of these parts that somebody wrote and nobody else has looked at."""
    own = own_parts(by, key, language)
    looks = PartReview.objects.filter(key=key, language=language).exclude(by=by)
    looked = set(looks.values_list("part", "digest"))
    return [one.name for one in parts if (one.name, one.digest) in own - looked]


def _cover(by: Person, key: str, language: str, version: int, parts: Iterable[Part]) -> list[PartReview]:
    own, at = own_parts(by, key, language), clock.now()
    return PartReview.objects.bulk_create(
        PartReview(key=key, language=language, part=one.name, digest=one.digest, version=version, by=by, at=at)
        for one in parts
        if (one.name, one.digest) not in own
    )


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
    came = library.came(key, language) if version == 0 else None
    text = row.text if row is not None else came
    if text is None:
        raise RefusedError(_("There is no such version."))
    note = _("Version %(number)d again") % {"number": version} if version else _("The text that came with Tocsin again")
    return write(by, key, language, text, base=library.newest(key, language), note=note)


def _needs(by: Person) -> None:
    if not by.may(Right.PLANS):
        raise RefusedError(_("Your roles don’t let you change playbooks. Ask whoever leads."))


def _named(key: str, language: str) -> None:
    if key == TABLE and language == ENGLISH:
        return
    if key == TABLE:
        raise RefusedError(_("The table is written in English alone."), "language")
    if not library.KEY.fullmatch(key) or key in _RESERVED:
        raise RefusedError(_("Give it a short name of small letters, digits and dashes, such as: flood"), "key")
    if not library.LANGUAGE.fullmatch(language):
        raise RefusedError(_("Write the language as a code, such as: pt or zh-hant"), "language")
    if language != ENGLISH and library.playbook(key) is None:
        raise RefusedError(_("There is no original to translate."), "language")


def _changed(key: str, language: str, text: str) -> None:
    newest = PlaybookText.objects.filter(key=key, language=language).order_by("-version").first()
    before = newest.text if newest is not None else library.came(key, language)
    declined = newest is not None and newest.declined_at is not None
    if before is not None and not declined and digest_of(before) == digest_of(text):
        raise RefusedError(_("Nothing is different from the newest version."), "text")


def _readable(text: str) -> None:
    """A second person puts into force what they read, so nothing may stand in it that nobody sees."""
    for number, line in enumerate(text.split("\n"), 1):
        for sign, around in unseen.hidden(line):
            words = _("Line %(line)d holds a sign that nobody sees (%(sign)s). Type these words anew: “%(words)s”")
            raise RefusedError(words % {"line": number, "sign": sign, "words": around}, "text")


def _numbered(text: str, number: int) -> str:
    """The text with its head's version and review as they are: a new version, which nobody reviewed."""
    if not text.startswith("+++"):
        return text
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
