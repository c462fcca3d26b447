"""Which room says what a reference of an alert is called: one line each."""

from tocsin.alerts import titles
from tocsin.alerts.integrations import access as integrations
from tocsin.cases import access as cases
from tocsin.mailbox import access as mailbox
from tocsin.oncall import access as oncall
from tocsin.responses import access as responses
from tocsin.rollcalls import access as rollcalls
from tocsin.situations import access as situations
from tocsin.streams import access as streams


def register() -> None:
    """Let alerts know the titles of rooms below."""
    titles.register("situation", situations.titles)
    titles.register("source", streams.source_titles)
    titles.register("requirement", streams.requirement_titles)
    titles.register("rota", oncall.titles)
    titles.register("integration", integrations.titles)
    titles.register("rollcall", rollcalls.titles)
    titles.register("arrival", mailbox.arrival_titles)
    titles.register("desk", mailbox.desk_titles)
    titles.register("case", cases.titles)
    titles.register("plan", responses.titles)
