"""The first page of a service: what it is and where to go, in two languages, asking no other host."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo.messages import Language
from maps.offline import HTML_LANGUAGE, PAGES


@dataclass(frozen=True, slots=True)
class Link:
    """One place to go: its address on this service, its name, and what is there. Any text."""

    address: str
    name: str
    about: str


def first_page(
    *, title: str, lead: str, status: str, places: Sequence[Link], questions: Sequence[Link], lang: Language
) -> str:
    """Return the page.

    Parameters
    ----------
    title, lead, status
        Plain texts: the name, one sentence on what it does, one on what it holds.
    places
        Pages to go to.
    questions
        Things to ask; none leaves that part out.
    lang
        The language of these texts; the page links to the other one.
    """
    other = ("en", "English") if lang == "zh" else ("zh", "中文")
    return PAGES.get_template("first_page.html").render(
        language=HTML_LANGUAGE[lang],
        title=title,
        lead=lead,
        status=status,
        places=places,
        questions=questions,
        questions_title="试一试" if lang == "zh" else "Try it",
        other=other,
    )
