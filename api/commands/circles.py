"""The commands ``gridwarden circles …``: make circles, show them, and say whom they serve and whom they do not."""

import json
from pathlib import Path
from typing import Any

import click

from api.asked_moment import asked_moment
from api.circle_asked import asked_draft, asked_service
from api.circle_pages import circle_page
from api.circle_profiles import DEFAULT_PROFILE, named_profile
from api.circling import circles_document, draft_document, serving_document, shares_document, unserved_document
from api.commands.options import described, opened, operator, print_json, printing, speaking
from api.points import stored_point
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.crs import missing_crs, parse_crs
from geo.errors import NotFound
from geo.messages import sentence
from geo.store.circle_refresh import refresh
from geo.store.circles import CircleFilter
from importers.facilities import category_of
from importers.whole_file import replaced_whole


@click.group(
    help=word("便民生活圈：5、10、15 分钟走得到的范围", "circles: what can be walked to in 5, 10 and 15 minutes")
)
@speaking
def circles_command() -> None:
    """Hold the commands."""


def _profiled(command: Any) -> Any:
    return click.option(
        "--profile",
        default=DEFAULT_PROFILE,
        show_default=True,
        help=word("生活圈方案：seed、gb50180 或自定的", "profile: seed, gb50180 or one of your own"),
    )(command)


def _asking(command: Any) -> Any:
    command = click.option(
        "--category", required=True, help=word("设施类别，如 clinic 或 卫生站", "category of facilities")
    )(command)
    command = click.option("--within", metavar="CODE", help=word("只看这个辖区之内", "only this area and below"))(
        command
    )
    return _profiled(command)


_TIER = click.option(
    "--tier",
    default="community",
    show_default=True,
    help=word("圈层：estate 小区级，community 社区级，block 街区级", "tier: estate, community or block"),
)


@circles_command.command(
    "refresh",
    help=described(
        "生成或更新生活圈；只重算附近道路或设施有变化的。",
        "Make or refresh circles: only those near which a street or facility changed.",
        "gridwarden circles refresh",
    ),
)
@_profiled
@click.option("--all", "whole", is_flag=True, help=word("全部重算", "make all of them anew"))
@click.option("--as", "actor", help=word("以谁的名义", "in whose name"))
@printing
def refresh_command(profile: str, whole: bool, actor: str | None, as_json: bool) -> None:
    """Refresh the circles of a profile."""
    figures = named_profile(profile)
    title = word(f"生活圈 {profile}", f"circles {profile}")
    with opened(Settings.from_environment()) as connection:
        report = refresh(
            connection, figures, actor=actor or operator(), title=title, advance=_advance(as_json), whole=whole
        )
    if as_json:
        print_json(report.as_json())
        return
    click.echo("\n".join(report.lines(LANGUAGE, figures.snap_m, figures.detour_factor)))
    if report.edition is not None:
        click.echo(sentence("import-published", LANGUAGE, edition=report.edition))


def _advance(quiet: bool) -> Any:
    def advance(done: int, total: int) -> None:
        if not quiet and total > 100:
            click.echo(f"\r{done}/{total}", nl=done == total, err=True)

    return advance


@circles_command.command(
    "show",
    help=described(
        "列出生活圈：一个设施的、覆盖一个点的、服务一个网格的，或某类设施的全部；--out 写成 GeoJSON。",
        "List circles: of one facility, those that cover a point, those that serve a grid, or all of a category; --out "
        "writes GeoJSON.",
        "gridwarden circles show --point 104.06 30.57 --crs cgcs2000",
    ),
)
@click.option("--facility", help=word("设施名称", "name of the facility"))
@click.option("--category", help=word("设施类别", "category of facilities"))
@click.option("--tier", help=word("圈层", "tier"))
@click.option("--point", type=float, nargs=2, help=word("经度 纬度", "longitude and latitude"))
@click.option("--crs", help=word("点的坐标系（与 --point 同用，必填）", "CRS of the point; required with --point"))
@click.option("--grid", metavar="CODE", help=word("服务这个辖区的", "those that serve this area"))
@click.option("--out", type=click.Path(path_type=Path), help=word("GeoJSON 文件", "GeoJSON file"))
@_profiled
@printing
def show_command(
    facility: str | None,
    category: str | None,
    tier: str | None,
    point: tuple[float, float] | None,
    crs: str | None,
    grid: str | None,
    out: Path | None,
    profile: str,
    as_json: bool,
) -> None:
    """Show circles."""
    named_profile(profile)
    settings = Settings.from_environment()
    at_point = None if point is None else _point(*point, crs)
    wanted = CircleFilter(profile, tier, category and category_of(category), name=facility, point=at_point)
    with opened(settings) as connection:
        moment, _ = asked_moment(connection, settings, None, None)
        if grid is not None:
            document = serving_document(connection, moment, profile, grid, shapes=out is not None)
        else:
            document = circles_document(connection, moment, wanted, shapes=out is not None)
    _require_made(document, profile)
    if out is not None:
        _written(out, document)
    elif as_json:
        print_json(document)
    else:
        _say_stale(document)
        for one in document["items"]:
            click.echo(_circle_line(one))


@circles_command.command(
    "share",
    help=described(
        "某类设施的生活圈覆盖各辖区多少面积、楼栋和户数。",
        "How much of each area, its residences and its households the circles of a category cover.",
        "gridwarden circles share --category clinic --level community",
    ),
)
@click.option("--level", default="community", show_default=True, help=word("按哪个层级列表", "a row for each area of"))
@_TIER
@_asking
@printing
def share_command(level: str, tier: str, category: str, within: str | None, profile: str, as_json: bool) -> None:
    """Print a table of shares."""
    settings = Settings.from_environment()
    settings.hierarchy.require(level)
    asked = asked_service(profile, tier, category, within)
    with opened(settings) as connection:
        moment, _ = asked_moment(connection, settings, None, None)
        document = shares_document(connection, moment, asked, level)
    _require_made(document, profile)
    if as_json:
        print_json(document)
        return
    _say_stale(document)
    click.echo(
        word("编码  名称  面积  楼栋  户数  未定位户数", "code  name  area  residences  households  without position")
    )
    for row in document["items"]:
        parts = "  ".join(_percent(row["shares"][name]) for name in ("area", "residences", "households"))
        click.echo(f"{row['code']}  {row['name']}  {parts}  {row['unplaced_households']}")


@circles_command.command(
    "unserved",
    help=described(
        "列出某类设施的生活圈都到不了的住户；--out 写成 GeoJSON 图层。没有为 0，有为 1。",
        "List the residences that no circle of a category reaches; --out writes a layer. Exit 1 where there are any.",
        "gridwarden circles unserved --category clinic --within 519801001",
    ),
)
@_TIER
@_asking
@click.option("--out", type=click.Path(path_type=Path), help=word("GeoJSON 文件", "GeoJSON file"))
@printing
def unserved_command(
    tier: str, category: str, within: str | None, profile: str, out: Path | None, as_json: bool
) -> None:
    """List whom nothing reaches."""
    settings = Settings.from_environment()
    asked = asked_service(profile, tier, category, within)
    with opened(settings) as connection:
        moment, _ = asked_moment(connection, settings, None, None)
        document = unserved_document(connection, moment, asked, shapes=out is not None)
    _require_made(document, profile)
    if out is not None:
        _written(out, document)
    elif as_json:
        print_json(document)
    else:
        _say_stale(document)
        for one in document["items"]:
            click.echo(f"{one['grid'] or '-'}  {one['address']}  {one['households']}")
        click.echo(
            sentence("circles-unserved", LANGUAGE, homes=len(document["items"]), households=document["households"])
        )
    raise SystemExit(1 if document["households"] else 0)


@circles_command.command(
    "map",
    help=described(
        "生成离线地图：某类设施走得到的范围、到不了的住户，附街道和社区的表。",
        "Write a map that works offline: what a category reaches, whom it does not, and a table by town and community.",
        "gridwarden circles map --category clinic --out clinics.html",
    ),
)
@_TIER
@_asking
@click.option("--out", type=click.Path(path_type=Path), required=True, help=word("HTML 文件", "HTML file"))
@speaking
def map_command(tier: str, category: str, within: str | None, profile: str, out: Path) -> None:
    """Write the map of circles."""
    settings = Settings.from_environment()
    asked = asked_service(profile, tier, category, within)
    with opened(settings) as connection:
        moment, edition = asked_moment(connection, settings, None, None)
        page = circle_page(connection, settings, moment, edition, asked, LANGUAGE)
    with replaced_whole(out) as draft:
        draft.write_text(page, encoding="utf-8")
    click.echo(word(f"已写入 {out}", f"Written to {out}"))


@circles_command.command(
    "draft",
    help=described(
        "试算：新设或关闭设施后，各圈层覆盖的户数如何变化；不改任何数据。",
        "Try out what new or closed facilities would change for households, tier by tier; nothing is stored.",
        "gridwarden circles draft --category clinic --new 104.06 30.57 --crs cgcs2000 --close 第一卫生站",
    ),
)
@_asking
@click.option("--new", "added", type=float, nargs=2, multiple=True, help=word("新设施的经纬度", "where a new one is"))
@click.option("--crs", help=word("新设施坐标的坐标系", "CRS of the new ones"))
@click.option("--close", "closed", multiple=True, help=word("要关闭的设施名称", "name of one that is closed"))
@printing
def draft_command(
    category: str,
    within: str | None,
    profile: str,
    added: tuple[tuple[float, float], ...],
    crs: str | None,
    closed: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a draft would change."""
    settings = Settings.from_environment()
    figures, asked, places = asked_draft(profile, category, within, [_point(*point, crs) for point in added])
    with opened(settings) as connection:
        moment, _ = asked_moment(connection, settings, None, None)
        document = draft_document(connection, moment, figures, asked, places, closed)
    if as_json:
        print_json(document)
        return
    _say_stale(document)
    for one in document["items"]:
        click.echo(sentence("circles-draft", LANGUAGE, **one))
    if document["refused"]:
        snap_m = figures.snap_m
        click.echo(
            ", ".join(document["refused"]) + ": " + sentence("circle-entrance-far", LANGUAGE, within=f"{snap_m:g}")
        )


def _point(lon: float, lat: float, crs: str | None) -> tuple[float, float]:
    if crs is None:
        raise missing_crs((lon, lat, lon, lat))
    return stored_point(lon, lat, parse_crs(crs))


def _circle_line(one: dict[str, Any]) -> str:
    size = "-" if one["area_m2"] is None else f"{one['area_m2'] / 1e6:.3f} km²"
    share = f"  {_percent(one['share_of_area'])}" if "share_of_area" in one else ""
    marks = {"walked": word("步行", "walked"), "radius": word("估算", "estimated"), "refused": word("没有", "none")}
    return (
        f"{one['category']}  {one['name']}  {one['tier']}  {one['limit_m']:g} m  {marks[one['means']]}  {size}{share}"
    )


def _require_made(document: dict[str, Any], profile: str) -> None:
    if document["basis"] is None:
        raise NotFound("circles-not-made", profile=profile)


def _say_stale(document: dict[str, Any]) -> None:
    if document["basis"]["stale"]:
        click.echo(sentence("circles-stale", LANGUAGE), err=True)
    if document["basis"]["estimated"]:
        click.echo(word("注意：部分生活圈是估算的。", "Note: some of the circles are estimated."), err=True)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}%"


def _written(out: Path, document: dict[str, Any]) -> None:
    with replaced_whole(out) as draft:
        draft.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    click.echo(word(f"已写入 {out}", f"Written to {out}"))
