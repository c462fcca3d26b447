"""One's own addresses, for programs: nobody else's are here."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.alerts import addresses
from tocsin.alerts.contacts import shown
from tocsin.alerts.models import Address, Lane, Notice, Preference
from tocsin.lib.inputs import Id, Line
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.roles import Right

router = Router(tags=["contacts"])

Which = Literal["life", "wake", "quiet"]
When = Literal["day", "night"]


class AddressOut(Schema):
    """One of your addresses."""

    id: int
    channel: str
    value: str
    label: str
    wakes: bool
    says_severity: bool
    state: str = Field(description="`waiting` for its code, `works`, `failing`, or `off`: its channel is not set up.")
    verified_at: datetime | None


class AddressIn(Schema):
    """A new address."""

    channel: Line = Field(max_length=12)
    value: Line = Field(max_length=300)
    label: Line = Field("", max_length=60)


class CodeIn(Schema):
    """The code that came."""

    code: Line = Field(max_length=12)


class AddressWordsIn(Schema):
    """How you call it, and whether its messages say how severe it is."""

    label: Line = Field("", max_length=60)
    says_severity: bool = False


class PlaceShape(Schema):
    """One place in an order."""

    contact: Id
    after_seconds: int = Field(60, ge=0, le=addresses.LONGEST_WAIT, description="Counted from the one before.")


class OrderOut(Schema):
    """In which order your addresses are used in one lane, by day or by night."""

    lane: str
    hours: str
    chosen: bool = Field(description="Whether you chose it; else it is the order that stands without.")
    places: list[PlaceShape]


class OrderIn(Schema):
    """The order that you want; an empty one goes back to the order that stands without."""

    places: list[PlaceShape] = Field(max_length=addresses.MOST)


class TestIn(Schema):
    """Where a test page goes; nothing: by your own order."""

    contact: Id | None = None


class StepOut(Schema):
    """How far a test page came by one address."""

    title: str
    says: str
    seconds: float | None


class TestOut(Schema):
    """Your last test page."""

    made_at: datetime
    answered_at: datetime | None
    steps: list[StepOut]


class LostIn(Schema):
    """Whether the device is in other hands."""

    lost: bool = Field(False, description="It goes at once, even while you are on duty.")


@router.get("/contacts", response=list[AddressOut], auth=Bearer(Right.ALERTS), summary="List your own addresses")
def contacts(request: HttpRequest) -> list[AddressOut]:
    """Your addresses, in the order in which you added them."""
    return [_out(one) for one in addresses.mine(caller(request))]


@router.post("/contacts", response={201: AddressOut}, auth=Bearer(Right.ALERTS), summary="Add an address")
def add_contact(request: HttpRequest, given: AddressIn) -> AddressOut:
    """Add an address of yours; a code is sent to it."""
    return _out(addresses.add(caller(request), given.channel, given.value, given.label))


@router.post("/contacts/test", response={201: TestOut}, auth=Bearer(Right.ALERTS), summary="Send yourself a test page")
def test_contacts(request: HttpRequest, given: TestIn) -> TestOut:
    """Page yourself now, by your own order or by one address."""
    person = caller(request)
    address = addresses.access_address(person, given.contact) if given.contact is not None else None
    return _test_out(addresses.send_test(person, address))


@router.get(
    "/contacts/test", response=list[TestOut], auth=Bearer(Right.ALERTS), summary="See how far your test page came"
)
def contacts_test(request: HttpRequest) -> list[TestOut]:
    """The last test page of the last hour, or nothing."""
    notice = addresses.last_test(caller(request))
    return [_test_out(notice)] if notice is not None else []


@router.get("/contacts/orders", response=list[OrderOut], auth=Bearer(Right.ALERTS), summary="List your orders")
def contact_orders(request: HttpRequest) -> list[OrderOut]:
    """The order of each lane by day and by night."""
    person = caller(request)
    return [
        OrderOut(
            lane=lane.value,
            hours=hours.value,
            chosen=addresses.is_chosen(person, lane, hours),
            places=[
                PlaceShape(contact=one.address.pk, after_seconds=one.after_seconds)
                for one in addresses.order_of(person, lane, hours)
            ],
        )
        for lane in Lane
        for hours in Preference.Hours
    ]


@router.put(
    "/contacts/orders/{lane}/{hours}", response={204: None}, auth=Bearer(Right.ALERTS), summary="Choose an order"
)
def order_contacts(request: HttpRequest, lane: Which, hours: When, given: OrderIn) -> HttpResponse:
    """Put an order in the place of the one that was."""
    places = [(one.contact, one.after_seconds) for one in given.places]
    addresses.set_order(caller(request), Lane(lane), Preference.Hours(hours), places)
    return HttpResponse(status=204)


@router.put("/contacts/{number}", response=AddressOut, auth=Bearer(Right.ALERTS), summary="Name an address")
def change_contact(request: HttpRequest, number: Id, given: AddressWordsIn) -> AddressOut:
    """Name it, and choose whether its messages say how severe it is."""
    person = caller(request)
    addresses.save_words(person, addresses.access_address(person, number), given.label, given.says_severity)
    return _out(addresses.access_address(person, number))


@router.delete("/contacts/{number}", response={204: None}, auth=Bearer(Right.ALERTS), summary="Remove an address")
def remove_contact(request: HttpRequest, number: Id, part: Query[LostIn]) -> HttpResponse:
    """Use it no more. The last one that can wake you stays while you are on duty, unless it is lost."""
    person = caller(request)
    addresses.remove(person, addresses.access_address(person, number), lost=part.lost)
    return HttpResponse(status=204)


@router.post("/contacts/{number}/code", response={204: None}, auth=Bearer(Right.ALERTS), summary="Send a new code")
def send_contact_code(request: HttpRequest, number: Id) -> HttpResponse:
    """Send another code; the one before no longer counts."""
    person = caller(request)
    addresses.send_code(person, addresses.access_address(person, number))
    return HttpResponse(status=204)


@router.post("/contacts/{number}/verify", response=AddressOut, auth=Bearer(Right.ALERTS), summary="Prove an address")
def verify_contact(request: HttpRequest, number: Id, given: CodeIn) -> AddressOut:
    """Prove an address with the code that came to it; three tries, fifteen minutes."""
    person = caller(request)
    return _out(addresses.verify(person, addresses.access_address(person, number), given.code))


def _out(address: Address) -> AddressOut:
    row = shown.row_of(address)
    return AddressOut(
        id=address.pk,
        channel=address.channel,
        value=address.value,
        label=address.label,
        wakes=row.wakes,
        says_severity=address.says_severity,
        state=row.state,
        verified_at=address.verified_at,
    )


def _test_out(notice: Notice) -> TestOut:
    steps = [StepOut(title=one.title, says=one.says, seconds=one.seconds) for one in shown.steps(notice)]
    return TestOut(made_at=notice.made_at, answered_at=notice.answered_at, steps=steps)
