"""The one taxonomy: kinds of harm, who acts, on whom, and what we do about it.

Every other folder speaks of harm by these keys. Titles are plain English; the folders that show them translate them.
Each entry lists the nearest terms of outside vocabularies, so that exchange with partners needs no second list:

- ``huridocs``: types of act in the manner of the HURIDOCS micro-thesauri (words, not codes: editions number them anew);
- ``disarm``: technique ids of the DISARM Red framework;
- ``misp``: machine tags of the public MISP taxonomies;
- ``cap``: event categories of the Common Alerting Protocol 1.2;
- ``cameo``: CAMEO root or base event codes, as GDELT writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class HarmType:
    """A kind of harm.

    ``endangers`` lies between 0 and 1: how far a text of this kind, with nothing else known, speaks of danger to a
    person's life, body or liberty. It orders work; it is no probability.
    """

    key: str
    title: str
    description: str
    endangers: float
    outside: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ActorType:
    """Who does the harm."""

    key: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class TargetType:
    """Whom the harm meets. ``ours`` is true for people and things of the movement itself."""

    key: str
    title: str
    description: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class ResponseType:
    """A way in which we answer harm."""

    key: str
    title: str
    description: str


def _outside(
    huridocs: str = "", disarm: str = "", misp: str = "", cap: str = "", cameo: str = ""
) -> Mapping[str, tuple[str, ...]]:
    """Outside terms, each argument a list separated by semicolons."""
    given = {"huridocs": huridocs, "disarm": disarm, "misp": misp, "cap": cap, "cameo": cameo}
    return MappingProxyType({name: tuple(t.strip() for t in text.split(";")) for name, text in given.items() if text})


HARMS: tuple[HarmType, ...] = (
    HarmType(
        "site-ban",
        "Site ban",
        "A site or a part of it is blocked, ordered to be blocked, or taken down in a country or network.",
        0.15,
        _outside("censorship; violation of the right to information", "T0123.002", "rsit:availability", "Infra", "172"),
    ),
    HarmType(
        "throttling",
        "Throttling",
        "Access is slowed down or made unreliable on purpose, without an open ban.",
        0.1,
        _outside("censorship", "T0123", "rsit:availability", "Infra", "172"),
    ),
    HarmType(
        "shutdown",
        "Network shutdown",
        "The internet or mobile network of a place is cut, by order or by attack.",
        0.3,
        _outside("violation of the right to information", "", "rsit:availability", "Infra", "172"),
    ),
    HarmType(
        "arrest",
        "Arrest or prosecution",
        "A person is arrested, detained, charged, tried or imprisoned.",
        0.85,
        _outside("arbitrary arrest; arbitrary detention; unfair trial", "", "", "Security", "173"),
    ),
    HarmType(
        "disappearance",
        "Disappearance or abduction",
        "A person is abducted, held in secret or missing after being taken.",
        1.0,
        _outside("enforced disappearance; abduction", "", "", "Security; Rescue", "181"),
    ),
    HarmType(
        "violence",
        "Violence or persecution",
        "A person or group is beaten, tortured, injured, driven out or persecuted.",
        0.95,
        _outside("torture; ill-treatment; assault; persecution", "", "", "Security", "175; 18; 182"),
    ),
    HarmType(
        "killing",
        "Killing",
        "A person is killed, executed or found dead after an attack.",
        1.0,
        _outside("extrajudicial execution; killing", "", "", "Security", "1823; 186; 20"),
    ),
    HarmType(
        "threat",
        "Threat or exposure",
        "A person is threatened, harassed, stalked, or their private details are published.",
        0.75,
        _outside("threat; harassment", "T0048; T0048.004", "rsit:abusive-content", "Security", "13"),
    ),
    HarmType(
        "legal-demand",
        "Legal demand",
        "A court, regulator or claimant demands removal, user data, or payment.",
        0.3,
        _outside("judicial harassment", "", "", "Other", "10"),
    ),
    HarmType(
        "law",
        "Law that shrinks civic space",
        "A law, bill or rule restricts speech, association, privacy or the hosting of knowledge.",
        0.1,
        _outside(
            "violation of freedom of expression; violation of freedom of association", "", "", "Other", "1721; 1722"
        ),
    ),
    HarmType(
        "surveillance",
        "Surveillance or intrusion",
        "People are watched, their devices infected, their accounts taken over or their data leaked.",
        0.6,
        _outside("violation of privacy", "", "rsit:intrusions; rsit:information-gathering", "Security", "176"),
    ),
    HarmType(
        "disinformation",
        "Disinformation",
        "False or twisted claims are spread to mislead, or to set people against contributors.",
        0.2,
        _outside("defamation", "T0023; T0066", "DFRLab-dichotomies-of-disinformation", "Other", "11"),
    ),
    HarmType(
        "capture",
        "Capture of a community",
        "A state, party or company takes over an editorial community or its governing rights.",
        0.25,
        _outside("", "T0094", "DFRLab-dichotomies-of-disinformation", "Other", ""),
    ),
    HarmType(
        "affiliate-attack",
        "Attack on a group or event",
        "A group, its office, its money or its event is raided, closed, banned or disrupted.",
        0.5,
        _outside("violation of freedom of association; raid", "", "", "Security", "171"),
    ),
    HarmType(
        "self-harm",
        "Self-harm",
        "A person speaks of taking their own life or of harming themselves.",
        1.0,
        _outside("", "", "", "Health; Rescue", ""),
    ),
)

ACTORS: tuple[ActorType, ...] = (
    ActorType("state", "State", "A government, ministry or public authority, or the state as such."),
    ActorType("police", "Police", "Police or other law enforcement."),
    ActorType("military", "Military", "Armed forces of a state."),
    ActorType("intelligence", "Security service", "Intelligence or state security service."),
    ActorType("court", "Court", "A court, judge or prosecutor."),
    ActorType("regulator", "Regulator", "A regulator of telecoms, media or data."),
    ActorType("legislator", "Legislator", "A parliament, or members of it making law."),
    ActorType("telecom", "Telecom", "A network operator or internet provider."),
    ActorType("company", "Company", "Any other company, or its owner."),
    ActorType("armed-group", "Armed group", "An armed group outside a state's command, cartel or gang."),
    ActorType("political-group", "Political group", "A party, movement or its supporters."),
    ActorType("online-mob", "Online mob", "Many accounts acting against a person or community."),
    ActorType("individual", "Individual", "A single private person."),
    ActorType("unknown", "Unknown", "Nobody is named, or it can't be told."),
)

TARGETS: tuple[TargetType, ...] = (
    TargetType("editor", "Editor", "A person who edits or administers the projects.", ours=True),
    TargetType("photographer", "Photographer", "A person who photographs or films, for the projects or the press."),
    TargetType("affiliate", "Affiliate", "A chapter, user group or organiser of the movement.", ours=True),
    TargetType("staff", "Staff", "Staff or trustees of the movement's organisations.", ours=True),
    TargetType("project", "Project", "A site, wiki or service of the movement.", ours=True),
    TargetType("journalist", "Journalist", "A journalist, blogger or news outlet."),
    TargetType("defender", "Human-rights defender", "An activist, lawyer, unionist or human-rights organisation."),
    TargetType("academic", "Academic or librarian", "A scholar, teacher, student, librarian or museum worker."),
    TargetType("reader", "Readers or the public", "People who read, or the public of a place."),
    TargetType("unknown", "Unknown", "Nobody is named, or it can't be told."),
)

RESPONSES: tuple[ResponseType, ...] = (
    ResponseType("verify", "Verify", "Find a second, independent source before anything else."),
    ResponseType("watch", "Watch closely", "Raise the rate of collection and set a review date."),
    ResponseType("warn", "Warn those concerned", "Tell people at risk what is known, and what they can do now."),
    ResponseType("digital-safety", "Digital safety", "Secure accounts, devices and traces."),
    ResponseType("account-action", "Action on accounts", "Lock, rename, hide or suppress on the projects."),
    ResponseType("legal-aid", "Legal aid", "Find and pay a lawyer; file or answer in court."),
    ResponseType("emergency-support", "Emergency support", "Money, shelter, medical help or relocation."),
    ResponseType("wellbeing", "Care", "Psychosocial support for the person, family, community or team."),
    ResponseType("access", "Restore access", "Technical measures so that readers reach the projects again."),
    ResponseType("diplomacy", "Quiet diplomacy", "Talk to authorities, embassies or companies in private."),
    ResponseType("advocacy", "Advocacy", "Argue a position in law-making, courts or international bodies."),
    ResponseType("communications", "Communications", "Speak in public, or decide in writing to stay silent."),
    ResponseType("community", "Community governance", "Work with the community on its rules, rights and elections."),
    ResponseType("referral", "Referral", "Hand over, with consent, to an organisation that can do more."),
)

_HARM = {h.key: h for h in HARMS}
_ACTOR = {a.key: a for a in ACTORS}
_TARGET = {t.key: t for t in TARGETS}
_RESPONSE = {r.key: r for r in RESPONSES}


def harm(key: str) -> HarmType:
    """The kind of harm with this key. Raises KeyError for a key that the taxonomy does not hold."""
    return _HARM[key]


def actor(key: str) -> ActorType:
    """The actor type with this key. Raises KeyError for an unknown key."""
    return _ACTOR[key]


def target(key: str) -> TargetType:
    """The target type with this key. Raises KeyError for an unknown key."""
    return _TARGET[key]


def response(key: str) -> ResponseType:
    """The response type with this key. Raises KeyError for an unknown key."""
    return _RESPONSE[key]


def harms_from(vocabulary: str, term: str) -> tuple[HarmType, ...]:
    """Kinds of harm that map to ``term`` of an outside vocabulary, in the order of the taxonomy.

    ``vocabulary`` is ``huridocs``, ``disarm``, ``misp``, ``cap`` or ``cameo``. CAMEO codes match by their longest
    listed prefix (``1822`` finds 182 before 18); all others match whole, without regard to case. No match: empty.
    """
    if vocabulary == "cameo":
        for length in range(len(term), 1, -1):
            found = tuple(h for h in HARMS if term[:length] in h.outside.get("cameo", ()))
            if found:
                return found
        return ()
    wanted = term.casefold()
    return tuple(h for h in HARMS if any(t.casefold() == wanted for t in h.outside.get(vocabulary, ())))
