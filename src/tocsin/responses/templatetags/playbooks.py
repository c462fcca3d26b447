"""What templates of plans say about the playbook that a plan was made from. Load with ``{% load playbooks %}``."""

from typing import Any

from django import template

from tocsin.responses.playbooks import library, shown

register = template.Library()


@register.inclusion_tag("playbooks/unreviewed_of.html")
def unreviewed_parts(key: str, digest: str) -> dict[str, Any]:
    """Say which parts of the text that a plan was made from nobody of the team has reviewed; nothing where all were."""
    if not key:
        return {}
    found = library.unreviewed_of(key, digest)
    if found is None:
        return {"unknown": True}
    every = library.standing(key)
    whole = every is not None and len(found) == len(every.parts)
    return {"whole": whole, "parts": [] if whole else shown.part_names(key, found)}
