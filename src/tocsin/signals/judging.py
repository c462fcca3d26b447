"""A person's word on what a text says happened: this is right, this is, this it does not say; each can be undone.

Nothing here changes what lists, situations or pages to people go by, and no name of a person is asked for or kept.
"""

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.text.persecution.masking import MASK, READ
from tocsin.audit.actions import record
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.signals.accounts import await_reading
from tocsin.signals.actions import RefusedError
from tocsin.signals.models import Account, Judgement, Signal
from tocsin.signals.statements import (
    ATTACK,
    BY_KEY,
    IN_WORDS,
    LONGEST,
    NO,
    Field,
    machine_says,
    standing_of,
    statements_of,
)
from tocsin.streams import masking
from tocsin.streams.models import Item

# Stands for each letter of a name while words are looked for, so that nobody can find a name by guessing it.
_HIDDEN = "\ue000"
_QUOTED = 400
_TURNS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]")


@transaction.atomic
def confirm(person: Person, signal: Signal, field: str, before: str) -> Judgement:
    """Say that the machine's value is right; an empty one: that the text does not say.

    Raises:
        RefusedError: when the machine says otherwise by now, or there is no such field.
    """
    return _judge(person, signal, field, before, before, None)


@transaction.atomic
def correct(person: Person, signal: Signal, field: str, before: str, after: str, words: str = "") -> Judgement:
    """Put another value, or other words that it rests on, over the machine's; both are kept.

    ``after`` is empty where the text does not say. ``words`` are copied from the text as it is shown, names masked.

    Raises:
        RefusedError: for a value that the field can't have, words that don't stand in the text, or when the machine
            says something else by now.
    """
    after = after.strip()
    _check(field, after)
    span = _where(signal.item, words) if words.strip() else None
    if after == before and span is None:
        raise RefusedError(_("Nothing was changed. Confirm it, or choose another value or other words of the text."))
    return _judge(person, signal, field, before, after, span)


@transaction.atomic
def confirm_all(person: Person, signal: Signal, version: int) -> list[Judgement]:
    """Say that every value which the machine read and nobody judged yet is right; empty where none was left.

    Raises:
        RefusedError: when another version of the rule than ``version``, which the person saw, has read it since.
    """
    if not Account.objects.filter(signal=signal, version=version).exists():
        raise RefusedError(_("This changed a moment ago. Look again, and judge what stands there now."))
    row = Signal.objects.select_for_update().get(pk=signal.pk)
    left = [one for one in statements_of(row) if one.before and one.judgement is None]
    return [_judge(person, row, one.field.key, one.before, one.before, None) for one in left]


@transaction.atomic
def no_attack(person: Person, signal: Signal) -> Judgement:
    """Say that a text tells of no attack on a person.

    Raises:
        RefusedError: when a person said so already.
    """
    standing = standing_of(signal).get((ATTACK, ""))
    if standing is not None and standing.after == NO:
        raise RefusedError(_("Somebody said so already."))
    before = standing.before if standing is not None else machine_says(signal, ATTACK)[0]
    return _judge(person, signal, ATTACK, before, NO, None)


@transaction.atomic
def undo(person: Person, judgement: Judgement) -> None:
    """Take a person's word back; what was said before holds again.

    Raises:
        RefusedError: when it was undone before, or a later word on the same value stands.
    """
    Signal.objects.select_for_update().get(pk=judgement.signal_id)
    row = Judgement.objects.select_for_update().get(pk=judgement.pk)
    if row.undone_at is not None:
        raise RefusedError(_("This was undone already."))
    same = Judgement.objects.filter(signal=row.signal_id, field=row.field, slot=row.slot, undone_at=None)
    if same.filter(pk__gt=row.pk).exists():
        raise RefusedError(_("A later word on the same value stands. Undo that one first."))
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    record(person.pk, "account.undo", f"signal:{row.signal_id}", field=row.field, judgement=row.pk)


@transaction.atomic
def ask(person: Person, signal: Signal) -> None:
    """Let the machine look for what happened in a text in which it did not look by itself.

    Raises:
        RefusedError: when there is no text.
    """
    if signal.item_id is None:
        raise RefusedError(_("What was measured tells of nobody."))
    await_reading([signal])
    record(person.pk, "account.ask", f"signal:{signal.pk}")


def _judge(
    person: Person, signal: Signal, field: str, before: str, after: str, span: tuple[int, int] | None
) -> Judgement:
    known = _field(field)
    row = Signal.objects.select_for_update(of=("self",)).select_related("item").get(pk=signal.pk)
    account = Account.objects.filter(signal=row, version__gt=0).first()
    if account is None:
        raise RefusedError(_("The machine has not read this text for what happened yet. Look again in a moment."))
    slot = (before or after) if known.many else ""
    said, standing = machine_says(row, field), standing_of(row).get((field, slot))
    now = {standing.before} if standing is not None else {*said} if said and not (known.many and not before) else {""}
    if before not in now:
        raise RefusedError(_("This changed a moment ago. Look again, and judge what stands there now."))
    if standing is None and known.many and not before and slot in _held(row, field):
        raise RefusedError(_("That stands there already."))
    made = Judgement.objects.create(
        signal=row, by=person, field=field, slot=slot, before=before, after=after, version=account.version,
        start=span[0] if span else None, end=span[1] if span else None,
    )  # fmt: skip
    # Words of the text stay out of the record, which nobody can delete.
    verb = "account.confirm" if made.confirms and span is None else "account.correct"
    record(person.pk, verb, f"signal:{row.pk}", field=field, judgement=made.pk)
    return made


def _held(signal: Signal, field: str) -> set[str]:
    return {one.now for one in statements_of(signal) if one.field.key == field}


def _field(key: str) -> Field:
    if key not in BY_KEY:
        raise RefusedError(_("That can’t be judged."))
    return BY_KEY[key]


def _check(key: str, value: str) -> None:
    field = _field(key)
    if not value and key != ATTACK:
        return
    if field.labels:
        right = value in field.labels
    elif key == "country":
        right = value in TERRITORIES
    elif key in IN_WORDS:
        right = len(value) <= LONGEST and not _CONTROLS.search(value)
    else:
        right = value.isascii() and value.isdigit() and len(value) <= 9 and field.least <= int(value) <= field.most
    if not right:
        raise RefusedError(_("“%(field)s” can’t be that. Choose or write another value.") % {"field": field.title})


def _where(item: Item | None, words: str) -> tuple[int, int]:
    """Where words stand in a text as it is shown, the first time; blanks and letters of either case count alike."""
    wanted = " ".join(_TURNS.sub("", words).split())
    if item is not None and 0 < len(wanted) <= _QUOTED:
        source = _without_names(item)
        places = [at for at, letter in enumerate(source) if not _TURNS.match(letter)]
        shown = "".join(source[at] for at in places)
        # Each mask is a whole row of hidden letters; without possession such a row would be tried from every letter.
        parts = [re.escape(part).replace(re.escape(MASK), f"(?<!{_HIDDEN}){_HIDDEN}++") for part in wanted.split(" ")]
        found = re.search(r"\s++".join(parts), shown, re.IGNORECASE)
        if found is not None:
            return places[found.start()], places[found.end() - 1] + 1
    raise RefusedError(_("These words do not stand in the text. Copy them from it, as they are shown."))


def _without_names(item: Item) -> str:
    """Title and text, as long as they are, with a sign for each letter of a name."""
    source, at, pieces = f"{item.title}\n{item.text}"[:READ], 0, list[str]()
    for one in masking.spans_of(item):
        end = min(one.end, len(source))
        pieces += [source[at : one.start], _HIDDEN * (end - max(at, one.start))]
        at = max(at, end)
    return "".join([*pieces, source[at:]])
