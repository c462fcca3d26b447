"""What programs see of open plans, and what they may hand over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from tocsin.alerts import clock
from tocsin.lib.inputs import Id, Line, Moment, Text
from tocsin.lib.pages import Part
from tocsin.responses import models, shown
from tocsin.responses.log import acts
from tocsin.responses.log.content import (
    LINE_MOST,
    MANY,
    TEXT_MOST,
    Content,
    For,
    Function,
    Indicator,
    Option,
    Stakeholder,
    State,
    Task,
    Wording,
)
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Plan, Standing, covers_at
from tocsin.responses.playbooks import library

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", description="A plan's id, as it stands in its address.")]
Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,12}$")]
Short = Annotated[Line, Field(max_length=LINE_MOST)]
Long = Annotated[Text, Field(max_length=TEXT_MOST)]
Severity = Annotated[int, Field(ge=1, le=4, description="1 minor, 2 moderate, 3 severe, 4 extreme.")]
Owner = Annotated[int, Field(ge=0, le=2**63 - 1, description="An account's number; 0 for nobody.")]
Language = Annotated[str, Field(pattern=r"^[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=20)]


class OptionShape(Schema):
    """One way to go."""

    key: Key
    title: Short = ""
    benefit: Long = ""
    risk: Long = Field("", description="What it may do to the person.")
    cost: Long = ""
    reversible: Long = ""
    objections: Long = ""


class StakeholderShape(Schema):
    """Somebody with a part in it; `person` 0 is somebody outside, whom `name` names."""

    function: Function
    person: Owner = 0
    name: Short = ""
    part: Long = ""


class WordingShape(Schema):
    """Words for somebody."""

    audience: For
    text: Long
    language: Language = "en"


class IndicatorShape(Schema):
    """Something to watch."""

    text: Long
    series: Short = ""


class ContentShape(Schema):
    """What one version says."""

    title: Annotated[Short, Field(min_length=1)]
    objective: Short = ""
    options: list[OptionShape] = Field(default_factory=list, max_length=MANY)
    chosen: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,12}$")] = ""
    reasons: Long = ""
    stakeholders: list[StakeholderShape] = Field(default_factory=list, max_length=MANY)
    words: list[WordingShape] = Field(default_factory=list, max_length=MANY)
    indicators: list[IndicatorShape] = Field(default_factory=list, max_length=MANY)
    exit_condition: Long = ""
    resources: Long = ""
    not_to_do: Long = ""
    update_hours: Annotated[int, Field(ge=1, le=336)] = 24

    def content(self) -> Content:
        """The same, frozen."""
        given: dict[str, Any] = self.dict()
        kinds = {"options": Option, "stakeholders": Stakeholder, "words": Wording, "indicators": Indicator}
        parts: dict[str, Any] = {name: tuple(kind(**one) for one in given.pop(name)) for name, kind in kinds.items()}
        return Content(**given, **parts)


class TaskShape(Schema):
    """One thing to do."""

    title: Annotated[Short, Field(min_length=1)]
    function: Function = Function.DUTY
    owner: Owner = 0
    due: Moment | None = Field(None, description="In the plan's own time: of a drill, by its clock.")
    needs: list[Key] = Field(default_factory=list, max_length=MANY, description="Keys of tasks that come first.")
    wanted: Short = Field("", description="What shows that it is done; whoever ends it must say it.")
    risk_check: bool = False
    protection: Short = ""

    def task(self, key: str = "") -> Task:
        """The same, frozen."""
        return Task(key=key, **{**self.dict(), "needs": tuple(self.needs)})


class TaskOut(TaskShape):
    """One task as it stands."""

    key: str
    at_once: bool = Field(False, description="Its playbook lets it begin before a yes.")
    grave: bool = Field(False, description="Its playbook asks for a yes to it in any case.")
    cover: Cover = Field(description="Whether it may begin, as far as a yes goes.")
    evidence: str
    state: State
    began: datetime | None
    ended: datetime | None
    due_at: datetime | None = Field(description="The moment of life at which it is due; null also while a drill rests.")


class PlanFilters(Part):
    """Which plans are wanted."""

    show: Annotated[str, Field(pattern="^(open|mine|approve|overdue|drill|closed)$")] = "open"
    situation: Annotated[str, Field(pattern=r"^[0-9a-z]{0,12}$")] = ""


class PlanOut(Schema):
    """One plan in a list. `proved` false: the row is not what the plan's log says, so believe nothing in it."""

    public_id: str
    title: str
    severity: int
    standing: str
    version: int
    open_tasks: int
    privileged: bool
    drill: bool
    exercise: bool
    playbook: str
    situation: str
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    update_due_at: datetime | None
    answer_due_at: datetime | None
    proved: bool


class ApprovalOut(Schema):
    """Somebody's yes: to which version, by its hash, and whether it covers the plan as it is."""

    by: int
    at: datetime
    version: int
    digest: str
    covers: bool
    ratifies: bool


class PlanDetail(Schema):
    """One plan as it stands."""

    public_id: str
    severity: int
    standing: Standing
    privileged: bool
    drill: bool
    exercise: bool
    playbook: str
    playbook_unreviewed: list[str] = Field(description="Parts of it as it was then that nobody of the team reviewed.")
    about: str = Field(description="The public id of its situation, or empty.")
    owner: int
    opened_at: datetime
    changed_at: datetime
    update_due: datetime | None
    version: int
    digest: str = Field(description="The hash of exactly this version, with its tasks.")
    proved: bool = Field(description="Whether every line of the log is as it was written.")
    approval: ApprovalOut | None
    content: ContentShape
    tasks: list[TaskOut]


class BeginIn(Schema):
    """A new plan: from a playbook, or from what it is to say."""

    severity: Severity
    title: Annotated[Short, Field(min_length=1)]
    objective: Short = ""
    playbook: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    situation: Annotated[str, Field(pattern=r"^[0-9a-z]{0,12}$")] = ""
    drill: bool = False


class WriteIn(Schema):
    """A new version, written while reading version `base`."""

    base: Id
    note: Short = ""
    content: ContentShape


class TaskMoveIn(Schema):
    """How a task stands from now on; `words` are the evidence, or the reason."""

    state: State
    words: Long = ""


class PlanAskIn(Schema):
    """Whose yes is asked."""

    approver: Id
    deputy: Owner = 0
    words: Long = ""


class TextIn(Schema):
    """A few words."""

    text: Annotated[Long, Field(min_length=1)]


class DifferenceOut(Schema):
    """One field that somebody else changed; `grave`: an approval of before does not cover it."""

    field: str
    before: str
    after: str
    grave: bool


class StalePlanOut(Schema):
    """It can't be done as things stand. With `version`: somebody wrote meanwhile, and nothing was stored."""

    detail: str
    fields: list[str] = Field(
        default_factory=list, description="Always empty: nothing that was sent is wrong in itself."
    )
    version: int | None = Field(None, description="The newest version, where somebody wrote it meanwhile.")
    differences: list[DifferenceOut] = Field(default_factory=list, description="What they changed.")


class LineOut(Schema):
    """One line of the log; `proved`: it is as it was written. `drill`: it is of a drill, and nothing in it is real."""

    drill: bool
    number: int
    at: datetime
    by: int
    verb: str
    body: dict[str, Any]
    proved: bool


def content_out(content: Content) -> ContentShape:
    """What a version says."""
    return ContentShape.model_validate(shown.plain(content))


def detail(plan: Plan) -> PlanDetail:
    """One plan."""
    approval = None
    if plan.approved is not None and isinstance(plan.approved.act, acts.Approved):
        act = plan.approved.act
        whole = plan.standing is Standing.APPROVED
        approval = ApprovalOut(
            by=plan.approved.by, at=plan.approved.at, version=act.version, digest=act.digest, covers=whole,
            ratifies=act.ratifies,
        )  # fmt: skip
    begun, covers = plan.begun, covers_at(plan, clock.now())
    return PlanDetail(
        public_id=plan.id, severity=plan.severity, standing=plan.standing, privileged=plan.privileged,
        drill=begun.drill, exercise=begun.exercise, playbook=begun.playbook, about=begun.about, owner=plan.owner,
        playbook_unreviewed=list(library.unreviewed_of(begun.playbook, begun.playbook_digest) or ()),
        opened_at=plan.opened_at, changed_at=plan.changed_at, update_due=plan.update_due, version=plan.version,
        digest=plan.digest, proved=plan.proved, approval=approval, content=content_out(plan.content),
        tasks=[_task_out(plan, one, covers) for one in plan.tasks],
    )  # fmt: skip


def _task_out(plan: Plan, task: Task, covers: Mapping[str, Cover]) -> TaskOut:
    return TaskOut.model_validate(shown.plain(task) | {"cover": covers[task.key], "due_at": plan.due_at(task)})


def row_out(row: models.Plan, situation: str, *, proved: bool) -> PlanOut:
    """One row."""
    names = [name for name in PlanOut.model_fields if name not in {"situation", "proved"}]
    told = {name: getattr(row, name) for name in names}
    return PlanOut(situation=situation, proved=proved, **(told if proved else told | {"standing": Standing.UNPROVED}))
