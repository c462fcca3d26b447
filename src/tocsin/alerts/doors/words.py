"""What a door says back, in the language of whoever answered."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.alerts.answering import Answered, Said, alerts_of
from tocsin.alerts.models import Page
from tocsin.alerts.reach import zone_of


def said(answered: Answered) -> str:
    """One or two sentences; empty for strangers, for what was heard before, and on a phone that must show no tie."""
    page = answered.page
    if page is None or page.notice.person is None or page.notice.own_words:
        return ""
    with translation.override(page.notice.person.language or None):
        return _words(answered, page)


def _words(answered: Answered, page: Page) -> str:
    if answered.said == Said.HAVE and not alerts_of(page).filter(drill=False).exists():
        return _("It was a drill, and you answered it. You need do nothing more.")
    if answered.said == Said.HAVE:
        until = held_until(page)
        if not until:
            return _("You have it.")
        return _("You have it until %(time)s. Confirm it in the console before, or it calls again.") % {"time": until}
    if answered.said == Said.WRONG:
        left = answered.tries_left
        words = ngettext("Wrong number. %(left)d try left.", "Wrong number. %(left)d tries left.", left)
        return words % {"left": left}
    plain = {
        Said.PASSED: _("Passed on. The next person is called now."),
        Said.TAKEN: _("Somebody has it already. You need do nothing."),
        Said.OVER: _("It is over. You need do nothing."),
        Said.THANKS: _("Thank you. Your answer arrived."),
        Said.SPENT: _("This page can’t be answered this way any more. Sign in to the console to answer it."),
    }
    return plain.get(answered.said, "")


def held_until(page: Page) -> str:
    """Until when an answer without sign-in holds, on the clock of whoever gave it; empty when it holds anyway."""
    person = page.notice.person
    ends = [
        alert.unconfirmed_until
        for alert in alerts_of(page)
        if alert.unconfirmed_until is not None and person is not None and alert.answered_by_id == person.pk
    ]
    return f"{timezone.localtime(min(ends), zone_of(person)):%H:%M}" if ends and person is not None else ""
