"""Records of operations: what is read, what is written again, and what is refused with the place in the input."""

import json

import pytest
import shapely

from geo.adjust import drawn_shapes, named_codes, operation_of, record_of
from geo.adjust.operations import NAMES, Split
from geo.errors import BadInput

SQUARE = {"type": "Polygon", "coordinates": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]}
LINE = {"type": "LineString", "coordinates": [[0.1234567, 0.0], [1.0, 1.0]]}
RECORDS = [
    {"op": "create", "level": "grid", "geometry": SQUARE, "parent": "1", "code": "1001", "neighbours": "follow"},
    {"op": "redraw", "code": "1", "geometry": SQUARE, "neighbours": "keep"},
    {"op": "merge", "codes": ["1", "2"], "into": "2", "name": "x", "multipart": True},
    {"op": "split", "code": "1", "line": LINE, "keep": [0.5, 0.5], "codes": ["7"], "names": ["x"]},
    {"op": "split", "code": "1", "parts": [SQUARE, SQUARE]},
    {"op": "transfer", "from": "1", "to": "2", "geometry": SQUARE},
    {"op": "transfer", "from": "1", "to": "2", "areas": ["11", "12"]},
    {"op": "retire", "code": "1", "heir": "2", "accept_gap": False},
    {"op": "reparent", "codes": ["1"], "parent": "2"},
    {"op": "rename", "code": "1", "name": "x", "local_code": "7", "category": ""},
    {"op": "recode", "code": "1", "to": "2"},
    {"op": "patch", "boundaries": [{"code": "1", "geometry": SQUARE}, {"code": "2", "geometry": SQUARE}]},
    {"op": "revert", "edition": 7},
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["op"])
def test_what_is_read_is_written_again(record):
    operation = operation_of(record)
    again = record_of(operation)
    assert again.items() >= record.items()
    assert operation_of(json.loads(json.dumps(again))) == operation


def test_every_operation_is_read():
    assert {record["op"] for record in RECORDS} == set(NAMES)


def test_an_operation_names_codes_and_holds_shapes():
    named = [named_codes(operation_of(record)) for record in RECORDS]
    assert named == [
        ("1",), ("1",), ("1", "2"), ("1",), ("1",), ("1", "2"), ("1", "2", "11", "12"), ("1", "2"), ("1", "2"), ("1",),
        ("1",), ("1", "2"), (),
    ]  # fmt: skip
    shapes = [len(drawn_shapes(operation_of(record))) for record in RECORDS]
    assert shapes == [1, 1, 0, 1, 2, 1, 0, 0, 0, 0, 0, 2, 0]


def test_heights_are_dropped():
    line = {"type": "LineString", "coordinates": [[0, 0, 9], [1, 1, 9]]}
    operation = operation_of({"op": "split", "code": "1", "line": line})
    assert isinstance(operation, Split)
    assert not shapely.has_z(operation.line)


@pytest.mark.parametrize(
    ("record", "kind", "place"),
    [
        ([], "operation-not-a-record", "operations[3]"),
        ({"op": "explode"}, "operation-unknown", "operations[3].op"),
        ({}, "operation-unknown", "operations[3].op"),
        ({"op": "rename", "code": "1", "nom": "x"}, "operation-field-unknown", "operations[3].nom"),
        ({"op": "rename", "name": "x"}, "operation-field-missing", "operations[3].code"),
        ({"op": "rename", "code": 1}, "operation-field-wrong", "operations[3].code"),
        ({"op": "rename", "code": " "}, "operation-field-wrong", "operations[3].code"),
        ({"op": "merge", "codes": "12"}, "operation-field-wrong", "operations[3].codes"),
        ({"op": "merge", "codes": ["1", 2]}, "operation-field-wrong", "operations[3].codes[1]"),
        ({"op": "merge", "codes": ["1"], "multipart": "yes"}, "operation-field-wrong", "operations[3].multipart"),
        ({"op": "revert", "edition": True}, "operation-field-wrong", "operations[3].edition"),
        ({"op": "split", "code": "1"}, "operation-one-of", "operations[3]"),
        ({"op": "split", "code": "1", "line": LINE, "parts": [SQUARE]}, "operation-one-of", "operations[3]"),
        ({"op": "split", "code": "1", "line": LINE, "keep": [1]}, "operation-field-wrong", "operations[3].keep"),
        ({"op": "split", "code": "1", "line": SQUARE}, "operation-geometry-wrong", "operations[3].line"),
        ({"op": "redraw", "code": "1", "geometry": {"type": "Polygon"}}, "operation-geometry-wrong",
         "operations[3].geometry"),
        ({"op": "redraw", "code": "1", "geometry": {"type": "Polygon", "coordinates": []}}, "operation-geometry-wrong",
         "operations[3].geometry"),
        ({"op": "redraw", "code": "1", "geometry": "POLYGON"}, "operation-geometry-wrong", "operations[3].geometry"),
        ({"op": "split", "code": "1", "line": {"type": "LineString", "coordinates": [[0, 0], [1e9, 0]]}},
         "operation-geometry-wrong", "operations[3].line"),
        ({"op": "split", "code": "1", "line": {"type": "LineString", "coordinates": [[0, 0], [float("nan"), 0]]}},
         "operation-geometry-wrong", "operations[3].line"),
        ({"op": "patch", "boundaries": [{"code": "1"}]}, "operation-field-missing",
         "operations[3].boundaries[0].geometry"),
        ({"op": "patch", "boundaries": ["1"]}, "operation-not-a-record", "operations[3].boundaries[0]"),
        ({"op": "create", "level": "grid", "geometry": SQUARE, "kind": "odd"}, "operation-field-wrong",
         "operations[3].kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(record, kind, place):
    with pytest.raises(BadInput) as refusal:
        operation_of(record, place="operations[3]")
    assert (refusal.value.kind, refusal.value.place) == (kind, {"field": place})
    assert refusal.value.text("zh") != refusal.value.text("en")
