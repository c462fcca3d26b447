"""The words of this room: functions, audiences, standings, fields and acts, as people read them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from tocsin.responses.log.content import For, Function, State
from tocsin.responses.log.folding import Standing

FUNCTIONS: Final[Mapping[Function, Any]] = {
    Function.LEAD: _("lead"),
    Function.DUTY: _("on duty"),
    Function.CASEWORK: _("casework"),
    Function.LEGAL: _("legal"),
    Function.SECURITY: _("security"),
    Function.COMMUNITY: _("community"),
    Function.COMMUNICATIONS: _("communications"),
    Function.POLICY: _("policy"),
    Function.EXECUTIVE: _("executive"),
}
WHOM: Final[Mapping[Function, Any]] = {
    Function.LEAD: _("Tell whoever leads: %(what)s"),
    Function.DUTY: _("Tell who is on duty: %(what)s"),
    Function.CASEWORK: _("Tell the caseworkers: %(what)s"),
    Function.LEGAL: _("Tell the lawyers: %(what)s"),
    Function.SECURITY: _("Tell security: %(what)s"),
    Function.COMMUNITY: _("Tell the community: %(what)s"),
    Function.COMMUNICATIONS: _("Tell communications: %(what)s"),
    Function.POLICY: _("Tell policy: %(what)s"),
    Function.EXECUTIVE: _("Tell the executives: %(what)s"),
}
"""What a step says by which somebody with this function is told something."""
AUDIENCES: Final[Mapping[For, Any]] = {
    For.PUBLIC: _("for the public"),
    For.COMMUNITY: _("for the community"),
    For.PERSON: _("for the person"),
}
STATES: Final[Mapping[State, Any]] = {
    State.OPEN: _("not begun"),
    State.BEGUN: _("begun"),
    State.DONE: _("done"),
    State.DROPPED: _("not done, with a reason"),
}
COLUMNS: Final[Mapping[State, Any]] = {
    State.OPEN: _("Not begun"),
    State.BEGUN: _("Begun"),
    State.DONE: _("Done"),
    State.DROPPED: _("Dropped"),
}
STANDINGS: Final[Mapping[str, Any]] = {
    Standing.DRAFT: _("draft"),
    Standing.ASKED: _("waits for approval"),
    Standing.APPROVED: _("approved"),
    Standing.BROKEN: _("changed since it was approved"),
    Standing.DECLINED: _("declined"),
    Standing.ACTING: _("acted on first, to be ratified"),
    Standing.CLOSED: _("closed"),
    Standing.UNPROVED: _("not as it was written"),
}
# A shape for each, so that colour is never alone.
SHAPES: Final[Mapping[str, str]] = {
    Standing.DRAFT: "○",
    Standing.ASKED: "●",
    Standing.APPROVED: "✓",
    Standing.BROKEN: "✗",
    Standing.DECLINED: "✗",
    Standing.ACTING: "▲",
    Standing.CLOSED: "■",
    Standing.UNPROVED: "!",
}
SEVERITIES: Final[Mapping[int, Any]] = {1: _("minor"), 2: _("moderate"), 3: _("severe"), 4: _("extreme")}
FIELDS: Final[Mapping[str, Any]] = {
    "title": _("Title"),
    "objective": _("Objective"),
    "options": _("Options"),
    "chosen": _("Chosen option"),
    "reasons": _("Why this one"),
    "stakeholders": _("Who has a part"),
    "words": _("Words"),
    "indicators": _("What to watch"),
    "exit_condition": _("Over when"),
    "resources": _("Resources"),
    "not_to_do": _("What not to do"),
    "update_hours": _("Hours between updates"),
}
OPTION_FIELDS: Final[Mapping[str, Any]] = {
    "title": _("Name"),
    "benefit": _("Benefit"),
    "risk": _("Risk to the person"),
    "cost": _("Cost"),
    "reversible": _("Can it be taken back"),
    "objections": _("Who objects, and why"),
}
TASK_FIELDS: Final[Mapping[str, Any]] = {
    "title": _("Task"),
    "function": _("Function"),
    "owner": _("Owner"),
    "due": _("Due"),
    "needs": _("Comes after"),
    "wanted": _("What shows that it is done"),
    "evidence": _("Evidence"),
    "state": _("Stands"),
    "risk_check": _("Risk to others is weighed first"),
    "protection": _("Protection"),
    "at_once": _("Needs no yes"),
    "grave": _("Needs a yes in any case"),
}
VERBS: Final[Mapping[str, Any]] = {
    "begun": _("began the plan"),
    "wrote": _("wrote a version"),
    "graded": _("graded it"),
    "task": _("put a task"),
    "moved": _("moved a task"),
    "checked": _("weighed the risk to others"),
    "asked": _("asked for approval"),
    "approved": _("approved it"),
    "declined": _("declined it"),
    "withdrew": _("took back"),
    "acted": _("acts first"),
    "decided": _("decided"),
    "updated": _("said how it stands"),
    "closed": _("closed it"),
    "reopened": _("opened it again"),
    "debriefed": _("wrote the debrief"),
    "learnt": _("wrote down a lesson"),
    "changed": _("moved a lesson"),
    "mustered": _("asked for help"),
    "arrived": _("came onto it"),
    "relieved": _("was relieved"),
    "started": _("began the drill"),
    "rested": _("let the drill rest"),
    "resumed": _("let the drill go on"),
    "injected": _("The exercise says:"),
    "observed": _("wrote down how it was met"),
}
