"""Leases and cursors: who does which work now, and how far a reader of another table has come."""

from django.db import models


class Lease(models.Model):
    """The right to do one named piece of work until a moment of the database's clock."""

    name = models.CharField(max_length=200, primary_key=True)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()


class Cursor(models.Model):
    """How far one reader has come in another room's table."""

    name = models.CharField(max_length=100, primary_key=True)
    position = models.BigIntegerField(default=0)
