"""The command ``gridwarden search``: places by their names and addresses."""

import click

from api.addresses import locating, nearest_first, outcome_document, place_documents, said_words
from api.asked_moment import asked_moment, moment_text
from api.commands.locating import one_state
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, print_json, printing
from api.parameters import named_crs, near_of
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.levels import level_name
from geo.locate.words import reason_text, status_name
from geo.store.addressing import answer_address
from geo.store.finding import Finder, bounded
from geo.store.listing import one_area
from geo.store.locating import full_view

_KINDS = {
    "residence": ("住户", "residence"),
    "estate": ("小区", "estate"),
    "facility": ("设施", "facility"),
}


@click.command(
    help=described(
        "一段文字可能指哪些地点，各属于哪个网格：名称、地址、编码都可以，错字、同音字、简称也认。"
        "第一行是按地址定位的结果；找到唯一答案时退出码 0，否则 1。",
        "Which places words may mean, and in which grid each lies: names, addresses, codes, slips, homophones and "
        "short forms. The first line is the answer to the address; the exit code is 0 where there is one, else 1.",
        "gridwarden search 桐花巷社区兰溪花园8期3栋",
    )
)
@click.argument("words", nargs=-1, required=True)
@click.option("--within", metavar="CODE", help=word("只在这个辖区里找", "look in this area only"))
@click.option("--near", metavar="LON,LAT", help=word("近的排在前面", "what is near comes first"))
@click.option("--crs", default="cgcs2000", help=word("坐标系，默认 cgcs2000", "CRS of the points; cgcs2000 by default"))
@click.option("--limit", type=click.IntRange(1, 50), default=10, help=word("最多几个", "items at most"))
@asking_edition
@printing
def search_command(
    words: tuple[str, ...],
    within: str | None,
    near: str | None,
    crs: str,
    limit: int,
    at: str | None,
    edition: int | None,
    as_json: bool,
) -> None:
    """Look for places."""
    settings, system = Settings.from_environment(), named_crs(crs)
    text, place = said_words(" ".join(words), "words"), near_of(near, crs)
    with opened(settings) as opening:
        connection = one_state(opening)
        moment, answered = asked_moment(connection, settings, at, edition)
        locate_at = locating(connection, moment, answered, None, full_view, settings.hierarchy)
        with bounded(connection):
            area = None if within is None else one_area(connection, moment, within).id
            found = Finder(connection, moment, within=area).find(text)
            outcome = answer_address(connection, moment, found, locate_at, full_view)
            begun = found if found.candidates else Finder(connection, moment, within=area, typing=True).find(text)
            ranked = begun.ranked if place is None else nearest_first(connection, moment, begun.ranked, place)
            items = place_documents(connection, moment, ranked, locate_at, system, limit)
            address = outcome_document(connection, moment, outcome, text, locate_at, system)
    if as_json:
        print_json({**address, "items": items, "edition": answered, "at": moment_text(moment, settings)})
    else:
        click.echo("\n".join([_answer_line(address), *(_item_line(one) for one in items)]))
    click.get_current_context().exit(0 if address["status"] == "found" else 1)


def _answer_line(address: dict[str, object]) -> str:
    grid, responsible = address["grid"], address["responsible"]
    shown = [status_name(str(address["status"]), LANGUAGE)]
    if isinstance(grid, dict):
        shown.append(f"{grid['name']} {grid['code']}")
        shown.append(word("确定", "certain") if address["certain"] else word("请核对", "please confirm"))
    if isinstance(responsible, dict):
        team = responsible["team"] or {}
        reason = reason_text(responsible["reason"], LANGUAGE)
        shown.append(f"{responsible['name']} {team.get('name', '')} ({reason})")
    return word("：", ": ").join([shown[0], word("，", ", ").join(shown[1:])]) if shown[1:] else shown[0]


def _item_line(one: dict[str, object]) -> str:
    kind = word(*_KINDS[str(one["kind"])]) if one["kind"] in _KINDS else level_name(str(one["level"]), LANGUAGE)
    grid = one["grid"]
    where = f"{grid['name']} {grid['code']}" if isinstance(grid, dict) else str(one["code"] or "")
    return f"{one['score']:.2f}  {kind}  {one['label']} {one['name']}  {where}".rstrip()
