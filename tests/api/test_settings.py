from pathlib import Path

import pytest

from api.settings import Settings
from geo.errors import BadInput


def test_an_empty_environment_masks_people_and_stays_on_the_loopback():
    settings = Settings.from_environment({"GRIDWARDEN_HOME": "somewhere"})
    assert (settings.contacts, settings.behind_loopback, settings.home) == ("masked", False, Path("somewhere"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRIDWARDEN_CONTACTS", "some"),
        ("GRIDWARDEN_BEHIND_LOOPBACK", "perhaps"),
        ("GRIDWARDEN_CORS_ORIGINS", "app.example"),
        ("GRIDWARDEN_CORS_ORIGINS", "https://app.example/"),
    ],
)
def test_a_setting_that_is_none_of_those_known_is_refused(name, value):
    with pytest.raises(BadInput, match=value) as refusal:
        Settings.from_environment({name: value})
    assert refusal.value.facts["name"] == name


def test_levels_are_a_list_by_commas():
    assert Settings.from_environment({"GRIDWARDEN_LEVELS": "city, grid"}).hierarchy.levels == ("city", "grid")


def test_origins_are_a_list_by_commas_and_none_by_default():
    assert Settings.from_environment({}).cors_origins == ()
    given = {"GRIDWARDEN_CORS_ORIGINS": "https://app.example, http://127.0.0.1:5173"}
    assert Settings.from_environment(given).cors_origins == ("https://app.example", "http://127.0.0.1:5173")
