"""The ways of writing alerts that are understood: one file each, and its line in the list below."""

from tocsin.alerts.integrations.shapes import alertmanager, cap, grafana, pagerduty
from tocsin.alerts.integrations.shapes.base import Shape

SHAPES: dict[str, Shape] = {one.key: one for one in (alertmanager.SHAPE, pagerduty.SHAPE, grafana.SHAPE, cap.SHAPE)}
"""Every shape by the key that ``Integration.shape`` holds."""
