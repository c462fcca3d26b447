"""Rows of sealed things. People stand in them as plain ids; what a row holds is sealed unless it says otherwise."""

from uuid import uuid4

from django.db import models


class Locking(models.Model):
    """One row. Whoever raises its generation locks every open vault at once."""

    generation = models.PositiveIntegerField(default=1)


class Vault(models.Model):
    """The keys of one person, sealed under a passphrase that is not the one for signing in."""

    person = models.BigIntegerField()
    generation = models.PositiveIntegerField()
    salt = models.BinaryField(max_length=16)
    passes = models.PositiveSmallIntegerField()
    memory_bytes = models.PositiveBigIntegerField()
    key = models.BinaryField(help_text="the vault's key, sealed under the passphrase")
    seeds = models.BinaryField(help_text="the two seeds, sealed under the vault's key")
    memory = models.BinaryField(help_text="whom and what this vault has verified, sealed under its key")
    memory_version = models.PositiveBigIntegerField(default=0)
    made_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "generation"], name="keys_vault_one")]


class DirectoryEntry(models.Model):
    """One line of the public directory of keys: appended, chained, signed by the key that it names."""

    number = models.PositiveIntegerField(primary_key=True)
    person = models.BigIntegerField()
    generation = models.PositiveIntegerField()
    box = models.BinaryField(max_length=32)
    sign = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "generation"], name="keys_directory_one")]


class Safe(models.Model):
    """Anything with compartments and members: a case, a desk. Its head is sealed to its members."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=0)
    head = models.BinaryField(default=bytes)
    made_on = models.DateField()


class Link(models.Model):
    """One version of a safe's head: its digest, the digest before, who signed it. The chain outlives the heads."""

    safe = models.ForeignKey(Safe, on_delete=models.CASCADE, related_name="links")
    version = models.PositiveIntegerField()
    content = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    members = models.JSONField(help_text="ids of the people who may sign the next version")
    person = models.BigIntegerField()
    generation = models.PositiveIntegerField()
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["safe", "version"], name="keys_link_one")]


class Epoch(models.Model):
    """One key of one compartment. ``public`` is there where others may write what only holders can read."""

    safe = models.ForeignKey(Safe, on_delete=models.CASCADE, related_name="epochs")
    compartment = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    public = models.BinaryField(max_length=32, default=bytes)
    began_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["safe", "compartment", "number"], name="keys_epoch_one")]


class Wrap(models.Model):
    """An epoch's key, sealed to one person and signed by who granted it."""

    epoch = models.ForeignKey(Epoch, on_delete=models.CASCADE, related_name="wraps")
    person = models.BigIntegerField(db_index=True)
    generation = models.PositiveIntegerField()
    sealed = models.BinaryField()
    granter = models.BigIntegerField()
    granter_generation = models.PositiveIntegerField()
    signature = models.BinaryField(max_length=64)
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["epoch", "person"], name="keys_wrap_one")]


class Row(models.Model):
    """Something sealed in a compartment. What kind of thing it is stands inside."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    safe = models.ForeignKey(Safe, on_delete=models.CASCADE, related_name="rows")
    compartment = models.CharField(max_length=20)
    epoch = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    blob = models.BinaryField()


class LogLine(models.Model):
    """Who opened or did what in a safe, and why: sealed to those who may read its log, chained."""

    safe = models.ForeignKey(Safe, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    blob = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["safe", "number"], name="keys_logline_one")]
