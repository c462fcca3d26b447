"""``tocsin door``: lists what is stuck at the public door for good, and removes it."""

from uuid import UUID

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """List, or remove one."""
    about = "List what is stuck at the public door and will never open, or remove one of them."
    parser = options.parser("door", about, options.where())
    parser.add_argument("what", choices=["list", "remove"])
    parser.add_argument("id", nargs="?", default="", help="the id of one, as “list” says it; “all” for every one")
    given = parser.parse_args(arguments)
    options.apply(given)
    start(safe=False)
    from tocsin.config import door
    from tocsin.intake import handing

    if not handing.reachable():
        raise RefusalError("The door's database does not answer, or has no tables yet. Start “tocsin intake” once.")
    found = door.hopeless()
    if given.what == "list":
        for one in found:
            print(f"{one.id}  desk {one.desk}, key {one.epoch}: {one.why}")
        print(f"{len(found)} will never open here. “tocsin door remove ID” removes one, with its files, for good.")
        return 0
    numbers = [one.id for one in found if given.id in {str(one.id), "all"}]
    if not numbers:
        raise RefusalError("There is none of this id that will never open. “tocsin door list” names those there are.")
    print(f"Removed: {sum(door.drop(UUID(str(number))) for number in numbers)}.")
    return 0
