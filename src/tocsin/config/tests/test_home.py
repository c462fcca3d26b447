import stat
from dataclasses import fields
from pathlib import Path

import pytest

from tocsin.config import home
from tocsin.config.configuration import Configuration, load, secret
from tocsin.config.refusal import RefusalError


@pytest.fixture(autouse=True)
def _without_settings_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in fields(Configuration):
        monkeypatch.delenv(f"TOCSIN_{one.name.upper()}", raising=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_private_with_a_strong_secret(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "home"
    assert home.prepare(folder) is True
    assert mode(folder) == 0o700
    assert mode(folder / "secrets" / "secret_key") == 0o600
    assert mode(folder / "tocsin.toml") == 0o600
    assert len(secret(folder, "secret_key")) >= 50


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home")
    (tmp_path / "home" / "tocsin.toml").write_text("port = 8600\n")
    before = secret(tmp_path / "home", "secret_key")
    assert home.prepare(tmp_path / "home") is False
    assert secret(tmp_path / "home", "secret_key") == before
    assert load(tmp_path / "home").port == 8600


def test_the_configuration_file_explains_every_setting_and_states_the_defaults(tmp_path: Path) -> None:
    home.prepare(tmp_path)
    text = (tmp_path / "tocsin.toml").read_text()
    assert all(f"# {one.metadata['help']}\n# {one.name} = " in text for one in fields(Configuration))
    assert load(tmp_path) == Configuration()
    uncommented = "\n".join(line[2:] for line in text.splitlines() if " = " in line)
    (tmp_path / "tocsin.toml").write_text(uncommented)
    assert load(tmp_path) == Configuration()


def test_an_exercise_states_that_it_is_one(tmp_path: Path) -> None:
    home.prepare(tmp_path, exercise=True)
    assert load(tmp_path).exercise is True


def test_secrets_of_a_service_manager_are_not_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SECRETS", str(tmp_path / "credentials"))
    home.prepare(tmp_path / "home")
    assert not (tmp_path / "home" / "secrets" / "secret_key").exists()


def test_a_home_that_cannot_be_made_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusalError, match=r"Choose another with --home"):
        home.prepare(tmp_path / "file" / "home")


def test_two_starts_for_one_home_do_not_meet(tmp_path: Path) -> None:
    home.prepare(tmp_path)
    with home.only_one(tmp_path), pytest.raises(RefusalError, match="already runs"), home.only_one(tmp_path):
        pass
    with home.only_one(tmp_path):
        assert (tmp_path / "run" / "up.lock").exists()


def test_a_command_says_how_to_make_the_home(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="tocsin up"):
        home.required(tmp_path / "nowhere")


def test_where_the_console_is_is_known_while_it_runs_and_no_longer(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home")
    assert home.running_address(tmp_path / "home") == ""
    with home.only_one(tmp_path / "home"):
        home.note_address(tmp_path / "home", "http://localhost:9123")
        assert home.running_address(tmp_path / "home") == "http://localhost:9123"
    assert home.running_address(tmp_path / "home") == "", "another may be served elsewhere by now"
