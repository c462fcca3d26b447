"""Every room's work, in one list: what the worker does."""

from collections.abc import Callable
from time import monotonic

from tocsin.alerts import work as alerts
from tocsin.alliances import work as alliances
from tocsin.audit import work as audit
from tocsin.cases import work as cases
from tocsin.cases.evidence import work as evidence
from tocsin.config import backups as archives
from tocsin.config import door, practising
from tocsin.config.loop import Step
from tocsin.console import work as console
from tocsin.keys import witnessing
from tocsin.keys import work as keys
from tocsin.mailbox import work as mailbox
from tocsin.oncall import work as oncall
from tocsin.people import work as people
from tocsin.reports import work as reports
from tocsin.resilience import work as resilience
from tocsin.responses import work as responses
from tocsin.rollcalls import work as rollcalls
from tocsin.signals import teaching
from tocsin.signals import work as signals
from tocsin.situations import paging as situations_paging
from tocsin.situations import work as situations
from tocsin.streams import documents, lake
from tocsin.streams import paging as streams_paging
from tocsin.streams import work as streams


def working() -> list[Step]:
    """What ``tocsin work`` does, in the order in which data flows."""
    return [
        Step("audit", audit.step),
        Step("people", people.step),
        Step("oncall", oncall.step),
        Step("alerts", alerts.step),
        Step("alliances", every(20, alliances.step)),
        Step("door", every(1, door.step)),
        Step("mailbox", every(2, mailbox.step)),
        Step("keys", every(5, keys.step)),
        Step("keys.witnesses", every(300, witnessing.step)),
        Step("keys.backups", every(300, archives.tidy)),
        Step("streams.documents", documents.step),
        Step("streams.expire", streams.expire),
        Step("streams.silence", every(20, streams.watch_silence)),
        Step("streams.paging", every(20, streams_paging.step)),
        Step("streams.tidy", every(600, streams.tidy)),
        Step("lake", lake.step),
        Step("lake.sweep", every(1800, lake.sweep)),
        Step("signals", signals.step),
        Step("signals.learn", teaching.step),
        Step("situations", situations.step),
        Step("situations.paging", every(2, situations_paging.step)),
        Step("rollcalls", rollcalls.step),
        Step("cases", every(1, cases.step)),
        Step("responses", every(2, responses.step)),
        Step("exercise.drill", every(5, practising.step)),
        Step("resilience", every(20, resilience.step)),
        Step("reports", every(5, reports.step)),
        Step("evidence", every(600, evidence.step)),
        Step("console", console.step),
    ]


def every(seconds: float, do: Callable[[], object]) -> Callable[[], bool]:
    """A step that has something to do only now and then; it never asks to be called again at once.

    What fails is due again at once, so that it rests as any step does and does not pass for one that works.
    """
    due = [0.0]

    def step() -> bool:
        if monotonic() >= due[0]:
            do()
            due[0] = monotonic() + seconds
        return False

    return step
