"""Safeguards of the processes that do the work: no step of one fails again and again."""

from django.db import DatabaseError, connection

from tocsin.config import heartbeat
from tocsin.config.safeguards.base import Safeguard, holds, warning


def steps_work() -> Safeguard:
    """No step of the worker or of the collectors has failed several times in a row."""
    try:
        alive = [beat for beat in heartbeat.beats() if beat.alive]
    except DatabaseError:
        connection.close()
        return warning("steps", "Nothing is known of them: the database is not made yet.", "Run “tocsin migrate”.")
    loud = [beat for beat in alive if beat.state.startswith(heartbeat.FAILING)]
    failing = sorted({(beat.part, beat.state.removeprefix(heartbeat.FAILING)) for beat in loud})
    if not failing:
        return holds("steps", "None is known to fail again and again.")
    named = ", ".join(f"{step} (of {part})" for part, step in failing)
    mend = f"See logs/{failing[0][0]}.log for where it fails; what it would do waits until then."
    return warning("steps", f"Fails again and again: {named}.", mend)
