"""Random names for rows that people see: they tell nothing of age, number or order."""

import secrets

# Without the letters and digits that are mistaken for one another when read aloud.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def random_name(length: int = 8) -> str:
    """A name of so many letters and digits; 8 of them have 39 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
