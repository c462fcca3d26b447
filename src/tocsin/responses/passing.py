"""Who is asked for a yes passes the question on, to the deputy who was named."""

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.responses import authority
from tocsin.responses.actions import answer_within
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, content
from tocsin.responses.log.acts import Act
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import Book


def pass_on(book: Book, by: Person, words: str = "") -> Plan:
    """Let the deputy be asked now, with a full time to answer.

    Raises:
        RefusedError: when this person is not asked, or there is no deputy who may answer.
    """

    def change(plan: Plan) -> list[Act]:
        asked = plan.question.act if plan.question is not None else None
        if not isinstance(asked, acts.Asked) or asked.approver != by.pk:
            raise RefusedError(_("You are not asked any more."))
        deputy = Person.objects.filter(pk=asked.deputy, is_active=True).first()
        if deputy is None:
            raise RefusedError(_("No deputy is named. Decline, and say whom to ask instead."))
        authority.require_approver(plan, deputy)
        until = plan.pace.told(clock.now()) + answer_within(plan.severity)
        said = words.strip() or asked.words
        return [acts.Asked(plan.version, plan.digest, content.material(plan.content), deputy.pk, 0, until, said)]

    return book.change(by.pk, change)
