"""The tables that the code describes are those that the migrations make."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db(databases=["default", "door"])
def test_no_change_of_a_table_lacks_its_migration(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(f"makemigrations would write:\n{capsys.readouterr().out}")
