"""A folium map whose page is whole in itself: it asks no host for anything, and may not."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Element, Figure
from jinja2 import Environment, FileSystemLoader

from geo.messages import Language
from maps.bundle_files import bundle_text

TEMPLATES: Final = Path(__file__).parent / "templates"
PAGES: Final = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
HTML_LANGUAGE: Final = {"zh": "zh-CN", "en": "en"}
POLICY_MARK: Final = "{content-security-policy}"

_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_UNSAFE_IN_SCRIPT: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]|\\{(?=[{%#])")


def script_json(value: Any) -> str:
    r"""Return JSON that can stand inside a ``<script>`` element.

    ``<``, ``>``, ``&``, U+2028, U+2029, lone surrogates and the brace that opens a Jinja tag are written as
    ``\uXXXX``: the text can neither end the element nor break a line of the program, nor is it run when something
    takes it for a template; it reads back unchanged. Braces of JSON itself are always followed by a quote or a brace
    that closes.

    Raises
    ------
    ValueError
        For NaN and infinite numbers.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE_IN_SCRIPT.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def template_text(name: str) -> str:
    """Return one of our own style sheets or programs from ``maps/templates``."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


class OfflinePage(Figure):
    """The page around a map: title above, notes below, Leaflet inside.

    Parameters
    ----------
    title
        Plain text.
    lang
        Language of the page.
    styles, scripts
        Our own style sheets and programs, run after Leaflet.
    facts, notes
        Plain texts above and below the map, each with a label that may be empty.
    """

    _template = PAGES.get_template("page.html")

    def __init__(
        self,
        *,
        title: str,
        lang: Language,
        styles: Sequence[str] = (),
        scripts: Sequence[str] = (),
        facts: Sequence[tuple[str, str]] = (),
        notes: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(title=title)
        self.language = HTML_LANGUAGE[lang]
        self.program = ""
        self.policy_mark = POLICY_MARK
        self.styles = [bundle_text("leaflet.css"), *styles]
        self.scripts = [bundle_text("leaflet.js"), *scripts]
        self.facts, self.notes = facts, notes
        # The template declares the encoding itself, before anything else.
        self.header = Element()
        self.header._parent = self


class OfflineMap(folium.Map):
    """A :class:`folium.Map` without folium's scripts from elsewhere, without tiles, with Leaflet in the page.

    Add only elements that bring no links of their own: folium's ``Marker`` and ``Icon`` want remote pictures,
    ``GeoJsonPopup``, ``GeoJsonTooltip`` and ``LayerControl`` write raw text into ``innerHTML``, and what any element
    renders is taken by branca for a Jinja template and run once more: data goes through :meth:`html` only.

    Parameters
    ----------
    page
        The page around it.
    bounds
        South-west and north-east corner (latitude, longitude) of what is drawn.
    min_zoom, max_zoom
        As for Leaflet's ``Map``.
    """

    def __init__(self, page: OfflinePage, bounds: Sequence[Sequence[float]], *, min_zoom: int, max_zoom: int) -> None:
        (south, west), (north, east) = bounds
        super().__init__(
            tiles=None,
            # Leaflet's attribution is a link to its site; the page's footer names it instead.
            attribution_control=False,
            location=[(south + north) / 2, (west + east) / 2],
            zoom_control=False,
            min_zoom=min_zoom,
            max_zoom=max_zoom,
            zoom_snap=0.25,
            font_size="14px",
        )
        self.default_js = []
        self.default_css = []
        # folium draws a random name; equal maps shall give equal pages.
        self._id = "page"
        self.page = page
        page.add_child(self, name="map")

    def html(self, function: str, data: Any) -> str:
        """Return the whole page; its content security policy lets nothing in that does not stand in it.

        Parameters
        ----------
        function
            The JavaScript function of the page's programs that draws.
        data
            Its second argument, after the map: plain data with any text.
        """
        self.page.program = f"{function}({self.get_name()}, {script_json(data)});"
        return _with_policy(self.page.render())


def _with_policy(page: str) -> str:
    """Allow by hash exactly the scripts that the page holds, inline styles and pictures, and no connection."""
    policy = (
        f"default-src 'none'; script-src {script_hashes(page)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return page.replace(POLICY_MARK, policy, 1)


def script_hashes(page: str) -> str:
    """Return what allows the programs that stand in a page, and no others, as ``script-src`` wants it."""
    return " ".join(dict.fromkeys(f"'sha256-{_sha256(text)}'" for text in _SCRIPT.findall(page)))


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
