"""Every write of a desk's members about a letter. Each leaves a sealed line in the desk's notes."""

import base64
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.alerts import accepting, clock
from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Alert
from tocsin.keys import safes, sealing
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.lib.claims import patient
from tocsin.mailbox import arriving, clocks, desks, files, letters, record
from tocsin.mailbox.arriving import Coming
from tocsin.mailbox.contents import Content
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.mail import addresskeys, sending
from tocsin.mailbox.models import Desk, Due, Letter, Outgoing, Withdrawal
from tocsin.mailbox.refusals import RefusedError, UnsentError
from tocsin.mailbox.signal import sending as signal
from tocsin.people.models import Person

LONGEST_REPLY = 20_000
# Between a wish to delete and doing it. The door says so to whoever asks.
DELAY = timedelta(days=14)
_OVER = (Letter.State.DONE, Letter.State.ASIDE)


def type_in(by: Person, desk: Desk, content: Mapping[str, Any], excluded: Iterable[int]) -> UUID:
    """Keep what somebody says to a member of staff; sealed to the desk before anything is stored.

    ``content`` has the keys of a letter of the door: text, kind, safe, urgency, answer, language.

    Raises:
        RefusedError: when the desk has no key, or one of its members must not see it.
    """
    barred = sorted(set(excluded))
    if set(barred) & set(arriving.members(desk)):
        raise RefusedError(_("Somebody who must not see it reads this desk. Choose another desk."))
    body = {
        **content,
        "version": 1,
        "by": by.pk,
        "arrived": clock.now().isoformat(),
        "hidden": {"people": [desks.door_name(one) for one in barred]},
    }
    try:
        epoch, blob = arriving.sealed_now(desk, json.dumps(body, ensure_ascii=False).encode())
    except arriving.NoKeyError:
        raise RefusedError(_("This desk has no key now. Choose another desk.")) from None
    coming = Coming(
        desk=desk,
        door="phone",
        epoch=epoch,
        blob=blob,
        language=str(content.get("language", "")),
        urgency=str(content.get("urgency", "")),
        excluded=tuple(barred),
    )
    arriving.arrive(coming)
    return coming.id


def acknowledge(vault: OpenVault, one: Opened, subject: str, text: str, *, send: bool) -> None:
    """Let the sender know that a person has read it. Not ``send``: it was said in another way.

    Raises:
        RefusedError: when it could not be sent; nothing is noted then.
    """
    if send:
        _send(one, subject, text)
    _act(vault, one, "acknowledged", _answered(Letter.State.ACKNOWLEDGED, clocks.ACKNOWLEDGE), sent=send, text=text)
    _take_alert(vault, one)


def reply(vault: OpenVault, one: Opened, subject: str, text: str, *, send: bool) -> None:
    """Answer with substance; this counts as an acknowledgement, too.

    Raises:
        RefusedError: when it says nothing, or could not be sent; nothing is noted then.
    """
    words = text.replace("\r\n", "\n").strip()
    if not words or len(words) > LONGEST_REPLY:
        raise RefusedError(_("Write what you want to answer, in at most 20,000 letters."))
    if send:
        _send(one, subject, words)
    stop = _answered(Letter.State.ANSWERED, clocks.ACKNOWLEDGE, clocks.REPLY)
    _act(vault, one, "answered", stop, sent=send, text=words)
    _take_alert(vault, one)


def _answered(state: Letter.State, *kept: str) -> Callable[[Letter, Mapping[str, str]], None]:
    def change(row: Letter, tag: Mapping[str, str]) -> None:
        for name in kept:
            if name in tag:
                clocks.stop(tag[name])
        if state == Letter.State.ANSWERED or row.state == Letter.State.NEW:
            row.state = state

    return change


def set_aside(vault: OpenVault, one: Opened, why: Letter.Aside) -> None:
    """It is no report for this desk. It can be taken back until its key is destroyed."""

    def change(row: Letter, tag: Mapping[str, str]) -> None:
        row.state, row.aside = Letter.State.ASIDE, why
        clocks.forget([tag[name] for name in clocks.WITHIN if name in tag])

    _act(vault, one, "aside", change, why=str(why), before=one.letter.state)
    outcome = Alert.Outcome.DUPLICATE if why == Letter.Aside.DUPLICATE else Alert.Outcome.FALSE
    _end_alert(vault, one, outcome)


def take_back(vault: OpenVault, one: Opened) -> None:
    """Undo ``set_aside`` or ``finish``: it waits again, with the clocks that it had.

    Raises:
        RefusedError: when it was neither.
    """
    if one.letter.state not in _OVER:
        raise RefusedError(_("This letter is open already."))
    before = next((str(line.facts["before"]) for line in reversed(one.did) if "before" in line.facts), "new")

    def change(row: Letter, tag: Mapping[str, str]) -> None:
        row.aside = ""
        row.state = Letter.State(before) if before in Letter.State.values else Letter.State.NEW
        kept = {Letter.State.NEW: [*clocks.WITHIN], Letter.State.ACKNOWLEDGED: [clocks.REPLY]}
        came = datetime.fromisoformat(tag["at"])
        # What was finished is counted already; only the clocks of what was set aside went unmeasured.
        again = kept.get(Letter.State(row.state), []) if one.letter.state == Letter.State.ASIDE else []
        for name in again:
            policy = f"{name}:{one.desk.public_id}"
            values = {"due_at": came + clocks.WITHIN[name], "policy": policy}
            if name in tag:
                Due.objects.get_or_create(pk=UUID(hex=tag[name]), defaults=values)

    _act(vault, one, "back", change)


def keep_from(vault: OpenVault, one: Opened, person: Person) -> None:
    """Somebody must not see this letter, whatever policy or duty says: no alert about it reaches them from now on, they
    are not let into its desk, and a case that is opened from it keeps them out.

    Raises:
        RefusedError: for somebody who reads this desk.
    """
    if person.pk in arriving.members(one.desk):
        raise RefusedError(_("This person reads the desk, and its letters. Take them out first."))
    _act(vault, one, "kept_from", lambda row, tag: None, person=person.pk)
    alert = _alert_of(one)
    if alert is not None:
        accepting.spare(alert, [person.pk])


def finish(vault: OpenVault, one: Opened) -> None:
    """Nothing is left to do here. What the letter says goes when its key does."""
    _act(vault, one, "done", _done, before=one.letter.state)
    _end_alert(vault, one, Alert.Outcome.TRUE)


def _done(row: Letter, tag: Mapping[str, str]) -> None:
    row.state = Letter.State.DONE
    for name in clocks.WITHIN:
        if name in tag:
            # Nobody answered: a clock that still runs was not kept by being put away.
            clocks.miss(tag[name])


def freeze(vault: OpenVault, one: Opened, *, frozen: bool) -> None:
    """Let the sender's box look empty from now on, for whoever holds the receipt; or no longer.

    Raises:
        RefusedError: when the letter has no box.
    """
    lookup = bytes(one.letter.lookup)
    if not lookup:
        raise RefusedError(_("This letter did not come through the door, so there is no box."))

    def change(row: Letter, tag: Mapping[str, str]) -> None:
        act = Outgoing.Act.FREEZE if frozen else Outgoing.Act.THAW
        Outgoing.objects.create(act=act, lookup=lookup, day=timezone.now().date())
        Letter.objects.filter(lookup=lookup).update(frozen=frozen)
        row.frozen = frozen

    _act(vault, one, "frozen" if frozen else "thawed", change)


def call_back(vault: OpenVault, one: Opened) -> None:
    """Somebody asked the sender, by the way that they named, whether they meant it.

    Raises:
        RefusedError: when the sender asked for nothing.
    """
    rows = Withdrawal.objects.filter(lookup=bytes(one.letter.lookup))
    if not bytes(one.letter.lookup) or not rows.exists():
        raise RefusedError(_("The sender did not ask to delete anything."))

    def change(row: Letter, tag: Mapping[str, str]) -> None:
        rows.update(called_back=True)

    _act(vault, one, "called_back", change)


def destroy(vault: OpenVault, one: Opened) -> None:
    """Do what the sender asked: every letter of their box goes now, with its files, and the box at the door.

    Raises:
        RefusedError: before two weeks are over, before somebody called them back, or while a legal hold stands.
    """
    lookup = bytes(one.letter.lookup)
    wish = Withdrawal.objects.filter(lookup=lookup, erase=True).first() if lookup else None
    if wish is None:
        raise RefusedError(_("The sender did not ask to delete anything."))
    if not wish.called_back or timezone.now().date() < wish.asked_on + DELAY:
        line = _("Call them back first, and wait until two weeks are over: whoever holds the receipt may not be them.")
        raise RefusedError(line)
    with transaction.atomic():
        desks.refuse_while_held(one.desk)
        rows = list(Letter.objects.select_for_update().filter(lookup=lookup, desk=one.desk))
        notes = {row.pk.hex for row in rows}
        safes.changing(vault, one.desk.safe, lambda safe: _forget(safe, notes))
        Outgoing.objects.create(act=Outgoing.Act.REMOVE, lookup=lookup, day=timezone.now().date())
        for row in rows:
            clocks.forget(_clocks_of(one.safe, row))
            record.note(vault.person, "destroyed", row.pk.hex)
            row.delete()
    files.remove([file for row in rows for file in row.files])


def _clocks_of(safe: OpenSafe, row: Letter) -> list[str]:
    try:
        tag = letters.tag_of(safe, row)
    except NotInError:
        return []
    return [tag[name] for name in clocks.WITHIN if name in tag]


def _forget(safe: OpenSafe, letters: Collection[str]) -> None:
    for line in safe.records(desks.NOTES):
        if line.body.get("letter") in letters:
            safe.drop(line.id)


def take_into(vault: OpenVault, one: Opened, safe: UUID, compartment: str) -> UUID:
    """Carry a letter over into another safe that this person holds, and finish it here; gives the row there.

    Its sealed files stay where they are and belong to that safe from now on: the row names them, with their keys.

    Raises:
        NotInError: when this person does not hold the compartment.
        RefusedError: when the sender took it back, or nothing of it can be read.
    """
    content, letter = one.content, one.letter
    if content.unreadable and not content.encrypted:
        raise RefusedError(_("Nothing of it can be read here. Download it as it came, or set it aside."))
    if letter.wish:
        raise RefusedError(_("The sender took it back. Share nothing of it before you called them back."))
    body = {"kind": "letter", "came": one.head.came_at.isoformat(), "door": letter.door, **carried(content)}
    body["language"] = letter.language
    body["box"] = {"lookup": bytes(letter.lookup).hex(), "public": content.box.hex()}

    def change(row: Letter, _tag: Mapping[str, str]) -> None:
        # It stays open, with its clocks: whoever wrote it still waits for an answer.
        row.files = []

    with transaction.atomic():
        made = safes.changing(vault, safe, lambda there: _put(there, compartment, body))
        _act(vault, one, "taken", change)
    _take_alert(vault, one)
    return made


def _put(there: OpenSafe, compartment: str, body: dict[str, Any]) -> UUID:
    row = there.add(compartment, body)
    there.log("wrote", compartment=compartment)
    return row


def carried(content: Content) -> dict[str, Any]:
    """What a letter says, as another safe keeps it. Files in the letter itself come whole."""
    return {
        "text": content.text,
        "subject": content.subject,
        "sender": content.sender,
        "threat": content.kind,
        "safe": content.safe,
        "urgency": content.urgency,
        "answer": {"how": content.how, "where": content.where, "when": content.when, "say": content.say},
        "hidden": sorted(content.hidden),
        "files": [
            {
                "name": file.name,
                "type": file.kind,
                "size": file.size,
                "place": file.place,
                "key": base64.b64encode(file.key).decode(),
                "sha256": file.sha256,
                "data": base64.b64encode(file.data).decode(),
            }
            for file in content.files
        ],
    }


def _act(
    vault: OpenVault, one: Opened, verb: str, change: Callable[[Letter, Mapping[str, str]], None], **facts: Any
) -> None:
    """Note what is done and change the letter, both or neither."""
    line = {"kind": "did", "letter": one.letter.pk.hex, "at": clock.now().isoformat(), "by": vault.person, "verb": verb}

    @patient
    def together() -> None:
        with transaction.atomic():
            row = Letter.objects.select_for_update().get(pk=one.letter.pk)
            safes.changing(vault, one.desk.safe, lambda safe: safe.add(desks.NOTES, {**line, **facts}))
            change(row, one.tag)
            row.save()
            record.note(vault.person, verb, row.pk.hex)

    together()


def _send(one: Opened, subject: str, text: str) -> None:
    letter, content = one.letter, one.content
    if content.box:
        # The key that was sealed with the words, never the one in a row: whoever can change rows would read along.
        sealed = sealing.seal_to(content.box, json.dumps({"text": text}, ensure_ascii=False).encode())
        day = timezone.now().date()
        Outgoing.objects.create(act=Outgoing.Act.ANSWER, lookup=bytes(letter.lookup), sealed=sealed, day=day)
        return
    if letter.door not in {"mail", "signal"} or not content.sender:
        raise RefusedError(_("There is no way to answer from here. Answer as the person asked, then press “said”."))
    try:
        if letter.door == "signal":
            signal.answer(content.sender, text)
        else:
            keys = addresskeys.keys_of(one.safe) if content.sender_key else ()
            sending.answer(content, subject, text, keys[0].private if keys else "")
    except UnsentError as error:
        raise RefusedError(error.args[0]) from None


def _alert_of(one: Opened) -> Alert | None:
    if "alert" not in one.tag:
        return None
    rows = Alert.objects.filter(dedupe=f"letter:{one.tag['alert']}").exclude(state=Alert.State.RESOLVED)
    return rows.first()


def _take_alert(vault: OpenVault, one: Opened) -> None:
    alert = _alert_of(one)
    if alert is not None:
        person = Person.objects.get(pk=vault.person)
        try:
            alerts.acknowledge(alert, person, "console", confirmed=True)
        except alerts.RefusedError:
            return


def _end_alert(vault: OpenVault, one: Opened, outcome: Alert.Outcome) -> None:
    alert = _alert_of(one)
    if alert is not None:
        try:
            alerts.resolve(alert, Person.objects.get(pk=vault.person), outcome)
        except alerts.RefusedError:
            return
