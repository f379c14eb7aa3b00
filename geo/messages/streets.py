"""Sentences of the room: streets and facilities out of map files."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "osm-empty": ("文件“{name}”是空的。", "The file “{name}” is empty."),
    "osm-no-pbf": (
        "“{name}”不是 OpenStreetMap 的 .osm.pbf 文件。",
        "“{name}” is no .osm.pbf file of OpenStreetMap.",
    ),
    "osm-damaged": (
        "“{name}”不完整或已损坏，读不完：{reason}。请重新下载。",
        "“{name}” is cut off or damaged and cannot be read to its end: {reason}. Download it again.",
    ),
    "osm-has-its-crs": (
        "“{name}”是 OpenStreetMap 文件，坐标一定是 WGS 84，也没有图层；请去掉 --crs 和 --layer。",
        "“{name}” is a file of OpenStreetMap: always WGS 84, and without layers; leave out --crs and --layer.",
    ),
    "streets-no-lines": (
        "“{name}”里没有线，只能从线图层导入道路。",
        "There are no lines in “{name}”; streets are imported from layers of lines.",
    ),
    "streets-none-walkable": (
        "“{name}”里没有可以步行的道路，没有导入。",
        "There is nothing in “{name}” that can be walked; nothing was imported.",
    ),
    "streets-report": (
        "{file}：可步行的线 {lines} 条；路网 {edges} 段，共 {km} km。",
        "{file}: {lines} walkable lines; the network has {edges} edges, {km} km.",
    ),
    "streets-report-changes": (
        "新增 {taken} 段，停用 {ended} 段，未变 {unchanged} 段。",
        "New edges: {taken}, ended: {ended}, unchanged: {unchanged}.",
    ),
    "streets-report-pieces": (
        "路网分成互不相连的 {count} 片，最大一片占总长的 {percent}%。1 km 以上的：",
        "The network is in {count} pieces that are not joined; the largest has {percent} % of its length. Above 1 km:",
    ),
    "streets-report-piece": ("  {km} km，{edges} 段", "  {km} km, {edges} edges"),
    "streets-left-out-motorway": (
        "未取：{count} 条高速公路（不能步行）。",
        "Left out: {count} motorways, where nobody walks.",
    ),
    "streets-left-out-access": (
        "未取：{count} 条不许步行或不对公众开放的路。",
        "Left out: {count} ways that are private or closed to walkers.",
    ),
    "streets-left-out-class": (
        "未取：{count} 条不是步行道路的线（在建、赛道等）。",
        "Left out: {count} lines that are no ways for walkers (being built, raceways and the like).",
    ),
    "streets-left-out-barrier": (
        "断开：{count} 处不能通过的墙、锁闭或不对外的门。",
        "Cut: {count} points that nobody passes: walls, gates that are locked or private.",
    ),
    "streets-left-out-nodes-missing": (
        "{count} 条路有部分节点不在文件里，只取了完整的部分。",
        "{count} ways have nodes that are not in the file; what is whole of them was taken.",
    ),
    "streets-left-out-no-line": (
        "未取：{count} 行没有线，或坐标无效。",
        "Left out: {count} rows without a line, or with coordinates that are no numbers.",
    ),
    "facility-no-point": (
        "第 {row} 行没有位置，或坐标无效。",
        "Row {row} has no place, or coordinates that are no numbers.",
    ),
    "circles-unserved": (
        "到不了的：{homes} 处，{households} 户。",
        "Not reached: {homes} residences, {households} households.",
    ),
    "circles-draft": (
        "{tier}：共 {households} 户，现在覆盖 {before} 户，之后 {after} 户（新增 {gained}，失去 {lost}）。",
        "{tier}: of {households} households {before} are reached now, {after} afterwards (gained {gained}, lost "
        "{lost}).",
    ),
    "circle-tier-unknown": (
        "没有名为“{tier}”的圈层；有：{known}。",
        "There is no tier “{tier}”; there are: {known}.",
    ),
    "malformed-point": (
        "看不懂点“{given}”；请写成 经度,纬度，例如 104.06,30.57。",
        "“{given}” is no point; write longitude,latitude, such as 104.06,30.57.",
    ),
    "circles-refreshed": (
        "{profile}：设施 {facilities} 处，重算 {made} 处，其中 {changed} 处的生活圈有变化；停用 {ended} 个圈。",
        "{profile}: {facilities} facilities; circles of {made} made anew, of which {changed} changed; {ended} ended.",
    ),
    "circle-same-place": (
        "下列设施与同类设施位置完全相同，可能重复：",
        "These facilities lie exactly where another of their category does, and may be there twice:",
    ),
    "circles-not-made": (
        "还没有“{profile}”的生活圈；请先运行 gridwarden circles refresh。",
        "There are no circles of “{profile}” yet; run gridwarden circles refresh first.",
    ),
    "circles-stale": (
        "道路或设施在生活圈之后又有发布；请运行 gridwarden circles refresh。",
        "Streets or facilities were published after the circles were made; run gridwarden circles refresh.",
    ),
    "unknown-facility": (
        "没有名为“{name}”的{category}设施。",
        "There is no facility “{name}” of the category {category}.",
    ),
    "circle-profiles-file": (
        "{name} 所指的文件读不出来（{reason}）；应是 JSON：方案名到数值。",
        "The file that {name} names cannot be read ({reason}); it must be JSON: figures by profile name.",
    ),
    "circles-table-heading": (
        "编码|名称|面积|楼栋|户数|到不了的户数",
        "code|name|m²|residences|households|households not reached",
    ),
}
