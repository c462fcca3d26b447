"""A person's addresses, orders and test pages as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.alerts import addresses
from tocsin.alerts.channels import reasons
from tocsin.alerts.channels.here import channels, usable
from tocsin.alerts.models import Address, Attempt, Lane, Notice, Page, Preference, Severity
from tocsin.alerts.wording import calling
from tocsin.people.models import Person


@dataclass(frozen=True, slots=True)
class Row:
    """One address: ``state`` is a key (waiting, works, failing, off), ``says`` the same in words."""

    address: Address
    title: str
    wakes: bool
    state: str
    says: str

    @property
    def name(self) -> str:
        """What the person calls it, or what it is."""
        return self.address.label or self.address.value


@dataclass(frozen=True, slots=True)
class Order:
    """The order of one lane at some hours; ``left_out`` are verified addresses that are not in it."""

    lane: Lane
    hours: Preference.Hours
    chosen: bool
    rows: Sequence[tuple[Row, int]]
    left_out: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a test page came by one address. ``seconds``: after the test began; None while it waits."""

    title: str
    name: str
    says: str
    seconds: float | None


def row_of(address: Address) -> Row:
    """An address with its state."""
    channel = channels().get(address.channel)
    title = str(channel.title) if channel is not None else address.channel
    works_here = address.channel in usable()
    if not works_here:
        state, says = "off", _("This way is not set up here at the moment. It is not used.")
    elif address.verified_at is None:
        state, says = "waiting", _("Not used yet: type the code that was sent to it.")
    elif address.failing_since is not None:
        state, says = "failing", _("The provider refuses this address. Check it; it is used after all others.")
    else:
        state, says = "works", _("Verified.")
    return Row(address, title, channel is not None and channel.wakes, state, says)


def orders(person: Person, rows: Sequence[Row]) -> list[Order]:
    """Each lane's order by day and by night."""
    usable_rows = {row.address.pk: row for row in rows if row.state in {"works", "failing"}}
    return [_order(person, lane, hours, usable_rows) for lane in Lane for hours in Preference.Hours]


def _order(person: Person, lane: Lane, hours: Preference.Hours, rows: dict[int, Row]) -> Order:
    places = [one for one in addresses.order_of(person, lane, hours) if one.address.pk in rows]
    inside = {one.address.pk for one in places}
    return Order(
        lane,
        hours,
        addresses.is_chosen(person, lane, hours),
        [(rows[one.address.pk], one.after_seconds) for one in places],
        [row for number, row in rows.items() if number not in inside],
    )


def previews() -> list[tuple[str, str]]:
    """What a locked phone shows of a message: as it is without a choice, and when it says how severe it is."""
    name = settings.PAGING.pager_name
    opens = f"{settings.PUBLIC_URL.rstrip('/')}/a/… " + _("Number: %(number)s") % {"number": "0000"}
    return [
        (_("As it comes"), calling(f"{name} 7F3K", None, 1, opens)),
        (_("When it says how severe"), calling(f"{name} 7F3K", Severity.SEVERE, 1, opens)),
    ]


def wants_second(person: Person) -> bool:
    """Whether one way alone is proved, and another could be: a network, a provider or a battery may fail."""
    proved = Address.objects.filter(person=person, ended_at=None, verified_at__isnull=False, channel__in=usable())
    return proved.count() == 1


def summary(person: Person) -> str:
    """By how many ways the person can be reached, in words."""
    found = addresses.reachability(person)
    ways = ngettext("%(n)d verified way", "%(n)d verified ways", found.verified) % {"n": found.verified}
    wakes = ngettext("%(n)d of them can wake you", "%(n)d of them can wake you", found.wakes) % {"n": found.wakes}
    return f"{ways}; {wakes}."


def steps(notice: Notice) -> list[Step]:
    """How far a test page came, address by address."""
    pages = Page.objects.filter(notice=notice).select_related("address").order_by("position")
    return [_step(notice, page) for page in pages]


def _step(notice: Notice, page: Page) -> Step:
    channel = channels().get(page.channel)
    title = str(channel.title) if channel is not None else page.channel
    name = (page.address.label or page.address.value) if page.address is not None else ""
    says, moment = _("waits"), None
    if page.delivered_at is not None:
        says, moment = _("a device has it"), page.delivered_at
    elif page.state == Page.State.SENT:
        says, moment = _("the provider took it"), page.sent_at
    elif page.state == Page.State.SENDING:
        says = _("is being sent")
    elif page.state == Page.State.NOT_NEEDED:
        says = _("no longer needed")
    elif page.state == Page.State.FAILED or page.attempts_made:
        says = _failure(page)
    return Step(title, name, says, round((moment - notice.made_at).total_seconds(), 1) if moment is not None else None)


def _failure(page: Page) -> str:
    last = Attempt.objects.filter(page=page).exclude(why="").order_by("-number").first()
    why: str | Promise = reasons.words(last.why) if last is not None else ""
    if page.state == Page.State.FAILED:
        return _("It failed. %(why)s") % {"why": why}
    return _("It failed and is tried again. %(why)s") % {"why": why}
