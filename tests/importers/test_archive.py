"""Archives: unpacked by us, and refused whole when one entry is not what it should be."""

import errno
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from geo.errors import BadInput, GeoError, TooLarge, Unavailable
from importers.archive import unpack
from importers.limits import Limits

SHAPE = b'{"type": "FeatureCollection", "features": []}'


def zipped(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def refusal(archive: Path, folder: Path, limits: Limits | None = None) -> GeoError:
    with pytest.raises(GeoError) as refused:
        unpack(archive, folder, limits or Limits())
    assert not [file for file in folder.rglob("*") if file.is_file()], "nothing may be left of a refused archive"
    return refused.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    private = tmp_path / "private"
    private.mkdir()
    return private


def test_each_data_set_gets_a_folder_of_its_own_and_names_of_ours(tmp_path, folder):
    archive = zipped(
        tmp_path / "a.zip", {"北/界.SHP": b"1", "北/界.dbf": b"2", "南/界.geojson": SHAPE, "说明.pdf": b"3"}
    )
    members = unpack(archive, folder, Limits())
    assert {entry: path.relative_to(folder).as_posix() for entry, path in members.items()} == {
        "北/界.SHP": "0/boundary.shp",
        "南/界.geojson": "1/boundary.geojson",
    }
    assert (folder / "0/boundary.dbf").read_bytes() == b"2"
    assert not list(folder.rglob("*.pdf"))


def test_names_that_chinese_windows_wrote_in_gbk_are_readable(tmp_path, folder):
    name = "东坡区.geojson"
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("x" * len(name.encode("gbk")), SHAPE)
    archive.write_bytes(archive.read_bytes().replace(b"x" * len(name.encode("gbk")), name.encode("gbk")))
    assert list(unpack(archive, folder, Limits())) == [name]


@pytest.mark.parametrize(
    "name",
    ["../evil.geojson", "a/../../evil.geojson", "/etc/evil.geojson", "..\\evil.geojson", "C:/evil.geojson", "a\nb.kml"],
)
def test_a_name_that_leads_outside_refuses_the_whole_archive(tmp_path, folder, name):
    error = refusal(zipped(tmp_path / "a.zip", {"good.geojson": SHAPE, name: SHAPE}), folder)
    assert (type(error), error.kind) == (BadInput, "archive-unsafe-name")
    assert not list(tmp_path.rglob("evil*"))


def test_a_link_is_refused(tmp_path, folder):
    link = zipfile.ZipInfo("shape.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refusal(tmp_path / "a.zip", folder).kind == "archive-link"


@pytest.mark.parametrize("inner", ["inner.zip", "inner.KMZ", "deep/inner.tar.gz", "inner.7z"])
def test_an_archive_in_an_archive_is_refused(tmp_path, folder, inner):
    error = refusal(zipped(tmp_path / "a.zip", {"a.geojson": SHAPE, inner: b"PK"}), folder)
    assert error.kind == "archive-nested"


def test_a_zip_bomb_is_refused_by_its_ratio_before_it_is_unpacked(tmp_path, folder):
    archive = zipped(tmp_path / "bomb.zip", {"a.geojson": b" " * 20_000_000})
    error = refusal(archive, folder)
    assert (type(error), error.kind) == (TooLarge, "archive-ratio")
    assert error.facts["ratio"] > 900


def test_a_bomb_of_many_entries_is_refused_by_the_sum_of_their_sizes(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {f"{i}.geojson": b"{}" * 1000 for i in range(9)}, zipfile.ZIP_STORED)
    assert refusal(archive, folder, Limits(unpacked_bytes=10_000)).kind == "archive-too-large"


def test_too_many_entries_are_refused(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {f"{i}.txt": b"" for i in range(11)})
    error = refusal(archive, folder, Limits(archive_entries=10))
    assert (error.kind, error.facts["entries"]) == ("archive-too-many-entries", 11)


def test_an_entry_longer_than_it_declares_is_damage(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {"a.geojson": b"{}" * 3000})
    data = archive.read_bytes()
    lied = data.replace(struct.pack("<L", 6000), struct.pack("<L", 100))
    assert lied != data
    archive.write_bytes(lied)
    with pytest.raises(BadInput) as refused:
        unpack(archive, folder, Limits())
    assert refused.value.kind == "archive-damaged"
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= 100


def test_a_cut_off_archive_is_damage(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {"a.geojson": SHAPE})
    archive.write_bytes(archive.read_bytes()[:-30])
    assert refusal(archive, folder).kind == "archive-damaged"


def test_a_full_disk_is_not_called_damage(tmp_path, folder, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    archive = zipped(tmp_path / "a.zip", {"a.geojson": SHAPE})
    monkeypatch.setattr(zipfile.ZipFile, "open", full)
    error = refusal(archive, folder)
    assert (type(error), error.kind) == (Unavailable, "cannot-unpack")


def test_a_password_is_said(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {"a.geojson": SHAPE})
    data = bytearray(archive.read_bytes())
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(header) + flags] |= 1
    archive.write_bytes(data)
    assert refusal(archive, folder).kind == "archive-encrypted"


def test_two_entries_of_one_name_are_refused(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {"a.shp": b"1", "A.SHP": b"2"})
    with pytest.raises(BadInput) as refused:
        unpack(archive, folder, Limits())
    assert refused.value.kind == "archive-twice"


def test_hidden_copies_of_the_mac_are_passed_over(tmp_path, folder):
    archive = zipped(tmp_path / "a.zip", {"a.geojson": SHAPE, "__MACOSX/._a.geojson": b"\0", ".b.kml": b"\0"})
    assert list(unpack(archive, folder, Limits())) == ["a.geojson"]
