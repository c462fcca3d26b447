"""``tocsin invite``: prints a one-time link that creates an account."""

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Print the link for a person with the given roles."""
    parser = options.parser("invite", "Print a one-time link that creates an account.", options.where())
    parser.add_argument("--role", action="append", metavar="ROLE", help="a role; say it again for several")
    parser.add_argument("--note", default="", help="whom it is for, as the team reads it")
    given = parser.parse_args(arguments)
    options.apply(given)
    settings = start(safe=False)
    from tocsin.config.refusal import RefusalError
    from tocsin.people import actions
    from tocsin.people.models import Person
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
    path = actions.first_invitation() or actions.invite(None, roles, given.note)[1]
    print(settings.PUBLIC_URL.rstrip("/") + path)
    return 0
