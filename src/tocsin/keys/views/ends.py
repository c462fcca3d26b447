"""What is no more, in words: by whose word, and loudly where nobody who could has signed for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.keys import proofs
from tocsin.keys.ceremony_forms import names_of
from tocsin.keys.directory import Directory
from tocsin.keys.proofs import Gone, Proof, Standing


@dataclass(frozen=True, slots=True)
class ShownEnd:
    """One thing that is no more. ``part`` is empty for all of it; ``said`` tells what its certificate is worth."""

    safe: UUID
    part: str
    sound: bool
    said: str
    text: str


def shown(found: Iterable[Gone]) -> list[ShownEnd]:
    """As a page shows them."""
    every = list(found)
    names = dict(names_of({one.by for one in every if one.by is not None}))
    return [
        ShownEnd(
            one.safe,
            one.compartment,
            one.standing.holds,
            _said(one.standing, one.proof, names.get(one.by or 0, _("somebody who left"))),
            one.proof.text if one.proof is not None else "",
        )
        for one in every
    ]


def _said(standing: Standing, proof: Proof | None, who: str) -> str:
    if standing is Standing.SIGNED and proof is not None and proof.lost:
        return _("It was found gone, and nobody had signed for it. %(who)s signed that it is lost.") % {"who": who}
    if standing is Standing.SIGNED:
        return _("The certificate was signed by %(who)s, who held it.") % {"who": who}
    if standing is Standing.ORDERED:
        return _("A timer shredded it, as %(who)s ordered and signed in advance.") % {"who": who}
    if standing is Standing.STRANGER:
        words = _(
            "Somebody signed for it (%(who)s) who could not when your vault last looked, and no member who could."
        )
        return words % {"who": who}
    if proof is None:
        return _("No certificate stands for it, and no member has signed that it is gone.")
    return _("What stands for a certificate is worth nothing: it is gone, and no member has signed for that.")


def worth(proof: Proof, directory: Directory) -> str:
    """What a certificate is worth to an auditor, who was not in it."""
    keys = proofs.signer(proof, directory)
    if keys is None:
        return _("Nobody’s signature fits it. Ask those who were in it, by voice.")
    who = dict(names_of([keys.person])).get(keys.person, _("somebody who left"))
    if proof.order is not None:
        return _("A timer did it, as %(who)s ordered and signed in advance. The signature fits.") % {"who": who}
    return _("Signed by %(who)s. The signature fits.") % {"who": who}
