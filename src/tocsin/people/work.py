"""Keeping house: what has expired is deleted once an hour."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from tocsin.lib.claims import advance, database_now, hold, position
from tocsin.people.models import Invitation, ResetLink, Token

CURSOR = "people.tidied"
_EVERY_SECONDS = 3_600
_KEPT = timedelta(days=90)
_ATTEMPTS_KEPT = timedelta(days=1)


def step() -> bool:
    """Delete sessions that are over, links and tokens long expired, and yesterday's wrong passwords."""
    now = database_now()
    hour = int(now.timestamp()) // _EVERY_SECONDS
    if position(CURSOR) >= hour or not hold(CURSOR):
        return False
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(Exists(Session.objects.filter(session_key=OuterRef("session_key")))).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - _ATTEMPTS_KEPT).delete()
    for model in (Invitation, ResetLink, Token):
        model.objects.filter(expires_at__lt=now - _KEPT).delete()
    advance(CURSOR, hour)
    return False
