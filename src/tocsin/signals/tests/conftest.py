"""What tests of measurements share: each has a lake of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.LAKE = tmp_path / "lake"  # type: ignore[attr-defined]
