from pathlib import Path

import pytest

from tocsin.config import channel_settings
from tocsin.config.configuration import Configuration, ConfigurationError, load, secret


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOCSIN_DATABASE", "TOCSIN_PORT", "TOCSIN_SECRETS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "line",
    [
        "port = 0",
        "port = 65536",
        "port = -1",
        "item_days = 0",
        "item_days = 36501",
        "document_days = 0",
        "minimum_free_mb = 0",
        "session_days = 0",
        "session_idle_hours = 0",
        "backups_kept = 0",
        'language = "xx"',
        'language = ""',
        'time_zone = "Lagos"',
        'time_zone = "../../etc/passwd"',
        'time_zone = ""',
        'public_url = "tocsin.example"',
        'public_url = "https://"',
        'public_url = "https://[::1"',
        'public_url = "https://tocsin.example:99999"',
        'database = "mysql://tocsin@db.example/tocsin"',
        'database = "tocsin.sqlite3"',
        'database = "postgresql:tocsin"',
        'database = "postgresql://tocsin@db.example:none/tocsin"',
        'pager_name = ""',
        'pager_name = "two\\nlines"',
        'smtp_host = "mail.example.org; rm"',
        "smtp_port = 65536",
        'smtp_security = "ssl"',
        'mail_from = "Pager <pager@tocsin.example>"',
        'mail_reply = "answer"',
        'mail_in = "8525"',
        'mail_in = "127.0.0.1:0"',
        'sms_url = "api.twilio.com"',
        'sms_account = "../../x"',
        'sms_from = "+41 (0)44"',
        'voice_from = "Tocsin"',
        'signal_url = "unix:api.sock"',
        'signal_number = "044 668 18 00"',
        'ntfy_url = "ntfy.example"',
        'apprise_schemes = "mmost://"',
        'inside_hosts = "chat.internal"',
        'pulse_channel = "sms"',
    ],
)
def test_a_value_that_can_not_work_is_refused_by_its_name(line: str, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text(line)
    with pytest.raises(ConfigurationError, match=f"“{line.split()[0]}” must be"):
        load(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "port = 65535",
        "item_days = 1",
        'language = "ar-xb"',
        'time_zone = "Africa/Lagos"',
        'public_url = "https://tocsin.example"',
        'public_url = "http://[::1]:8500"',
        'database = "postgres://tocsin@db.example:5432/tocsin?sslmode=verify-full"',
        'database = "postgresql:///tocsin?host=/run/postgresql"',
        'pager_name = "Rota"',
        'mail_in = "[::1]:8525"',
        'sms_from = "Tocsin"',
        'voice_from = "+41 44 668 18 00"',
        'signal_url = "unix:/run/signal/api.sock"',
        'apprise_schemes = "mmost, zulip"',
        'inside_hosts = "chat.internal:443, [::1]:8080"',
        "webhook = true",
    ],
)
def test_a_value_that_works_is_taken(line: str, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text(line)
    load(tmp_path)


def test_the_refusal_of_a_database_does_not_repeat_its_password(tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text('database = "mysql://tocsin:hunter2@db.example/tocsin"')
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path)
    assert "hunter2" not in refused.value.args[0]


@pytest.mark.parametrize("text", ["²", "--5", "9" * 5000, ""])
def test_a_number_in_the_environment_that_is_none_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PORT", text)
    with pytest.raises(ConfigurationError, match="port"):
        load(tmp_path)


def test_a_file_that_is_a_folder_or_not_utf_8_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.mkdir()
    with pytest.raises(ConfigurationError, match="Make it a file"):
        load(tmp_path)
    path.rmdir()
    path.write_bytes(b'contact = "\xff"')
    with pytest.raises(ConfigurationError, match="Save it as UTF-8"):
        load(tmp_path)


def test_a_secret_that_is_not_utf_8_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret_key").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="Put it back from a backup"):
        secret(tmp_path, "secret_key")


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ('language = "xx"', "en (English)"),
        ('time_zone = "Africa/Lagoss"', "Did you mean Africa/Lagos?"),
        ('langage = "en"', "Did you mean language?"),
    ],
)
def test_the_refusal_says_what_would_be_taken(line: str, mend: str, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text(line)
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path)
    assert mend in refused.value.args[0]


def test_a_variable_that_nobody_reads_is_refused_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PROT", "8600")
    with pytest.raises(ConfigurationError, match=r"unknown variable TOCSIN_PROT\. Did you mean TOCSIN_PORT\?"):
        load(tmp_path)


def test_variables_that_are_no_settings_are_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOCSIN_HOME", "TOCSIN_PLAIN", "TOCSIN_SECRETS", "TOCSIN_SUPERVISOR"):
        monkeypatch.setenv(name, "1")
    load(tmp_path)


def test_channels_get_their_secrets_from_files_and_a_key_that_is_not_the_secret_key(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "sms_token").write_text("t0ken\n")
    made = Configuration(pager_name="Rota", smtp_port=25)
    key = "k" * 50
    paging = channel_settings.settings_of(made, lambda name: secret(tmp_path, name), "https://tocsin.example", key)
    assert (paging.pager_name, paging.public_url, paging.values["smtp_port"]) == ("Rota", "https://tocsin.example", 25)
    assert (paging.secrets["sms_token"], paging.secrets["ntfy_token"]) == ("t0ken", "")
    assert len(paging.secrets["webhook_key"]) == 64
    assert key not in "".join(paging.secrets.values())
    assert not set(paging.values) & set(paging.secrets)
