"""``tocsin practices``: writes the safety guides as a site of plain files, which needs no server and no login."""

from datetime import UTC, datetime
from pathlib import Path

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Write the site into a folder; a build that was killed is finished by the next."""
    parser = options.parser("practices", "Write the safety guides as a site of plain files.", options.where())
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder; it is made if there is none"
    )
    given = parser.parse_args(arguments)
    options.apply(given)
    start(safe=False)
    from tocsin.resilience.practices import site

    try:
        built = site.build(given.out, datetime.now(UTC).date())
    except site.StrangerError as stranger:
        raise RefusalError(
            f"“{stranger.path}” in {given.out} is not as Tocsin wrote it. Nothing was changed. Move it away, or give "
            "another folder."
        ) from stranger
    except OSError as error:
        raise RefusalError(f"{given.out} can't be written. Look whether it is a folder of yours with room.") from error
    print(f"{built.files} files in {given.out}: {built.written} written, {built.removed} older ones removed.")
    return 0
