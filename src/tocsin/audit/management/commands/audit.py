"""``tocsin audit``: checks the record, writes a checkpoint, shows entries."""

from argparse import ArgumentParser
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from tocsin.audit import access, protection, verification, witness
from tocsin.audit.models import Seal
from tocsin.lib.claims import database_now

_NAMED = 20


class Command(BaseCommand):
    """The record of who did what, from the command line."""

    help = "Checks the audit record, writes a checkpoint of it, or shows entries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        check = commands.add_parser("verify", help="check every row; exit code 1 if anything is wrong")
        check.add_argument("--checkpoint", metavar="FILE", help="what an outside witness holds; usual: audit_witness")
        point = commands.add_parser("checkpoint", help="print the head of the chain, to keep elsewhere")
        point.add_argument("--to", metavar="FILE", help="add it to a file as well")
        commands.add_parser("protect", help="let the database refuse again to change or delete the record")
        show = commands.add_parser("show", help="print the newest entries")
        show.add_argument("--actor", type=int, help="a person's id; 0 for the system")
        show.add_argument("--verb", default="", help="beginning of the verb, such as people.")
        show.add_argument("--target", default="", help="such as person:3, or person for all")
        show.add_argument("--limit", type=int, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "verify":
            self._verify(options["checkpoint"])
        elif options["what"] == "checkpoint":
            self._checkpoint(options["to"])
        elif options["what"] == "protect":
            with transaction.atomic(), connection.cursor() as cursor:
                protection.protect(cursor.execute, connection.vendor)
        else:
            self._show(access.Wanted(options["actor"], options["verb"], options["target"]), options["limit"])

    def _verify(self, given: str | None) -> None:
        file = Path(given or settings.CONFIGURATION.audit_witness) if given or _named() else None
        verdict = verification.verify(self._noted(file) if file else None)
        self.stdout.write(f"{verdict.sealed} sealed entries, the last is {verdict.head}.")
        for problem in verdict.problems:
            self.stdout.write(f"WRONG  {problem.words}")
        if verdict.wrong > len(verdict.problems):
            self.stdout.write(f"WRONG  {verdict.wrong} places in all; the first {len(verdict.problems)} are named.")
        for doubt in verdict.doubts:
            self.stdout.write(f"LOOK   {doubt}")
        self._say_waiting(verdict)
        self._say_witness(verdict, file)
        if verdict.wrong:
            raise CommandError("The record was tampered with, or its disk is broken. Keep a copy before you mend it.")
        self.stdout.write("Nothing is changed, missing or out of order in what is sealed.")

    def _noted(self, file: Path) -> list[witness.Noted]:
        noted, unread = [], 0
        try:
            for line in witness.lines(file):
                if not isinstance(line, int):
                    noted.append(line)
                    continue
                unread += 1
                if unread <= _NAMED:
                    self.stdout.write(f"LOOK   Line {line} of {file} can't be read.")
        except OSError as error:
            raise CommandError(
                f"{file} can't be read: a plain file below {witness.LARGEST // 1_000_000} MB is needed. "
                "Mount its disk, or name another with --checkpoint."
            ) from error
        if unread > _NAMED:
            self.stdout.write(f"LOOK   {unread} lines of {file} can't be read; the first {_NAMED} are named.")
        return noted

    def _say_waiting(self, verdict: verification.Verdict) -> None:
        if verdict.waiting:
            named = ", ".join(map(str, verdict.waiting_entries))
            more = " …" if verdict.waiting > len(verdict.waiting_entries) else ""
            self.stdout.write(
                f"{verdict.waiting} entries are not sealed yet, so nothing is said of them: {named}{more}. "
                "Sealing takes five seconds while the worker runs."
            )

    def _say_witness(self, verdict: verification.Verdict, file: Path | None) -> None:
        if verdict.outside is None:
            self.stdout.write(
                "No outside witness was asked. Whoever can write to this database could have rebuilt the whole chain; "
                "set audit_witness, or keep what “audit checkpoint” prints and give it with --checkpoint."
            )
            return
        agreed = verdict.outside.agrees_to
        if agreed is None:
            self.stdout.write(f"{file} holds no checkpoint that agrees with this chain.")
            return
        told = f"{agreed.at.astimezone(UTC):%Y-%m-%d %H:%M}"
        self.stdout.write(
            f"Outside witness {file}: agrees up to {agreed.sequence}, told on {told} UTC. "
            f"The {verdict.head - agreed.sequence} entries after it are vouched for by this database alone."
        )

    def _checkpoint(self, to: str | None) -> None:
        head = Seal.objects.order_by("-sequence").first()
        if head is None:
            raise CommandError("Nothing is sealed yet. Start the worker, and try again in five seconds.")
        noted = witness.Noted(head.sequence, head.digest, database_now())
        self.stdout.write(f"{noted.sequence} {noted.digest} {noted.at.astimezone(UTC).isoformat(timespec='seconds')}")
        if to:
            try:
                witness.tell(Path(to), noted)
            except OSError as error:
                raise CommandError(f"{to} can't be written. Name a plain file in a folder of yours.") from error

    def _show(self, wanted: access.Wanted, limit: int) -> None:
        for shown in reversed(access.entries(wanted, limit=limit)):
            entry = shown.entry
            facts = " ".join(f"{name}={value}" for name, value in sorted(entry.facts.items()))
            actor = "system" if entry.actor is None else f"person:{entry.actor}"
            place = shown.sequence if shown.sequence is not None else "-"
            words = [str(entry.pk), str(place), f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", actor, entry.verb, entry.target]
            self.stdout.write(" ".join([*words, facts, entry.purpose]).rstrip())


def _named() -> bool:
    return bool(settings.CONFIGURATION.audit_witness)
