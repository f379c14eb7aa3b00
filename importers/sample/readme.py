"""The page that goes with the files and says that they are invented."""

from typing import Final

README: Final = "README.md"
MARK: Final = "# 青禾市：虚构示例"
"""First words of the page: how a folder with an earlier sample is known."""

_TEXT: Final = """{mark} · an invented sample city

`gridwarden sample --grids {grids} --seed {seed}`

**全部内容均为虚构**：边界、地名、代码、住户、姓名、电话都由程序按种子生成，与任何真实地方、真实人员无关；
与真实名称相同纯属巧合。

**Everything here is invented**: boundaries, names, codes, households, people and telephone numbers come from a program
and a seed, and belong to no real place or person. Every row says so in its `source` / `来源` column.

- 坐标系 / CRS: CGCS2000 (EPSG:4490), `--crs cgcs2000`, on the lattice of 1e-7 degree. The land near 104.3 E 30.2 N is
  real; the city on it is not.
- 代码 / codes: 5198 starts no real code (the cities of Sichuan end at 5134). City 519800; counties 519801–519899, never
  more than 99: with very many grids a county gets more towns instead, so that a county's code always starts with its
  city's. Then 3 digits town (001– 街道, 100– 镇, 200– 乡), 3 community (001– 社区, 200– 村), 3 grid (west to east,
  north to south), 2 microgrid. Special grids (`special`) have grid numbers 800–999; community part 000 where one
  spans two.
- 层级 / levels: city, counties, towns, communities, grids, microgrids; a parent's ring has exactly its children's
  vertices. `divided` true on a grid: its microgrids cover it; false: it has some or none.
- 特例 / on purpose: one town is enclosed by another, one community is in two pieces (飞地), one special grid spans two
  communities, some grids are overloaded (one has 1,224 households), some estates are cut by a grid border, some
  grids have no team or only two people, and one person may be in several teams.
- 电话 / telephone numbers start with 154, which no operator has been given as far as is known.
"""


def readme(grids: int, seed: int) -> str:
    """Return the page for a city of so many grids."""
    return _TEXT.format(mark=MARK, grids=grids, seed=seed)
