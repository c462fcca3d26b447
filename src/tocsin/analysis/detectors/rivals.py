"""The other explanations that a finding has to compete with, in plain words."""

from tocsin.analysis.detectors.base import Verdict
from tocsin.analysis.series import Direction, Evidence, Rival

_UNCHECKED = "Nothing in this series alone; compare"
_FEW = 8


def blocking_rivals(verdict: Verdict, *, known: float) -> tuple[Rival, ...]:
    """Rivals of a raised rate of anomalies; ``known`` is what the baseline rests on, in measurements."""
    total = verdict.now >= 0.9
    return (
        Rival(
            "our-fault",
            "A site that fails for everybody looks the same from inside one country.",
            f"{_UNCHECKED} the same site in other countries.",
        ),
        Rival(
            "outage",
            "A network outage makes measurements fail, too." if total else "A part of the networks may be down.",
            "Measurements still arrive from inside, so the network is up in part.",
        ),
        Rival(
            "measurement",
            f"Only {verdict.points} intervals speak for it; one probe or a new test may be behind them."
            if verdict.points < _FEW
            else "Another mix of probes, networks or tests may have begun to report.",
            f"It lasted over {verdict.points} intervals.",
        ),
        Rival(
            "world-wide",
            "A new version of a test, or a change at the servers it asks, raises the rate in many countries at once.",
            f"{_UNCHECKED} the same subject in other countries.",
        ),
        Rival(
            "seasonal",
            "Hours and weekdays are not allowed for here: other probes may measure at night or on holidays.",
            f"It lasted over {verdict.points} intervals." if verdict.points >= _FEW else "Nothing yet: it is young.",
        ),
        _gap(verdict),
        Rival(
            "old-block",
            "The cell has hardly a past of its own: it may have been so before we looked."
            if known < _FEW
            else "A block that comes and goes may have begun earlier.",
            f"Before, {verdict.before:.0%} of measurements were anomalous here."
            if known >= _FEW
            else "Nothing: there is no past.",
        ),
    )


def change_rivals(verdict: Verdict, *, weeks: float) -> tuple[Rival, ...]:
    """Rivals of a changed level; ``weeks`` is how long a past the baseline rests on."""
    drop = verdict.direction is Direction.DROP
    vanished = drop and verdict.now <= 0.05 * verdict.before
    return (
        Rival(
            "our-fault",
            "A fault of ours or of the counting moves the numbers at once."
            if drop
            else "A robot can raise the numbers.",
            f"{_UNCHECKED} other countries and subjects of the same source.",
        ),
        Rival(
            "outage",
            "Power or network loss lowers everything in a country."
            if drop
            else "Traffic that moves here from elsewhere.",
            "Something is still counted." if drop and not vanished else f"{_UNCHECKED} outage signals.",
        ),
        _gap(verdict),
        Rival(
            "renamed-country",
            "The level all but vanished, as it does when a place gets another name."
            if vanished
            else "A part may be counted under another name.",
            "The level did not vanish." if not vanished else "Nothing; look for a new name with the old level.",
        ),
        Rival(
            "seasonal",
            "Holidays and school terms move the numbers."
            if weeks >= 8
            else f"Only {weeks:.0f} weeks are known: a yearly or monthly rhythm would surprise it.",
            "The hour and the weekday are allowed for.",
        ),
        Rival(
            "world-wide",
            "News, robots and new software move many countries together.",
            f"{_UNCHECKED} the same series of other countries.",
        ),
    )


def _gap(verdict: Verdict) -> Rival:
    stale = verdict.evidence is not Evidence.SCORED
    return Rival(
        "measurement-gap",
        "Nobody has measured it lately." if stale else "Measurements may be missing that would say otherwise.",
        "Nothing." if stale else "Missing intervals were left out and not read as zero.",
    )
