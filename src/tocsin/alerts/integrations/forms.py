"""What people fill in about an integration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.integrations.actions import MOST_PER_HOUR, Wanted
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.models import Integration, Lane, Policy, Severity

_LANE_WORDS = {
    Lane.WAKE: _("At any hour: wakes whoever is on duty"),
    Lane.QUIET: _("By day: waits for waking hours"),
    Lane.LIFE: _("Life and liberty: at any hour, never bundled, known only to the people who are called"),
}


class IntegrationForm(forms.Form):
    """An integration as people choose it. A new one has a shape as well, which never changes."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which system it is, such as “our servers”."))
    lane = forms.ChoiceField(
        label=_("How its alerts may reach people"),
        choices=[(lane.value, words) for lane, words in _LANE_WORDS.items()],
        widget=forms.RadioSelect,
        initial=Lane.WAKE,
    )
    wakes_from = forms.TypedChoiceField(
        label=_("Least severity that wakes people"),
        help_text=_("Less grave ones are taken and wait for the day. In the lane for life and liberty none waits."),
        choices=[(int(one), one.label) for one in Severity],
        coerce=int,
        required=False,
        initial=int(Severity.MINOR),
    )
    policy = forms.ChoiceField(label=_("Whom they reach"), required=False)
    quota_per_hour = forms.IntegerField(
        label=_("Requests an hour"),
        help_text=_("More are refused, and somebody is told. What is graver than all before still comes in."),
        min_value=1,
        max_value=MOST_PER_HOUR,
        initial=120,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    signed = forms.BooleanField(
        label=_("Take only signed requests"),
        help_text=_("For senders that you write yourself. Alertmanager, Grafana and PagerDuty’s senders can’t sign."),
        required=False,
    )

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = Policy.objects.filter(ended_at=None).order_by("-is_default", "name")
        self._policies = {one.public_id: one for one in policies}
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("The default policy")), *((key, one.name) for key, one in self._policies.items())]
        if new:
            shapes = [(one.key, one.title) for one in SHAPES.values()]
            shape = forms.ChoiceField(label=_("How it writes alerts"), choices=shapes)
            self.fields = {"name": self.fields["name"], "shape": shape, **self.fields}

    @classmethod
    def of(cls, row: Integration, data: Any) -> "IntegrationForm":
        """The form of an integration that is there."""
        policy = row.policy.public_id if row.policy is not None else ""
        now = {"name": row.name, "lane": row.lane, "policy": policy, "wakes_from": row.wakes_from}
        return cls(data, new=False, initial={**now, "quota_per_hour": row.quota_per_hour, "signed": row.signed})

    def wanted(self) -> Wanted:
        """What was chosen, once it is valid."""
        data = self.cleaned_data
        return Wanted(
            name=data["name"],
            lane=Lane(data["lane"]),
            policy=self._policies.get(data["policy"]),
            quota_per_hour=data["quota_per_hour"],
            signed=data["signed"],
            wakes_from=Severity(data["wakes_from"] or Severity.MINOR),
        )
