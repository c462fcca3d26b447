"""What a text says happened, as values that each name the span they rest on."""

from dataclasses import dataclass

from tocsin.analysis.series import RuleId

RULE = RuleId("persecution", 2)

VIOLATIONS = ("arbitrary detention", "enforced disappearance", "kidnapping", "killing", "torture", "other")
"""Kinds of violation, in the words of the coding scheme that the rule is measured by."""

PERPETRATORS = (
    "state actor",
    "other state actors",
    "other actors with permissions",
    "other actors without permissions",
    "other non-state actors",
    "regional orgs",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of ``title + "\\n" + body``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """One value with how sure the rule is, 0 to 1, and where the text says so; the strongest place first.

    Without spans it follows from something else: a year from the day of publication.
    """

    value: str
    confidence: float
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Victims:
    """On whom: how many at least, and what the text tells of them.

    ``named`` are spans that are likeliest their names, as good an answer as can be given: half of them. What must show
    no victim is masked by ``masking``, which prefers to mask too much.

    ``kinds`` hold ``journalist``, ``human rights defender``, ``trade unionist``; ``sex`` is ``man``, ``woman`` or
    ``other`` (several), ``age`` is ``adult``, ``child`` or ``other`` (several).
    """

    count: Value | None = None
    kinds: tuple[Value, ...] = ()
    sex: Value | None = None
    age: Value | None = None
    named: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What one text says happened. None and empty are answers: the text does not say, or the rule can't tell.

    ``read`` is false for a language whose words of violence are not known: then nothing was looked for but places and
    dates. ``country`` is ISO 3166-1 alpha-2; ``city`` and ``region`` are as written; ``year``, ``month`` and ``day``
    are numbers in the calendar of the publication.
    """

    rule: RuleId
    language: str
    read: bool
    perpetrator_told: Value | None = None
    perpetrator: Value | None = None
    violations: tuple[Value, ...] = ()
    country: Value | None = None
    region: Value | None = None
    city: Value | None = None
    year: Value | None = None
    month: Value | None = None
    day: Value | None = None
    victims: Victims = Victims()
