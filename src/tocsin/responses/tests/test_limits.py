"""A limit is said before somebody writes, not after they were refused."""

import re
from collections.abc import Callable, Iterator

import pytest
from django import forms
from django.test import Client

from tocsin.people.models import Person
from tocsin.responses import after_forms
from tocsin.responses.playbooks import forms as playbook_forms

pytestmark = pytest.mark.django_db


def bounded() -> Iterator[forms.Form]:
    yield from (playbook_forms.TextForm(table) for table in (False, True))
    yield from (playbook_forms.NewForm(), playbook_forms.LanguageForm(), playbook_forms.WhyForm())
    yield from (playbook_forms.AuthorityForm([]), playbook_forms.DisclosureForm())
    yield from (after_forms.DebriefForm(), after_forms.LessonForm(), after_forms.LessonMoveForm())
    yield from (after_forms.RelieveForm([]), after_forms.ObserveForm(), after_forms.MissedForm())


def test_every_field_of_words_says_how_many_letters_it_takes() -> None:
    seen = 0
    for form in bounded():
        for name, field in form.fields.items():
            if isinstance(field, forms.CharField) and not field.widget.is_hidden:
                said = re.sub(r"(?<=\d)[,.\s\u202f\xa0](?=\d)", "", str(field.help_text))
                for limit in (field.min_length, field.max_length):
                    assert not limit or limit == 1 or re.search(rf"\b{limit}\b", said), (type(form), name)
                    seen += bool(limit)
    assert seen > 20


def test_the_form_of_a_new_version_says_ten_letters_before_it_refuses_nine(
    browse: Callable[[Person], Client], alice: Person
) -> None:
    page = browse(alice).get("/plans/playbooks/detained/en/edit/").content.decode()
    assert "10 to 300 letters." in page
    assert "At most 60,000 letters." in page
