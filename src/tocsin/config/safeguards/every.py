"""Every safeguard, with its state and its mend; a missing one that is fatal stops the start."""

from tocsin.config.refusal import RefusalError
from tocsin.config.safeguards import channels, data, door, host, pager, parts, site, vaults
from tocsin.config.safeguards.base import Safeguard, State

# Those of the first list need no database.
BEFORE_DATABASE = (
    host.home_is_private,
    host.secret_is_strong,
    host.secrets_are_private,
    site.debug_is_off,
    site.address_is_protected,
    site.content_policy_holds,
    site.second_factor_is_asked,
    host.disk_has_room,
    host.proxies_are_ignored,
    channels.people_can_be_woken,
    channels.links_lead_to_us,
    pager.pages_come_back,
    pager.somebody_watches,
    vaults.vaults_can_be_opened,
    vaults.memory_stays_in_memory,
)
WITH_DATABASE = (
    data.database_answers,
    data.commits_are_kept,
    data.migrations_are_applied,
    data.clocks_agree,
    pager.pager_runs,
    parts.steps_work,
    data.backups_are_fresh,
    data.backups_are_sealed,
    data.audit_is_witnessed,
    data.witnesses_hear,
    data.audit_is_only_added_to,
    door.door_can_seal,
    door.door_is_not_stuck,
    door.words_are_reviewed,
    site.look_is_built,
    host.parsers_are_jailed,
)


def all_of() -> list[Safeguard]:
    """Every safeguard as it stands now. Those behind a database that does not answer are left out."""
    found = [check() for check in BEFORE_DATABASE]
    for check in WITH_DATABASE:
        found.append(check())
        if check is data.database_answers and found[-1].state is State.FATAL:
            break
    return found


def stop_unless_safe(before_database: bool = False) -> None:
    """Refuse to go on while a fatal safeguard is missing.

    Raises:
        RefusalError: that names each missing one with its mend.
    """
    found = [check() for check in BEFORE_DATABASE] if before_database else all_of()
    missing = [one for one in found if one.state is State.FATAL]
    if missing:
        lines = [f"{one.name}: {one.line}\n  Mend: {one.mend}" for one in missing]
        raise RefusalError("Tocsin does not start, because a safeguard is missing.\n\n" + "\n".join(lines))
