"""Which room says on the page of a situation how things stand with it: one line each."""

from tocsin.responses import standing as responses
from tocsin.situations import beside


def register() -> None:
    """Let situations know of rooms below."""
    beside.register("responses", responses.of_situation, responses.resting_on)
