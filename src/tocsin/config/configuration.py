"""The one configuration file, ``tocsin.toml`` in the home folder, read into one frozen object.

Secrets are not in it: each is a file of its own under ``secrets/``, so that the configuration can be shown and copied.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import platformdirs

from tocsin.config import channel_settings

# A hundred years; far beyond it a date has no number.
MOST_DAYS = 36_500
# The languages of the pages, with the name that each has in itself.
LANGUAGES = (("en", "English"), ("ar-xb", "Right-to-left test"))


class ConfigurationError(Exception):
    """The configuration can't be used; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every setting that an operator may change, with its default.

    The name of a field is its name in ``tocsin.toml``; an environment variable ``TOCSIN_<NAME>`` overrides it.
    """

    host: str = field(default="127.0.0.1", metadata={"help": "Address that the web server listens on."})
    port: int = field(default=8500, metadata={"help": "Port that the web server listens on."})
    public_url: str = field(
        default="", metadata={"help": "Address that people type, such as https://tocsin.example; empty: host and port."}
    )
    database: str = field(
        default="", metadata={"help": "PostgreSQL address (postgresql://user@host/name); empty: SQLite in the home."}
    )
    exercise: bool = field(default=False, metadata={"help": "Mark every page as an exercise."})
    debug: bool = field(default=False, metadata={"help": "Show errors to developers; refused except on loopback."})
    time_zone: str = field(default="UTC", metadata={"help": "Zone of people who have not chosen theirs."})
    language: str = field(default="en", metadata={"help": "Language of people who have not chosen theirs."})
    contact: str = field(
        default="", metadata={"help": "Address or page that source owners may write to; sent with every fetch."}
    )
    lake: str = field(default="", metadata={"help": "Folder of the measurement lake; empty: lake/ in the home."})
    documents: str = field(
        default="", metadata={"help": "Folder that dropped documents are taken from; empty: documents/ in the home."}
    )
    item_days: int = field(default=400, metadata={"help": "Days that an open item is kept."})
    document_days: int = field(default=180, metadata={"help": "Days that an internal document is kept."})
    minimum_free_mb: int = field(
        default=1024, metadata={"help": "Free disk below which collectors stop; the worker stops at half of it."}
    )
    audit_witness: str = field(
        default="", metadata={"help": "File on another machine's disk that hourly audit checkpoints are added to."}
    )
    session_days: int = field(default=14, metadata={"help": "Days after which everybody signs in again."})
    session_idle_hours: int = field(
        default=12, metadata={"help": "Hours without doing anything after which somebody is signed out."}
    )
    backups_kept: int = field(default=5, metadata={"help": "Backups before migrating that are kept."})
    pager_name: str = field(
        default="Tocsin",
        metadata={"help": "Name in messages to people; on a phone that others can see, choose a plain one."},
    )
    smtp_host: str = field(default="", metadata={"help": "Mail server that takes our mail; empty: no mail."})
    smtp_port: int = field(default=0, metadata={"help": "Its port; 0: 587, or what smtp_security usually has."})
    smtp_security: str = field(
        default="starttls", metadata={"help": "starttls, tls, or none (only for a server on this machine)."}
    )
    smtp_user: str = field(
        default="", metadata={"help": "Name to sign in with; the password is the secret smtp_password."}
    )
    mail_from: str = field(default="", metadata={"help": "Address that our mail comes from."})
    mail_reply: str = field(
        default="",
        metadata={"help": "Address that answers by mail go to; mail to name+anything must come back to mail_in."},
    )
    mail_in: str = field(
        default="", metadata={"help": "Address and port on which answers by mail are taken, such as 127.0.0.1:8525."}
    )
    sms_url: str = field(
        default="https://api.twilio.com", metadata={"help": "Address of the provider of text messages and calls."}
    )
    sms_account: str = field(default="", metadata={"help": "Account there; its token is the secret sms_token."})
    sms_from: str = field(default="", metadata={"help": "Number or service that text messages come from."})
    voice_from: str = field(default="", metadata={"help": "Number that calls come from."})
    signal_url: str = field(
        default="",
        metadata={"help": "Address of signal-cli's REST service on this machine: http://127.0.0.1:8080 or unix:/path."},
    )
    signal_number: str = field(default="", metadata={"help": "Number that Signal messages come from."})
    ntfy_url: str = field(
        default="", metadata={"help": "Address of an ntfy server, such as https://ntfy.example; empty: no ntfy."}
    )
    webhook: bool = field(default=False, metadata={"help": "Let people choose webhooks of their own."})
    apprise_schemes: str = field(
        default="", metadata={"help": "Kinds of chat tools that Apprise may use, such as mmost, zulip; empty: none."}
    )
    inside_hosts: str = field(
        default="",
        metadata={"help": "host:port names inside that webhooks and chat tools may reach, separated by commas."},
    )
    recovery_hours: int = field(
        default=24, metadata={"help": "Hours between asking custodians for the keys of a safe and their being able to."}
    )
    breakglass_minutes: int = field(
        default=60, metadata={"help": "The same in minutes for keys that are needed for a while only."}
    )
    breakglass_life_minutes: int = field(
        default=0, metadata={"help": "The same where life or liberty is at stake; everybody concerned is told at once."}
    )
    backup_recipient: str = field(
        default="",
        metadata={"help": "Public age key (age1…) that backups are sealed to; needed once a safe exists."},
    )
    witness_mail: str = field(
        default="", metadata={"help": "Mailbox elsewhere that is sent an hourly hash of every log; empty: none."}
    )
    witness_url: str = field(
        default="", metadata={"help": "Address elsewhere that takes an hourly hash of every log; empty: none."}
    )
    emergency_address: str = field(
        default="", metadata={"help": "Mail address for people at risk; its mail is sealed on arrival."}
    )
    emergency_imap: str = field(
        default="", metadata={"help": "Host and port of IMAP over TLS that its mail is fetched from: mail.example:993."}
    )
    emergency_user: str = field(
        default="", metadata={"help": "Account there; its password is the secret emergency_password."}
    )
    emergency_smtp: str = field(
        default="", metadata={"help": "Address and port on which its mail is taken directly, such as 127.0.0.1:8526."}
    )
    emergency_certificate: str = field(
        default="", metadata={"help": "File with certificate and key for STARTTLS on emergency_smtp; empty: without."}
    )
    emergency_signal: str = field(
        default="",
        metadata={"help": "Signal number for people at risk, at signal_url; never the pager's own; empty: none."},
    )
    pulse_channel: str = field(
        default="", metadata={"help": "Channel of the pager's own heartbeat: mail or ntfy; empty: none."}
    )
    timestamp_url: str = field(
        default="", metadata={"help": "Address of a time-stamping service (RFC 3161) for evidence; empty: none."}
    )
    timestamp_roots: str = field(
        default="", metadata={"help": "File of certificates (PEM) that its answers must lead to."}
    )
    intake_host: str = field(default="127.0.0.1", metadata={"help": "Address that the public door listens on."})
    intake_port: int = field(
        default=0, metadata={"help": "Port that the public door listens on; 0: a hundred above the console's."}
    )
    intake_database: str = field(
        default="", metadata={"help": "PostgreSQL address of the public door; empty: SQLite in intake/ of the home."}
    )
    intake_names: str = field(
        default="", metadata={"help": "Names by which the public door may be reached, separated by commas; empty: any."}
    )
    intake_signer: str = field(
        default="",
        metadata={"help": "Digits of the home's public key, which signs the door's desks; empty: not checked."},
    )
    intake_leave: str = field(
        default="https://www.timeanddate.com/weather/",
        metadata={"help": "Harmless page that “Leave this page now” on the public door leads to."},
    )
    intake_file_mb: int = field(default=2048, metadata={"help": "Largest file that the public door takes."})
    intake_total_mb: int = field(
        default=4096, metadata={"help": "Most that the public door takes at once, all files together."}
    )


# The least and the most of a number, None for no most.
_RANGES: dict[str, tuple[int, int | None]] = {
    "port": (1, 65_535),
    "item_days": (1, MOST_DAYS),
    "document_days": (1, MOST_DAYS),
    "minimum_free_mb": (1, None),
    "session_days": (1, MOST_DAYS),
    "session_idle_hours": (1, 24 * MOST_DAYS),
    "backups_kept": (1, None),
    "smtp_port": (0, 65_535),
    "recovery_hours": (1, 24 * MOST_DAYS),
    "breakglass_minutes": (0, 60 * 24 * MOST_DAYS),
    "breakglass_life_minutes": (0, 60 * 24 * MOST_DAYS),
    "intake_port": (0, 65_535),
    "intake_file_mb": (1, None),
    "intake_total_mb": (1, None),
}

# Variables that are no settings: where the home and its secrets are, the plain look, and the supervisor's own.
_OTHER_VARIABLES = ("TOCSIN_HOME", "TOCSIN_PLAIN", "TOCSIN_SECRETS", "TOCSIN_SUPERVISOR")


def public_url(made: Configuration) -> str:
    """The address that people type. Browsers tie a passkey to a name, never to a number."""
    name = "localhost" if made.host == "127.0.0.1" else made.host
    return made.public_url or f"http://{name}:{made.port}"


def timestamps(made: Configuration, home: Path) -> dict[str, Any]:
    """Whom to ask for stamps on evidence; empty when nobody was chosen. A relative file lies in the home folder."""
    if not made.timestamp_url:
        return {}
    inside = frozenset(one.strip().lower() for one in made.inside_hosts.split(",") if one.strip())
    return {"url": made.timestamp_url, "roots": home / made.timestamp_roots, "inside": inside}


def own_host(made: Configuration) -> str:
    """The address by which this machine itself reaches the console."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(made.host, made.host)  # noqa: S104  # compared, not bound


def home_folder() -> Path:
    """The home folder: ``TOCSIN_HOME``, or a folder under the user's data folder."""
    chosen = os.environ.get("TOCSIN_HOME")
    return Path(chosen).expanduser().resolve() if chosen else Path(platformdirs.user_data_dir("tocsin"))


def load(home: Path) -> Configuration:
    """Read ``tocsin.toml`` and the environment.

    Raises:
        ConfigurationError: for a file that can't be read or is not TOML, an unknown name in it or in the environment,
            or a value of the wrong type or out of its range.
    """
    path = home / "tocsin.toml"
    values = _written(path) if path.exists() else {}
    known = {one.name: one for one in fields(Configuration)}
    for name in values:
        if name not in known:
            known_ones = f"Known ones: {', '.join(sorted(known))}."
            raise ConfigurationError(f"{path} has an unknown setting “{name}”.{_near(name, known)} {known_ones}")
    _check_variables(known)
    for name in known:
        if (text := os.environ.get(f"TOCSIN_{name.upper()}")) is not None:
            values[name] = text
    made = Configuration(**{name: _typed(known[name].type, name, value) for name, value in values.items()})
    _check(made)
    return made


def _check_variables(settings: Iterable[str]) -> None:
    """A variable with a typing error would otherwise be taken for none, and its default for what was meant."""
    known = {*_OTHER_VARIABLES, *(f"TOCSIN_{name.upper()}" for name in settings)}
    for name in sorted(os.environ):
        if name.startswith("TOCSIN_") and name not in known:
            raise ConfigurationError(
                f"The environment has an unknown variable {name}.{_near(name, known)} "
                "Unset it, or write its name as docs/configuration.md does."
            )


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else ""


def _written(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not written in UTF-8. Save it as UTF-8 or move it away.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML. Mend it or move it away.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read as a file. Make it a file that we may read.") from error


def _check(made: Configuration) -> None:
    for name, (least, most) in _RANGES.items():
        value = getattr(made, name)
        if value < least or (most is not None and value > most):
            between = f"{least} or more" if most is None else f"between {least} and {most}"
            raise ConfigurationError(f"The setting “{name}” must be {between}; it is {value}.")
    languages = dict(LANGUAGES)
    if made.language not in languages:
        known = ", ".join(f"{code} ({name})" for code, name in languages.items())
        raise ConfigurationError(f"The setting “language” must be one of: {known}; it is “{made.language}”.")
    if not _is_zone(made.time_zone):
        near = _near(made.time_zone, available_timezones())
        raise ConfigurationError(
            "The setting “time_zone” must be the name of a zone, such as UTC or Africa/Lagos; "
            f"it is “{made.time_zone}”.{near}"
        )
    if made.public_url and not _is_address(made.public_url, {"http", "https"}, named=True):
        raise ConfigurationError("The setting “public_url” must be an address such as https://tocsin.example.")
    # The text is not repeated: it may hold a password.
    if made.database and not _is_address(made.database, {"postgresql", "postgres"}, named=False):
        raise ConfigurationError("The setting “database” must be an address such as postgresql://user@host/name.")
    if made.intake_database and not _is_address(made.intake_database, {"postgresql", "postgres"}, named=False):
        raise ConfigurationError(
            "The setting “intake_database” must be an address such as postgresql://user@host/name."
        )
    if not _is_address(made.intake_leave, {"http", "https"}, named=True):
        raise ConfigurationError("The setting “intake_leave” must be an address such as https://weather.example.")
    for name, must in channel_settings.faults({name: getattr(made, name) for name in channel_settings.CHECKS}):
        raise ConfigurationError(f"The setting “{name}” must be {must}.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_address(text: str, schemes: set[str], *, named: bool) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and "://" in text and parts.port != 0 and bool(parts.hostname or not named)
    except ValueError:
        return False


def _typed(kind: Any, name: str, value: Any) -> Any:
    if kind is bool and isinstance(value, str) and value.lower() in {"1", "0", "true", "false", "yes", "no"}:
        return value.lower() in {"1", "true", "yes"}
    if kind is int and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if type(value) is not kind:
        raise ConfigurationError(f"The setting “{name}” must be {kind.__name__}; it is {type(value).__name__}.")
    return value


def secret(home: Path, name: str) -> str:
    """A secret's text from its own file under ``secrets/``; empty if there is none.

    Raises:
        ConfigurationError: for a file that can't be read, or is not text in UTF-8.
    """
    folder = Path(os.environ.get("TOCSIN_SECRETS", home / "secrets"))
    path = folder / name
    try:
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not text in UTF-8. Put it back from a backup.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read. Let the user that runs Tocsin own it, mode 600.") from error
