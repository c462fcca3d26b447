"""Which parameters of our detectors were fitted, and on what: what the table of scores has to say."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fitted:
    """One rule's parameters: ``episodes`` are the ids they were chosen by, ``series`` what false alarms were seen on.

    An episode named here counts as fitted on, and is left out of the score "on the others".
    """

    rule: str
    parameters: str
    episodes: tuple[str, ...]
    series: str


FITTED: Final[tuple[Fitted, ...]] = (
    Fitted(
        "blocking/4",
        "entry, half-life, memory, wandering, nothing new, smallest rise (one at a time, eleven settings: the same are "
        "best whichever episode is left out)",
        ("E02", "E03", "E06", "E07"),
        "ooni-aggregates-imap, censorship-signals-acsac",
    ),
    Fitted(
        "blocking/4",
        "what luck takes off wandering, climbs expected at first (two forms tried on made-up cells, seeds 1 to 3)",
        (),
        "simulated-sparse",
    ),
    Fitted("traffic/2", "doubt about a feast (by eye, on made-up years of views)", (), "none recorded"),
    Fitted(
        "traffic/2",
        "entry, spans, smallest change, calm (by eye, with these episodes in view; not left out one by one)",
        ("E08", "E11", "E12", "E14", "E18"),
        "tor-users-2011-2016, gtr-youtube",
    ),
    Fitted("outage/2", "entry, first averages (by eye, with these episodes in view)", ("E21", "E22"), "gtr-youtube"),
)
"""What was chosen with recorded episodes in view; what is not named here are round numbers chosen beforehand."""


def fitted_on(episode: str) -> tuple[str, ...]:
    """The rules whose parameters were chosen with this episode in view."""
    return tuple(one.rule for one in FITTED if episode in one.episodes)
