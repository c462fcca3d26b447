"""A responder, a small playbook, and a person who counts."""

import pytest

from tocsin.people.models import Person
from tocsin.people.roles import Role

SMALL = """+++
title = "A flood in the archive"
version = 1
harms = ["threat"]
severity = "moderate"
reviewed_by = "not yet reviewed"
+++

# Use this when

Water stands
in the archive.

# Must be told

- [1 h] lead: That it is wet.

# First hour

- [10 min] on duty: Switch the power off.
- [1 h] legal · approval · uses lock, block: Lock it, and
  write down why.

# First day

- [4 h] caseworker · second look: Call whoever keeps the boxes.

# First week

- [3 d] security: Dry the boxes.

# What not to do

- Do not open the boxes. | Wet paper tears.

# Words for the person

- First call | Are you safe and dry?

# Indicators

- It rains again. | Begin anew.

# Stop when

- Everything is dry.

# Options

## Wait
- benefit: Costs nothing.
- risk: More gets wet.
- cost: None.
- reversible: partly | Until paper rots.

# What helps nobody

- A press release. | Paper does not read.
"""


@pytest.fixture
def rosa(db: None) -> Person:
    """A responder: writes plans and playbooks."""
    person = Person(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER))
    person.set_password("correct horse battery staple")
    person.save()
    return person


@pytest.fixture
def sam(db: None) -> Person:
    """A stakeholder: reads, and writes nothing."""
    return Person.objects.create(email="sam@example.org", name="Sam", roles=int(Role.STAKEHOLDER))
