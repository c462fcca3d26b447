"""The secret that opens a calendar."""

from tocsin.people.secrets import OneTimeSecret


class CalendarToken(OneTimeSecret):
    """Lets a calendar program read one person's shifts, or one rota's."""

    __slots__ = ()
