"""What a plan says: its objective, the options weighed, words, stakeholders, tasks. Frozen, checked, and hashed."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

from django.utils.translation import gettext as _
from pydantic import Field, TypeAdapter, ValidationError

from tocsin.lib import unseen
from tocsin.lib.inputs import in_reach

T = TypeVar("T")
LINE_MOST: Final = 300
TEXT_MOST: Final = 20_000
MANY: Final = 200
TASKS_MOST: Final = 1_000
# Also what turns the direction of words or can't be seen: an approver would read other words than are signed.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


_GRAVE: Final = frozenset(
    {"title", "objective", "options", "chosen", "words", "exit_condition", "not_to_do", "resources"}
)
# A yes of before these two counted covers what it was told to cover then.
_CAME_LATER: Final = frozenset({"title", "resources"})


class WrongError(ValueError):
    """Something can't stand like this: ``name`` says which field, ``words`` what to do instead."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(name)
        self.name, self.words = name, words


class Function(StrEnum):
    """Why somebody has a part in a plan. Each sees the plan's frame and what is addressed to their function."""

    LEAD = "lead"
    DUTY = "duty"
    CASEWORK = "casework"
    LEGAL = "legal"
    SECURITY = "security"
    COMMUNITY = "community"
    COMMUNICATIONS = "communications"
    POLICY = "policy"
    EXECUTIVE = "executive"


class For(StrEnum):
    """Whom words are for."""

    PUBLIC = "public"
    COMMUNITY = "community"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go: ``key`` is its name in the log. Doing nothing is an option as well."""

    key: str
    title: str
    benefit: str = ""
    risk: str = ""
    cost: str = ""
    reversible: str = ""
    objections: str = ""


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """Somebody with a part in it: ``person`` is an account's id; 0 is somebody outside, whom ``name`` names."""

    function: Function
    person: int = 0
    name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for somebody, in one language (a BCP 47 tag)."""

    audience: For
    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something to watch. ``series`` names what is measured (``findings:XX:blocking``), empty where a person looks."""

    text: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that one version says but its tasks. ``chosen`` is the key of an option, empty until one is."""

    title: str
    objective: str = ""
    options: tuple[Option, ...] = ()
    chosen: str = ""
    reasons: str = ""
    stakeholders: tuple[Stakeholder, ...] = ()
    words: tuple[Wording, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    exit_condition: str = ""
    resources: str = ""
    not_to_do: str = ""
    update_hours: int = 24


class State(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    BEGUN = "begun"
    DONE = "done"
    DROPPED = "dropped"


Marked = Annotated[bool, Field(exclude_if=lambda value: not value)]
"""A mark that JSON leaves out where it is not set: what was hashed and signed before there was one stays right."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. ``owner`` is an account's id, 0 for nobody yet; ``needs`` are keys of tasks that come first.

    ``evidence`` is what shows that it was done, asked for by ``wanted``. ``risk_check`` says that it may begin only
    once the risk to the accused, to suspected informants and to bystanders was weighed in writing.

    ``at_once`` says that its playbook lets it begin before anybody's yes; ``grave`` that its playbook asks for a yes to
    it in any case. Nobody sets or takes away either by hand.
    """

    key: str
    title: str
    function: Function = Function.DUTY
    owner: int = 0
    due: datetime | None = None
    needs: tuple[str, ...] = ()
    wanted: str = ""
    evidence: str = ""
    state: State = State.OPEN
    risk_check: bool = False
    protection: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    at_once: Marked = False
    grave: Marked = False


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def pack(one: Any) -> dict[str, Any]:
    """The same as plain JSON."""
    packed: dict[str, Any] = _adapter(type(one)).dump_python(one, mode="json")
    return packed


def unpack(kind: type[T], packed: Any) -> T:
    """What ``pack`` made.

    Raises:
        ValueError: for anything else.
    """
    try:
        made: T = _adapter(kind).validate_python(packed)
    except ValidationError as error:
        raise ValueError(f"this is no {kind.__name__}") from error
    return made


def canonical(packed: Any) -> bytes:
    """The one way in which JSON is written before it is hashed."""
    return json.dumps(packed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: Content, tasks: Sequence[Task]) -> str:
    """The hash of one exact version: what it says, and its tasks in their order, as hex."""
    return sha256(canonical([pack(content), [pack(one) for one in tasks]])).hexdigest()


def material(content: Content, *, but: Collection[str] = ()) -> str:
    """The hash of what an approval is about, as hex. Tasks and wishes may move within it; none of this may.

    That is the title and the objective, the options with their risks and which one is chosen, words for whomever, what
    not to do, what it takes, and when to stop. ``but`` names what is left out.
    """
    packed = pack(content)
    return sha256(canonical({name: packed[name] for name in sorted(_GRAVE.difference(but))})).hexdigest()


def is_about(told: str, content: Content) -> bool:
    """Whether a hash that stands in a log is that of what an approval of this content would be about."""
    return told in (material(content), material(content, but=_CAME_LATER))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two versions say differently. ``grave``: an approval of the first does not cover the second."""

    field: str
    before: str
    after: str
    grave: bool


def differences(before: Content, after: Content) -> list[Difference]:
    """What changed, field by field; of lists, one by one."""
    found: list[Difference] = []
    for one in fields(Content):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old == new:
            continue
        if isinstance(old, tuple):
            found += _among(one.name, old, new)
        else:
            found.append(Difference(one.name, str(old), str(new), one.name in _GRAVE))
    return found


def _among(name: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> list[Difference]:
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    if not gone and not come:
        return [Difference(name, _("another order"), _("another order"), name in _GRAVE)]
    pairs = [(one, None) for one in gone] + [(None, one) for one in come]
    by_key = {one.key: one for one in come} if name == "options" else {}
    if by_key:
        pairs = [(one, by_key.get(one.key)) for one in gone]
        pairs += [(None, one) for one in come if one.key not in {gone_one.key for gone_one in gone}]
    return [Difference(name, _said(a), _said(b), name in _GRAVE) for a, b in pairs]


def _said(one: Any) -> str:
    if one is None:
        return ""
    return " · ".join(str(value) for value in pack(one).values() if value)


def checked(content: Content) -> Content:
    """The same, if it may stand.

    Raises:
        WrongError: for what can't; it names the field.
    """
    for one in fields(content):
        fits(one.name, getattr(content, one.name))
    if not content.title.strip() or len(content.title) > LINE_MOST:
        raise WrongError("title", _("Give it a short title that says nothing about a person."))
    keys = [one.key for one in content.options]
    if len(set(keys)) != len(keys):
        raise WrongError("options", _("Two options have the same short name."))
    if content.chosen and content.chosen not in keys:
        raise WrongError("chosen", _("Choose one of the options."))
    if content.chosen and not content.reasons.strip():
        raise WrongError("reasons", _("Say why this option, and not another."))
    if not 1 <= content.update_hours <= 24 * 14:
        raise WrongError("update_hours", _("Give hours from 1 to 336."))
    return content


def lacking(content: Content) -> list[WrongError]:
    """What is missing before anybody can be asked to approve it, each by its field, in the order of the form."""
    needed = {
        "objective": _("Say what is to be reached, in one line."),
        "options": _("Weigh at least two options; doing nothing is one."),
        "chosen": _("Choose an option."),
        "exit_condition": _("Say when this is over."),
    }
    found = {name: words for name, words in needed.items() if not getattr(content, name)}
    if len(content.options) < 2:
        found["options"] = needed["options"]
    elif any(not one.risk.strip() for one in content.options):
        found["options"] = _("Say of each option what it may do to the person, even if that is nothing.")
    return [WrongError(name, found[name]) for name in needed if name in found]


def ready(content: Content) -> Content:
    """The same, if somebody can be asked to approve it.

    Raises:
        WrongError: for the first that is missing; it names the field.
    """
    checked(content)
    for wrong in lacking(content):
        raise wrong
    return content


def checked_task(task: Task, others: Iterable[Task]) -> Task:
    """The same, if it may stand beside the others.

    Raises:
        WrongError: for what can't; it names the field.
    """
    for one in fields(task):
        _fits(one.name, getattr(task, one.name), LINE_MOST if one.name == "title" else TEXT_MOST)
    if not task.title.strip():
        raise WrongError("title", _("Say what is to be done."))
    before = {one.key: one for one in others}
    there = before | {task.key: task}
    if task.key not in before and len(before) >= TASKS_MOST:
        raise WrongError(
            "title", _("A plan holds at most %(n)d tasks. Begin another plan for what is left.") % {"n": TASKS_MOST}
        )
    if not set(task.needs) <= there.keys() - {task.key}:
        raise WrongError("needs", _("Choose tasks of this plan that come first."))
    if _turns(task, there):
        raise WrongError("needs", _("These tasks would wait for each other."))
    return task


def _turns(task: Task, there: dict[str, Task]) -> bool:
    waiting, seen = list(task.needs), set[str]()
    while waiting:
        key = waiting.pop()
        if key == task.key:
            return True
        if key in there and key not in seen:
            seen.add(key)
            waiting += there[key].needs
    return False


def fits(name: str, value: Any) -> None:
    """Stop here for what can't be kept, however deep it stands: text that is too long or holds signs that no database
    keeps, and moments that can't be told in every zone.

    Raises:
        WrongError: naming the field.
    """
    _fits(name, value, TEXT_MOST)
    if isinstance(value, tuple):
        if len(value) > MANY:
            raise WrongError(name, _("These are too many for one plan."))
        for part in value:
            fits(name, part)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            fits(one.name if name == "" else name, getattr(value, one.name))


def readable(one: Any, known: Iterable[Any] = ()) -> None:
    """Stop here for words in which there are signs that nobody sees: who reads them would not know what they approve.

    ``known`` is what was written before; words of it may stand, so that nobody is kept from what they wrote long ago.

    Raises:
        WrongError: naming the field.
    """
    for one_field, text in _texts("", one):
        for sign, around in unseen.hidden(text):
            if any(text == before for _name, before in _texts("", tuple(known))):
                break
            words = _("There is a sign in it that nobody sees (%(sign)s). Type these words anew: “%(words)s”")
            raise WrongError(one_field, words % {"sign": sign, "words": around})


def worded(one: T, say: Callable[[str], str]) -> T:
    """The same with every text of it, however deep it stands, said otherwise."""
    same: Any = one
    if isinstance(one, str) and not isinstance(one, StrEnum):
        same = say(one)
    elif isinstance(one, tuple):
        same = tuple(worded(part, say) for part in one)
    elif is_dataclass(one) and not isinstance(one, type):
        same = replace(one, **{each.name: worded(getattr(one, each.name), say) for each in fields(one)})
    return same  # type: ignore[no-any-return]


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text of something, however deep it stands, with the name of the field that holds it."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(name, part)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _texts(name or one.name, getattr(value, one.name))


def _fits(name: str, value: Any, most: int) -> None:
    if isinstance(value, str) and (len(value) > most or _CONTROL.search(value)):
        raise WrongError(name, _("This is too long, or has signs that can’t be kept."))
    if isinstance(value, datetime) and (value.tzinfo is None or not in_reach(value)):
        raise WrongError(name, _("This moment can’t be read."))


def with_part(content: Content, functions: frozenset[Function]) -> Content:
    """What somebody sees who has these functions in it and no more: the frame, and words and parts of their own."""
    if Function.LEAD in functions:
        return content
    shown = {
        Function.COMMUNICATIONS: (For.PUBLIC, For.COMMUNITY),
        Function.COMMUNITY: (For.COMMUNITY,),
        Function.CASEWORK: (For.PERSON,),
        Function.DUTY: (For.PERSON,),
    }
    audiences = {one for function in functions for one in shown.get(function, ())}
    return replace(
        content,
        stakeholders=tuple(one for one in content.stakeholders if one.function in functions),
        words=tuple(one for one in content.words if one.audience in audiences),
        resources="",
    )
