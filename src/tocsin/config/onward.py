"""How a letter of a desk goes into a case: the one place that knows both rooms."""

from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.cases import access, members
from tocsin.cases import actions as cases
from tocsin.cases.entries import entries, first
from tocsin.cases.kinds.base import TEXT_MOST, WrongError
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError as CaseRefusedError
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import actions, onward
from tocsin.mailbox.letters import Content, Opened
from tocsin.mailbox.onward import Onward
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.models import Person

_PART = "account"
# How long a new case is kept after it was closed; its owner may choose another.
_KEPT = "usual"


def register() -> None:
    """Let the page of a letter lead into cases."""
    onward.register(Onward(choices, put))


def choices(vault: OpenVault) -> list[tuple[str, str]]:
    """The open cases whose account this vault holds."""
    found = []
    for number in access.numbers_of(vault):
        try:
            safe = access.access_case(vault, number)
        except Http404:
            continue
        _entry, about = first(entries(safe, _PART), About)
        if _PART in safe.compartments and about is not None and about.state == "open":
            found.append((str(number), f"{code_name(number)} · {about.line}"))
    return found


def put(vault: OpenVault, one: Opened, case: str, line: str) -> str:
    """Carry a letter into a case, with its files, and write what it says into the timeline; gives the case's address.

    Raises:
        RefusedError: when the case can't take it, or has a member who must not see it.
    """
    # Who wrote it is not known by its having come; whoever takes it on corrects this once they know.
    said = Happened(what=_words(one.content), source="unnamed", certain="unknown")
    try:
        with transaction.atomic():
            number = UUID(case) if case else _begin(vault, one, line, said)
            if not case:
                for person in sorted(one.content.hidden):
                    members.keep_out(vault, number, person, str(_("The sender of the letter asked for it.")))
            if set(access.access_case(vault, number).head.members) & one.content.hidden:
                raise RefusedError(_("Somebody in this case must not see the letter. Begin a case of its own."))
            actions.take_into(vault, one, number, _PART)
            if case:
                cases.write(vault, number, said, _PART)
    except CaseRefusedError as refused:
        raise RefusedError(refused.args[0]) from None
    except WrongError as wrong:
        raise RefusedError(str(wrong.words)) from None
    except (Http404, ValueError):
        raise RefusedError(_("There is no such case. Choose one of those that are shown.")) from None
    return reverse("cases:case", args=[number])


def _begin(vault: OpenVault, one: Opened, line: str, said: Happened) -> UUID:
    # A letter that does not say is treated as urgent.
    said_urgent = one.content.urgency or one.letter.urgency
    urgent = "now" if said_urgent in {"", "now"} else "days"
    return cases.found(Person.objects.get(pk=vault.person), vault, _about(line, urgent), said)


def _about(line: str, urgent: str) -> About:
    return About(line=line.strip(), urgent=urgent, retention=_KEPT)


def _words(content: Content) -> str:
    text = "\n\n".join(part for part in (content.subject, content.text) if part)
    return text[: TEXT_MOST - 200] or "–"
