import pytest

from geo.levels import DEFAULT


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def required_examples(operation):
    """Return the sets of values that are named alike: each is one whole question."""
    required = [each for each in operation.get("parameters", []) if each["required"]]
    names = sorted({name for each in required for name in each["examples"]}) or [None]
    return [{each["name"]: each["examples"][name]["value"] for each in required} for name in names]


def asked(client, path, operation, values):
    inside = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
    where = path.format(**{name: value for name, value in values.items() if name in inside})
    return client.get(where, params={name: value for name, value in values.items() if name not in inside})


def test_every_example_is_answered(client, document):
    count = 0
    for path, method, operation in operations(document):
        # What changes something is tried by its own tests, and so is what needs a job or the draft of a plan.
        if method != "get" or "{job}" in path or "{plan}/" in path or "/basemap/" in path:
            continue
        for values in required_examples(operation):
            assert asked(client, path, operation, values).status_code == 200, (path, values)
            count += 1
        for optional in operation.get("parameters", []):
            for example in [] if optional["required"] else optional["schema"]["examples"]:
                values = {**required_examples(operation)[0], optional["name"]: example}
                answer = asked(client, path, operation, values)
                assert answer.status_code == 200, (path, values, answer.text)
                count += 1
    assert count > 40


def test_the_examples_of_a_point_are_in_a_grid(client, document):
    operation = document["paths"]["/api/v1/locate"]["get"]
    for values in required_examples(operation):
        assert asked(client, "/api/v1/locate", operation, values).json()["status"] == "found", values


def test_everything_is_described_and_every_optional_parameter_has_an_example(document):
    tags = {tag["name"] for tag in document["tags"]}
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags, path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            assert parameter.get("examples") or parameter["schema"].get("examples"), (path, parameter["name"])


def test_refusals_are_documented_as_problems(document):
    for path, _, operation in operations(document):
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert refusals, path
        for answer in refusals.values():
            assert list(answer["content"]) == ["application/problem+json"]
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_contract_s_addresses_are_there(document):
    assert set(document["paths"]) == {
        "/api/v1/locate",
        "/api/v1/locate/address",
        "/api/v1/search",
        "/api/v1/areas",
        "/api/v1/areas/{code}",
        "/api/v1/areas/{code}/children",
        "/api/v1/areas/{code}/history",
        "/api/v1/areas/{code}/lineage",
        "/api/v1/teams",
        "/api/v1/facilities",
        "/api/v1/circles",
        "/api/v1/circles/shares",
        "/api/v1/circles/unserved",
        "/api/v1/circles/serving",
        "/api/v1/circles/draft",
        "/api/v1/plans",
        "/api/v1/plans/{plan}",
        "/api/v1/plans/{plan}/operations",
        "/api/v1/plans/{plan}/operations/{operation}",
        "/api/v1/plans/{plan}/undo",
        "/api/v1/plans/{plan}/redo",
        "/api/v1/plans/{plan}/check",
        "/api/v1/plans/{plan}/areas",
        "/api/v1/plans/{plan}/impact",
        "/api/v1/plans/{plan}/residences",
        "/api/v1/plans/{plan}/scene",
        "/api/v1/plans/{plan}/others",
        "/api/v1/plans/{plan}/trial",
        "/api/v1/plans/{plan}/sheet",
        "/api/v1/plans/{plan}/map",
        "/api/v1/plans/{plan}/submit",
        "/api/v1/plans/{plan}/approve",
        "/api/v1/plans/{plan}/reject",
        "/api/v1/plans/{plan}/withdraw",
        "/api/v1/plans/{plan}/comments",
        "/api/v1/plans/{plan}/publish",
        "/api/v1/plans/{plan}/revert",
        "/api/v1/findings",
        "/api/v1/findings/exceptions",
        "/api/v1/findings/accept",
        "/api/v1/findings/revoke",
        "/api/v1/jobs",
        "/api/v1/jobs/{job}",
        "/api/v1/jobs/{job}/result",
        "/api/v1/jobs/{job}/cancel",
        "/api/v1/editions",
        "/api/v1/me",
        "/api/v1/trail",
        "/api/v1/trail/verify",
        "/api/v1/places/history",
        "/api/v1/residences",
        "/basemap",
        "/basemap/{name}/{z}/{x}/{y}",
        "/tiles",
        "/tiles/{layer}/{z}/{x}/{y}.mvt",
        "/maps",
        "/health",
        "/metrics",
    }


def test_levels_in_examples_exist(document):
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "level":
                assert set(parameter["schema"]["examples"]) <= set(DEFAULT.levels)
