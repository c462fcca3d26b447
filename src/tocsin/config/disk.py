"""Free disk. When it runs short the collectors stop first, the worker at half of the limit, the console last."""

import shutil

from django.conf import settings

MB = 1024 * 1024


def free_mb() -> int:
    """Free megabytes on the disk of the home folder."""
    return shutil.disk_usage(settings.HOME).free // MB


def room_to_collect() -> bool:
    """Whether collectors may store more."""
    return free_mb() >= int(settings.CONFIGURATION.minimum_free_mb)


def room_to_work() -> bool:
    """Whether the worker may store more."""
    return free_mb() >= int(settings.CONFIGURATION.minimum_free_mb) // 2
