"""What programs look at in these tests, and how they call."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tocsin.alliances.models import Contact, Reach
from tocsin.people.models import Person
from tocsin.reports import arranging, editing, releasing, sending, together
from tocsin.reports.arranging import Wanted
from tocsin.reports.laying import digest_of, document_of
from tocsin.signals.models import CellState, Finding, Signal
from tocsin.situations import membership
from tocsin.situations.models import MembershipEvent, Situation
from tocsin.situations.standing import refresh
from tocsin.streams.models import Item, Requirement, Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Program:
    """A program with a token: what it gets is the status and the JSON."""

    token: str
    client: Client = field(default_factory=Client)

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.send(method, path, **sent)

    def send(self, method: str, path: str, **sent: Any) -> tuple[int, Any]:
        answer = self.client.generic(method, f"/api/{path}", HTTP_AUTHORIZATION=f"Bearer {self.token}", **sent)
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def get(self, path: str) -> Any:
        status, body = self.call("GET", path)
        assert status == 200, body
        return body


Makes = Callable[..., Program]


@dataclass
class World:
    """What the tests look at: an open situation, another one, and one that only leads may read."""

    open: Situation
    other: Situation
    secret: Situation
    shown: list[Signal]
    hidden: Signal
    requirement: Requirement


def signal(title: str, number: int, readers: int = 0) -> Signal:
    source, _ = Source.objects.get_or_create(
        name=f"Daily {readers}", kind="feeds", url=f"https://{readers}.example/", readers=readers,
        defaults={"expected_every": timedelta(hours=1), "next_fetch_at": NOW},
    )  # fmt: skip
    item = Item.objects.create(
        source=source, key=str(number), digest=str(number), title=title, text=f"{title}. 维基百科的编辑被捕。",
        published_at=NOW, fetched_at=NOW, expires_at=timezone.now() + timedelta(days=9), readers=readers,
    )  # fmt: skip
    return Signal.objects.create(
        item=item, at=NOW + timedelta(hours=number), title=title, url="https://daily.example/1", origin="Daily",
        country="TR", countries=["TR"], harm="arrest", our_link=True, reliability="B", credibility=3, readers=readers,
        rule="text-reading/1",
    )  # fmt: skip


def finding() -> Finding:
    cell = {"rule": "blocking/1", "stream": "blocking", "kind": "ooni", "country": "TR", "subject": "wikipedia.org"}
    recent = [[1_772_000_000, 10.0, 2.0, None, "scored"], [1_772_086_400, None, None, None, "none"]]
    CellState.objects.create(**cell, network="AS1", last_point_at=NOW, delay_seconds=7200.0, recent=recent)
    CellState.objects.create(**cell, network="AS2", delay_seconds=float("inf"))
    return Finding.objects.create(
        **cell, network="AS1", opened_at=NOW, seen_at=NOW, direction="rise", score=0.9, before=0.0, now=0.8, points=9,
        evidence="scored", rivals=[["outage", "the network was slow", "others worked"]],
    )  # fmt: skip


def situation(*signals: Signal) -> Situation:
    row = membership.begin(signals[0])
    membership.move(MembershipEvent.Verb.JOIN, [one.pk for one in signals], row, log_in=row, rule="grouping/1")
    refresh(row)
    return row


def ally(public_id: str, owner: Person) -> Contact:
    """One who is proposed, under the id of another thing, so that calls with it come past the door."""
    row = Contact.objects.create(
        public_id=public_id, once=public_id, name="Amina", kinds=["lawyer"], helps=["legal"], countries=["KE"],
        owner=owner, state_at=NOW, made_at=NOW,
    )  # fmt: skip
    Reach.objects.create(contact=row, ways="Signal +254")
    return row


def reported(path: str, owner: Person) -> dict[str, Any]:
    """What a route of reports is about: a set with a round and a reader, a draft of it, and an issue for its routes."""
    kind = path.split("/")[3]
    wanted = Wanted("The week", "executive", "hand", "a-week-of-reports")
    if kind in {"sets", "rounds"}:
        row = together.arrange(owner, wanted, ["executive"])
        drawn = (
            together.the_week(owner, "a-round-of-reports", ["executive"], exercise=False) if kind == "rounds" else row
        )
        return {"public_id": drawn.public_id}
    report = arranging.arrange(owner, wanted)
    reader = sending.add(owner, report, "The board", "board@example.org", "mail")
    if kind not in {"drafts", "issues"}:
        return {"public_id": report.public_id, "number": reader.pk}
    draft = arranging.draft_now(owner, report)
    name = next(one["id"] for _block, one in editing.sentences(draft.blocks) if not one["id"].startswith("top"))
    if kind == "drafts":
        return {"public_id": draft.public_id, "name": name}
    issue = releasing.release(owner, draft, digest_of(document_of(draft)), without_pdf=True)
    return {"public_id": issue.public_id, "delivery": issue.deliveries.get().public_id}


def next_week() -> str:
    return (timezone.localdate() + timedelta(days=7)).isoformat()
