"""Why a call to a provider did not end well: a fixed list of keys, each with words for people in this one place."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Why(StrEnum):
    """The key that is stored with an attempt; the values never change."""

    NOT_SET_UP = "not_set_up"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    INSIDE = "inside"
    TIMEOUT = "timeout"
    CUT_SHORT = "cut_short"
    BAD_ADDRESS = "bad_address"
    UNSUBSCRIBED = "unsubscribed"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    TOO_MANY = "too_many"
    REFUSED_MESSAGE = "refused_message"
    REDIRECTED = "redirected"
    NOT_THE_PROVIDER = "not_the_provider"
    BUSY = "busy"
    PROVIDER_ERROR = "provider_error"
    NO_ENCRYPTION = "no_encryption"
    GAVE_UP = "gave_up"
    OWN_FAULT = "own_fault"


_WORDS: dict[str, StrOrPromise] = {
    Why.NOT_SET_UP: _("This channel is not set up here. The operator finds what to set in the checks."),
    Why.DNS: _("The provider's name was not found. Check this machine's network and name service."),
    Why.CONNECT: _("The provider can't be reached. It may be down."),
    Why.TLS: _("The provider could not prove who it is. Nothing was sent."),
    Why.INSIDE: _("The address leads to a network inside, which is not allowed for it."),
    Why.TIMEOUT: _("The provider took too long to answer."),
    Why.CUT_SHORT: _("The connection was lost before the answer."),
    Why.BAD_ADDRESS: _("The provider says that this address does not exist."),
    Why.UNSUBSCRIBED: _("This address has told the provider to take no messages from us."),
    Why.NOT_ALLOWED: _("The provider refuses our account. Check its name, its secret and what it may do."),
    Why.NOT_FOUND: _("The provider does not know our account, or its address is wrong."),
    Why.TOO_MANY: _("The provider says that we send too much."),
    Why.REFUSED_MESSAGE: _("The provider refused the message."),
    Why.REDIRECTED: _("The provider's address leads elsewhere. Check it."),
    Why.NOT_THE_PROVIDER: _("Something answered that is not the provider. Check its address."),
    Why.BUSY: _("The provider says that it can't take messages now."),
    Why.PROVIDER_ERROR: _("The provider has a fault of its own."),
    Why.NO_ENCRYPTION: _("The mail server offers no encryption. Nothing was sent."),
    Why.GAVE_UP: _("The provider took the message and could not deliver it."),
    Why.OWN_FAULT: _("Something went wrong here. The log says where."),
}


def words(why: str) -> StrOrPromise:
    """What a stored key says to people; empty for none, and for one that is not known."""
    return _WORDS.get(why, "")
