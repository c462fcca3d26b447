"""Safeguards of the public door: that something can be sealed there, with a key of its time, and that all comes in."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from tocsin.config import signing
from tocsin.config.safeguards.base import Safeguard, holds, warning
from tocsin.intake import desks as published
from tocsin.intake import handing
from tocsin.intake.configured import door, signer
from tocsin.keys.models import Epoch
from tocsin.mailbox import desks, reviews
from tocsin.mailbox.arriving import LETTERS
from tocsin.mailbox.models import Desk

# The first visit of a member after a week makes a new key; nobody may have come for some days.
OLDEST_KEY = desks.RENEWED_AFTER + desks.STILL_USED


def door_can_seal() -> Safeguard:
    """The public door has a desk whose key can be used, and no key there is older than its time."""
    try:
        shown = list(Desk.objects.filter(at_door=True, ended_on=None))
        age = max((_age(desk) for desk in shown), default=0)
    except DatabaseError:
        connection.close()
        return warning("door keys", "Nothing is known of them: the database is not made yet.", "Run “tocsin migrate”.")
    if not shown:
        return holds("door keys", "No desk is shown at the public door: it is closed.")
    if door().folder.is_dir() and not published.read(door().folder).usable:
        line = "The public door is closed: it has no key that can be used."
        return warning("door keys", line, "Start the worker, which tells the door. Each desk there needs a member.")
    if age > OLDEST_KEY.days:
        line = f"The key of a desk at the public door is {age} days old."
        return warning("door keys", line, "A member of each desk opens its letters: that makes a new key.")
    line = f"The newest of each desk at the public door is at most {age} days old."
    return holds("door keys", f"{line} {_who_signs()}".strip())


def _who_signs() -> str:
    """Whether the door checks who wrote its list of desks, and how to let it."""
    if signer():
        return "The door checks who signed its list of desks."
    own = signing.signer_of(settings.HOME, make=False)
    return f"To let it check who signed its desks, set intake_signer to {own.public}." if own is not None else ""


def _age(desk: Desk) -> int:
    newest = Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("-number").first()
    return (timezone.now().date() - newest.began_on).days if newest is not None else 0


def words_are_reviewed() -> Safeguard:
    """Somebody who grew up with each language of the desks at the door read its words."""
    try:
        shown = {code for desk in Desk.objects.filter(at_door=True, ended_on=None) for code in desk.languages}
    except DatabaseError:
        connection.close()
        return warning("languages", "Nothing is known of them: the database is not made yet.", "Run “tocsin migrate”.")
    waiting = sorted(shown & set(reviews.waiting()))
    if not waiting:
        line = "Every language of the desks at the door was reviewed." if shown else "No desk at the door has one."
        return holds("languages", line)
    line = f"Not yet reviewed by somebody who grew up with it: {', '.join(waiting)}."
    return warning("languages", line, "People at risk read them: see “Reviewing a language” in docs/languages.md.")


def door_is_not_stuck() -> Safeguard:
    """Everything that waits at the public door can be brought in."""
    try:
        aside = len(handing.aside()) if door().folder.is_dir() and handing.reachable() else 0
    except DatabaseError:
        line = "Whether anything is stuck there can't be told: the door's tables are of another version."
        return warning("door rows", line, "Restart “tocsin intake”, which brings them to this version.")
    if not aside:
        return holds("door rows", "Nothing is stuck at the public door.")
    return warning(
        "door rows",
        f"{aside} at the public door can't be brought in. They are tried again each quarter of an hour.",
        "See why with “tocsin door list”, and “For the worker” in docs/intake.md.",
    )
