"""What to do first about each kind of threat: whom to tell, what to keep, what never to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Checklist:
    """One kind of threat. ``do`` is in order; ``tell`` are those who must know; ``keep`` is what must not be lost."""

    title: Words
    do: tuple[Words, ...]
    tell: tuple[Words, ...]
    keep: tuple[Words, ...]
    never: tuple[Words, ...]


_ASK_FIRST: Final = _("Ask by the way that the sender chose whether it is safe to talk. Don’t call first.")
_KEEP_WORDS: Final = _("The letter as it came; it is sealed here. Don’t copy it into chat or mail.")

LISTS: Final[Mapping[str, Checklist]] = {
    "violence": Checklist(
        _("Violence against others"),
        (
            _("Is a person, a place or a time named? Then treat it as real until you know otherwise."),
            _ASK_FIRST,
            _("If somebody can be reached only by the police, decide with legal and the lead: in some countries that "
              "makes it worse."),
            _("Tell the person who is threatened, if you can do so safely."),
        ),
        (_("the lead, now"), _("legal, before anybody outside is told"), _("the head of security, if staff are named")),
        (_KEEP_WORDS, _("where it was said: address, time, account; take a picture before it is removed")),
        (_("Don’t answer the one who threatens."), _("Don’t post about it.")),
    ),
    "self": Checklist(
        _("Somebody may harm themselves"),
        (
            _("Answer as a person, in few warm words. Ask directly whether they are safe now."),
            _("Give a helpline of their country; the directory of allies has them."),
            _("If the danger is now and you know where they are, decide with the lead whether to call the emergency "
              "number there."),
            _("Don’t leave them without a time at which you write again."),
        ),
        (_("the lead"), _("a colleague, so that you don’t carry it alone")),
        (_KEEP_WORDS,),
        (_("Don’t promise to keep it secret."), _("Don’t argue about reasons.")),
    ),
    "detention": Checklist(
        _("Arrest or detention"),
        (
            _("Who, where, since when, by whom; who saw it. Write down what you don’t know, too."),
            _("An instruction from somebody who may be in custody is paused and reviewed, not obeyed."),
            _("Find counsel from the directory of allies before anything is public."),
            _("Ask the family, if they are safe to ask, what they want. They may disagree with each other."),
            _("Have accounts of the person secured: sessions ended, rights removed where that protects others."),
        ),
        (_("the lead, now"), _("legal"), _("whoever may be next: people who worked with them")),
        (_KEEP_WORDS, _("names of witnesses, in the case and nowhere else")),
        (_("Don’t call or write to their phone."), _("Don’t publish a name without consent.")),
    ),
    "exposed": Checklist(
        _("Name or home made public"),
        (
            _("See what is out and where, once; take pictures for the case, then stop looking."),
            _("Ask for removal at the platforms; the directory of allies has their contacts."),
            _("Ask whether they can stay somewhere else tonight."),
            _("Have their accounts secured and their traces on our sites hidden where the rules allow."),
        ),
        (_("the lead"), _("the trust and safety contact of each platform")),
        (_KEEP_WORDS, _("address and time of each posting")),
        (_("Don’t repeat what was published, not even to deny it."),),
    ),
    "legal": Checklist(
        _("A legal demand"),
        (
            _("Don’t answer it. Give it to legal with the date on which it came and the date on which it runs out."),
            _("Set a legal hold with counsel before anything that it is about is deleted."),
            _("Ask who else got one: demands come in waves."),
            _("Tell the person concerned, unless counsel says that it is forbidden."),
        ),
        (_("legal, now"), _("the lead")),
        (_KEEP_WORDS, _("envelope, headers, stamps: everything that shows how it came")),
        (_("Don’t confirm that an account or a person exists."),),
    ),
}  # fmt: skip
# What the door's form calls them, where the word differs.
_ALSO: Final = {"threats": "violence", "watched": "exposed"}


def of(kind: str) -> Checklist | None:
    """The list for a kind of threat; None where there is none."""
    return LISTS.get(_ALSO.get(kind, kind))
