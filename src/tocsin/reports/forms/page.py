"""A document as a fragment of a page: headings from the second level on, under the page's own."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tocsin.reports.forms import pictures
from tocsin.reports.forms.ready import Drawn, Grid, Note, Picture, Points, Ready, Said, Text, Title

_NOTHING = SafeString("")
_FEW = 2  # strips that may be said in words below a chart


def draw(ready: Ready) -> SafeString:
    """The fragment. Classes begin with ``report``; charts and maps have those of the console's own."""
    return format_html(
        '<article class="report" lang="{}" dir="{}" aria-labelledby="{}-title">'
        '<header class="report-head">{}<h2 class="report-title" id="{}-title">{}</h2>'
        '<p class="report-about">{}</p></header>{}{}<footer class="report-foot">{}</footer></article>',
        ready.language,
        "rtl" if ready.rtl else "ltr",
        ready.name,
        _marks(ready),
        ready.name,
        ready.title,
        _joined([(_ours(one, ready),) for one in ready.about], "<span>{}</span>", " · "),
        _joined([(_block(one, ready),) for one in ready.blocks], "{}"),
        _notes(ready),
        _marks(ready),
    )


def _marks(ready: Ready) -> SafeString:
    """TLP and what else is said at the head and foot, and so on each sheet when it is printed."""
    words = _joined([(one,) for one in ready.marks], '<strong class="report-mark">{}</strong> ')
    kind = ready.tlp.value.replace("+", "-")
    return format_html(
        '<p class="report-marks">{}<strong class="report-tlp report-tlp-{}" dir="ltr">{}</strong></p>',
        words,
        kind,
        ready.label,
    )


def _block(block: Drawn, ready: Ready) -> SafeString:
    match block:
        case Title():
            said = _run(block.text, block.language) if block.language else block.text
            return format_html("<h{0}>{1}</h{0}>", block.level + 2, said)
        case Text():
            return format_html("<p>{}</p>", _sentences(block.said, ready))
        case Points():
            items = [(_sentences(one.said, ready),) for one in block.items]
            return format_html("<ul>{}</ul>", _joined(items, "<li>{}</li>"))
        case Grid():
            return _grid(block, ready)
        case Picture():
            return _picture(block, ready)


def _sentences(said: Sequence[Said], ready: Ready) -> SafeString:
    parts = [(_opinion(one), _worded(one, ready), _cites(one.notes, ready)) for one in said]
    return _joined(parts, "<span>{}{}{}</span>", " ")


def _worded(said: Said, ready: Ready) -> SafeString | str:
    return _run(said.text, said.language) if said.language else said.text


def _run(text: str, language: str) -> SafeString:
    """Words in English in an article that is not, in a direction of their own."""
    return format_html('<bdi lang="{}" dir="ltr">{}</bdi>', language, text)


def _ours(text: str, ready: Ready) -> SafeString | str:
    """Words that no person wrote."""
    return _run(text, ready.other) if ready.other else text


def _opinion(said: Said) -> SafeString:
    return format_html('<strong class="report-opinion">{}</strong> ', said.opinion) if said.opinion else _NOTHING


def _cites(notes: Sequence[int], ready: Ready) -> SafeString:
    if not notes:
        return _NOTHING
    links = [(ready.name, number, _("source %(number)d") % {"number": number}, number) for number in notes]
    return format_html(
        '<sup class="report-cites">[{}]</sup>', _joined(links, '<a href="#{}-n{}" aria-label="{}">{}</a>', ",")
    )


def _grid(grid: Grid, ready: Ready) -> SafeString:
    note = format_html('<p class="report-note">{}</p>', grid.note) if grid.note else _NOTHING
    caption = format_html("<caption>{}{}</caption>", grid.title, _cites(grid.notes, ready))
    return format_html("{}{}", _table(grid.title, (grid.columns, *grid.rows), caption, grid.numeric), note)


def _table(
    name: str, rows: Sequence[Sequence[str]], caption: SafeString, numeric: frozenset[int] = frozenset()
) -> SafeString:
    heads = _joined([(_kind(place, numeric), one) for place, one in enumerate(rows[0])], '<th scope="col"{}>{}</th>')
    body = _joined([(_row(row, numeric),) for row in rows[1:]], "<tr>{}</tr>")
    return format_html(
        '<div class="table-scroll" tabindex="0" role="region" aria-label="{}"><table class="table">{}'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        name,
        caption,
        heads,
        body,
    )


def _row(row: Sequence[str], numeric: frozenset[int]) -> SafeString:
    head = _joined([(row[0] or "–",)], '<th scope="row">{}</th>') if 0 not in numeric and row else _NOTHING
    rest = [(_kind(place, numeric), cell or "–") for place, cell in enumerate(row) if place or not head]
    return head + _joined(rest, "<td{}>{}</td>")


def _kind(place: int, numeric: frozenset[int]) -> SafeString:
    return SafeString(' class="number"') if place in numeric else _NOTHING


def _picture(picture: Picture, ready: Ready) -> SafeString:
    about = format_html('<span class="report-note">{}</span>', picture.description) if picture.description else _NOTHING
    said = format_html('<p class="report-note">{}</p>', picture.summary)
    # A sentence for each of many strips would be a wall of words between the picture and what comes next.
    many = picture.chart is not None and len(picture.chart.strips) > _FEW
    return format_html(
        '<figure class="report-figure"><figcaption><strong>{}</strong>{} {}</figcaption>{}{}'
        '{}<details class="map-table"><summary>{}</summary>{}{}</details></figure>',
        picture.title,
        _cites(picture.notes, ready),
        about,
        mark_safe(pictures.shown(picture)),  # noqa: S308 - drawn by us, every text in it escaped
        _legend(picture),
        _NOTHING if many else said,
        _("The same in words and as a table") if many else _("The same as a table"),
        said if many else _NOTHING,
        _table(picture.title, picture.table, _NOTHING),
    )


def _legend(picture: Picture) -> SafeString:
    if picture.levels is None:
        return _NOTHING
    steps = _joined(
        list(enumerate(says for _colour, says in pictures.shades())),
        '<li><span class="swatch swatch-{}"></span><span dir="ltr">{}</span></li>',
    )
    blind = format_html('<li><span class="swatch swatch-blind"></span>{}</li>', _("not measured"))
    return format_html(
        '<ul class="map-legend" aria-label="{}">{}{}</ul>', _("What the map’s colours mean"), steps, blind
    )


def _notes(ready: Ready) -> SafeString:
    if not ready.notes:
        return _NOTHING
    notes = [(ready.name, one.number, _sources(one), one.how) for one in ready.notes]
    return format_html(
        '<section class="report-sources"{}><h3>{}</h3><ol>{}</ol></section>',
        format_html(' lang="{}" dir="ltr"', ready.other) if ready.other else "",
        _("What this rests on"),
        _joined(notes, '<li id="{}-n{}">{} · {}</li>'),
    )


def _sources(note: Note) -> SafeString:
    linked = [format_html('<a href="{}">{}</a>', one.url, one.words) if one.url else one.words for one in note.sources]
    return _joined([(one,) for one in linked], "<span>{}</span>", "; ")


def _joined(rows: Sequence[Sequence[object]], form: str, between: str = "") -> SafeString:
    return format_html_join(between, form, rows)
