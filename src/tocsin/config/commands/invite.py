"""``tocsin invite``: prints a one-time link that creates an account."""

import os
import sys

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Print the link for a person with the given roles."""
    about = "Print a one-time link that creates an account."
    parser = options.parser("invite", about, options.where(), options.address())
    parser.add_argument("--role", action="append", metavar="ROLE", help="a role; say it again for several")
    parser.add_argument("--note", default="", help="whom it is for, as the team reads it")
    given = parser.parse_args(arguments)
    options.apply(given)
    settings = start(safe=False)
    from tocsin.config import home as homes
    from tocsin.config.refusal import RefusalError
    from tocsin.people import actions
    from tocsin.people.models import Invitation, Person
    from tocsin.people.roles import Role

    names = {str(role.name).lower(): role for role in Role}
    unknown = [name for name in given.role or [] if name not in names]
    if unknown:
        raise RefusalError(f"There is no role “{unknown[0]}”. The roles: {', '.join(names)}.")
    roles = Role(0)
    for name in given.role or []:
        roles |= names[name]
    if not roles and Person.objects.exists():
        raise RefusalError(f"Say at least one --role: {', '.join(names)}.")
    # The very first account is a lead's, whatever was asked for.
    replaces = Invitation.objects.filter(invited_by=None, used_at=None).exists()
    first = actions.first_invitation()
    path = first or actions.invite(None, roles, given.note)[1]
    if first and roles & ~Role.LEAD:
        print("The very first account is a lead's, whatever was asked for.", file=sys.stderr)
    if first and replaces:
        print("A link that was printed before, by “tocsin up” or by this command, no longer works.", file=sys.stderr)
    # A port that is named here is meant; else the one that the running “tocsin up” was given.
    named = settings.CONFIGURATION.public_url or "TOCSIN_PORT" in os.environ
    address = settings.PUBLIC_URL if named else homes.running_address(settings.HOME) or settings.PUBLIC_URL
    print(address.rstrip("/") + path)
    return 0
