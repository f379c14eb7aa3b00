from importlib import import_module
from pkgutil import walk_packages

import api
import geo
import importers
import maps
from api.errors import STATUS, problem, status_of
from geo.errors import BadInput, GeoError, Unavailable


def subclasses(kind):
    return {kind, *(each for below in kind.__subclasses__() for each in subclasses(below))}


def test_every_error_of_the_program_has_a_status():
    for package in (api, geo, importers, maps):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    assert set(STATUS) == set(GeoError.__subclasses__())
    below = subclasses(GeoError) - {GeoError}
    assert len(below) > len(STATUS)
    assert all(400 <= status_of(kind) < 600 for kind in below)


def test_a_status_tells_whose_fault_it_is():
    assert {kind.__name__: status for kind, status in STATUS.items()} == {
        "BadInput": 422,
        "NotFound": 404,
        "Conflict": 409,
        "Refused": 403,
        "TooLarge": 413,
        "TooSlow": 408,
        "TooOften": 429,
        "Unavailable": 503,
        "Unidentified": 401,
    }


def test_a_refusal_carries_both_languages_and_its_place():
    refusal = BadInput("unknown-level", place={"file": "a.shp", "row": 3}, level="x", known="grid")
    document = problem(422, [refusal], "en").body.decode()
    assert '"place":{"file":"a.shp","row":3}' in document
    assert '"title":"The input is wrong"' in document
    assert refusal.text("zh") in document


def test_what_a_server_says_of_itself_stays_inside():
    failure = Unavailable("database-unreachable", reason='socket "/run/secret" failed for user boss')
    document = problem(503, [failure], "zh").body.decode()
    assert "secret" not in document
    assert "boss" not in document
