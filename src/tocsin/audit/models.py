"""The record itself: entries as they happen, their seals in one chain, and the chain's checkpoints."""

from django.db import models


class Entry(models.Model):
    """One act. Ids, keyed hashes and purpose; never a body.

    ``actor`` is a person's id, kept as a plain number: an entry outlives the account.
    """

    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "id"], name="audit_entry_actor"),
            models.Index(fields=["target", "id"], name="audit_entry_target"),
        ]


class Seal(models.Model):
    """The link of the chain that holds one entry: its digest covers the entry and the link before.

    ``previous`` repeats the digest before, so that a broken link says which side of it was touched.
    """

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()


class Checkpoint(models.Model):
    """A digest of the chain's head at one moment; ``witness`` is the file that was told, empty if none could be."""

    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    witness = models.CharField(max_length=200, blank=True)
