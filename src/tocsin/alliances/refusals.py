"""Why something can't be done, in words for the person who asked."""


class RefusedError(Exception):
    """The act is refused; the message tells the person why, and what to do instead. ``field`` names what is wrong."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field
