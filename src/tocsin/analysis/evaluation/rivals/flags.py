"""Systems whose flags are given with the data: each run of flags is an alarm."""

from collections.abc import Sequence
from datetime import timedelta

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.evaluation.plain import Flag
from tocsin.analysis.series import Direction


def flag_alarms(
    flags: Sequence[Flag], step: timedelta, *, fewest: int = 1, apart: timedelta = timedelta(days=2)
) -> tuple[Alarm, ...]:
    """Alarms of one system on one series, in order of time.

    Flags of one direction that lie no more than ``apart`` from each other belong to one run, which is raised at its
    ``fewest``-th flag: asking for more is the only threshold that flags leave us. A run is over after its last flag.
    """
    alarms = []
    for direction in Direction:
        for run in _runs([flag for flag in flags if flag.direction is direction], apart):
            if len(run) >= fewest:
                alarms.append(Alarm(run[fewest - 1].time + step, run[0].time, direction, run[-1].time + step + apart))
    return tuple(sorted(alarms, key=lambda alarm: (alarm.time, alarm.direction)))


def _runs(flags: Sequence[Flag], apart: timedelta) -> list[list[Flag]]:
    runs: list[list[Flag]] = []
    for flag in sorted(flags, key=lambda one: one.time):
        if runs and flag.time - runs[-1][-1].time <= apart:
            runs[-1].append(flag)
        else:
            runs.append([flag])
    return runs
