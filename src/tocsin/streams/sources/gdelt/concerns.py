"""What of GDELT may concern us: which kinds of event are counted, and which of its texts become items.

GDELT codes events by CAMEO (Schrodt 2012) and texts by themes of its knowledge graph. Both are a machine's guess from
the press of the world; a count of them follows what is written, not what happens.
"""

import re

# CAMEO code (the longest match counts) → the subject that its events are counted under, every one in every country.
COUNTED = {
    "13": "cameo.13-threaten",
    "14": "cameo.14-protest",
    "15": "cameo.15-show-of-force",
    "17": "cameo.17-coerce",
    "172": "cameo.172-restrict",
    "173": "cameo.173-arrest",
    "175": "cameo.175-repress",
    "176": "cameo.176-cyber-attack",
    "18": "cameo.18-assault",
    "19": "cameo.19-fight",
    "20": "cameo.20-mass-violence",
}

EVENT_WORDS = {
    "172": "Restrictions by the authorities",
    "1721": "Restrictions on political freedoms",
    "1722": "A ban on parties or politicians",
    "1723": "A curfew",
    "1724": "A state of emergency or martial law",
    "173": "An arrest, detention or charge",
    "174": "An expulsion or deportation",
    "175": "Violent repression",
    "176": "A cyber attack",
    "18": "An assault",
    "180": "An assault",
    "181": "An abduction, hijacking or hostage-taking",
    "182": "A physical or sexual assault, or torture",
    "1821": "A sexual assault",
    "1822": "Torture",
    "1823": "A killing by physical assault",
    "183": "A bombing",
    "185": "An attempted assassination",
    "186": "An assassination",
    "20": "Mass violence",
    "201": "A mass expulsion",
    "202": "Mass killings",
    "203": "Ethnic cleansing",
}
"""Events that become items if they meet somebody of ``PEOPLE``; the words that the item begins with."""

PEOPLE = frozenset({"MED", "EDU", "NGO", "HRI", "OPP", "CVL", "LAB", "REL", "REF", "NGM", "IGO"})
"""Kinds of actor (CAMEO) that editors, readers and those around them may be among."""

ALONE = frozenset(
    {
        "INTERNET_BLACKOUT",
        "CENSORSHIP",
        "MEDIA_CENSORSHIP",
        "FREESPEECH",
        "PERSECUTION",
        "HUMAN_RIGHTS_ABUSES",
        "SURVEILLANCE",
        "CYBER_ATTACK",
        "TORTURE",
        "STATE_OF_EMERGENCY",
        "MARTIAL_LAW",
        "WB_2507_HUMAN_RIGHTS_ABUSES_AND_VIOLATIONS",
        "TAX_AIDGROUPS_HUMAN_RIGHTS_WATCH",
        "TAX_AIDGROUPS_AMNESTY_INTERNATIONAL",
    }
)
"""Themes that are enough by themselves."""

DEEDS = frozenset({"ARREST", "KIDNAP", "ASSASSINATION", "LEGISLATION", "TRIAL", "BAN", "SEIZE", "IMPRISONMENT"})
WHOM = re.compile(
    r"TAX_FNCACT_(?:PHOTO)?(?:JOURNALIST|EDITOR|REPORTER|BLOGGER|WRITER|ACTIVIST|LIBRARIAN|ACADEMIC|TEACHER|STUDENT|"
    r"HUMAN_RIGHTS_ACTIVIST|DISSIDENT|VOLUNTEER|PROGRAMMER)S?$|MEDIA_SOCIAL|WB_662_SOCIAL_MEDIA|"
    r"WB_678_DIGITAL_GOVERNMENT|WB_1405_.*INTERNET.*"
)
"""A deed counts together with somebody, or something, that it may be done to."""

OURS = re.compile(r"wiki(?:pedia|media|data|source|news|quote|books|versity|voyage)|wiktionary", re.IGNORECASE)
"""The movement's own names, in an address or a title: always an item."""


def subject_of(code: str) -> str:
    """The subject that an event is counted under, or empty."""
    return next((COUNTED[code[:length]] for length in (3, 2) if code[:length] in COUNTED), "")


def event_words(code: str) -> str:
    """What an event of this CAMEO code is, in plain words; empty for those that never become items."""
    return next((EVENT_WORDS[code[:length]] for length in (4, 3, 2) if code[:length] in EVENT_WORDS), "")


def meets_people(*actors: str) -> bool:
    """Whether one of the actors (CAMEO codes such as ``BLRMED``) is of a kind that our people may be among."""
    return any(code[at : at + 3] in PEOPLE for code in actors for at in range(0, len(code), 3))


def concerns(themes: set[str], address: str, title: str) -> bool:
    """Whether a text of the knowledge graph may concern us."""
    if OURS.search(address) or OURS.search(title) or themes & ALONE:
        return True
    if any(theme.startswith("HUMAN_RIGHTS_ABUSES_") for theme in themes):
        return True
    return bool(themes & DEEDS) and any(WHOM.match(theme) for theme in themes)
