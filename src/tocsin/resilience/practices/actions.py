"""Every write about guides: a version, a yes of people affected, publishing, who adopted one, retiring."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances.refusals import RefusedError
from tocsin.lib import unseen
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience.drafts import names_somebody
from tocsin.resilience.models import Community
from tocsin.resilience.practice_models import GuideAdoption, GuideRetired, GuideReview, GuideText
from tocsin.resilience.practices import library, rendering
from tocsin.resilience.record import needs_right, note

TITLE, TEXT, LINE, WORDS = 120, 20_000, 300, 4_000
LEAST_REASON: Final = 10
_LONGEST_TRUST: Final = timedelta(days=730)
KEY: Final = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
_RESERVED: Final = frozenset({"new", "index"})
# What Windows opens as a device, whatever its ending: the folder is copied to sticks and read there.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])")


@dataclass(frozen=True, slots=True)
class GuideDraft:
    """What somebody wrote. ``base`` is the number of the newest version when they began, 0 for none of the team."""

    title: str
    text: str
    review_by: date
    base: int
    note: str = ""
    caught_up: bool = True


def write(by: Person, key: str, language: str, draft: GuideDraft) -> GuideText:
    """Keep a new version, which waits until people affected agreed. ``caught_up``: a translation says the English
    text as it is now.

    Raises:
        RefusedError: for what can't be used, or when somebody else wrote a version meanwhile.
    """
    needs_right(by, Right.RESILIENCE)
    _named(key, language)
    title, text = _line(draft.title, TITLE), draft.text.replace("\r\n", "\n").strip()
    _usable(title, text, draft.review_by)
    try:
        with transaction.atomic():
            newest = library.newest(key, language)
            if newest != draft.base:
                raise RefusedError(_("Somebody else wrote a version meanwhile. Copy your words, open it anew."), "text")
            digest = library.digest(title, text, draft.review_by)
            _differs(key, language, digest)
            _translated(key, language, text)
            row = GuideText.objects.create(
                key=key, language=language, version=newest + 1, title=title, text=text, review_by=draft.review_by,
                digest=digest, translates=_translates(key, language, caught_up=draft.caught_up),
                note=_line(draft.note, LINE), at=clock.now(), by=by,
            )  # fmt: skip
            note(by, "write", f"practice:{key}", language=language, version=row.version)
            return row
    except IntegrityError as error:
        raise RefusedError(_("Somebody else wrote a version meanwhile. Copy your words, open it anew."), "text") from (
            error
        )


def review(
    by: Person, key: str, language: str, digest: str, *, name: str, role: str, on: date, community: Community | None
) -> GuideReview:
    """Write down that somebody of the people affected agreed with exactly these words.

    Raises:
        RefusedError: for words that stand nowhere here, of one's own, or without who agreed.
    """
    needs_right(by, Right.RESILIENCE)
    said, part = _line(name, TITLE), _line(role, TITLE)
    if not said or not part:
        raise RefusedError(_("Say who agreed, and what makes it theirs to say."), "name" if not said else "role")
    if names_somebody(part):
        raise RefusedError(_("This is published. Say what they do, and name nobody."), "role")
    with transaction.atomic():
        rows = GuideText.objects.select_for_update().filter(key=key, language=language, digest=digest)
        row, came = rows.order_by("-version").first(), library.shipped().get((key, language))
        if row is None and (came is None or came.digest != digest):
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        if row is not None and row.by_id == by.pk:
            raise RefusedError(_("You wrote this version. Somebody else writes down who agreed with it."))
        today = clock.now().date()
        if on > today or (row is not None and on < row.at.date()):
            raise RefusedError(_("Nobody could agree on that day with these words."), "on")
        made = GuideReview.objects.create(
            key=key, language=language, digest=digest, name=said, role=part, community=community, on=on,
            at=clock.now(), by=by,
        )  # fmt: skip
        note(by, "review", f"practice:{key}", language=language)
        return made


def withdraw_review(by: Person, key: str, language: str, number: int) -> None:
    """Take a yes back. What was published with it alone stands no longer as reviewed.

    Raises:
        RefusedError: when there is no such yes.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        rows = GuideReview.objects.filter(pk=number, key=key, language=language, withdrawn_at=None)
        if not rows.update(withdrawn_at=clock.now()):
            raise RefusedError(_("There is no such yes any more."))
        note(by, "review_withdrawn", f"practice:{key}", language=language)


def publish(by: Person, key: str, language: str, version: int) -> GuideText:
    """Put the newest version into force.

    Raises:
        RefusedError: while nobody of the people affected agreed with it, for one's own, or for another than the newest.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row = GuideText.objects.select_for_update().filter(key=key, language=language).order_by("-version").first()
        if row is None or row.version != version or row.published_at is not None:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        if row.by_id == by.pk:
            raise RefusedError(_("You wrote this version. Somebody else publishes it."))
        if not library.reviews_of(row):
            raise RefusedError(_("Nobody of the people affected has agreed with it. Write down first who did."))
        row.published_at, row.published_by = clock.now(), by
        row.save(update_fields=["published_at", "published_by"])
        note(by, "publish", f"practice:{key}", language=language, version=version)
        return row


def adopt(by: Person, key: str, language: str, community: Community, on: date, changed: str) -> GuideAdoption:
    """Write down that a community took a guide up, and what it changed.

    Raises:
        RefusedError: for what nobody can have adopted, or words that name somebody.
    """
    needs_right(by, Right.RESILIENCE)
    here = library.standing(key, language)
    if here is None or not here.published:
        raise RefusedError(_("It is not published, so nobody can have adopted it."))
    words = changed.strip()[:WORDS]
    if names_somebody(words):
        raise RefusedError(_("Say what changed for them as a whole. No account or address of anybody."), "changed")
    if on > clock.now().date():
        raise RefusedError(_("That day is still to come."), "on")
    with transaction.atomic():
        Community.objects.select_for_update().get(pk=community.pk)
        if community.put_away_at is not None:
            raise RefusedError(_("They were put away. Take them back first."), "community")
        if GuideAdoption.objects.filter(key=key, community=community, withdrawn_at=None).exists():
            raise RefusedError(_("It stands already that they adopted it. Take that back first."), "community")
        row = GuideAdoption.objects.create(
            key=key, language=language, version=here.version, community=community, on=on, changed=words,
            at=clock.now(), by=by,
        )  # fmt: skip
        note(by, "adopt", f"practice:{key}", community=community.public_id)
        return row


def withdraw_adoption(by: Person, key: str, number: int) -> None:
    """Take back that a community adopted a guide.

    Raises:
        RefusedError: when there is no such adoption.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        rows = GuideAdoption.objects.filter(pk=number, key=key, withdrawn_at=None)
        if not rows.update(withdrawn_at=clock.now()):
            raise RefusedError(_("That no longer stands here."))
        note(by, "adoption_withdrawn", f"practice:{key}")


def retire(by: Person, key: str, why: str) -> GuideRetired:
    """Retire a guide in every language, with a reason that is published in its place.

    Raises:
        RefusedError: without a reason, or when there is nothing to retire.
    """
    needs_right(by, Right.RESILIENCE)
    words = _line(why, LINE)
    if len(words) < LEAST_REASON:
        raise RefusedError(_("Say why, in ten letters or more: whoever followed it reads this."), "reason")
    if names_somebody(words):
        raise RefusedError(_("This is published. Name nobody."), "reason")
    _seen(words, "reason")
    if library.standing(key) is None:
        raise RefusedError(_("There is no such guide."))
    with transaction.atomic():
        row, made = GuideRetired.objects.get_or_create(key=key, defaults={"why": words, "at": clock.now(), "by": by})
        if not made:
            raise RefusedError(_("It is retired already."))
        note(by, "retire", f"practice:{key}")
        return row


def take_back(by: Person, key: str) -> None:
    """Undo retiring.

    Raises:
        RefusedError: when it is not retired.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        gone, _each = GuideRetired.objects.filter(key=key).delete()
        if not gone:
            raise RefusedError(_("It is not retired."))
        note(by, "take_back", f"practice:{key}")


def _named(key: str, language: str) -> None:
    if not KEY.fullmatch(key) or key in _RESERVED or _DEVICES.fullmatch(key):
        raise RefusedError(_("Give it a short name of small letters, digits and dashes, such as: at-a-border"), "key")
    if not LANGUAGE.fullmatch(language) or _DEVICES.fullmatch(language):
        raise RefusedError(_("Write the language as a code, such as: pt or zh-hant"), "language")
    if language != library.ENGLISH and library.standing(key) is None:
        raise RefusedError(_("There is no English text to translate. Write that first."), "language")


def _usable(title: str, text: str, review_by: date) -> None:
    if not title:
        raise RefusedError(_("Give it a title."), "title")
    if not text:
        raise RefusedError(_("Write what people should do."), "text")
    if len(text) > TEXT:
        raise RefusedError(_("It is longer than 20,000 letters. Make two guides of it."), "text")
    if names_somebody(text) or names_somebody(title):
        raise RefusedError(_("It is published, so no account and no address of anybody may stand in it."), "text")
    if rendering.foreign_parts(text):
        raise RefusedError(_("It holds a tag or a picture. Use words, lists and headings alone."), "text")
    _seen(title, "title")
    _seen(text, "text")
    today = clock.now().date()
    if not today < review_by <= today + _LONGEST_TRUST:
        raise RefusedError(
            _("Name a day within two years on which somebody looks whether it still holds."), "review_by"
        )


def _seen(text: str, field: str) -> None:
    """People affected agree with what they read, so nothing may stand in it that nobody sees."""
    for sign, around in unseen.hidden(text):
        words = _("It holds a sign that nobody sees (%(sign)s). Type these words anew: “%(words)s”")
        raise RefusedError(words % {"sign": sign, "words": around}, field)


def _differs(key: str, language: str, digest: str) -> None:
    row = GuideText.objects.filter(key=key, language=language).order_by("-version").first()
    came = library.shipped().get((key, language))
    before = row.digest if row is not None else came.digest if came is not None else ""
    same_original = row is None or row.translates == _translates(key, language, caught_up=True)
    if before == digest and same_original:
        raise RefusedError(_("Nothing is different from the newest version."), "text")


def _translated(key: str, language: str, text: str) -> None:
    original = library.standing(key)
    if language != library.ENGLISH and original is not None and text == original.text:
        raise RefusedError(_("These are still the English words. Translate them first."), "text")


def _translates(key: str, language: str, *, caught_up: bool) -> str:
    if language == library.ENGLISH:
        return ""
    if not caught_up:
        row = GuideText.objects.filter(key=key, language=language).order_by("-version").first()
        came = library.shipped().get((key, language))
        return row.translates if row is not None else came.translates if came is not None else ""
    original = library.standing(key)
    return original.digest if original is not None else ""


def _line(words: str, most: int) -> str:
    return " ".join(words[:TEXT].split())[:most]
