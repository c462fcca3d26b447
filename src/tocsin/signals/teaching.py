"""What people's corrections teach: examples, a model for the kinds of harm, and the way back from it.

Texts of restricted sources, of exercises and copies teach nothing: a word of them could be read in the model.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.text import learning
from tocsin.analysis.text.learning import Model, Seen
from tocsin.audit.actions import record
from tocsin.lib.claims import hold
from tocsin.people.models import Person
from tocsin.signals import actions
from tocsin.signals.models import Correction, HarmModel, Signal
from tocsin.signals.reading import seen_by_models

MOST = 2_000  # examples, the newest
AGAIN_AFTER = 20  # answers since the last try
PAUSE = timedelta(hours=1)
_LEASE = "signals.learn"
_GIVEN_BACK = 2_000

Standing = HarmModel.Standing
_Given = tuple[datetime, int, str]  # when, by which correction, what it says


@dataclass(frozen=True, slots=True)
class Lesson:
    """An answer for a text: which text and account, when, and the newest correction that says so."""

    signal: int
    by: int | None
    at: datetime
    correction: int
    label: str


_ASKED_EVERY = 30.0  # seconds
_asked: float | None = None
_kept: Model | None = None
_work: Generator[None, None, None] | None = None


def in_force() -> Model | None:
    """The model that stands, or None while the word lists stand alone; kept until another one stands."""
    global _kept
    version = HarmModel.objects.filter(standing=Standing.STANDS).values_list("version", flat=True).first()
    if version is None:
        _kept = None
    elif _kept is None or _kept.version != version:
        _kept = of_version(version)
    return _kept


def of_version(version: int) -> Model | None:
    """The weights of a version; None where they are not kept."""
    row = HarmModel.objects.filter(version=version).first()
    return learning.from_bytes(bytes(row.weights)) if row is not None and row.weights else None


def step() -> bool:
    """Learn a little further; True while there is more to do. Nothing happens until there are enough new answers."""
    global _work, _asked
    if _work is None and _asked is not None and monotonic() < _asked + _ASKED_EVERY:
        return False
    if not hold(_LEASE, 120):
        _work = None
        return False
    if _work is None:
        _asked = monotonic()
        if not _is_due():
            return False
        _work = _learning()
    try:
        next(_work)
    except StopIteration:
        _work = None
        return False
    except BaseException:
        _work = None
        raise
    return True


def forget() -> None:
    """Drop what this process remembers; it is made again from the rows."""
    global _work, _asked, _kept
    _work = _asked = _kept = None


def _is_due() -> bool:
    last = HarmModel.objects.aggregate(upto=Max("upto"))["upto"] or 0
    return _answers().filter(pk__gt=last).count() >= AGAIN_AFTER


def _learning() -> Generator[None, None, None]:
    # Only who learns pays for the library.
    from tocsin.analysis.text import training

    lessons = lessons_given()
    seen = _seen(one.signal for one in lessons)
    lessons = [one for one in lessons if one.signal in seen]
    sittings = sittings_of(lessons)
    examples = [
        training.Example(seen[one.signal], one.label, sitting) for one, sitting in zip(lessons, sittings, strict=True)
    ]
    if not training.enough(examples):
        return
    yield
    stood = HarmModel.objects.filter(standing=Standing.STANDS).first()
    known = [stood is not None and one.correction <= stood.upto for one in lessons]
    compared = yield from training.comparing(examples, known)
    version = (HarmModel.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    model = training.train(examples, version) if compared.better else None
    yield
    _keep(model, version, stood, lessons, len(set(sittings)), compared.score, compared.before)


@transaction.atomic
def _keep(
    model: Model | None,
    version: int,
    stood: HarmModel | None,
    lessons: list[Lesson],
    sittings: int,
    score: float,
    before: float,
) -> None:
    now = timezone.now()
    standing = HarmModel.objects.select_for_update().filter(standing=Standing.STANDS).first()
    if (standing.pk if standing else None) != (stood.pk if stood else None):
        return  # a person took one back meanwhile: it is compared anew
    if model is not None:
        HarmModel.objects.filter(standing=Standing.STANDS).update(standing=Standing.REPLACED, ended_at=now)
    HarmModel.objects.create(
        version=version,
        standing=Standing.STANDS if model is not None else Standing.REFUSED,
        made_at=now,
        examples=len(lessons),
        sittings=sittings,
        upto=max(one.correction for one in lessons),
        against=stood.version if stood is not None else 0,
        score=score,
        score_against=before,
        weights=model.to_bytes() if model is not None else b"",
    )


def _answers() -> QuerySet[Correction]:
    rows = Correction.objects.filter(field__in=("harm", "state"), undone_at=None)
    return rows.filter(
        signal__readers=0, signal__exercise=False, signal__finding=None, signal__copy_of=None, signal__replayed=False
    )


def lessons_given() -> list[Lesson]:
    """The newest answers that stand, one for each text and account, in the order in which they were given.

    Two accounts that answer for one text give two examples: so nobody takes another's away by answering after them. Who
    corrected only what is not a kind of harm taught nothing.
    """
    rows = _answers().order_by("-pk").values_list("signal", "by", "at", "pk", "field", "after")
    found: dict[tuple[int, int | None], dict[str, _Given]] = {}
    for signal, by, at, pk, field, after in rows[: 4 * MOST]:
        found.setdefault((signal, by), {}).setdefault(field, (at, pk, after))
    lessons = []
    for (text, person), fields in found.items():
        told = _told(fields)
        if told is not None:
            lessons.append(Lesson(text, person, *told))
    return sorted(lessons, key=lambda one: one.correction)[-MOST:]


def _told(fields: dict[str, _Given]) -> _Given | None:
    state = fields.get("state")
    if state is not None and state[2] in (learning.DEAD, learning.NOT_OURS):
        return state
    if "harm" not in fields:
        return None
    at, pk, after = fields["harm"]
    return at, pk, after or learning.NONE


def sittings_of(lessons: Iterable[Lesson]) -> list[str]:
    """For each lesson the sitting that it belongs to: an account's work without a pause of an hour."""
    last: dict[int | None, tuple[datetime, str]] = {}
    names = []
    for one in lessons:
        before = last.get(one.by)
        fresh = before is None or one.at - before[0] >= PAUSE
        name = f"{one.by or 0}:{one.correction}" if before is None or fresh else before[1]
        last[one.by] = (one.at, name)
        names.append(name)
    return names


def _seen(signals: Iterable[int]) -> dict[int, Seen]:
    rows = Signal.objects.filter(pk__in=list(signals)).select_related("item").defer("item__original", "terms")
    return {row.pk: seen_of(row) for row in rows}


def seen_of(signal: Signal) -> Seen:
    """What a model sees of a stored text."""
    text = seen_by_models(signal.item) if signal.item is not None else signal.title
    harms = tuple((key, float(strength)) for key, strength in signal.why.get("harms", []))
    return Seen(text, harms, signal.our_link)


@transaction.atomic
def take_back(person: Person) -> HarmModel | None:
    """Take the model in force back; the one before stands again, or the word lists alone. Returns what stands now.

    Texts that still wait, and to which it gave another kind of harm than the word lists, are as the lists say.

    Raises:
        RefusedError: when none stands.
    """
    row = HarmModel.objects.select_for_update().filter(standing=Standing.STANDS).first()
    if row is None:
        raise actions.RefusedError(_("The word lists stand alone already."))
    row.standing, row.ended_at, row.ended_by = Standing.BACK, timezone.now(), person
    row.save(update_fields=["standing", "ended_at", "ended_by"])
    before = HarmModel.objects.filter(standing=Standing.REPLACED, version__lt=row.version).order_by("-version").first()
    if before is not None:
        before.standing, before.ended_at = Standing.STANDS, None
        before.save(update_fields=["standing", "ended_at"])
    for signal in Signal.objects.filter(waiting=True, why__learned__version=row.version)[:_GIVEN_BACK]:
        learned = signal.why.pop("learned")
        signal.rule = signal.rule.partition(" ")[0]
        signal.harm = learned["listed"]
        signal.save(update_fields=["why", "rule", "harm"])
        actions.weigh(signal)
        actions.note_change(signal.pk)
    record(person.pk, "harm_model.take_back", f"harm_model:{row.version}")
    return before
