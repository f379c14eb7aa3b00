"""Sentences of the room: adjustments and why they are refused."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "operation-not-a-record": (
        "这里应为一条记录（JSON 对象），收到的是 {given}。",
        "A record (a JSON object) belongs here; it is {given}.",
    ),
    "operation-unknown": (
        "没有“{given}”这种调整；可用的有：{known}。",
        "There is no operation “{given}”; there are: {known}.",
    ),
    "operation-field-unknown": (
        "这种调整没有“{given}”这一项；可用的有：{known}。",
        "This operation has no field “{given}”; it has: {known}.",
    ),
    "operation-field-missing": (
        "缺少“{field}”这一项，请补上。",
        "The field “{field}” is missing; give it.",
    ),
    "operation-field-wrong": (
        "“{given}”不符合要求；应为：{wanted}。",
        "“{given}” does not fit here; wanted: {wanted}.",
    ),
    "operation-geometry-wrong": (
        "这里应为 GeoJSON 的 {wanted}，坐标为经纬度（EPSG:4490），经度 ±180、纬度 ±90 以内。",
        "A GeoJSON {wanted} belongs here, in longitude and latitude (EPSG:4490), within ±180 and ±90.",
    ),
    "operation-one-of": (
        "{fields}：必须且只能给出其中一项。",
        "Give exactly one of {fields}.",
    ),
    "area-unknown": ("没有代码为 {code} 的辖区。", "There is no area {code}."),
    "area-retired": (
        "代码 {code} 已停用，现在没有辖区使用它；请改用现行代码。",
        "The code {code} is retired and no present area bears it; use a present code.",
    ),
    "area-without-boundary": ("辖区 {code} 没有边界，不能这样调整。", "Area {code} has no boundary to be adjusted."),
    "area-would-vanish": (
        "这样调整后辖区 {code} 不剩任何土地；若要撤销它，请用 retire 或 merge。",
        "Area {code} would be left with no land; to end it, use retire or merge.",
    ),
    "areas-of-several-levels": (
        "{one} 与 {other} 不是同一层级、同一类别的辖区，不能一起调整。",
        "{one} and {other} are not of one level and kind, so they cannot be adjusted together.",
    ),
    "areas-do-not-touch": (
        "{code} 的土地与 {target} 没有公共边界（在经度 {lon}、纬度 {lat} 处），不能并入；"
        "合并时如确需飞地，请加 multipart。",
        "The land of {code} has no border in common with {target} (at longitude {lon}, latitude {lat}), so it cannot "
        "join it; for a merge into several pieces add multipart.",
    ),
    "beyond-parent": (
        "调整后 {code} 超出上级 {parent} 的边界。跨上级的调整，须在同一方案中一并调整上级的边界或归属。",
        "{code} would reach beyond its parent {parent}. What crosses parents needs their borders, or the parent, "
        "changed in the same plan.",
    ),
    "children-stranded": (
        "调整 {parent} 的边界后，下列下级辖区会落在界外：{children}。请在同一方案中一并调整它们。",
        "With the new boundary of {parent} these areas below it would lie outside: {children}. Adjust them in the same "
        "plan.",
    ),
    "code-named-twice": ("{code} 列了两次，请只列一次。", "{code} is named twice; name it once."),
    "code-needed": (
        "无法为新的 {level} 自动编码：上级（{parent}）的代码不符合编码规则。请自行给出代码。",
        "No {level} code can be made: the code of the parent ({parent}) is outside the scheme. Give a code.",
    ),
    "code-taken": (
        "代码 {code} 正在使用或曾经使用过；停用的代码不再使用，请换一个。",
        "The code {code} is or was in use; codes are never given twice. Choose another.",
    ),
    "drawn-empty": (
        "所画的图形是空的，或过小而不成面（线）。",
        "The drawn shape is empty, or too small to be one.",
    ),
    "drawn-invalid": (
        "所画的面无效（{detail}），在经度 {lon}、纬度 {lat} 处，例如边界自相交。请修正后再试。",
        "The drawn polygon is invalid ({detail}) at longitude {lon}, latitude {lat}: its boundary may cross itself. "
        "Mend it there.",
    ),
    "merge-needs-two": (
        "合并至少需要两个辖区，只给出了 {code}。",
        "A merge needs two areas at least; only {code} is given.",
    ),
    "merge-with-itself": (
        "{code} 不能与自己合并，也不能调整给自己。",
        "{code} cannot be joined with itself, nor give land to itself.",
    ),
    "nobody-follows": (
        "{code} 让出的土地（经度 {lon}、纬度 {lat} 处）在同一上级内没有相邻辖区可以接收。"
        "请改画边界，或用 neighbours=keep。",
        "The land that {code} gives up at longitude {lon}, latitude {lat} has no neighbour under the same parent to "
        "take it. Draw it otherwise, or use neighbours=keep.",
    ),
    "not-a-child": ("{code} 不是 {parent} 的直接下级。", "{code} is no child of {parent}."),
    "parent-not-above": (
        "{parent} 不能作 {level} 的上级：上级须是更高层级的辖区。",
        "{parent} cannot be the parent of a {level}: a parent is an area of a level above.",
    ),
    "rename-nothing": (
        "没有给出 {code} 的新名称、自编号或类别；名称不能为空。",
        "No new name, local code or category is given for {code}; a name cannot be empty.",
    ),
    "reparent-cycle": (
        "{parent} 就是 {code} 本身或在它之下，不能作它的上级。",
        "{parent} is {code} itself or lies below it, so it cannot be its parent.",
    ),
    "retire-has-children": (
        "{code} 还有下级辖区：{children}。请先指定承接的辖区（heir），或先调整下级。",
        "{code} still has areas below it: {children}. Name an heir, or adjust them first.",
    ),
    "retire-leaves-gap": (
        "撤销 {code} 会留下空白。请指定承接的辖区（heir），或明确接受空白（accept_gap）。",
        "Without {code} its land would be a gap. Name an heir, or accept the gap (accept_gap).",
    ),
    "revert-unknown-edition": (
        "没有可以撤回的第 {edition} 期。",
        "There is no edition {edition} that could be reverted.",
    ),
    "revert-changed-since": (
        "第 {edition} 期之后，下列辖区又有变动，不能直接撤回：{codes}。",
        "Edition {edition} cannot be reverted: these areas have changed since: {codes}.",
    ),
    "split-line-misses": (
        "这条线（经度 {lon}、纬度 {lat} 处）没有把 {code} 分成两部分。请让它穿过整个辖区。",
        "The line (at longitude {lon}, latitude {lat}) does not divide {code}. Draw it right across the area.",
    ),
    "split-line-ends-inside": (
        "这条线的一端（经度 {lon}、纬度 {lat}）停在辖区内，离边界 {away_m} 米；"
        "沿线的方向延长 {reach_m} 米仍未到边界。请画到边界。",
        "The line ends inside the area at longitude {lon}, latitude {lat}, {away_m} m from the border; led on straight "
        "for {reach_m} m it meets no border. Draw it up to the border.",
    ),
    "split-one-part": (
        "所画的面覆盖了整个 {code}，没有可分出的部分。",
        "The polygon covers all of {code}: there is nothing to split off.",
    ),
    "split-part-outside": (
        "有一个面不在 {code} 之内，或与其他面完全重复。",
        "One of the polygons has nothing of {code} that no other polygon has.",
    ),
    "split-parts-overlap": ("拆分 {code} 的面互相重叠。", "The polygons that divide {code} overlap."),
    "split-wrong-count": (
        "{code} 拆分后有 {parts} 个新的部分，却给出了 {given} 个代码或名称。",
        "The split of {code} makes {parts} new parts, but {given} codes or names are given.",
    ),
    "split-keep-outside": (
        "keep 所指的点不在 {code} 之内。",
        "The point given as keep does not lie in {code}.",
    ),
    "transfer-misses": (
        "所画的面与 {code} 没有重叠，没有可调出的土地。",
        "The polygon holds no land of {code}, so there is nothing to transfer.",
    ),
}
