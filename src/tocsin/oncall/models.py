"""Rotas and what bends them: overrides, swaps, absences, rest; and what duty has cost each person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

_PERSON = settings.AUTH_USER_MODEL
EVERY_DAY = 0b1111111


class Rota(models.Model):
    """A duty that one person at a time holds. Its people come from layers; a higher layer covers a lower one."""

    public_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """People who take turns, handing over at one wall-clock time of the layer's own zone.

    A turn lasts ``length`` units, counted from ``handover_at`` on ``starts_on``; hours divide the day evenly, so that
    daylight saving never moves a hand-over. ``weekdays`` (bit 0 is Monday) and ``from_time`` to ``until_time`` limit
    the hours that the layer covers; equal or empty times mean the whole day, and an end before the beginning is on the
    next day.

    A layer is never rewritten, so that the past stays as it was: a change closes it and opens another one.
    """

    class Unit(models.TextChoices):
        """What a turn is counted in."""

        HOUR = "hour", _("hours")
        DAY = "day", _("days")
        WEEK = "week", _("weeks")

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="layers")
    position = models.PositiveSmallIntegerField(help_text="0 is the lowest; a higher one covers it")
    name = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    starts_on = models.DateField()
    opened_at = models.DateTimeField(
        null=True, help_text="it covers nothing before, though its turns may count from before"
    )
    closed_at = models.DateTimeField(null=True, help_text="it covers nothing from then on")
    handover_at = models.TimeField()
    unit = models.CharField(max_length=4, choices=Unit.choices, default=Unit.WEEK)
    length = models.PositiveSmallIntegerField(default=1)
    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY)
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "position"], condition=models.Q(closed_at=None), name="one_layer_per_position"
            )
        ]


class LayerPerson(models.Model):
    """Somebody's place in a layer's turns."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "position"], name="one_person_per_place")]


class Swap(models.Model):
    """One person's hours offered to another, maybe for hours back. It holds once both have said yes."""

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked", _("asked")
        AGREED = "agreed", _("agreed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")

    public_id = models.CharField(max_length=12, unique=True)
    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="+")
    giver = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    taker = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    back_since = models.DateTimeField(null=True)
    back_until = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(default=0, help_text="how much of that time the giver held when it was asked")
    back_seconds = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    giver_agreed_at = models.DateTimeField(null=True)
    taker_agreed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    ended_at = models.DateTimeField(null=True)


class Override(models.Model):
    """Somebody holds the rota between two moments, whatever the layers say; the newest one wins."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="overrides")
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    swap = models.ForeignKey(Swap, null=True, on_delete=models.CASCADE, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["rota", "until"], name="override_until")]


class Absence(models.Model):
    """Somebody is away. Why is nobody's business here."""

    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Rest(models.Model):
    """Somebody reached a limit, and somebody else is asked to stand in.

    For ordinary alerts the rota goes round the person at once, to whoever is next in the layer. In the lane for life
    and liberty the person stays first until the substitute has accepted.
    """

    class Why(models.TextChoices):
        """The limit that was reached."""

        NIGHTS = "nights", _("nights on duty")
        HOURS = "hours", _("hours on duty")
        PAGES = "pages", _("pages at night")
        EXPOSURE = "exposure", _("time with distressing material")
        ASKED = "asked", _("asked for rest")

    public_id = models.CharField(max_length=12, unique=True)
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.CharField(max_length=8, choices=Why.choices)
    substitute = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.JSONField(default=list, help_text="ids of those who were asked and could not")
    lead_told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=models.Q(ended_at=None), name="one_open_rest")
        ]


class Limits(models.Model):
    """What duty may ask of a person within seven days; without a person, the team's own limits."""

    person = models.OneToOneField(_PERSON, null=True, on_delete=models.CASCADE, related_name="+")
    hours = models.PositiveSmallIntegerField(default=84)
    nights = models.PositiveSmallIntegerField(default=4)
    night_pages = models.PositiveSmallIntegerField(default=6)
    exposure_minutes = models.PositiveSmallIntegerField(default=240)
    rest_hours = models.PositiveSmallIntegerField(default=24, help_text="how long a rest lasts")


class Load(models.Model):
    """One thing that duty cost a person. A private one counts for rest and is shown to that person alone."""

    class Kind(models.TextChoices):
        """What was counted."""

        PAGE = "page", _("page")
        NIGHT_PAGE = "night", _("page at night")
        EXPOSURE = "exposure", _("minutes with distressing material")
        EXTRA = "extra", _("minutes on duty beyond the plan")

    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    private = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["person", "at"], name="load_person")]


class CalendarLink(models.Model):
    """A secret address of a calendar: one person's own shifts, or a whole rota. Only the token's hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(_PERSON, on_delete=models.CASCADE, related_name="+")
    rota = models.ForeignKey(Rota, null=True, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
