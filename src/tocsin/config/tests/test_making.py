"""A new home's database, when several start at once."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_of_several_that_start_at_once_one_makes_it_and_none_fails(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "tocsin.config.cli", "migrate"]
    started = [
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    said = [one.communicate()[0] for one in started]
    assert [one.returncode for one in started] == [0, 0, 0], said
    again = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert "up to date" in again.stdout
