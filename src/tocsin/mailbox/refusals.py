"""What is said to somebody whose act can't be done."""


class RefusedError(Exception):
    """The act is refused; the message tells the person why, and what to do instead."""


class UnsentError(Exception):
    """An answer did not go out; the message says why, and what to do."""
