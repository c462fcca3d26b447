"""``tocsin people``: lists accounts, and lets somebody back in when no lead can."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tocsin.people import actions
from tocsin.people.models import Person
from tocsin.people.roles import Role


class Command(BaseCommand):
    """Accounts, from the command line of whoever runs the server."""

    help = "Lists accounts, or makes a one-time link for somebody who can't sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("list", help="print every account with its roles")
        recover = commands.add_parser("recover", help="print a link that sets a new password")
        recover.add_argument("address", help="the email address of the account")
        recover.add_argument(
            "--keep-second-factor", action="store_true", help="leave passkeys, app and recovery codes as they are"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "list":
            for person in Person.objects.order_by("pk"):
                roles = " ".join(str(role.name).lower() for role in Role if role in person.role_set) or "no-role"
                self.stdout.write(f"{person.pk} {person.email} {roles}{'' if person.is_active else ' deactivated'}")
            return
        address = options["address"].strip().lower()
        try:
            person = Person.objects.get(email=address, is_active=True)
        except Person.DoesNotExist as error:
            raise CommandError(f"No active account has the address {address}. “people list” prints all.") from error
        path = actions.reset_link(None, person, second_factor=not options["keep_second_factor"])
        self.stdout.write(settings.PUBLIC_URL.rstrip("/") + path)
