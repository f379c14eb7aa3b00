"""The command ``gridwarden sample``: the invented city as files."""

from dataclasses import asdict
from pathlib import Path

import click

from api.commands.options import described, print_json, printing
from api.words import word
from importers.sample import write_sample


@click.command(
    help=described(
        "生成虚构的示例城市“青禾市”：边界、台账、街道、设施。同样的种子得到同样的文件。",
        "Write the invented city 青禾市: boundaries, ledgers, streets, facilities. The same seed gives the same files.",
        "gridwarden sample --grids 200 --seed 1 --out qinghe",
    )
)
@click.option("--grids", type=int, required=True, help=word("网格数，200 到 1,000,000", "grids, 200 to 1,000,000"))
@click.option("--seed", type=int, default=1, show_default=True, help=word("随机种子", "seed"))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("sample"), show_default=True, help=word("文件夹", "folder")
)
@printing
def sample_command(grids: int, seed: int, out: Path, as_json: bool) -> None:
    """Write the invented city."""
    summary = write_sample(out, grids, seed)
    if as_json:
        print_json(asdict(summary) | {"folder": str(summary.folder), "rows": dict(summary.rows)})
        return
    click.echo(word(f"已写入 {out}（虚构数据）：", f"Written to {out} (invented data):"))
    for name in summary.files:
        click.echo(f"  {name}" + (f"  {summary.rows[name]}" if name in summary.rows else ""))
