"""A start that is refused, with the mend in the words."""


class RefusalError(Exception):
    """The command can't run as things are. The text is written by us, for the person at the console."""
