"""Safeguards of the pager: that it runs, knows whether its pages arrive, and is watched from outside."""

from django.conf import settings
from django.db import DatabaseError, connection

from tocsin.alerts.channels import registry, values
from tocsin.alerts.watch import echo, life, pulses, watchers
from tocsin.config import heartbeat
from tocsin.config.safeguards.base import Safeguard, holds, warning


def pages_come_back() -> Safeguard:
    """The pager's own heartbeat goes by a real channel and comes back."""
    chosen = values.text(settings.PAGING, "pulse_channel")
    if missing := echo.missing(settings.PAGING):
        return warning("pulse", f"pulse_channel is {chosen}, which also needs {missing}.", f"Set {missing}.")
    if not chosen:
        line = "None: watchers outside hear only that pages leave, not that they arrive."
        return warning("pulse", line, "Set pulse_channel to mail or ntfy: docs/paging.md says how.")
    if chosen not in registry.usable_channels(settings.PAGING):
        return warning("pulse", f"pulse_channel is {chosen}, which is not set up.", "docs/channels.md says how.")
    return holds("pulse", f"By {chosen}, every {pulses.EVERY.seconds // 60} minutes.")


def somebody_watches() -> Safeguard:
    """Two watchers outside, of two providers, call when they hear nothing."""
    found = watchers.addresses(settings.PAGING)
    mend = "Put the address of a dead-man check of two providers into secrets/watch_url_1 and secrets/watch_url_2."
    if not found:
        return warning("watchers", "None: if this whole machine stops, nobody says so.", mend)
    if len(found) == 1:
        return warning("watchers", "One: nobody notices when it fails.", mend)
    if watchers.same_host(settings.PAGING):
        return warning("watchers", "Both stand on one host, where one fault silences both.", mend)
    return holds("watchers", "Two, of two hosts, called every minute while a page could be delivered.")


def pager_runs() -> Safeguard:
    """A pager lives, works, and runs the code that is installed here."""
    try:
        alive = [one for one in heartbeat.beats() if one.part == "page" and one.alive]
    except DatabaseError:
        connection.close()
        return warning("pager", "Nothing is known of it: the database is not made yet.", "Run “tocsin migrate”.")
    if not alive:
        return warning("pager", "None runs: nobody is woken.", "Start “tocsin up”, or “tocsin page”.")
    stuck = [one.state.removeprefix(heartbeat.FAILING) for one in alive if one.state.startswith(heartbeat.FAILING)]
    if len(stuck) == len(alive):
        return warning("pager", f"It fails again and again ({stuck[0]}).", "Its log says where.")
    if life.others():
        return warning("pager", "It runs other code than is installed here.", "Restart “tocsin page”.")
    return holds("pager", f"{len(alive)} at work.")
