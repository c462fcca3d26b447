"""The roles that a person may hold, and what each role may do."""

from enum import IntFlag, StrEnum


class Role(IntFlag):
    """Roles as bits, so that a set of readers fits into one number."""

    LEAD = 1
    ANALYST = 2
    RESPONDER = 4
    STAKEHOLDER = 8
    APPROVER = 16
    EXECUTIVE = 32
    AUDITOR = 64
    COUNSEL = 128
    ALONE = 256


class Right(StrEnum):
    """What may be done in the rooms that exist."""

    READ = "read"  # open situations, signals, sources' health
    ASSESS = "assess"  # assess, correct, merge, split, undo
    SOURCES = "sources"  # add, change and pause sources; import lists; upload documents
    REQUIRE = "require"  # state what we need to know
    PEOPLE = "people"  # invite people, change roles, end sessions
    AUDIT = "audit"  # read the record
    ALERTS = "alerts"  # see the team's alerts, answer them, page now
    ROTAS = "rotas"  # see who is on duty; one's own duty, addresses and swaps need no right
    DUTY = "duty"  # arrange rotas, policies, rules and integrations, see the load of others
    ROLLCALLS = "rollcalls"  # ask others whether they are safe or can help; one's own part in it needs no right
    ALLIES = "allies"  # see whom we turn to for others, propose somebody new
    CASES = "cases"  # take on cases of people at risk; reading one needs its keys, whatever the roles
    VET = "vet"  # verify, change, suspend and let go whom we turn to
    PLANS = "plans"  # begin and write response plans, do and hand out their tasks
    APPROVE = "approve"  # say yes or no to a plan that somebody else wrote
    APPROVE_GRAVE = "approve-grave"  # the same for a plan that is severe or extreme
    APPROVE_OWN = "approve-own"  # approve what one wrote oneself: apart, and rarely given
    RESILIENCE = "resilience"  # communities and what they face: read and write
    STEWARD = "steward"  # take context in and back, put a community away, erase it
    REPORTS = "reports"  # draw up and edit reports
    RELEASE = "release"  # release a report
    HOLD = "hold"  # order that something is kept, and lift the order: counsel's alone


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.LEAD: frozenset(Right) - {Right.AUDIT, Right.HOLD, Right.APPROVE_GRAVE, Right.APPROVE_OWN},
    Role.ANALYST: frozenset(
        {
            Right.READ,
            Right.ASSESS,
            Right.SOURCES,
            Right.REQUIRE,
            Right.ALERTS,
            Right.ROTAS,
            Right.PLANS,
            Right.RESILIENCE,
            Right.REPORTS,
        }
    ),
    Role.RESPONDER: frozenset(
        {
            Right.READ,
            Right.ASSESS,
            Right.REQUIRE,
            Right.ALERTS,
            Right.ROTAS,
            Right.ROLLCALLS,
            Right.ALLIES,
            Right.CASES,
            Right.PLANS,
            Right.RESILIENCE,
            Right.REPORTS,
        }
    ),
    Role.STAKEHOLDER: frozenset({Right.READ}),
    Role.APPROVER: frozenset({Right.READ, Right.APPROVE, Right.APPROVE_GRAVE, Right.RELEASE}),
    Role.EXECUTIVE: frozenset({Right.READ, Right.APPROVE, Right.APPROVE_GRAVE, Right.RELEASE}),
    Role.AUDITOR: frozenset({Right.AUDIT}),
    Role.COUNSEL: frozenset({Right.READ, Right.HOLD}),
    Role.ALONE: frozenset({Right.APPROVE_OWN}),
}


def rights(roles: Role) -> frozenset[Right]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(_RIGHTS[role] for role in Role if role in roles))
