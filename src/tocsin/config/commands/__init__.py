"""One file per command of ``tocsin``, each with one line in the list below."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, what it does in one line, and the file here that has its ``main(argv) -> int``."""

    name: str
    about: str
    file: str

    def run(self, arguments: list[str]) -> int:
        """Run it with the words after its name; gives the exit code."""
        module = import_module(f"{__name__}.{self.file}")
        return int(module.main(arguments))


COMMANDS = (
    Command("up", "Start everything on this machine: console, collectors, worker and pager.", "up"),
    Command("web", "Serve the console and the API.", "web"),
    Command("intake", "Serve the public door for people at risk.", "intake"),
    Command("collect", "Fetch from the sources that are due, again and again.", "collect"),
    Command("work", "Turn what arrived into signals and situations, and keep house.", "work"),
    Command("page", "Let alerts climb until somebody answers, and send their pages.", "page"),
    Command("letters", "Take mail to the emergency address in, and seal it at once.", "letters"),
    Command("keyholder", "Keep the vaults that people opened, in memory only.", "keyholder"),
    Command("door", "List what is stuck at the public door for good, or remove it.", "door"),
    Command("lock", "Close every open vault, on every machine, at once.", "lock"),
    Command("look", "Print everything measured and read about one country.", "look"),
    Command("backfill", "Judge all measurements of the past by the detectors in force.", "backfill"),
    Command("check", "Print every safeguard, its state and its mend.", "check"),
    Command("invite", "Print a one-time link that creates an account.", "invite"),
    Command("people", "List accounts, or let somebody in who lost password or second factor.", "people"),
    Command("practices", "Write the safety guides as a site of plain files.", "practices"),
    Command("audit", "Verify the record of who did what.", "audit"),
    Command("backup", "Write a backup of the database.", "backup"),
    Command("restore", "Put a backup into an empty home; what was shredded since stays shredded.", "restore"),
    Command("migrate", "Back up the database, then bring it to this version.", "migrate"),
    Command("replay", "Serve recorded data on this machine as its real upstreams would.", "replay"),
    Command("bench", "Measure quality or speed; prints a table and one JSON line.", "bench"),
    Command("test", "Check the code and run every test, on SQLite and on PostgreSQL.", "test"),
    Command("lint", "Check the code: ruff, mypy and the order of the rooms.", "lint"),
    Command("messages", "List the words of the pages for translators, and build the test language.", "messages"),
)


def find(name: str) -> Command | None:
    """The command of this name."""
    return next((one for one in COMMANDS if one.name == name), None)
