"""Forms offer zones of places, and keep what stands somewhere already."""

from tocsin.people.forms import PreferencesForm
from tocsin.people.zones import offered


def test_they_are_utc_and_places() -> None:
    zones = dict(offered())
    assert zones["America/New_York"] == "America/New York"
    assert "UTC" in zones
    for strange in ("localtime", "Factory", "Etc/GMT+1", "CET"):
        assert strange not in zones


def test_what_stands_somewhere_already_stays() -> None:
    assert ("CET", "CET") in offered("CET")
    assert len(offered("UTC")) == len(offered("Europe/Berlin")) == len(offered("Nowhere/Else")) == len(offered())


def test_settings_offer_them_after_the_servers_own() -> None:
    zones = [zone for zone, _name in PreferencesForm().fields["time_zone"].choices]  # type: ignore[attr-defined]
    assert zones == ["", *(zone for zone, _name in offered())]
