"""The command ``gridwarden``: one group, one module a subject; errors go to stderr and end with 2."""

import sys
from importlib import import_module
from typing import Final

import click

from api.words import LANGUAGE, word
from geo.errors import GeoError

COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "db": ("api.commands.db", "内置 PostGIS 数据库", "the embedded PostGIS"),
    "import": ("api.commands.importing", "导入边界文件", "import boundaries"),
    "import-teams": ("api.commands.ledgers", "导入网格服务团队台账", "import a ledger of teams"),
    "import-residences": ("api.commands.ledgers", "导入住户台账", "import a ledger of residences"),
    "import-facilities": ("api.commands.ledgers", "导入服务设施台账", "import a ledger of facilities"),
    "import-streets": ("api.commands.streets", "导入可步行的道路", "import streets that can be walked"),
    "circles": ("api.commands.circles", "便民生活圈", "what can be walked to, and who is not reached"),
    "import-aliases": ("api.commands.ledgers", "导入地点的别名", "import what places are also called"),
    "check": ("api.commands.checking", "检查边界文件（不需要数据库）", "check a boundary file, without a database"),
    "locate": ("api.commands.locating", "一个点属于哪个网格、由谁负责", "which grid and team covers a point"),
    "locate-file": ("api.commands.locating_files", "为文件中的每个点定位", "locate every point of a file"),
    "search": ("api.commands.searching", "按名称或地址找地点和网格", "places and grids by name or address"),
    "locate-spark": ("api.commands.locating_spark", "在 Apache Spark 上为大表定位", "locate tables on Apache Spark"),
    "audit": ("api.commands.auditing", "审计：是否全面覆盖", "audit: whether everything is covered"),
    "findings": ("api.commands.findings", "接受、列出、撤销例外", "accept, list and revoke exceptions"),
    "plan": ("api.commands.plans", "编制、检查、批准、发布调整方案", "draft, check, approve and publish plans"),
    "diff": ("api.commands.comparing", "比较两期或两个文件的边界", "compare the boundaries of two editions or files"),
    "map": ("api.commands.mapping", "离线地图", "a map that works offline"),
    "basemap": ("api.commands.basemap", "底图：航拍图、瓦片或地图服务", "base maps: aerial images, tiles, services"),
    "export": ("api.commands.exporting", "导出边界文件", "export boundaries"),
    "sample": ("api.commands.sampling", "生成虚构的示例城市", "write the invented sample city"),
    "user": ("api.commands.users", "账号和角色", "accounts and roles"),
    "token": ("api.commands.tokens", "应用程序的令牌", "tokens for programs"),
    "forget": ("api.commands.forgetting", "删去离开团队的人的姓名和电话", "erase people who left their teams"),
    "trail": ("api.commands.trail", "审计日志", "the audit trail"),
    "serve": ("api.commands.serving", "启动服务", "serve the API and the maps"),
    "demo": ("api.commands.serving", "装入示例城市并启动服务", "load the sample city and serve it"),
}
"""Module and summary of each command; a module holds the click command under the command's name."""


class Lazy(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order that people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        return getattr(module, cmd_name.replace("-", "_") + "_command")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing any."""
        with formatter.section(word("命令", "Commands")):
            formatter.write_dl([(name, word(zh, en)) for name, (_, zh, en) in COMMANDS.items()])


@click.group(
    cls=Lazy,
    help=word(
        "网格守护：管理网格边界，回答“这个点属于哪个网格、由哪个团队负责”。\n\n"
        "例：gridwarden locate 104.06 30.57 --crs wgs84",
        "Gridwarden keeps grid boundaries seamless and answers which grid and which team covers a point.\n\n"
        "Example: gridwarden locate 104.06 30.57 --crs wgs84",
    ),
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default=LANGUAGE, help="语言 / language")
@click.version_option(package_name="gridwarden", message="gridwarden %(version)s")
def cli(lang: str) -> None:
    """Hold the commands; the language was read before the help texts were made."""


def main() -> None:
    """Run the command line, and turn refusals into one sentence on stderr and exit code 2."""
    try:
        cli.main(prog_name="gridwarden")
    except GeoError as refusal:
        click.echo(word("错误：", "Error: ") + said(refusal), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def said(refusal: GeoError) -> str:
    """Return a refusal's sentence with its place in the input."""
    names = {
        "file": word("文件", "file"),
        "row": word("行", "row"),
        "field": word("字段", "field"),
        "code": word("编码", "code"),
        "lon": word("经度", "lon"),
        "lat": word("纬度", "lat"),
    }
    place = ", ".join(f"{names.get(key, key)} {value}" for key, value in refusal.place.items() if value != "")
    return refusal.text(LANGUAGE) + (f" [{place}]" if place else "")
