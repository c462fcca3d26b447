"""Rows of playbooks: versions of their texts, what is known of authorities by country, and what was told to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_PERSON = settings.AUTH_USER_MODEL


class PlaybookText(models.Model):
    """One version of one playbook in one language, as somebody on the team wrote it. Never changed after its review.

    The newest that was reviewed is in force; where there is none, the text that came with Tocsin is. ``shipped`` is
    the digest of that text when this version was written, so that it is seen when a release brought another one.
    """

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    text = models.TextField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    shipped = models.CharField(max_length=64, blank=True)
    reviewed_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "language", "version"], name="one_playbook_text_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.key}.{self.language} {self.version}"


class PartReview(models.Model):
    """That somebody looked at one part of a text. It holds for these words of the part, in every version with them.

    ``part`` and ``digest`` are those of ``playbooks.covering``; ``version`` is the one in which it was seen.
    """

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    part = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "language"], name="part_review_of")]

    def __str__(self) -> str:
        return f"{self.key}.{self.language} {self.part}"


class Authority(models.Model):
    """Whether the police of a country may be told of a case, by whom, and to whom to turn instead.

    Rows are never changed: a new one replaces the one before. Read it by ``playbooks.authorities``, never ``police``
    alone: a yes counts only while it is verified, lately, by somebody else than who wrote it.
    """

    class Police(models.TextChoices):
        """What somebody wrote."""

        YES = "yes", _("yes")
        NO = "no", _("no")
        ASK = "ask", _("ask counsel first")
        UNKNOWN = "unknown", _("not known")

    country = models.CharField(max_length=2, db_index=True)
    police = models.CharField(max_length=7, choices=Police.choices, default=Police.UNKNOWN)
    by_function = models.CharField(max_length=16, blank=True, help_text="who tells them: a function of a plan")
    ally = models.CharField(max_length=12, blank=True, help_text="public id of the lawyer or hotline instead")
    note = models.TextField(blank=True)
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    verified_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    verified_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country"], condition=Q(replaced_at=None), name="one_authority_in_force_per_country"
            )
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.police}"


class Disclosure(models.Model):
    """One time that something was told to an authority, so that each is counted. Never what, never about whom.

    ``plan`` is the public id of an open plan, or empty. Whoever approved is somebody else than who told. One that was
    counted wrongly is taken back with a reason: it counts no more, and stands where it stood.
    """

    class Kind(models.TextChoices):
        """What kind of authority."""

        POLICE = "police", _("police")
        EMERGENCY = "emergency", _("emergency service")
        PROSECUTOR = "prosecutor", _("prosecutor")
        COURT = "court", _("court")
        REGULATOR = "regulator", _("regulator")
        EMBASSY = "embassy", _("embassy or consulate")
        OTHER = "other", _("another authority")

    class Data(models.TextChoices):
        """What class of data."""

        FACT = "fact", _("that something happened, nothing about a person")
        PUBLIC = "public", _("what is public already")
        IDENTITY = "identity", _("who somebody is, or how to reach them")
        NETWORK = "network", _("network addresses or times of use")
        CONTENT = "content", _("what somebody wrote that is not public")
        DEVICE = "device", _("a device, or what is on it")

    class Basis(models.TextChoices):
        """On which ground."""

        CONSENT = "consent", _("the person's own wish")
        LIFE = "life", _("danger to life")
        ORDER = "order", _("an order that binds us")
        DUTY = "duty", _("a duty to report")
        OWN = "own", _("our own right, as who was harmed")

    public_id = models.CharField(max_length=12, unique=True)
    once = models.CharField(max_length=32, unique=True, help_text="of the form: a second tap counts nothing twice")
    plan = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    data = models.CharField(max_length=8, choices=Data.choices)
    basis = models.CharField(max_length=8, choices=Basis.choices)
    on = models.DateField(db_index=True, help_text="the day on which it was told")
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    approved_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    why_not = models.CharField(max_length=300, blank=True, help_text="why it was taken back")

    def __str__(self) -> str:
        return self.public_id
