"""The pack for a drill at a table: a scenario on paper, turn by turn, and apart from it what a good team does."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from tocsin.lib.tlp import Tlp
from tocsin.reports.document import Block, Bullets, Document, Heading, Paragraph, Sentence
from tocsin.reports.facts import Fact, Nature, Source, Topic
from tocsin.responses.drills import Inject, Scenario


def pack(scenario: Scenario, now: datetime) -> Document:
    """The pack of one scenario, in the reader's language where its own words leave a choice."""
    rests = _fact(scenario, now)
    cites = (rests.key,)
    blocks: list[Block] = [Heading(_("What is given")), *_paragraphs(scenario.given, cites)]
    blocks.append(Heading(_("At each turn, ask")))
    blocks.append(_list((_("What do we know, and how sure are we?"), _("Who must know now, and who must not?"),
                         _("What do we do, and what could it do to the person?")), cites))  # fmt: skip
    blocks.append(Heading(_("Turns of events")))
    for number, one in enumerate(scenario.injects, 1):
        blocks.append(Heading(_turn(number, one), 2))
        blocks.append(Paragraph((Sentence(one.text, cites),)))
    # Apart, so that whoever plays does not read it over somebody's shoulder.
    blocks.append(Heading(_("For who leads the table: what a good team does"), apart=True))
    for number, one in enumerate(scenario.injects, 1):
        if one.expects:
            blocks.append(Heading(_turn(number, one), 2))
            blocks.append(Paragraph((Sentence(one.expects, cites),)))
    blocks.append(Heading(_("Afterwards")))
    blocks.append(
        Paragraph((Sentence(_("Ask what helped, what hurt, what was luck, and what will be different."), cites),))
    )
    today = now.date()
    return Document(
        title=_("Table-top drill: %(title)s") % {"title": scenario.title},
        audience="operational",
        language=get_language() or "en",
        rtl=get_language_bidi(),
        tlp=Tlp.GREEN,
        since=today,
        until=today,
        made_at=now,
        issue=f"drill-{scenario.key}",
        blocks=tuple(blocks),
        facts={rests.key: rests},
        exercise=True,
    )


def _list(words: Iterable[str], cites: tuple[str, ...]) -> Bullets:
    return Bullets(tuple(Paragraph((Sentence(one, cites),)) for one in words))


def _fact(scenario: Scenario, now: datetime) -> Fact:
    source = Source(
        "scenario",
        scenario.key,
        scenario.title,
        reverse("responses:index") + "?show=drill",
        datetime.combine(now.date(), time(), UTC),
    )
    return Fact(
        key=f"scenario:{scenario.key}",
        topic=Topic.ACTIVITY,
        nature=Nature.RECORDED,
        says=_("All of it is invented, for a drill."),
        sources=(source,),
        as_of=now,
        tlp=Tlp.GREEN,
        exercise=True,
    )


def _turn(number: int, one: Inject) -> str:
    hours, minutes = divmod(one.minutes, 60)
    return _("Turn %(n)s, after %(hours)s:%(minutes)s") % {"n": number, "hours": hours, "minutes": f"{minutes:02}"}


def _paragraphs(text: str, cites: tuple[str, ...]) -> list[Block]:
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return [Paragraph((Sentence(part, cites),)) for part in parts if part]
