"""Who stands on each rung at this moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from tocsin.alerts.accepting import WATCHES
from tocsin.alerts.models import Alert, Knower, Lane, Rung, Subject, Target
from tocsin.oncall.duty import Roster
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role


def reaches(alert: Alert, person: Person) -> bool:
    """Whether somebody is among the only people whom an alert may reach; an alert that names none may reach all."""
    return alert.inside is None or person.pk in alert.inside


class Circles:
    """The people of the policies of some alerts, read once."""

    def __init__(self, alerts: Collection[Alert], at: datetime) -> None:
        """Read them as they are at ``at``."""
        self._at = at
        policies = {alert.policy_id for alert in alerts}
        self._rungs: dict[int, list[Rung]] = defaultdict(list)
        for rung in Rung.objects.filter(policy__in=policies).order_by("position"):
            self._rungs[rung.policy_id].append(rung)
        self._targets: dict[tuple[int, int | None], list[Target]] = defaultdict(list)
        targets = list(Target.objects.filter(policy__in=policies).select_related("rota").order_by("pk"))
        for target in targets:
            self._targets[target.policy_id, target.rung_id].append(target)
        self._people = {person.pk: person for person in Person.objects.filter(is_active=True).order_by("pk")}
        self._watchers: dict[int, list[Person]] = defaultdict(list)
        stored = [alert.pk for alert in alerts if alert.pk]
        for row in Knower.objects.filter(alert__in=stored, why=WATCHES).order_by("pk") if stored else ():
            if row.person_id in self._people:
                self._watchers[row.alert_id].append(self._people[row.person_id])
        self._subjects: dict[int, set[int]] = defaultdict(set)
        for number, person in Subject.objects.filter(alert__in=stored).values_list("alert", "person"):
            self._subjects[number].add(person)
        self._roster = Roster.load([target.rota for target in targets if target.rota is not None])

    def everybody(self) -> list[Person]:
        """Everybody with an account that is open: whom a rung may name."""
        return list(self._people.values())

    def rungs(self, alert: Alert) -> Sequence[Rung]:
        """The rungs of the alert's policy; a policy without any has one that nobody stands on.

        An alert with watchers has a step of its own before them.
        """
        before = [Rung(policy=alert.policy, position=0)] if alert.pk in self._watchers else []
        return before + (self._rungs[alert.policy_id] or ([] if before else [Rung(policy=alert.policy, position=0)]))

    def people(self, alert: Alert, rung: Rung) -> list[Person]:
        """Who stands on a rung now; each once."""
        if rung.pk is None:
            return self._others(alert, self._watchers.get(alert.pk, []))
        return self._found(alert, self._targets[alert.policy_id, rung.pk])

    def wider(self, alert: Alert) -> list[Person]:
        """The wider circle of the alert's policy."""
        return self._found(alert, self._targets[alert.policy_id, None])

    def anybody(self, alert: Alert) -> list[Person]:
        """Whoever leads; if nobody does, whoever may answer alerts."""
        others = self._others(alert, self._people.values())
        leads = [one for one in others if Role.LEAD in one.role_set]
        return leads or [one for one in others if one.may(Right.ALERTS)]

    def _others(self, alert: Alert, people: Iterable[Person]) -> list[Person]:
        """All whom it may reach: not those whom it is about, nor whoever is outside."""
        subjects = self._subjects.get(alert.pk, set())
        return [one for one in people if one.pk not in subjects and reaches(alert, one)]

    def _found(self, alert: Alert, targets: Sequence[Target]) -> list[Person]:
        found: dict[int, Person] = {}
        for target in targets:
            for person in self._of(alert, target):
                found.setdefault(person.pk, person)
        return self._others(alert, found.values())

    def _of(self, alert: Alert, target: Target) -> list[Person]:
        if target.kind == Target.Kind.ROLE:
            return [one for one in self._people.values() if one.roles & target.role]
        number = target.person_id
        if target.rota is not None:
            chosen = self._on_rota(target, life=alert.lane == Lane.LIFE)
            number = chosen.pk if chosen is not None else None
        return [self._people[number]] if number in self._people else []

    def _on_rota(self, target: Target, *, life: bool) -> Person | None:
        assert target.rota is not None
        if target.kind == Target.Kind.ON_DUTY:
            return self._roster.person(target.rota, self._at, life=life)
        standbys = self._roster.standbys(target.rota, self._at, life=life)
        return standbys[0] if standbys else self._roster.at(target.rota, self._at, life=life).next
