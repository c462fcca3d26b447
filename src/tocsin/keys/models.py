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
    members = models.JSONField(
        help_text="who may sign the next version: ids, each with the digest of their keys, an end, and what they hold"
    )
    person = models.BigIntegerField()
    generation = models.PositiveIntegerField()
    signature = models.BinaryField(max_length=64)
    quorum = models.PositiveSmallIntegerField(default=0)
    custodians = models.JSONField(default=dict, help_text="ids, each with the digest of their keys")
    custody = models.BinaryField(max_length=32, default=bytes, help_text="digest of everything entrusted to them")
    recovered = models.BinaryField(default=bytes, help_text="a quorum's consents, where somebody new signs")
    stamp = models.CharField(max_length=64, blank=True, help_text="this home's mark that a signer's time was not over")
    parts = models.JSONField(default=dict, help_text="by compartment: epoch, digests of what is in it and of shares")
    ended = models.JSONField(default=dict, help_text="compartments that are no more, each with its last epoch")
    barred = models.BinaryField(max_length=32, default=bytes, help_text="a commitment to who is in conflict")

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


class Custody(models.Model):
    """What a quorum of custodians can open: the keys of a compartment under a random R, of which each holds a share.

    The signature covers every share. A new one replaces the one before; no other is kept.
    """

    epoch = models.OneToOneField(Epoch, on_delete=models.CASCADE, related_name="custody")
    quorum = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    commitment = models.BinaryField(max_length=32)
    granter = models.BigIntegerField()
    granter_generation = models.PositiveIntegerField()
    signature = models.BinaryField(max_length=64)


class Share(models.Model):
    """One share of R, sealed to one custodian. ``commitment`` tells whether what a custodian hands on is it."""

    custody = models.ForeignKey(Custody, on_delete=models.CASCADE, related_name="shares")
    person = models.BigIntegerField(db_index=True)
    generation = models.PositiveIntegerField()
    sealed = models.BinaryField()
    commitment = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["custody", "person"], name="keys_share_one")]


class Recovery(models.Model):
    """Somebody asks a safe's custodians to give its keys to a named new holder: for good, or until a moment."""

    class Kind(models.TextChoices):
        """For good, or for a while."""

        RECOVERY = "recovery"
        BREAKGLASS = "breakglass"

    id = models.UUIDField(primary_key=True, default=uuid4)
    safe = models.ForeignKey(Safe, on_delete=models.CASCADE, related_name="recoveries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    asker = models.BigIntegerField()
    asker_generation = models.PositiveIntegerField()
    holder = models.BigIntegerField()
    holder_generation = models.PositiveIntegerField()
    state = models.BinaryField(max_length=32, help_text="the state of the safe that it was asked of")
    compartments = models.JSONField()
    reasons = models.JSONField(help_text="by person, each sealed to them")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    signature = models.BinaryField(max_length=64)
    stamp = models.CharField(max_length=64, blank=True, help_text="this home's mark that it was asked at that time")
    stopped_by = models.BigIntegerField(null=True)
    stopped_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)


class Consent(models.Model):
    """A custodian's yes: signed, with their shares sealed again to the new holder."""

    recovery = models.ForeignKey(Recovery, on_delete=models.CASCADE, related_name="consents")
    person = models.BigIntegerField()
    generation = models.PositiveIntegerField()
    signature = models.BinaryField(max_length=64)
    sealed = models.BinaryField()
    sealed_signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recovery", "person"], name="keys_consent_one")]


class Shredding(models.Model):
    """One line of the ledger that a restore applies first: a safe, or one compartment of it, is gone.

    ``safe`` is the random id that it had, ``version`` the one without the compartment, ``digest`` a keyed hash of the
    certificate, ``proof`` what its members can check: who signed it, or by whose order a timer did it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    safe = models.UUIDField()
    compartment = models.CharField(max_length=20, blank=True, help_text="empty: all of it")
    version = models.PositiveIntegerField(default=0)
    day = models.DateField()
    digest = models.CharField(max_length=64)
    stamp = models.CharField(max_length=64, blank=True, help_text="this home's mark; a row without it does not count")
    proof = models.BinaryField(default=bytes)
    swept = models.BooleanField(default=False, help_text="whether the database's own left-overs were overwritten")


class Removal(models.Model):
    """One line of the ledger: from this version on somebody is no longer in a safe, or in a compartment of it.

    ``proof`` is signed by who took them out; without it the line does not count.
    """

    safe = models.UUIDField()
    person = models.BigIntegerField()
    compartment = models.CharField(max_length=20, blank=True, help_text="empty: all of it")
    version = models.PositiveIntegerField()
    proof = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["safe", "person"], name="keys_removal_who")]


class Certificate(models.Model):
    """A certificate of shredding, sealed to somebody who may check it."""

    shredding = models.ForeignKey(Shredding, on_delete=models.CASCADE, related_name="certificates")
    person = models.BigIntegerField(db_index=True)
    generation = models.PositiveIntegerField()
    sealed = models.BinaryField()


class Retention(models.Model):
    """For how many days something of this class is kept once its time runs."""

    policy = models.CharField(max_length=40, primary_key=True)
    days = models.PositiveIntegerField()


class Timer(models.Model):
    """A day on which something is due to be shredded. ``mark`` is a keyed hash of what.

    ``order`` is what a member signed of it, sealed to this home, so that a copy of the rows does not tell whose it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    due = models.DateField(db_index=True)
    policy = models.CharField(max_length=40)
    mark = models.CharField(max_length=64, unique=True)
    order = models.BinaryField(default=bytes)


class Filed(models.Model):
    """One sealed file that a safe names, so that a timer can remove it. ``mark`` is a keyed hash of the safe, ``part``
    one of the safe and the compartment; ``gone`` once it is to be removed.
    """

    class Place(models.TextChoices):
        """In which folder it is."""

        FILE = "file"
        LETTER = "letter"

    place = models.CharField(max_length=6, choices=Place.choices)
    name = models.CharField(max_length=200)
    mark = models.CharField(max_length=64, db_index=True)
    part = models.CharField(max_length=64)
    gone = models.BooleanField(default=False, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "name", "part"], name="keys_filed_one")]


class Hold(models.Model):
    """Counsel's order that nothing within its scope is shredded until a day. Its reference is sealed."""

    class Scope(models.TextChoices):
        """What it covers."""

        SAFE = "safe"
        CLASS = "class"
        ALL = "all"

    id = models.UUIDField(primary_key=True, default=uuid4)
    scope = models.CharField(max_length=5, choices=Scope.choices)
    safe = models.UUIDField(null=True)
    kind = models.CharField(max_length=20, blank=True)
    until = models.DateField()
    set_by = models.BigIntegerField()
    set_on = models.DateField()
    reference = models.BinaryField()
    lifted_by = models.BigIntegerField(null=True)
    lifted_on = models.DateField(null=True)


class Root(models.Model):
    """One hash over every chain at one moment, signed, and when each outside witness took it."""

    at = models.DateTimeField()
    sequence = models.BigIntegerField()
    audit = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    directory = models.CharField(max_length=64)
    safes = models.CharField(max_length=64)
    root = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=128)
    leaves = models.JSONField(default=dict, help_text="by keyed hash; kept for the newest ones")
    mailed_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
