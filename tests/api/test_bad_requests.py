import pytest

from api.errors import MEDIA_TYPE
from api.models import Problem

POINT = {"lon": "104.2802048", "lat": "30.1859716", "crs": "cgcs2000"}


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


def refused(answer, status, kind, field=None):
    """Check a problem document as far as all of them are alike; return it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    found = answer.json()
    Problem.model_validate(found)
    assert (found["type"], found["status"]) == (f"urn:gridwarden:problem:{kind}", status)
    assert found["detail"] == found["zh"] != found["en"]
    if field is not None:
        assert found["place"]["field"] == field
    return found


@pytest.mark.parametrize(
    ("changed", "kind", "field"),
    [
        ({"lon": None}, "parameter-missing", "lon"),
        ({"lat": None}, "parameter-missing", "lat"),
        ({"lon": "abc"}, "parameter-not-a-number", "lon"),
        ({"lat": ""}, "parameter-not-a-number", "lat"),
        ({"lat": "30°11'"}, "parameter-not-a-number", "lat"),
        ({"lon": "nan"}, "parameter-not-a-number", "lon"),
        ({"lat": "inf"}, "parameter-not-a-number", "lat"),
        ({"lat": "-Infinity"}, "parameter-not-a-number", "lat"),
        ({"lon": "1e999"}, "parameter-not-a-number", "lon"),
        ({"lat": "91"}, "crs-latitude-beyond-90", "lat"),
        ({"lon": "181"}, "crs-latitude-beyond-90", "lon"),
        ({"lon": "30.18", "lat": "104.28"}, "crs-axes-swapped", "lat"),
        ({"lon": "30.18", "lat": "104.28", "crs": "gcj02"}, "crs-axes-swapped", "lat"),
        ({"lon": "430670", "lat": "3340784"}, "crs-metres-as-degrees", "lon"),
        ({"crs": "EPSG:4523"}, "crs-degrees-as-metres", "lon"),
        ({"lon": "3340784", "lat": "35430670", "crs": "EPSG:4523"}, "crs-axes-swapped", None),
        ({"lon": "20430670", "lat": "3340784", "crs": "EPSG:4523"}, "crs-far-from-home", None),
        ({"crs": None}, "crs-missing", "crs"),
        ({"crs": ""}, "crs-missing", "crs"),
        ({"crs": "mars"}, "crs-unknown", "crs"),
        ({"crs": "EPSG:99999"}, "crs-unknown", "crs"),
        ({"crs": "EPSG:4610"}, "crs-old-datum", "crs"),
        ({"crs": "EPSG:4214"}, "crs-old-datum", "crs"),
        ({"crs": "+proj=longlat +datum=WGS84 +nadgrids=/etc/passwd"}, "crs-reads-file", "crs"),
        ({"at": "yesterday"}, "malformed-moment", "at"),
        ({"at": ""}, "malformed-moment", "at"),
        ({"at": "2026-02-30"}, "malformed-moment", "at"),
        ({"at": "2999-01-01T00:00:00Z"}, "future-moment", "at"),
        ({"at": "2020-01-01T00:00:00Z", "edition": "1"}, "moment-given-twice", "at"),
        ({"edition": "one"}, "parameter-not-an-integer", "edition"),
        ({"edition": "0"}, "parameter-out-of-range", "edition"),
        ({"edition": "9" * 40}, "parameter-out-of-range", "edition"),
        ({"accuracy": "-1"}, "parameter-out-of-range", "accuracy"),
        ({"accuracy": "nan"}, "parameter-not-a-number", "accuracy"),
        ({"radius": "1e9"}, "parameter-out-of-range", "radius"),
    ],
)
def test_a_wrong_parameter_of_a_point_is_said(client, changed, kind, field):
    wanted = {name: value for name, value in {**POINT, **changed}.items() if value is not None}
    refused(client.get("/api/v1/locate", params=wanted), 422, kind, field)


@pytest.mark.parametrize(
    ("changed", "kind", "field"),
    [({"at": "2020-01-01"}, "before-first-edition", "at"), ({"edition": "10"}, "unknown-edition", "edition")],
)
def test_a_moment_without_areas_is_not_found(client, changed, kind, field):
    refused(client.get("/api/v1/locate", params=POINT | changed), 404, kind, field)


def test_a_missing_crs_lists_the_systems_and_what_phones_return(client):
    found = refused(client.get("/api/v1/locate?lon=104&lat=30"), 422, "crs-missing", "crs")
    for name in ("cgcs2000", "wgs84", "gcj02", "bd09", "EPSG:n", "wx.getLocation"):
        assert name in found["zh"]
        assert name in found["en"]


def test_all_wrong_parameters_are_said_at_once(client):
    found = refused(client.get("/api/v1/locate?lon=x"), 422, "parameter-not-a-number", "lon")
    assert [each["place"]["field"] for each in found["errors"]] == ["lon", "lat", "crs"]


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("areas?level=planet", 422, "unknown-level"),
        ("areas?kind=odd", 422, "parameter-not-one-of"),
        ("areas?format=shp", 422, "parameter-not-one-of"),
        ("areas?limit=0", 422, "parameter-out-of-range"),
        ("areas?limit=1001", 422, "parameter-out-of-range"),
        ("areas?limit=many", 422, "parameter-not-an-integer"),
        ("areas?bbox=1,2,3", 422, "malformed-bbox"),
        ("areas?bbox=1,2,nan,4", 422, "malformed-bbox"),
        ("areas?bbox=5,2,1,4", 422, "malformed-bbox"),
        ("areas?bbox=30,104,31,105", 422, "malformed-bbox"),
        ("areas?parent=000", 404, "unknown-area"),
        ("areas?within=000", 404, "unknown-area"),
        ("areas?after=%00", 422, "parameter-malformed"),
        ("areas?after=" + "1" * 65, 422, "parameter-malformed"),
        ("areas?at=tomorrow", 422, "malformed-moment"),
        ("areas/000", 404, "unknown-area"),
        ("areas/%00", 422, "parameter-malformed"),
        ("areas/%27%3B%20DROP%20TABLE%20area", 404, "unknown-area"),
        ("areas/000/children", 404, "unknown-area"),
        ("teams?area=000", 404, "unknown-area"),
        ("editions?after=-3", 422, "parameter-out-of-range"),
    ],
)
def test_a_wrong_list_is_said(client, path, status, kind):
    refused(client.get(f"/api/v1/{path}"), status, kind)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/nowhere", 404, "page-unknown"),
        ("/assets/passwd", 404, "bundle-file-unknown"),
        ("/assets/..%2f..%2fpyproject.toml", 404, "page-unknown"),
        ("/maps?level=planet", 422, "unknown-level"),
        ("/maps?within=000", 404, "unknown-area"),
    ],
)
def test_an_unknown_page_is_a_problem_too(client, path, status, kind):
    refused(client.get(path), status, kind)


def test_another_method_is_refused_with_those_that_work(client):
    answer = client.delete("/api/v1/areas")
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr", "zh"),
        ("en;q=0.1, zh;q=0.9", "zh"),
        ("de, en;q=0.5", "en"),
        ("en;q=often", "zh"),
    ],
)
def test_the_sentence_is_in_the_language_asked_for(client, accepted, lang):
    answer = client.get("/api/v1/areas/000", headers={"Accept-Language": accepted})
    found = answer.json()
    assert found["detail"] == found[lang]
    assert answer.headers["content-language"] == lang


def test_nothing_is_changed_by_a_refusal(client):
    assert client.get("/health").json()["edition"] == 9
