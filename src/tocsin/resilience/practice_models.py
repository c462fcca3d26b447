"""Rows of safety guides: versions, who of the people affected agreed, who adopted one, what is retired."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

_PERSON = settings.AUTH_USER_MODEL


class GuideText(models.Model):
    """One version of one guide in one language. Never changed after it was written.

    The newest that was published is in force; where there is none, the text that came with Tocsin is. ``digest`` is
    that of its title, words and review-by day; ``translates`` the digest of the English text that it says again.
    """

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    review_by = models.DateField()
    digest = models.CharField(max_length=64)
    translates = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "language", "version"], name="one_guide_text_per_version")
        ]


class GuideReview(models.Model):
    """That somebody of the people affected agreed with exactly these words, in whatever version they stand.

    ``name`` is how they want to be called among the team and is never published; ``role`` is, so it names nobody.
    """

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    community = models.ForeignKey("Community", null=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "language"], name="guide_review_of")]


class GuideAdoption(models.Model):
    """That a community or affiliate took a guide up as a whole: since when, and what it changed. Never a person."""

    key = models.CharField(max_length=40, db_index=True)
    language = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    community = models.ForeignKey("Community", on_delete=models.CASCADE, related_name="guides")
    on = models.DateField()
    changed = models.TextField(blank=True, help_text=_("what it changed"))
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)


class GuideRetired(models.Model):
    """That a guide is wrong and no longer shown to anybody outside; its page says so. Deleted when it is taken back."""

    key = models.CharField(max_length=40, unique=True)
    why = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(_PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
