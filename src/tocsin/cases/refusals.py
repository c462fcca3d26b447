"""Why something can't be done, in words for the person who asked."""


class RefusedError(Exception):
    """The act is refused; the message tells the person why, and what to do instead."""
