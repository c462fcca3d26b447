"""What is measured as one sentence, in the language of whoever reads: one list of sentences, which stores none."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.analysis.series import Direction, Stream
from tocsin.lib import territories


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A measured level that moved: of which stream and subject, where, which way, and from what to what."""

    stream: str
    subject: str
    country: str
    network: str
    direction: str
    before: float
    now: float
    exercise: bool = False


def moved(found: Moved) -> str:
    """The sentence, with the mark of an exercise before it."""
    mark = territories.EXERCISE_MARK if found.exercise else ""
    number = _share if found.stream == Stream.BLOCKING else _whole
    ends = {"before": number(found.before), "now": number(found.now)}
    values = {"subject": found.subject, "place": _place(found), **ends}
    rose, fell = _sentences(found.stream)
    return mark + (rose if found.direction == Direction.RISE else fell) % values


def _sentences(stream: str) -> tuple[str, str]:
    if stream == Stream.BLOCKING:
        return (
            _("Failed measurements of %(subject)s in %(place)s rose from %(before)s to %(now)s"),
            _("Failed measurements of %(subject)s in %(place)s fell from %(before)s to %(now)s"),
        )
    if stream == Stream.CONNECTIVITY:
        return (
            _("The network of %(place)s can be reached more: %(subject)s rose from %(before)s to %(now)s"),
            _("The network of %(place)s can be reached less: %(subject)s fell from %(before)s to %(now)s"),
        )
    if stream == Stream.VIEWS:
        return (
            _("Page views of %(subject)s in %(place)s rose from %(before)s to %(now)s"),
            _("Page views of %(subject)s in %(place)s fell from %(before)s to %(now)s"),
        )
    return (
        _("Level of %(subject)s in %(place)s rose from %(before)s to %(now)s"),
        _("Level of %(subject)s in %(place)s fell from %(before)s to %(now)s"),
    )


def _place(found: Moved) -> str:
    country = territories.name(found.country, get_language() or "en") or _("the world")
    if not found.network:
        return country
    return _("%(country)s on %(network)s") % {"country": country, "network": found.network}


def _whole(value: float) -> str:
    return number_format(round(value), force_grouping=True)


def _share(value: float) -> str:
    return f"{number_format(round(100 * value))}%"
