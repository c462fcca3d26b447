"""The few SVG shapes that charts are made of; all text is escaped, and nothing carries a style attribute."""

from html import escape

Spot = tuple[float, float]


def area(lower: list[Spot], upper: list[Spot], kind: str, opacity: float) -> str:
    """A filled shape of class ``kind`` between two lines that run the same way."""
    path = "L".join(f"{number(x)} {number(y)}" for x, y in [*upper, *reversed(lower)])
    return f'<path class="{kind}" d="M{path}Z" fill="currentColor" fill-opacity="{opacity}"/>'


def line(spots: list[Spot], kind: str, width: float, *, dashed: bool = False) -> str:
    """A line through all spots."""
    path = "L".join(f"{number(x)} {number(y)}" for x, y in spots)
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<path class="{kind}" d="M{path}" fill="none" stroke="currentColor" stroke-width="{width}" '
        f'stroke-linejoin="round"{dashes}/>'
    )


def stroke(start: Spot, along: str, kind: str, opacity: float) -> str:
    """A thin straight line: ``along`` is a path command such as ``V40`` or ``h8``."""
    x, y = number(start[0]), number(start[1])
    return f'<path class="{kind}" d="M{x} {y}{along}" stroke="currentColor" stroke-opacity="{opacity}"/>'


def box(left: float, top: float, size: Spot, kind: str, paint: str, told: str = "") -> str:
    """A rectangle of ``size`` (width, height); ``paint`` is a list of attributes."""
    x, y, width, height = map(number, (left, top, *size))
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" {paint}>{title(told)}</rect>'


def dot(spot: Spot, told: str = "") -> str:
    """A small filled disc."""
    x, y = map(number, spot)
    return f'<circle class="chart-dot" cx="{x}" cy="{y}" r="2" fill="currentColor">{title(told)}</circle>'


def ring(spot: Spot, told: str = "") -> str:
    """A small ring: a measured zero."""
    x, y = map(number, spot)
    return f'<circle class="chart-zero" cx="{x}" cy="{y}" r="3" stroke="currentColor">{title(told)}</circle>'


def label(spot: Spot, said: str, kind: str, anchor: str, *, bold: bool = False) -> str:
    """A line of text; ``anchor`` is start, middle or end, in the direction of writing."""
    x, y = map(number, spot)
    weight = ' font-weight="600"' if bold else ""
    where = f'class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}" unicode-bidi="plaintext"'
    return f'<text {where} fill="currentColor"{weight}>{text(said)}</text>'


def title(told: str) -> str:
    """What a pointer or a screen reader is told; nothing for an empty text."""
    return f"<title>{text(told)}</title>" if told else ""


def text(said: str) -> str:
    """Escaped for HTML and XML; control characters, which XML can't hold, are left out."""
    return escape("".join(letter for letter in said if letter >= " " or letter in "\t\n"))


def number(value: float) -> str:
    """A length with one decimal at most."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
