"""The pages of situations."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tocsin.analysis.taxonomy import HARMS
from tocsin.analysis.text.persecution.account import RULE as ACCOUNTS
from tocsin.lib import charts, territories
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.access import access_signal, signals_for
from tocsin.signals.drawing import cells_of, chart
from tocsin.signals.models import Finding, Signal
from tocsin.signals.summed import summed
from tocsin.situations import actions, beside
from tocsin.situations.access import Situations, access_situation, situations_for
from tocsin.situations.changes import trend
from tocsin.situations.credence import RULE
from tocsin.situations.explaining import rivals_for, turns_for
from tocsin.situations.forms import AssessmentForm, MergeForm, RenameForm
from tocsin.situations.freshness import polled
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, Subscription
from tocsin.situations.standing import evidence_of, independent
from tocsin.streams.access import access_item

_NUMBER = re.compile(r"[0-9]{1,18}")
_SHOWN = 100
_LOG = 30
_PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One signal on the timeline."""

    signal: Signal
    independent: bool


@require_safe
@needs(Right.READ)
@polled
def index(request: HttpRequest) -> HttpResponse:
    """Situations ranked by expected harm, with filters that stand in the address."""
    rows = _filtered(request, situations_for(person_of(request)))
    order = ("-last_at", "-pk") if request.GET.get("order") == "newest" else ("-rank", "-pk")
    # Only numbers are put in order: a late page of whole rows would sort all that come before it as well.
    numbers = rows.order_by(*order).values_list("pk", flat=True)
    page = Paginator(numbers, _PAGE).get_page(request.GET.get("page"))
    found = rows.defer("rivals").in_bulk(list(page))
    context = {
        "page": page,
        "rows": [(found[number], trend(found[number])) for number in page if number in found],
        "harms": HARMS,
        "countries": territories.choices(getattr(request, "LANGUAGE_CODE", "en")),
        "chosen": {name: request.GET.get(name, "") for name in ("country", "harm", "state", "show", "order", "words")},
        "more_chosen": any(request.GET.get(name) for name in ("state", "show", "order")),
        "topic": _topic(request),
        "following": Subscription.objects.filter(person=person_of(request), topic=_topic(request)).exists(),
        "live": True,
    }
    return render(request, "situations/index.html", context)


@require_safe
@needs(Right.READ)
@polled
def situation(request: HttpRequest, public_id: str) -> HttpResponse:
    """One situation: what it is, how sure, what it rests on, and what was judged."""
    person = person_of(request)
    row = access_situation(person, public_id)
    if row.public_id != public_id:
        messages.info(request, _("The situation that this link named was merged into this one."))
        return redirect("situations:situation", row.public_id)
    return render(request, "situations/situation.html", _page(person, row))


@require_safe
@needs(Right.READ)
def of_signal(request: HttpRequest, number: int) -> HttpResponse:
    """Lead from a signal to the situation that it is in; back to the signal when it is in none."""
    person = person_of(request)
    row = access_signal(person, number)
    found = situations_for(person).filter(members__signal=row).values_list("public_id", flat=True).first()
    if found is None:
        messages.info(request, _("This signal is in no situation."))
        return redirect("signals:signal", row.pk)
    return redirect("situations:situation", found)


@require_safe
@needs(Right.READ)
def of_item(request: HttpRequest, number: int) -> HttpResponseBase:
    """Lead from an item to the situation that its signal is in; back to the item while there is none."""
    person = person_of(request)
    item = access_item(person, number)
    mine = signals_for(person).filter(item=item)
    found = situations_for(person).filter(members__signal__in=mine).values_list("public_id", flat=True).first()
    if found is None:
        messages.info(request, _("This item is in no situation, or was not read yet."))
        return redirect("streams:item", item.pk)
    return redirect("situations:situation", found)


def _page(person: Person, row: Situation) -> dict[str, object]:
    members = signals_for(person).filter(pk__in=Member.objects.filter(situation=row).values("signal"))
    seen = list(members.select_related("item__source", "finding").defer("terms").order_by("-at", "-pk")[:_SHOWN])
    counted = {one.pk for one in independent(one for one in seen if one.finding_id is None)}
    findings = [one.finding for one in seen if one.finding is not None][:12]
    assessments = list(Assessment.objects.filter(situation=row).select_related("by").order_by("-version"))
    log = _log(row)
    return {
        "situation": row,
        "trend": trend(row),
        "beside": beside.lines(person, row),
        "lines": [Line(one, one.pk in counted or one.finding_id is not None) for one in seen],
        "more": row.signals - len(seen),
        "evidence": evidence_of(seen),
        "happened": summed(seen),
        "told_by": ACCOUNTS,
        "drawing": _drawing(row, findings),
        "rivals": rivals_for(person, row),
        "turns": turns_for(row),
        "weighed_by": RULE,
        "rivals_of": [one for one in findings if one.rivals][:3],
        "assessments": assessments,
        "since_assessed": sum(one.created_at > assessments[0].at for one in seen) if assessments else 0,
        "log_people": [one for one in log if one.by_id is not None or one.verb != MembershipEvent.Verb.JOIN],
        "log_machine": [one for one in log if one.by_id is None and one.verb == MembershipEvent.Verb.JOIN],
        "following": Subscription.objects.filter(person=person, topic=f"situation:{row.public_id}").exists(),
        "may_assess": person.may(Right.ASSESS),
        "rename": RenameForm(initial={"title": row.title if row.title_by_person else ""}),
        "merge": MergeForm(),
        "live": True,
    }


def _drawing(row: Situation, findings: list[Finding]) -> dict[str, object] | None:
    drawn = chart(f"measured-{row.public_id}", cells_of(findings), findings)
    if drawn is None:
        return None
    # Chart text is escaped where the drawing is made.
    return {"picture": mark_safe(charts.draw(drawn)), "table": charts.table_rows(drawn)}  # noqa: S308


def _log(row: Situation) -> list[MembershipEvent]:
    # Each side by its own index: of both at once, databases may read the whole log.
    sides = (MembershipEvent.objects.filter(situation=row), MembershipEvent.objects.filter(other=row))
    newest = {number for side in sides for number in side.order_by("-pk").values_list("pk", flat=True)[:_LOG]}
    events = MembershipEvent.objects.filter(pk__in=newest)
    return list(events.select_related("by", "situation", "other", "undone_by").order_by("-pk")[:_LOG])


@needs(Right.ASSESS)
def assess(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a new version of the assessment."""
    person = person_of(request)
    row = access_situation(person, public_id)
    last = Assessment.objects.filter(situation=row).order_by("-version").first()
    form = AssessmentForm(request.POST or None, initial=_initial(row, last))
    if request.method == "POST" and form.is_valid():
        repeated = last is not None and last.by_id == person.pk and form.repeats(last)
        if not repeated and form.missed(last):
            form = _once_more(form, last)
        elif repeated or _assessed(person, row, form):
            messages.success(request, _("Your assessment stands. Earlier versions are kept."))
            return redirect("situations:situation", row.public_id)
    status = 422 if form.errors else 200
    return render(request, "situations/assess.html", {"situation": row, "form": form, "last": last}, status=status)


def _assessed(person: Person, row: Situation, form: AssessmentForm) -> bool:
    try:
        actions.assess(person, row, form.judgement())
    except actions.RefusedError as refusal:
        form.add_error(None, refusal.args[0])
        return False
    return True


def _once_more(form: AssessmentForm, last: Assessment | None) -> AssessmentForm:
    """The same words again, now knowing of the version that came meanwhile."""
    again = AssessmentForm(
        {**{name: form.data[name] for name in form.data}, "based_on": last.version if last is not None else 0}
    )
    again.add_error(None, _("Somebody assessed this while you wrote. Read their version below, then save again."))
    return again


def _initial(row: Situation, last: Assessment | None) -> dict[str, object]:
    if last is None:
        return {
            "based_on": 0,
            "probability": round(row.probability * 100),
            "impact": row.impact,
            "confidence": Assessment.Confidence.LOW,
        }
    return {
        "based_on": last.version,
        "probability": round(last.probability * 100),
        "impact": last.impact,
        "confidence": last.confidence,
        "reasons": last.reasons,
        "rivals": last.rivals,
        "would_change": last.would_change,
    }


@require_POST
@needs(Right.ASSESS)
def merge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take another situation into this one."""
    person = person_of(request)
    row = access_situation(person, public_id)
    form = MergeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Paste the address of the other situation."))
        return redirect("situations:situation", row.public_id)
    try:
        other = access_situation(person, form.public_id())
        actions.merge(person, row, other, form.cleaned_data["reason"])
    except Http404:
        messages.error(request, _("There is no such situation. Paste its address as your browser shows it."))
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("Merged. You can undo this in the history below."))
    return redirect("situations:situation", row.public_id)


@require_POST
@needs(Right.ASSESS)
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """Split off the chosen signals, or take them out."""
    person = person_of(request)
    row = access_situation(person, public_id)
    chosen = [int(text) for text in request.POST.getlist("signal")[:_SHOWN] if _NUMBER.fullmatch(text)]
    target = row
    try:
        if request.POST.get("do") == "split":
            target = actions.split(person, row, chosen)
            messages.success(request, _("Split off. This is the new situation; undo it in the history below."))
        elif chosen:
            for number in chosen:
                actions.take_out(person, row, number)
            taken = ngettext("%(n)s signal was taken out.", "%(n)s signals were taken out.", len(chosen))
            messages.success(request, taken % {"n": len(chosen)})
            row.refresh_from_db()
            if not row.signals:
                words = _(
                    "No signal is left, so this situation is closed. Undo it in the history below to open it again."
                )
                messages.warning(request, words)
        else:
            messages.error(request, _("Choose one or more signals first."))
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    return redirect("situations:situation", target.public_id)


@require_POST
@needs(Right.ASSESS)
def undo(request: HttpRequest, public_id: str, event: int) -> HttpResponse:
    """Undo one line of the history."""
    person = person_of(request)
    row = access_situation(person, public_id)
    line = MembershipEvent.objects.filter(pk=event).select_related("situation", "other").first()
    if line is None or row.pk not in (line.situation_id, line.other_id):
        raise Http404
    try:
        actions.undo(person, line)
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("Undone."))
    return redirect("situations:situation", row.public_id)


@require_POST
@needs(Right.ASSESS)
def rename(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the situation a title."""
    row = access_situation(person_of(request), public_id)
    form = RenameForm(request.POST)
    if form.is_valid():
        actions.rename(person_of(request), row, form.cleaned_data["title"])
    return redirect("situations:situation", row.public_id)


@require_POST
@needs(Right.ASSESS)
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the situation, or open it again."""
    row = access_situation(person_of(request), public_id)
    actions.close(person_of(request), row, closed=request.POST.get("do") != "open")
    return redirect("situations:situation", row.public_id)


@require_POST
@needs(Right.READ)
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a country, a kind of harm or a situation, or stop."""
    person, topic = person_of(request), request.POST.get("topic", "")
    kind, _sep, value = topic.partition(":")
    known = {"country": territories.TERRITORIES, "harm": {one.key for one in HARMS}}
    back = f"{_situations_url()}?{urlencode({kind: value})}"
    if kind == "situation":
        back = f"{_situations_url()}{access_situation(person, value).public_id}/"
    elif value not in known.get(kind, ()):
        raise Http404
    actions.subscribe(person, topic, on=request.POST.get("do") != "stop")
    return redirect(back)


def _situations_url() -> str:
    return reverse("situations:index")


def _topic(request: HttpRequest) -> str:
    country, harm = request.GET.get("country", ""), request.GET.get("harm", "")
    if country and not harm and country in territories.TERRITORIES:
        return f"country:{country}"
    return f"harm:{harm}" if harm and not country and harm in {one.key for one in HARMS} else ""


def _filtered(request: HttpRequest, rows: Situations) -> Situations:
    country, harm = request.GET.get("country", ""), request.GET.get("harm", "")
    state, show = request.GET.get("state", ""), request.GET.get("show", "")
    if state in Situation.State.values:
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.filter(state=Situation.State.OPEN)
    if country in territories.TERRITORIES:
        rows = rows.filter(country=country)
    if harm:
        rows = rows.filter(harm=harm)
    elif show == "ours":
        rows = rows.filter(our_link=True)
    elif show != "all":
        rows = rows.exclude(harm="", our_link=False)
    if words := request.GET.get("words", "").replace("\0", "").strip()[:100]:
        rows = rows.titled(words)
    return rows
