"""Brings issues to their readers, and knows who received what. A mail server that is down for a day loses nothing."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.channels import addresses, reasons
from tocsin.alerts.channels.base import Result
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp
from tocsin.mailbox.mail import openpgp
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import mailing, versions
from tocsin.reports.access import editors, may_receive
from tocsin.reports.audiences import AUDIENCES, within
from tocsin.reports.models import Delivery, Issue, Recipient, Report, Way
from tocsin.reports.refusals import RefusedError, refuse_unseen
from tocsin.reports.secrets import IssueToken, token_of

LINKS_LAST = timedelta(days=30)
_LEASE = timedelta(seconds=60)
_SLOWEST = 3600


def begin(issue: Issue, by: Person) -> list[Delivery]:
    """Send a released issue to whom it is for, in the transaction of its release.

    A correction goes to exactly those who were sent the issue that it corrects, in whichever language, whoever gets new
    issues by now; its language versions follow. Everybody else gets the language that was chosen for them.
    """
    if issue.corrects is not None:
        made = [_deliver(issue, by, one) for one in _had(issue.corrects)]
        # What still waits of the old issue never leaves.
        _keep_back(_of(issue.corrects))
        return made
    return [_deliver(issue, by, one) for one in gets(issue)]


# The end of its last attempt is not known; one that was stopped like this may have been read.
_OPEN_END = Q(tries__gt=0, why="")
_MAY_HAVE_LEFT = Q(sent_at__isnull=False) | _OPEN_END


def _of(issue: Issue) -> QuerySet[Delivery]:
    """The deliveries of an issue and of its language versions."""
    return Delivery.objects.filter(Q(issue=issue) | Q(issue__translates=issue))


def _had(issue: Issue) -> Iterable[Delivery]:
    """What was sent of an issue and of its language versions, or was on its way, one for each address."""
    # One that was kept back for a newer issue is owed that one, in its own language too.
    never = Q(state=Delivery.State.STOPPED) & ~_MAY_HAVE_LEFT & ~Q(why=mailing.CORRECTED)
    found = _of(issue).order_by("pk").exclude(never).select_related("person")
    return {one.address or one.public_id: one for one in found}.values()


def _keep_back(rows: QuerySet[Delivery]) -> None:
    """Let nothing of these leave that has not left: their issue was corrected, perhaps since it names somebody."""
    waits = rows.filter(state=Delivery.State.WAITING)
    waits.filter(_OPEN_END).update(state=Delivery.State.STOPPED)
    waits.update(state=Delivery.State.STOPPED, why=mailing.CORRECTED)


def gets(issue: Issue) -> list[Recipient]:
    """Who gets an issue as soon as it is released: a language version whoever chose its language, an original the
    others. Who chose a language in which the report is not to be had gets the original."""
    rows = issue.report.recipients.filter(ended_at=None).select_related("person").order_by("pk")
    mine, theirs = issue.language.lower(), {one.lower() for one in issue.report.languages}
    own = issue.draft.language.lower()
    if mine:
        return [one for one in rows if one.language.lower() == mine]
    return [one for one in rows if one.language.lower() in {"", own} or one.language.lower() not in theirs]


def send_to(by: Person, issue: Issue, recipient: Recipient) -> Delivery:
    """Send an issue to one more reader.

    Raises:
        RefusedError: when it was sent there already, or may not be.
    """
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not send reports. Ask a lead or an approver."))
    with transaction.atomic():
        _hold_newest(issue)
        if issue.deliveries.filter(address=recipient.address).exists():
            raise RefusedError(_("It was sent there already. See below what became of it."))
        return _deliver(issue, by, recipient)


def why_not_handed(issue: Issue) -> str:
    """Why no link may be handed over that opens an issue, in words; empty where one may."""
    if mailing.is_closed(issue) or not within(Tlp(issue.tlp), Tlp.AMBER):
        return _("This is above TLP:AMBER: nobody would know who opens the link. Send it to an address.")
    # A link leads out of the organisation, so what was meant for inside needs the second pair of eyes now.
    if not AUDIENCES[issue.audience].outside and issue.released_by_id in {None, *editors(issue.draft)}:
        return _("It was written for inside, and whoever worked on it released it. Send it to an address.")
    return ""


def hand_over(by: Person, issue: Issue, name: str) -> Delivery:
    """Make a link that this person hands over in a way of their own; ``secrets.link_of`` gives it, to them alone.

    Raises:
        RefusedError: for an issue that is too close for a link whose reader nobody knows, that was
            corrected, or that was written for inside and released by one of its editors.
    """
    refuse_unseen(name)
    said = " ".join(name.split())[:120]
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not send reports. Ask a lead or an approver."))
    if not said:
        raise RefusedError(_("Say for whom it is: a role or an organisation is enough."))
    if why := why_not_handed(issue):
        raise RefusedError(why)
    with transaction.atomic():
        _hold_newest(issue)
        return _deliver(issue, by, Delivery(name=said, way=Way.HAND))


def _hold_newest(issue: Issue) -> None:
    """Stop here if an issue was corrected, and let nobody correct it, or send it as well, before this transaction ends.

    Raises:
        RefusedError: when it was corrected.
    """
    # As a release does: a correction reads once who had the old issue, so that none may be sent beside it.
    Report.objects.select_for_update().get(pk=issue.report_id)
    if (newer := versions.newer(issue)) is not None:
        raise RefusedError(_("It was corrected. Send %(issue)s instead.") % {"issue": newer.name})


def _deliver(issue: Issue, by: Person, to: Recipient | Delivery) -> Delivery:
    at, name = clock.now(), random_name(20)
    row = Delivery(
        public_id=name, issue=issue, person=to.person, name=to.name, address=to.address, way=to.way, key=to.key,
        made_by=by, made_at=at, due_at=at,
    )  # fmt: skip
    if to.way == Way.HAND:
        row.state, row.sent_at = Delivery.State.SENT, at
    row.as_what = mailing.as_what(row)
    if row.as_what == mailing.LINK:
        row.token_hash, row.expires_at = token_of(name).digest, at + LINKS_LAST
    row.save()
    record(by.pk, "report.send", f"delivery:{name}", issue=issue.public_id)
    return row


def add(
    by: Person,
    report: Report,
    name: str,
    address: str,
    way: str,
    key: str = "",
    person: Person | None = None,
    *,
    language: str = "",
) -> Recipient:
    """Let somebody get each issue from now on, in a language if one is given.

    Raises:
        RefusedError: for an address or a key that is none, or where only people with an account may read.
    """
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not choose who gets reports. Ask a lead or an approver."))
    try:
        clean = addresses.mail(address)
    except addresses.AddressError:
        raise RefusedError(_("This is no mail address.")) from None
    refuse_unseen(name, address, key)
    if way not in {Way.MAIL, Way.LINK} or not name.strip():
        raise RefusedError(_("Say who it is, and how it reaches them."))
    if key and not openpgp.fingerprint(key.encode()):
        raise RefusedError(_("This is no OpenPGP key. Paste the whole public key, with its first and last line."))
    if language and language not in {report.language, *report.languages}:
        raise RefusedError(_("The report is not to be had in this language. Choose one of its languages."))
    if report.readers and (person is None or not person.roles & report.readers):
        raise RefusedError(_("This report is for some of the team only. Choose somebody with one of those roles."))
    with transaction.atomic():
        standing = report.recipients.select_for_update().filter(address=clean, ended_at=None).first()
        if standing is not None:
            raise RefusedError(_("They get it already."))
        row = Recipient.objects.create(
            report=report, person=person, name=" ".join(name.split())[:120], address=clean, way=way, key=key.strip(),
            language=language, added_by=by, added_at=clock.now(),
        )  # fmt: skip
        record(by.pk, "report.recipient", f"recipient:{row.pk}", report=report.public_id)
        return row


def account_of(address: str) -> Person | None:
    """Who of the team has this address."""
    return Person.objects.filter(email__iexact=address, is_active=True).first()


def end(by: Person, recipient: Recipient) -> None:
    """Send them no further issue. What they received stays known."""
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not choose who gets reports. Ask a lead or an approver."))
    with transaction.atomic():
        if Recipient.objects.filter(pk=recipient.pk, ended_at=None).update(ended_at=clock.now()):
            record(by.pk, "report.recipient_ended", f"recipient:{recipient.pk}")


def revoke(by: Person, delivery: Delivery) -> None:
    """Take a link back, or stop a mail that has not left yet. What was read or sent can't be taken back."""
    if not by.may(Right.RELEASE):
        raise RefusedError(_("You may not do this. Ask a lead or an approver."))
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        at = clock.now()
        if row.state == Delivery.State.WAITING:
            row.state = Delivery.State.STOPPED
        row.revoked_at = row.revoked_at or at
        row.save(update_fields=["state", "revoked_at"])
        record(by.pk, "report.revoke", f"delivery:{row.public_id}")


def behind(token: str) -> Delivery | None:
    """The delivery behind a link while it can be opened; None for one that never was, is over, or was taken back.

    Nor does one open for a person who left, or an issue that its reader may no longer read without signing in.
    """
    if not token.isascii() or len(token) > 80:
        return None
    rows = Delivery.objects.filter(token_hash=IssueToken(token).digest, revoked_at=None, expires_at__gt=clock.now())
    found = rows.select_related("issue__report", "issue__draft", "person").first()
    if found is None or not all(_opens(found, one) for one in (found.issue, shown_by(found))):
        return None
    return found


def _opens(delivery: Delivery, issue: Issue) -> bool:
    return not mailing.is_closed(issue) and may_receive(delivery, issue)


def shown_by(delivery: Delivery) -> Issue:
    """The issue that a link shows: the one it was made for. A withdrawn one gives its notice alone; a link that was
    handed over leads to the newest correction, since no mail can bring that."""
    found = delivery.issue
    while (newer := versions.newer(found)) is not None:
        if not newer.withdraws and delivery.way != Way.HAND:
            break
        found = newer
    return found


def original_behind(delivery: Delivery) -> Issue | None:
    """The original of the language version that a link shows, where the link may open that too."""
    original = shown_by(delivery).translates
    if original is None or not _opens(delivery, original) or versions.newer(original) is not None:
        return None
    return original


def opened(delivery: Delivery) -> None:
    """Count that a person opened it; not when, and nothing of them."""
    Delivery.objects.filter(pk=delivery.pk).update(opened=F("opened") + 1)


def step(limit: int = 5) -> bool:
    """Send what is due; False when nothing was."""
    done = False
    for _each in range(limit):
        claimed = _claim()
        if claimed is None:
            break
        _finish(claimed)
        done = True
    return done


def _claim() -> Delivery | None:
    at = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    rows = Delivery.objects.filter(free, state=Delivery.State.WAITING, due_at__lte=at).order_by("due_at", "pk")
    for number in list(rows.values_list("pk", flat=True)[:5]):
        # Whoever changes the row first has it; the attempt is counted before it is made. That the one before may have
        # brought it is not forgotten, whatever comes of this one.
        left = Case(When(_OPEN_END & Q(sent_at=None), then=Value(at)), default=F("sent_at"))
        won = rows.filter(pk=number).update(leased_until=at + _LEASE, tries=F("tries") + 1, why="", sent_at=left)
        if won:
            return Delivery.objects.select_related("issue__report", "issue__draft", "person").get(pk=number)
    return None


def _finish(row: Delivery) -> None:
    mine = Delivery.objects.filter(pk=row.pk, state=Delivery.State.WAITING, tries=row.tries)
    if not mine.update(leased_until=clock.now() + _LEASE):
        # Whoever hung for longer than the lease finds that another took it meanwhile, or that somebody stopped it.
        return
    if versions.newer(row.issue) is not None:
        mine.update(state=Delivery.State.STOPPED, why=mailing.CORRECTED, leased_until=None)
        return
    outcome = mailing.send(row)
    at = clock.now()
    if outcome.result is Result.TAKEN:
        # Whoever stopped it meanwhile came too late: it was sent, and its correction must reach the same reader.
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.SENT, sent_at=at, why="", leased_until=None)
    elif outcome.result is Result.REFUSED:
        mine.update(state=Delivery.State.REFUSED, why=outcome.why, leased_until=None)
    else:
        wait = timedelta(seconds=min(_SLOWEST, 30 * 2 ** min(row.tries, 10)))
        mine.update(why=outcome.why, due_at=at + wait, leased_until=None)
        if outcome.result is Result.UNKNOWN:
            mine.filter(sent_at=None).update(sent_at=at)
        mine.filter(first_failed_at=None).update(first_failed_at=at)


def why(delivery: Delivery) -> str:
    """Why it did not go out, in words; empty where it did."""
    if delivery.why == mailing.BAD_KEY:
        return _("Their key can’t be used, and nothing goes out in clear. Give another key.")
    if delivery.why == mailing.CORRECTED:
        return _("It was corrected before this left. The newer issue goes to them instead.")
    if delivery.why == mailing.NO_READER:
        return _("They left the team, or may no longer read it. Nothing was sent.")
    return str(reasons.words(delivery.why)) if delivery.why else ""


def waiting(issues: Iterable[Issue]) -> int:
    """How many mails of these issues have not left yet, because the mail server does not take them."""
    rows = Delivery.objects.filter(issue__in=list(issues), state=Delivery.State.WAITING)
    return rows.exclude(first_failed_at=None).count()
