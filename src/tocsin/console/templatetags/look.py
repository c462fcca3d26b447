"""What templates need to draw Tocsin's parts: sheets, icons, times, levels. Load with ``{% load look %}``."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_timedelta
from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.forms.widgets import Input
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, gettext_noop, pgettext
from django.utils.translation import gettext as _

from tocsin.lib.locales import reader_locale
from tocsin.lib.tlp import likelihood

register = template.Library()

LEVELS = (
    gettext_noop("None seen"),
    gettext_noop("Low"),
    gettext_noop("Moderate"),
    gettext_noop("High"),
    gettext_noop("Severe"),
)
NOT_MEASURED = gettext_noop("Not measured")


@lru_cache(maxsize=32)
def _built(name: str) -> bool:
    return finders.find(f"tocsin/{name}") is not None


@register.simple_tag(takes_context=True)
def sheets(context: template.Context, *names: str) -> SafeString:
    """Links to the style sheets: Codex where it was built, else the plain sheet; then ours, then ``names``.

    What is dark stands in sheets of its own, for the theme of the page, or for the device where it has none.
    """
    codex = "codex-rtl.css" if get_language_bidi() else "codex.css"
    built = _built(codex)
    first = f"tocsin/{codex}" if built else "console/fallback.css"
    wanted = [(name, "all") for name in (first, "console/tocsin.css", *(f"console/{name}.css" for name in names))]
    dark = ["console/dark.css"] if built else ["console/fallback-dark.css", "console/dark.css"]
    if (theme := context.get("theme")) != "light":
        media = "screen" if theme == "dark" else "screen and (prefers-color-scheme: dark)"
        wanted += [(name, media) for name in dark]
    links = ((static(name), media) for name, media in wanted)
    return format_html_join("\n", '<link rel="stylesheet" href="{}" media="{}">', links)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon of the Codex set (``home``, ``search`` …); nothing where the set was not built."""
    if not _built("icons.svg"):
        return SafeString("")
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("tocsin/icons.svg"),
        name,
    )


@register.filter
def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago (or until) ``moment`` is, in words of the reader's language: “2 minutes ago”."""
    difference = moment - (now or timezone.now())
    return format_timedelta(difference, add_direction=True, threshold=1.2, locale=reader_locale())


@register.filter
def exactly(moment: datetime, zone: str | None = None) -> str:
    """The exact time with its zone, in the reader's zone or in ``zone`` (an IANA name); unknown zones give UTC."""
    where: tzinfo
    try:
        where = ZoneInfo(zone) if zone else timezone.get_current_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        where = UTC
    local = moment.astimezone(where)
    return format_datetime(local, "d MMM y, HH:mm", locale=reader_locale()) + f" {local:%Z}"


@register.filter
def day(date: date | None) -> str:
    """A calendar day: “22 Nov 2026”; nothing for none."""
    return format_date(date, "d MMM y", locale=reader_locale()) if date is not None else ""


@register.filter
def machine_time(moment: datetime) -> str:
    """The time for programs: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Shape:
    """A mark and the word that says the same."""

    mark: str
    word: str


@register.filter
def level_word(level: int | None) -> str:
    """The word for a threat level from 0 to 4; ``None`` means that nobody measures."""
    return _(LEVELS[level] if level is not None and 0 <= level < len(LEVELS) else NOT_MEASURED)


@register.filter
def trend_shape(trend: str) -> Shape | None:
    """The shape and word for ``rising``, ``falling``, ``steady`` or ``needs-you``; anything else gives none."""
    shapes = {
        "rising": Shape("▲", pgettext("a threat level", "rising")),
        "falling": Shape("▼", pgettext("a threat level", "falling")),
        "steady": Shape("■", pgettext("a threat level", "steady")),
        "needs-you": Shape("●", _("needs you")),
    }
    return shapes.get(trend)


@register.filter
def reliability_word(grade: str) -> str:
    """The Admiralty scale's words for a source's reliability, A to F."""
    words = {
        "A": _("Completely reliable"),
        "B": _("Usually reliable"),
        "C": _("Fairly reliable"),
        "D": _("Not usually reliable"),
        "E": _("Unreliable"),
        "F": _("Reliability can't be judged"),
    }
    return words.get(grade, words["F"])


@register.filter
def credibility_word(grade: int) -> str:
    """The Admiralty scale's words for an item's credibility, 1 to 6."""
    words = [
        _("Confirmed by other sources"),
        _("Probably true"),
        _("Possibly true"),
        _("Doubtful"),
        _("Improbable"),
        _("Truth can't be judged"),
    ]
    return words[grade - 1] if isinstance(grade, int) and 1 <= grade <= len(words) else words[-1]


@register.filter
def tlp_word(tlp: str) -> str:
    """Who may receive something under TLP 2.0, in plain words."""
    words = {
        "clear": _("anyone may see this"),
        "green": _("only our wider community may see this"),
        "amber": _("only our organisation and those it serves may see this"),
        "amber+strict": _("only our organisation may see this"),
        "red": _("only the named people may see this"),
    }
    return words.get(tlp, words["red"])


@register.simple_tag(takes_context=True)
def with_page(context: template.Context, number: int) -> str:
    """The present address's query with ``page`` set to ``number``, for pagination links."""
    request = context.get("request")
    if request is None:
        return f"?page={number}"
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Whether the field is several radios or ticks under one legend."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one tick box, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def as_part(field: BoundField) -> SafeString:
    """The field's widget in Codex's classes; Django itself ties it to its help and its errors."""
    widget = field.field.widget
    looks = {Textarea: "cdx-text-area__textarea", Select: "cdx-select", Input: "cdx-text-input__input"}
    plain = isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple | FileInput)
    look = "" if plain else next((name for kind, name in looks.items() if isinstance(widget, kind)), "")
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{own} {look}".strip()} if own or look else None)


@register.filter
def likelihood_word(probability: float) -> str:
    """The ICD 203 word for a probability, in the reader's language."""
    return _(likelihood(probability))


@register.simple_tag
def share_bar(probability: float) -> SafeString:
    """A calm bar as long as a probability, on a scale from 0 to 1; decoration beside the number and its word."""
    return format_html(
        '<svg class="share-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="share-scale" width="100" height="6"/><rect class="share-now" width="{}" height="6"/></svg>',
        f"{max(0.0, min(1.0, probability)) * 100:.1f}",
    )


@register.simple_tag
def likelihood_bar(probability: float, low: object = None, high: object = None, before: object = None) -> SafeString:
    """A small drawn scale from 0 to 1 with the probability, its range and what it was; decoration beside the words."""
    marks = [("scale", 0.0, 5, 100.0, 2)]
    if isinstance(low, int | float) and isinstance(high, int | float):
        marks.append(("range", low * 100, 2, max(1.0, (high - low) * 100), 8))
    if isinstance(before, int | float):
        marks.append(("before", before * 99, 1, 1.0, 10))
    marks.append(("now", probability * 97, 0, 3.0, 12))
    drawn = format_html_join(
        "",
        '<rect class="likelihood-{}" x="{}" y="{}" width="{}" height="{}"/>',
        ((kind, f"{x:.1f}", y, f"{width:.1f}", height) for kind, x, y, width, height in marks),
    )
    return format_html(
        '<svg class="likelihood-bar" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true">{}</svg>', drawn
    )
