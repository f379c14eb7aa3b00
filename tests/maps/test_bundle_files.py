import json
import re
from pathlib import Path

import pytest

from geo.errors import NotFound, Unavailable
from maps import bundle_files
from maps.bundle_files import MEDIA_TYPES, bundle_path, bundle_text

WEB = Path(bundle_files.__file__).parent / "web"


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_every_file_of_the_bundle_is_built(name):
    assert bundle_path(name).stat().st_size > 50


@pytest.mark.parametrize("name", ["leaflet.css", "swagger-ui.css"])
def test_style_sheets_refer_to_no_other_file(name):
    text = bundle_text(name)
    assert re.findall(r"url\(\s*(?![\"']?(?:data:|#))[^)]*\)", text) == []
    assert "@import" not in text


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css", "swagger-ui-bundle.js", "swagger-ui.css"])
def test_no_file_points_to_a_source_map(name):
    assert "sourceMappingURL=" not in bundle_text(name)[-300:]


@pytest.mark.parametrize(
    "name", ["", "..", "../web/package.json", "leaflet.js/../leaflet.css", "/etc/hosts", "jquery.js"]
)
def test_only_listed_names_are_looked_up(name):
    with pytest.raises(NotFound) as refusal:
        bundle_path(name)
    assert refusal.value.kind == "bundle-file-unknown"


def test_a_missing_bundle_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle_files, "FOLDER", tmp_path)
    with pytest.raises(Unavailable) as refusal:
        bundle_text("leaflet.js")
    assert refusal.value.kind == "bundle-missing"
    assert "maps/bundle/leaflet.js" in refusal.value.text("zh")
    assert "npm ci && npm run build" in refusal.value.text("en")


def test_versions_are_exact_and_the_lock_file_names_no_host():
    package = json.loads((WEB / "package.json").read_text())
    lock = (WEB / "package-lock.json").read_text()
    assert package["private"] is True
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert "resolved" not in lock
    assert "://" not in lock
    assert "://" not in (WEB / ".npmrc").read_text()
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in package["dependencies"]} == package[
        "dependencies"
    ]


def test_leaflet_is_the_version_that_the_page_names():
    assert "Leaflet 1.9.4" in bundle_text("leaflet.js")[:200]
    assert json.loads((WEB / "package.json").read_text())["dependencies"]["leaflet"] == "1.9.4"
