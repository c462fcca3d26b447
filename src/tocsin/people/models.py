"""Staff accounts, invitations and API tokens."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from tocsin.people.roles import Right, Role, rights


class PersonManager(BaseUserManager["Person"]):
    """Finds people by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody of the team. ``roles`` is a set of bits; a person without any sees nothing.

    ``session_epoch`` is part of what every session was signed with: one higher, and all of them end at once.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    roles = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    theme = models.CharField(max_length=8, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PersonManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_set(self) -> Role:
        """The roles as a set."""
        return Role(self.roles)

    def may(self, right: Right) -> bool:
        """Whether one of this person's roles gives the right."""
        return self.is_active and right in rights(self.role_set)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("tocsin.people.session", value, secret=secret, algorithm="sha256").hexdigest()


class Invitation(models.Model):
    """A one-time link that creates an account with the given roles. Only the token's hash is kept.

    ``refused`` counts addresses that somebody tried with it and that had an account already.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    roles = models.PositiveIntegerField()
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    refused = models.PositiveSmallIntegerField(default=0)


class ResetLink(models.Model):
    """A one-time link that sets a new password, and takes the second factor away if that was lost as well."""

    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reset_links")
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Token(models.Model):
    """An API token of one person, limited to some rights. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
