"""The other explanations that a finding has to compete with, in plain words."""

from enum import StrEnum

from tocsin.analysis.detectors.base import Verdict
from tocsin.analysis.series import Direction, Evidence, Rival

_FEW = 8


class Says(StrEnum):
    """Every sentence that speaks for or against a rival, so that whoever shows one can translate it."""

    FAILS_FOR_ALL = "A site that fails for everybody looks the same from inside one country."
    COMPARE_SITE = "Nothing in this series alone; compare the same site in other countries."
    OUTAGE_FAILS = "A network outage makes measurements fail, too."
    PARTLY_DOWN = "A part of the networks may be down."
    PARTLY_UP = "Measurements still arrive from inside, so the network is up in part."
    FEW_INTERVALS = "Only {points} intervals speak for it; one probe or a new test may be behind them."
    OTHER_PROBES = "Another mix of probes, networks or tests may have begun to report."
    LASTED = "It lasted over {points} intervals."
    NEW_TEST = "A new version of a test, or a change at the servers it asks, raises the rate in many countries at once."
    COMPARE_SUBJECT = "Nothing in this series alone; compare the same subject in other countries."
    NO_RHYTHM = "Hours and weekdays are not allowed for here: other probes may measure at night or on holidays."
    YOUNG = "Nothing yet: it is young."
    NO_PAST = "The cell has hardly a past of its own: it may have been so before we looked."
    COMES_AND_GOES = "A block that comes and goes may have begun earlier."
    BEFORE = "Before, {share} of measurements were anomalous here."
    NOTHING_BEFORE = "Nothing: there is no past."
    OUR_COUNTING = "A fault of ours or of the counting moves the numbers at once."
    ROBOT = "A robot can raise the numbers."
    COMPARE_SOURCE = "Nothing in this series alone; compare other countries and subjects of the same source."
    POWER_LOSS = "Power or network loss lowers everything in a country."
    MOVED_HERE = "Traffic that moves here from elsewhere."
    STILL_COUNTED = "Something is still counted."
    COMPARE_OUTAGES = "Nothing in this series alone; compare outage signals."
    VANISHED = "The level all but vanished, as it does when a place gets another name."
    ANOTHER_NAME = "A part may be counted under another name."
    DID_NOT_VANISH = "The level did not vanish."
    LOOK_FOR_NAME = "Nothing; look for a new name with the old level."
    HOLIDAYS = "Holidays and school terms move the numbers."
    FEW_WEEKS = "Only {weeks} weeks are known: a yearly or monthly rhythm would surprise it."
    RHYTHM_KNOWN = "The hour and the weekday are allowed for."
    TOGETHER = "News, robots and new software move many countries together."
    COMPARE_SERIES = "Nothing in this series alone; compare the same series of other countries."
    STALE = "Nobody has measured it lately."
    MISSING = "Measurements may be missing that would say otherwise."
    NOTHING = "Nothing."
    LEFT_OUT = "Missing intervals were left out and not read as zero."


def blocking_rivals(verdict: Verdict, *, known: float) -> tuple[Rival, ...]:
    """Rivals of a raised rate of anomalies; ``known`` is what the baseline rests on, in measurements."""
    total, few = verdict.now >= 0.9, verdict.points < _FEW
    lasted = Says.LASTED.format(points=verdict.points)
    return (
        Rival("our-fault", Says.FAILS_FOR_ALL.value, Says.COMPARE_SITE.value),
        Rival("outage", (Says.OUTAGE_FAILS if total else Says.PARTLY_DOWN).value, Says.PARTLY_UP.value),
        Rival(
            "measurement",
            Says.FEW_INTERVALS.format(points=verdict.points) if few else Says.OTHER_PROBES.value,
            lasted,
        ),
        Rival("world-wide", Says.NEW_TEST.value, Says.COMPARE_SUBJECT.value),
        Rival("seasonal", Says.NO_RHYTHM.value, Says.YOUNG.value if few else lasted),
        _gap(verdict),
        Rival(
            "old-block",
            (Says.NO_PAST if known < _FEW else Says.COMES_AND_GOES).value,
            Says.BEFORE.format(share=f"{verdict.before:.0%}") if known >= _FEW else Says.NOTHING_BEFORE.value,
        ),
    )


def change_rivals(verdict: Verdict, *, weeks: float) -> tuple[Rival, ...]:
    """Rivals of a changed level; ``weeks`` is how long a past the baseline rests on."""
    drop = verdict.direction is Direction.DROP
    vanished = drop and verdict.now <= 0.05 * verdict.before
    return (
        Rival("our-fault", (Says.OUR_COUNTING if drop else Says.ROBOT).value, Says.COMPARE_SOURCE.value),
        Rival(
            "outage",
            (Says.POWER_LOSS if drop else Says.MOVED_HERE).value,
            (Says.STILL_COUNTED if drop and not vanished else Says.COMPARE_OUTAGES).value,
        ),
        _gap(verdict),
        Rival(
            "renamed-country",
            (Says.VANISHED if vanished else Says.ANOTHER_NAME).value,
            (Says.LOOK_FOR_NAME if vanished else Says.DID_NOT_VANISH).value,
        ),
        Rival(
            "seasonal",
            Says.HOLIDAYS.value if weeks >= 8 else Says.FEW_WEEKS.format(weeks=f"{weeks:.0f}"),
            Says.RHYTHM_KNOWN.value,
        ),
        Rival("world-wide", Says.TOGETHER.value, Says.COMPARE_SERIES.value),
    )


def _gap(verdict: Verdict) -> Rival:
    stale = verdict.evidence is not Evidence.SCORED
    return Rival(
        "measurement-gap",
        (Says.STALE if stale else Says.MISSING).value,
        (Says.NOTHING if stale else Says.LEFT_OUT).value,
    )
