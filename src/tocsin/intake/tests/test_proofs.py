"""Proofs of work at the door: a browser with scripts may bring one and stands in a shorter line; nobody has to."""

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.intake import configured, pages, proofs
from tocsin.intake.queueing import Line, Lost, Makers, Turns, Waiting
from tocsin.intake.tests.visitor import Visitor
from tocsin.lib.tests import loops

pytestmark = pytest.mark.django_db(databases=["default", "door"], transaction=True)


def solved(challenge: str) -> str:
    """What the script looks for."""
    bits = int(challenge.split(".")[1])
    return next(text for n in range(2**24) if proofs._zeros(text := f"{challenge}.{n}") >= bits)


def test_a_proof_counts_once(folder: Path) -> None:
    proof = solved(proofs.challenge(8))
    assert proofs.holds(proof)
    assert not proofs.holds(proof)


def test_what_is_no_proof_counts_for_nothing(folder: Path) -> None:
    challenge = proofs.challenge(8)
    proof = solved(challenge)
    easier = challenge.replace(".8.", ".1.", 1)
    unsolved = next(f"{challenge}.{n}" for n in range(99) if proofs._zeros(f"{challenge}.{n}") < 8)
    for wrong in ("", "x", challenge, unsolved, solved(easier), proof + "٣", "9" * 5_000, proof.replace(".", ",")):
        assert not proofs.holds(wrong)
    (folder / "secret_key").write_text("another door")
    configured.key_for.cache_clear()
    assert not proofs.holds(proof)
    configured.key_for.cache_clear()


def test_a_proof_ends_after_an_hour(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof, later = solved(proofs.challenge(8)), datetime.now(UTC) + timedelta(minutes=62)
    monkeypatch.setattr(proofs, "_minute", lambda: int(later.timestamp()) // 60)
    assert not proofs.holds(proof)


def test_the_longer_the_line_the_more_work_is_asked() -> None:
    assert [proofs.bits_for(waiting) for waiting in (0, 10, 60, 1_000, 10**9)] == [16, 16, 17, 19, 21]


def test_whoever_has_a_proof_takes_three_turns_of_four() -> None:
    turns = Turns[str]()
    for number in range(6):
        turns.add(f"p{number}", True)
        turns.add(f"-{number}", False)
    assert [turns.next() for _ in range(12)] == [
        "p0", "p1", "p2", "-0", "p3", "p4", "p5", "-1", "-2", "-3", "-4", "-5",
    ]  # fmt: skip
    with pytest.raises(IndexError):
        turns.next()


def test_a_flood_without_proofs_takes_no_place_from_a_holder_with_one_and_the_other_way_round() -> None:
    async def story() -> None:
        go = threading.Event()
        line = Line[int](1, places=3)
        first = asyncio.ensure_future(line.enter(lambda: int(go.wait())))
        await asyncio.sleep(0)
        for number in range(3):
            entered = await line.enter(lambda number=number: number)  # type: ignore[misc]  # the number of now
            assert isinstance(entered, Waiting)
            await line.look(entered.ticket)
        with pytest.raises(Lost):
            await line.enter(lambda: 8)
        holder = await line.enter(lambda: 9, proven=True)
        assert isinstance(holder, Waiting)
        assert isinstance(await line.look(holder.ticket), Waiting)
        go.set()
        await first
        while isinstance(found := await line.look(holder.ticket), Waiting):
            await asyncio.sleep(0)
        assert found == 9

    loops.run(story())


def test_who_sends_with_a_proof_is_not_behind_a_flood_and_who_went_away_costs_nothing() -> None:
    async def story() -> None:
        go, done = threading.Event(), list[int]()
        makers = Makers()
        first = asyncio.ensure_future(makers.run(go.wait))
        await asyncio.sleep(0)
        flood = [asyncio.ensure_future(makers.run(lambda number=n: done.append(number))) for n in range(5)]  # type: ignore[misc]
        await asyncio.sleep(0)
        flood[0].cancel()
        mine = asyncio.ensure_future(makers.run(lambda: done.append(99), proven=True))
        await asyncio.sleep(0)
        assert makers.waiting() == 6
        go.set()
        await asyncio.gather(first, mine, *flood[1:])
        assert done == [99, 1, 2, 3, 4]

        def fails() -> None:
            raise ValueError

        with pytest.raises(ValueError):  # noqa: PT011
            await makers.run(fails)
        assert await makers.run(lambda: 7) == 7

    loops.run(story())


def test_pages_offer_it_in_an_own_file_and_take_what_comes_without_it(dana: Visitor) -> None:
    dana.get("/en/box")
    assert re.search(r'<script src="\.\./door\.js" defer></script>', dana.page.text)
    assert not re.search(r"<script(?! src)", dana.page.text)
    ask = re.search(r'name="proof" data-ask="([^"]+)"', dana.page.text)
    assert ask
    script = dana.get("/door.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "//" not in script.text.partition("\n")[2]
    assert len(pages.script()) + len(pages.style()) + 3 * pages.STEP < 30_000
    words = dana.tell()
    dana.post("/en/box", {"words": words, "go": "open", "proof": solved(ask[1])})
    assert dana.says("There is no new message")
    dana.open(words)
    assert dana.says("There is no new message")
