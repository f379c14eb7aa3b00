"""The index file: whole or refused, and shared as it was written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.store.index_file import open_index, write_index

ARRAYS = {
    "rows": np.arange(7, dtype=np.int32),
    "none": np.empty(0, dtype=np.int64),
    "table": np.linspace(0, 1, 12).reshape(3, 4),
    "text": np.frombuffer("网格".encode(), dtype=np.uint8),
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "e7.index"
    write_index(path, ARRAYS, {"edition": 7, "title": "第七期"})
    return path


def test_what_was_written_is_read(file):
    found = open_index(file)
    assert found.facts == {"edition": 7, "title": "第七期"}
    assert list(found.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)


def test_what_is_mapped_cannot_be_written(file):
    with pytest.raises(ValueError, match="read-only"):
        open_index(file).arrays["rows"][0] = 1


def test_arrays_are_aligned(file):
    assert {array.ctypes.data % 64 for array in open_index(file).arrays.values() if array.size} == {0}


def test_nothing_but_the_file_is_left(file):
    assert [path.name for path in file.parent.iterdir()] == ["e7.index"]


def test_a_file_still_mapped_may_be_replaced(file):
    before = open_index(file)
    write_index(file, {"rows": np.zeros(3)}, {"edition": 8})
    np.testing.assert_array_equal(before.arrays["rows"], ARRAYS["rows"])
    assert open_index(file).facts == {"edition": 8}


@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_off_is_refused(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("cut") / "e7.index"
    write_index(path, ARRAYS, {"edition": 7})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadInput) as refused:
        open_index(path)
    assert refused.value.kind == "index-damaged"


@given(data=st.data())
def test_a_changed_byte_is_seen_wherever_it_matters(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("changed") / "e7.index"
    write_index(path, {"rows": np.arange(16, dtype=np.int32)}, {"edition": 7})
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[8:16], "little")
    padding = range(20 + length, len(content) - 64)
    place = data.draw(st.integers(0, len(content) - 1).filter(lambda at: at not in padding))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises(BadInput):
        open_index(path)
