import pytest
from pytest_django.fixtures import Settings

from tocsin.config.cli import main
from tocsin.config.commands import COMMANDS


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{command.name:<10} {command.about}" in said for command in COMMANDS)


def test_without_a_word_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "up" in capsys.readouterr().out


@pytest.mark.parametrize("command", [one.name for one in COMMANDS if one.name not in {"bench", "audit", "people"}])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["help", command])
    assert ended.value.code == 0
    assert f"tocsin {command}" in capsys.readouterr().out


def test_an_unknown_command_names_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc"]) == 2
    said = capsys.readouterr().err
    assert "There is no command “chekc”." in said
    assert "check" in said


def test_help_for_an_unknown_command_fails_with_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "bakup"]) == 2
    said = capsys.readouterr()
    assert "There is no command “bakup”. Did you mean backup" in said.err
    assert said.out == ""


def test_help_for_a_word_near_none_fails_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "zzzzz"]) == 2
    assert "tocsin help lists all." in capsys.readouterr().err


def test_help_for_a_command_of_django_explains_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["help", "diffsettings"])
    assert ended.value.code == 0
    assert "usage: tocsin diffsettings" in capsys.readouterr().out


def test_a_command_of_django_works() -> None:
    assert main(["diffsettings", "--all"]) == 0


def test_a_port_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["web", "--port", "70000"])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_bench_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "nothing"]) == 2
    assert "There is no benchmark “nothing”." in capsys.readouterr().err


def test_tests_never_run_with_the_settings_of_a_real_home(settings: Settings) -> None:
    assert settings.SECRET_KEY.startswith("only for tests")
