"""Safeguards of the ways of reaching people: that there are some, that they are safe, that their links lead to us."""

from django.conf import settings

from tocsin.alerts.channels import registry
from tocsin.config import exercise
from tocsin.config.safeguards.base import Safeguard, fatal, holds, warning
from tocsin.config.safeguards.site import served_on_loopback

_SAME_PROVIDER = {"voice": "sms"}


def people_can_be_woken() -> Safeguard:
    """Messages leave encrypted or not at all, and more than one provider can wake somebody."""
    if settings.PAGING.values.get("sms_account") == exercise.ACCOUNT and not settings.EXERCISE:
        line = "Text messages would go to an exercise's phone, which nobody carries."
        return fatal("channels", line, "Name a real provider: sms_url, sms_account, sms_from. Or set exercise = true.")
    found = registry.load(settings.PAGING)
    for key, channel in found.items():
        ready = channel.ready()
        if ready.wrong:
            return fatal("channels", f"{key} is not safe, or can't work.", ready.why_not)
    usable = [key for key, channel in found.items() if channel.ready().ready]
    mend = "docs/channels.md says how to set up each: choose two that wake, of two providers."
    if not usable:
        return warning("channels", "NO CHANNEL IS SET UP: nobody can be woken, whatever happens.", mend)
    if settings.EXERCISE_PHONE:
        return holds("channels", f"exercise: pages go to the exercise's phone only, {settings.EXERCISE_PHONE[1]}")
    named = ", ".join(usable)
    waking = {_SAME_PROVIDER.get(key, key) for key in usable if found[key].wakes}
    if not waking:
        return warning("channels", f"Only {named}: that wakes nobody at night.", mend)
    if len(waking) == 1:
        return warning("channels", f"{named}: whatever wakes goes through one provider.", mend)
    unused = ", ".join(key for key in found if key not in usable)
    return holds("channels", f"{named}." + (f" Not set up: {unused}." if unused else ""))


def links_lead_to_us() -> Safeguard:
    """The links in messages can be opened on a phone, and providers can call back."""
    if settings.EXERCISE_PHONE:
        return holds("links", "exercise: links in messages are opened on this machine, as the exercise's phone is.")
    if registry.usable_channels(settings.PAGING) and served_on_loopback():
        line = f"Links in messages lead to {settings.PUBLIC_URL}, which no phone can open."
        return warning("links", line, "Set public_url to the address that people type.")
    return holds("links", "Links in messages lead to where people sign in.")
