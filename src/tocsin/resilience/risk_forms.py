"""What people fill in about risks."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tocsin.alliances.forms import Refusable
from tocsin.analysis.taxonomy import HARMS
from tocsin.people.models import Person
from tocsin.resilience.drafts import REASON, WORDS
from tocsin.resilience.forms import area, day, number, offer
from tocsin.resilience.judging import RatingDraft, RiskDraft, TreatmentDraft
from tocsin.resilience.models import Community
from tocsin.resilience.risk_models import Rating, Risk, Treatment
from tocsin.resilience.scales import IMPACT, LIKELIHOOD, VULNERABILITY, Words

_USUAL_ACCEPTANCE = timedelta(days=90)


def _scale(words: dict[int, Words]) -> list[tuple[int, str]]:
    return [(step, f"{step}: {said}") for step, said in words.items()]


class RiskForm(Refusable):
    """What could happen."""

    scenario = forms.CharField(label=_("What could happen"), max_length=200, help_text=_("In one plain sentence."))
    about = forms.CharField(
        label=_("By whom, how, and what would follow"), max_length=WORDS, required=False, widget=area(4)
    )
    harm = forms.ChoiceField(label=_("Kind of harm"), required=False)
    owner = forms.TypedChoiceField(label=_("Whose it is"), coerce=number, empty_value=None)

    def __init__(self, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team and the kinds of harm."""
        super().__init__(*args, **kwargs)
        offer(self, "owner", ((one.pk, one.name) for one in team))
        offer(self, "harm", ((one.key, _now(one.title)) for one in HARMS))

    def draft(self) -> RiskDraft:
        """What was written, once it is valid."""
        given = self.cleaned_data
        return RiskDraft(given["scenario"], given["owner"], given["about"], given["harm"])


class NewRiskForm(RiskForm):
    """A new risk of a community."""

    community = forms.ChoiceField(label=_("Whose life it touches"))
    once = forms.RegexField(regex=r"^[0-9a-z]{8,32}$", widget=forms.HiddenInput)
    field_order = ("scenario", "community")

    def __init__(self, communities: Iterable[Community], *args: Any, **kwargs: Any) -> None:
        """Offer the communities."""
        super().__init__(*args, **kwargs)
        offer(self, "community", ((one.public_id, one.name) for one in communities))


class RatingForm(Refusable):
    """One judgement."""

    stage = forms.ChoiceField(label=_("Which risk you judge"), choices=Rating.Stage.choices, initial="current")
    likelihood = forms.TypedChoiceField(label=_("How likely"), coerce=number)
    likelihood_confidence = forms.ChoiceField(label=_("How sure you are of that"), choices=Rating.Confidence.choices)
    impact = forms.TypedChoiceField(label=_("What it would do"), coerce=number)
    impact_confidence = forms.ChoiceField(label=_("How sure you are of it"), choices=Rating.Confidence.choices)
    vulnerability = forms.TypedChoiceField(label=_("What stands against it"), coerce=number)
    why = forms.CharField(
        label=_("Why"), max_length=WORDS, widget=area(4), help_text=_("What it rests on, and what would change it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the scales."""
        super().__init__(*args, **kwargs)
        for name, words in (("likelihood", LIKELIHOOD), ("impact", IMPACT), ("vulnerability", VULNERABILITY)):
            offer(self, name, _scale(dict(words)))

    def draft(self) -> RatingDraft:
        """What was written, once it is valid."""
        return RatingDraft(**self.cleaned_data)


class TreatmentForm(Refusable):
    """One thing to be done."""

    option = forms.ChoiceField(label=_("What it does"), choices=Treatment.Option.choices)
    words = forms.CharField(label=_("What is done"), max_length=WORDS, widget=area())
    expected = forms.CharField(
        label=_("What it is to change"), max_length=REASON, help_text=_("So that it can be seen later whether it did.")
    )
    owner = forms.TypedChoiceField(label=_("Who does it"), coerce=number, empty_value=None)
    due = day(_("Until which day"))
    cost = forms.DecimalField(label=_("Cost"), required=False, max_digits=12, decimal_places=2, min_value=0)
    currency = forms.CharField(label=_("Currency, such as EUR"), required=False, max_length=3)

    def __init__(self, team: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        """Offer the team."""
        super().__init__(*args, **kwargs)
        offer(self, "owner", ((one.pk, one.name) for one in team))

    def draft(self) -> TreatmentDraft:
        """What was written, once it is valid."""
        return TreatmentDraft(**self.cleaned_data)


class TreatmentEndForm(Refusable):
    """How a treatment ended."""

    done = forms.ChoiceField(
        label=_("How it ended"), choices=[("yes", _("It is done")), ("no", _("It is dropped"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    on = day(_("On which day"))
    reason = forms.CharField(
        label=_("What to know of it"), max_length=REASON, required=False, help_text=_("If it is dropped: why.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose today."""
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()


class AcceptForm(Refusable):
    """Bearing a risk for a time."""

    why = forms.CharField(label=_("Why it is borne"), max_length=REASON)
    until = day(_("Until which day"), help_text=_("At most a year. Then it is to be treated again."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose three months."""
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + _USUAL_ACCEPTANCE


class TakeForm(Refusable):
    """Into which risk a suggestion is taken, or why it is refused."""

    risk = forms.ChoiceField(label=_("It belongs to this risk"), required=False)
    reason = forms.CharField(label=_("Or it is refused, since"), max_length=REASON, required=False)

    def __init__(self, risks: Iterable[Risk], *args: Any, **kwargs: Any) -> None:
        """Offer the open risks of the community."""
        super().__init__(*args, **kwargs)
        offer(
            self,
            "risk",
            [("new", _("a new one: write it down next")), *((one.public_id, one.scenario) for one in risks)],
        )


def begin(row: Risk) -> dict[str, Any]:
    """What the form holds at first: what stands about a risk."""
    return {"scenario": row.scenario, "about": row.about, "harm": row.harm, "owner": row.owner_id or ""}
