"""What the first rules left open is retired; the past of those kinds is judged anew by the rules in force."""

from typing import Any

from django.db import migrations
from django.utils import timezone

RETIRED = ("change/1", "blocking/1")


def retire(apps: Any, schema_editor: Any) -> None:
    """Close open findings of rules that nobody runs any more, without a word that anything returned to normal."""
    finding, signal, cell, change, replay = (
        apps.get_model("signals", name) for name in ("Finding", "Signal", "CellState", "Change", "Replay")
    )
    now = timezone.now()
    kinds = set(cell.objects.filter(rule__in=RETIRED).values_list("kind", flat=True))
    for row in finding.objects.filter(rule__in=RETIRED, closed_at=None).iterator():
        finding.objects.filter(pk=row.pk).update(closed_at=row.seen_at, score=0.0, retired_at=now)
        for one in signal.objects.filter(finding=row.pk):
            words = f"Rule retired: {row.rule} no longer judges this."
            signal.objects.filter(pk=one.pk).update(state="not_ours", summary=words)
            change.objects.create(signal=one.pk)
        kinds.add(row.kind)
    cell.objects.filter(rule__in=RETIRED).delete()
    for kind in kinds:
        replay.objects.get_or_create(kind=kind)


class Migration(migrations.Migration):
    dependencies = [("signals", "0006_replays_and_retired_rules")]

    operations = [migrations.RunPython(retire, migrations.RunPython.noop)]
