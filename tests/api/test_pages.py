import re

import pytest

from maps.bundle_files import MEDIA_TYPES


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


def markup(answer):
    """Return a page without its programs and styles."""
    return re.sub(r"<(script|style)>.*?</\1>", "", answer.text, flags=re.DOTALL)


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/docs", "/maps", "/maps?lang=en&level=community&within=519801"])
def test_a_page_asks_no_other_host(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in markup(answer)
    assert not re.search(r"""(?:src|href)=["']//""", answer.text)


def test_every_link_of_the_first_page_leads_somewhere(client):
    for lang in ("zh", "en"):
        links = re.findall(r'<a href="([^"]*)"', client.get(f"/?lang={lang}").text)
        assert len(links) >= 6
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_documentation_loads_only_what_is_served_here(client):
    loaded = re.findall(r"""(?:src|href)=["']([^"']*)""", client.get("/docs").text)
    assert sorted(loaded) == ["/assets/swagger-ui-bundle.js", "/assets/swagger-ui.css", "data:,"]
    for name in MEDIA_TYPES:
        answer = client.get(f"/assets/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{MEDIA_TYPES[name]}; charset=utf-8"


def test_pages_speak_the_language_asked_for(client):
    assert '<html lang="zh-CN">' in client.get("/").text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in client.get("/maps?level=town&lang=en").text


def test_the_map_shows_teams_without_their_names_and_numbers(client, city_folder):
    page = client.get("/maps?level=grid&within=519801001").text
    assert "梅坪社区" in page
    assert "154****" in page
    for row in (city_folder / "teams.csv").read_text("utf-8").splitlines()[1:]:
        assert row.split(",")[4] not in page


def test_an_empty_service_says_so(served, app_url):
    with served(app_url) as client:
        assert "还没有发布任何辖区" in client.get("/").text
        found = client.get("/api/v1/locate?lon=104&lat=30&crs=wgs84").json()
        assert (found["status"], found["edition"]) == ("outside", 0)
        assert client.get("/api/v1/areas").json()["items"] == []
        assert client.get("/maps").status_code == 404
