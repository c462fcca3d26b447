"""The page of a situation sums up what its texts say happened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.signals import judging
from tocsin.signals.summed import summed
from tocsin.signals.tests.test_accounts import BODY, TITLE, told
from tocsin.situations.tests.arriving import run
from tocsin.streams.models import Source

pytestmark = pytest.mark.django_db


def test_a_situation_sums_up_what_its_texts_say_without_what_a_person_called_no_attack(
    source: Callable[..., Source], bob: Person, browse: Callable[[Person], Client], django_assert_num_queries: Any
) -> None:
    daily = source()
    one, two, three = (told(daily, f"{TITLE}, {n}", BODY) for n in "abc")
    judging.correct(bob, two, "country", "BY", "LT")
    judging.confirm(bob, one, "violation", "torture")
    with django_assert_num_queries(2):
        said = {(each.field.key, each.value): (len(each.texts), each.judged) for each in summed([one, two, three])}
    assert (said["country", "BY"], said["country", "LT"]) == ((2, 0), (1, 1))
    assert said["violation", "torture"] == (3, 1)
    judging.no_attack(bob, three)
    three.copy_of = one
    assert ("country", "BY") in {(each.field.key, each.value) for each in summed([one])}
    assert summed([three]) == []
    three.copy_of = None
    assert summed([three]) == []
    run()
    client = browse(bob)
    address = client.get(f"/situations/of/{one.pk}/")["Location"]
    client.get(address)
    page = client.get(address).content.decode()
    assert "What the texts say happened" in page
    assert "1 by a person’s word" in page
    marks = [client.get(address)["ETag"]]
    made = judging.confirm(bob, one, "country", "BY")
    marks.append(client.get(address)["ETag"])
    judging.undo(bob, made)
    marks.append(client.get(address)["ETag"])
    assert len({*marks}) == 3
