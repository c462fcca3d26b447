"""What becomes of a case once it is closed: the clock of its class, what stops it, and its end by two people."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.models import Notice
from tocsin.cases.access import BOTH, people
from tocsin.cases.actions import changing, owner_or_refuse
from tocsin.cases.entries import Entry, body, entries, first
from tocsin.cases.kinds.base import WrongError, checked
from tocsin.cases.kinds.course import About, Ending
from tocsin.cases.refusals import RefusedError
from tocsin.keys import holds, retention, shredding
from tocsin.keys.holds import HeldError
from tocsin.keys.safes import ChangedError, NotInError, OpenSafe
from tocsin.keys.shredding import Certified
from tocsin.keys.vaults import OpenVault


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a closed case is kept. ``due`` is None while no clock runs; ``held_until`` while no hold stands."""

    due: date | None
    held_until: date | None
    held_by: str
    asked: Entry | None
    asker: str
    mine: bool


def begin(safe: OpenSafe) -> date | None:
    """Let the clock of a closed case run, if none does; gives the day. A case that is open has none."""
    _entry, about = first(entries(safe, "account"), About)
    if about is None or about.state != "closed":
        return None
    try:
        return retention.due_on(safe) or retention.start(safe, *about.policy)
    except ChangedError:
        return None  # somebody changed the case at this moment: the next page begins it


def standing(safe: OpenSafe) -> Keeping:
    """How long it is kept, what stops that, and whether somebody asked to end it."""
    hold = retention.held(safe)
    asked, _ending = first(entries(safe, "account"), Ending)
    known = people({hold.set_by} if hold else set()) | people({asked.by} if asked else set())
    return Keeping(
        due=retention.due_on(safe),
        held_until=hold.until if hold else None,
        held_by=known[hold.set_by].name if hold and hold.set_by in known else "",
        asked=asked,
        asker=known[asked.by].name if asked and asked.by in known else _("somebody who left"),
        mine=asked is not None and asked.by == safe.vault.person,
    )


def extend(vault: OpenVault, case: UUID, until: date, reason: str) -> None:
    """Keep a closed case longer, with a reason that stands in its log.

    Raises:
        WrongError: without a reason, or for a day that is not later.
        RefusedError: when no clock runs, or this person is no owner.
    """

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        before, about = first(entries(safe, "account"), About)
        if before is None or about is None or about.state != "closed":
            raise RefusedError(_("The case is open: no clock runs."))
        begin(safe)
        try:
            retention.extend(safe, until, reason)
        except ValueError:
            raise WrongError("until", _("Choose a later day, and give a reason.")) from None
        except NotInError:
            raise RefusedError(_("You are in it for a while. Let an owner who stays do this.")) from None
        after = replace(about, erase_on=until.isoformat())
        safe.change(before.id, before.version, body(after, clock.now(), vault.person, before))

    changing(vault, case, act)


def ask(vault: OpenVault, case: UUID, why: str) -> None:
    """Ask another owner to shred a closed case now. Nothing is destroyed by that.

    Raises:
        WrongError: without a reason.
        RefusedError: when it is open, held, asked for already, or this person is no owner.
    """
    what = checked(Ending(why=why))

    def act(safe: OpenSafe) -> None:
        _may_end(safe)
        if first(entries(safe, "account"), Ending)[0] is not None:
            raise RefusedError(_("Somebody asked for it already."))
        safe.log("end_asked")
        safe.add("account", body(what, clock.now(), vault.person))

    changing(vault, case, act)


def take_back(vault: OpenVault, case: UUID) -> None:
    """Let it be kept after all; any owner may.

    Raises:
        RefusedError: when nobody asked, or this person is no owner.
    """

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        asked, _ending = first(entries(safe, "account"), Ending)
        if asked is None:
            raise RefusedError(_("Nobody asked to shred it."))
        safe.log("end_taken_back")
        safe.drop(asked.id)

    changing(vault, case, act)


def end(vault: OpenVault, case: UUID) -> Certified:
    """Shred a closed case, as another owner asked. Nothing brings it back.

    Raises:
        RefusedError: when nobody else asked, it is open or held, or this person is no owner.
    """
    try:
        safe = OpenSafe(vault, case)
    except NotInError:
        raise RefusedError(_("Only an owner of the case can do this.")) from None
    if safe.kind not in BOTH:
        raise RefusedError(_("Only an owner of the case can do this."))
    _may_end(safe)
    asked, _ending = first(entries(safe, "account"), Ending)
    if asked is None or asked.by == vault.person:
        raise RefusedError(_("Two owners end a case: one asks, another one does it."))
    try:
        return shredding.shred(safe)
    except HeldError:
        raise RefusedError(_held_words(safe)) from None
    except NotInError:
        raise RefusedError(_("You don’t hold all of it. Somebody who does must do it.")) from None
    except ChangedError:
        raise RefusedError(_("Somebody changed this meanwhile. Look again before you go on.")) from None


def _may_end(safe: OpenSafe) -> None:
    owner_or_refuse(safe)
    _entry, about = first(entries(safe, "account"), About)
    if about is None or about.state != "closed":
        raise RefusedError(_("Only a closed case is shredded. Close it first."))
    if holds.over(safe.id, safe.kind) is not None:
        raise RefusedError(_held_words(safe))


def _held_words(safe: OpenSafe) -> str:
    hold = holds.over(safe.id, safe.kind)
    until = hold.until.isoformat() if hold else ""
    return _("A legal hold keeps it until %(day)s. Nothing was shredded. Ask counsel.") % {"day": until}


def sweep(safe: UUID, compartment: str | None) -> None:
    """What this room keeps of a case outside its safe goes with it: that a duty sheet was opened, and who was told."""
    if compartment is None:
        Notice.objects.filter(reference__startswith=f"case:{safe}:").delete()
