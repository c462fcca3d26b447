"""Rows of the door: sealed, with random names and rounded times. None of them can be read with what the door has."""

import uuid

from django.db import models


class Envelope(models.Model):
    """What somebody sent, sealed to the key that one desk had then. It goes when the worker has taken it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk = models.CharField(max_length=64)
    epoch = models.PositiveIntegerField()
    sealed = models.BinaryField()
    # Rounded down to a quarter of an hour: enough for the clock, too coarse to find who was on line.
    arrived_at = models.DateTimeField()
    language = models.CharField(max_length=16)
    urgency = models.CharField(max_length=16)
    # Of the sender's box: the worker can stop sharing without reading.
    lookup = models.BinaryField()
    follows = models.BooleanField(default=False)
    # Names on the disk and sizes there, which a look at the disk tells anyway.
    files = models.JSONField(default=list)
    taken = models.BooleanField(default=False, db_index=True)
    # Set when it could not be brought in: it stands behind all others, and is tried again then. A quarter of an hour.
    aside_until = models.DateTimeField(null=True, db_index=True)

    class Meta:
        ordering = ("arrived_at", "id")


class Box(models.Model):
    """Where one sender reads answers. It knows the public half of a key that only the receipt makes."""

    class Wish(models.TextChoices):
        """What the sender asks for."""

        NONE = "", "nothing"
        STOP = "stop", "stop sharing"
        DELETE = "delete", "stop sharing, and delete after the delay"

    lookup = models.BinaryField(unique=True)
    public = models.BinaryField()
    # Sealed with a key of the sender's words: which desk it went to, and who must not see it. Whoever takes the disk
    # does not learn it, and whoever writes here can't change it.
    about = models.BinaryField()
    frozen = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)
    wish = models.CharField(max_length=8, choices=Wish.choices, default=Wish.NONE, blank=True)
    wish_taken = models.BooleanField(default=False)
    day = models.DateField()


class Message(models.Model):
    """An answer, sealed to a sender. It is deleted at the moment when it is shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="messages")
    sealed = models.BinaryField()
    day = models.DateField()


class Sent(models.Model):
    """That a form was sent: a keyed hash of its random number, so that it isn't taken twice."""

    form = models.BinaryField(unique=True)
    day = models.DateField(db_index=True)
