"""Why something can't be done, in words for the person who asked."""

from tocsin.responses import authority


class RefusedError(authority.RefusedError):
    """The act is refused; ``message`` says why, and what to do instead. ``field`` names what is wrong in a form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field
