"""Chat tools that Apprise knows. Their operators and a person's employer read along, so each kind is switched on apart.

Apprise sets no end to a whole call, reads answers of any size, follows redirects and checks no address. So each call
runs in a short process of its own (``apprise_child``), which is stopped at the deadline.
"""

import json
import subprocess
import sys

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import calling, values
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.channels.webhook import inside_hosts

LONGEST = 2000
# These reach whatever host or program they are told to, not a chat tool.
_TO_ANY_HOST = frozenset({"apprise", "apprises", "form", "forms", "json", "jsons", "xml", "xmls"})
_TO_THIS_MACHINE = frozenset({"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "rsyslog", "syslog", "windows"})
NEVER = _TO_ANY_HOST | _TO_THIS_MACHINE
_CHILD = [sys.executable, "-I", "-m", "tocsin.alerts.channels.apprise_child"]


class ChatTools:
    """Any tool that Apprise knows, for who would not hear us otherwise. Never for what nobody else may know."""

    key = "apprise"
    title = _("chat tool")
    wakes = True
    leaks = True
    answers = False
    receipts = False

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings

    def ready(self) -> Ready:
        """Whether any kind is switched on, none of them one that we never use."""
        if without := values.missing(self._settings, ("apprise_schemes",)):
            return without
        if never := sorted(self._schemes & NEVER):
            line = f"apprise_schemes must not hold {', '.join(never)}: they are no chat tools."
            return Ready(False, line, wrong=True)
        return Ready(True)

    def clean(self, value: str) -> str:
        """The address as Apprise writes it, if its kind is switched on and Apprise can read it."""
        text = value.strip()
        if _scheme(text) not in self._schemes - NEVER:
            switched_on = ", ".join(sorted(self._schemes - NEVER))
            raise AddressError(_("Only these kinds are switched on here: %(kinds)s.") % {"kinds": switched_on})
        if len(text) > 300 or not text.isprintable() or not _readable(text):
            raise AddressError(_("Apprise can't read this address. Its documentation shows the form for each tool."))
        return text

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Let Apprise hand the message over."""
        if not self.ready().ready or _scheme(value) not in self._schemes - NEVER:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        order = {
            "url": value,
            "title": message.subject,
            "body": message.text[:LONGEST],
            "seconds": timeout,
            "inside": sorted(inside_hosts(self._settings)),
        }
        return _judged(*_run(json.dumps(order), timeout))

    @property
    def _schemes(self) -> frozenset[str]:
        listed = values.text(self._settings, "apprise_schemes").lower().split(",")
        return frozenset(one.strip() for one in listed if one.strip())


def _scheme(url: str) -> str:
    head, mark, _rest = url.partition("://")
    return head.lower() if mark else ""


def _readable(url: str) -> bool:
    from apprise import Apprise  # half a second, and only where somebody writes such an address

    return "template=" not in url.lower() and Apprise.instantiate(url, suppress_exceptions=True) is not None


def _run(order: str, timeout: float) -> tuple[list[str], bool]:
    """The lines that the child wrote, and whether it was stopped."""
    with subprocess.Popen(
        _CHILD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},  # no proxies, no secrets of ours
        cwd="/",
        text=True,
        encoding="utf-8",
    ) as child:
        try:
            said, _nothing = child.communicate(order, timeout=timeout)
            stopped = False
        except subprocess.TimeoutExpired:
            child.kill()
            said, _nothing = child.communicate()
            stopped = True
    return said.splitlines(), stopped


def _judged(lines: list[str], stopped: bool) -> Outcome:
    """Read the child's notes: ``asked`` when a request goes out, its status, ``unreached`` when nothing did, the end.

    Apprise itself says no more than yes or no.
    """
    if lines and lines[-1] == "sent":
        return Outcome(Result.TAKEN)
    asked = "asked" in lines
    statuses = [int(one.removeprefix("status ")) for one in lines if one.startswith("status ")]
    if statuses:
        return calling.verdict(statuses[-1]) or Outcome(Result.FAILED, Why.NOT_THE_PROVIDER)
    if "unreached" in lines:
        return Outcome(Result.FAILED, Why.CONNECT)
    if stopped:
        return Outcome(Result.UNKNOWN if asked else Result.FAILED, Why.TIMEOUT)
    if asked:
        return Outcome(Result.UNKNOWN, Why.CUT_SHORT)
    # Tools that don't speak HTTP leave no notes but their end.
    return Outcome(Result.UNKNOWN, Why.GAVE_UP) if "failed" in lines else Outcome(Result.FAILED, Why.OWN_FAULT)
