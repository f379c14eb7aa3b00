"""Sentences of the room: plans."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "plan-wrong-state": (
        "方案 {plan} 的状态是“{state}”，不能执行“{action}”；只有状态为“{needed}”时才可以。",
        "Plan {plan} is “{state}”, so “{action}” is not possible; it takes the state “{needed}”.",
    ),
    "plan-own-approval": (
        "{actor} 是方案 {plan} 的编制人，不能审核自己的方案；请由另一人审核。",
        "{actor} is the author of plan {plan} and cannot decide on it; let someone else do it.",
    ),
    "plan-reason-needed": ("请写明原因。", "Give a reason."),
    "plan-too-many-operations": (
        "一个方案最多 {most} 项操作，这里有 {count} 项；请拆成几个方案，或用边界文件导入。",
        "A plan has at most {most} operations, and here are {count}; make several plans, or import a boundary file.",
    ),
    "drawing-without-shape": (
        "文件里没有线也没有面；请在其中画出要用的线或边界。",
        "Nothing is drawn in the file; draw the line or the boundary in it.",
    ),
    "plan-one-code": (
        "这项操作针对一个辖区：--codes 应有一个编码，这里有 {count} 个。",
        "This operation is about one area: --codes takes one code, and here are {count}.",
    ),
    "plan-geometry-needed": (
        "这项操作要用 --geometry 给出图形（{kinds}），文件里的都须是这一种。",
        "This operation needs a drawing by --geometry ({kinds}), and everything in the file must be of that kind.",
    ),
    "unknown-plan": ("没有编号为 {plan} 的方案。", "There is no plan {plan}."),
    "unknown-draft": ("方案 {plan} 没有第 {draft} 稿。", "Plan {plan} has no draft {draft}."),
    "plan-stale-draft": (
        "方案 {plan} 在此期间被改动过：依据的是第 {draft} 稿，现在是第 {now} 稿，状态“{state}”。请重新读取后再操作。",
        "Plan {plan} changed meanwhile: this was based on draft {draft}; now it is draft {now}, state “{state}”. "
        "Read it again first.",
    ),
    "plan-without-draft": ("方案 {plan} 里还没有任何操作。", "Plan {plan} has no operations yet."),
    "plan-nothing-to-undo": ("方案 {plan} 没有可以撤销的改动。", "There is nothing to undo in plan {plan}."),
    "plan-nothing-to-redo": ("方案 {plan} 没有可以恢复的改动。", "There is nothing to redo in plan {plan}."),
    "plan-no-such-operation": (
        "方案 {plan} 没有第 {given} 项操作（从 0 数）。",
        "Plan {plan} has no operation {given} (counted from 0).",
    ),
    "plan-not-of-operations": (
        "方案 {plan} 不是逐项编制的（{made_by}），不能增删操作。",
        "Plan {plan} was not made of single operations ({made_by}), so none can be added or taken out.",
    ),
    "plan-unplaced": (
        "方案 {plan} 中有 {count} 处住户（{households} 户）没有位置，分到哪个网格还不知道。请先补上位置，"
        "或明确知悉后再提交（--acknowledge-unplaced）。",
        "In plan {plan}, {count} residences with {households} households have no position, and nobody knows which grid "
        "they go to. Give them a position, or say that you know (--acknowledge-unplaced).",
    ),
    "plan-not-published": (
        "方案 {plan} 还没有发布（{state}），没有什么可撤销。",
        "Plan {plan} is not published (it is “{state}”), so there is nothing to revert.",
    ),
    "plan-revert-title": ("撤销方案 {plan}“{title}”", "Revert of plan {plan}, “{title}”"),
    "plan-keep-malformed": (
        "看不懂 --keep“{given}”：请写成 X,Y，如 104.28,30.18，并给出 --crs。",
        "“{given}” is no position for --keep: write X,Y such as 104.28,30.18, with --crs.",
    ),
    "plan-published": (
        "方案 {plan} 已发布：第 {edition} 期，{at}。",
        "Plan {plan} is published: edition {edition}, {at}.",
    ),
    "plan-postponed": (
        "方案 {plan} 将由任务 {job} 在 {at} 检查并发布（届时服务须在运行）。",
        "Job {job} will check plan {plan} again and publish it at {at} (the service must be running then).",
    ),
    "plan-line": ("{plan}  {title}（{state}，{author}）", "{plan}  {title} ({state}, {author})"),
    "plan-line-edition": ("，第 {edition} 期", ", edition {edition}"),
    "plan-state-draft": ("草案", "draft"),
    "plan-state-submitted": ("已提交", "submitted"),
    "plan-state-approved": ("已批准", "approved"),
    "plan-state-published": ("已发布", "published"),
    "plan-state-rejected": ("已退回", "rejected"),
    "plan-state-withdrawn": ("已放弃", "withdrawn"),
    "plan-check-clean": (
        "方案 {plan} 第 {draft} 稿：可以发布（妨碍发布的问题 {count} 处）。",
        "Plan {plan}, draft {draft}: it can be published ({count} findings in the way).",
    ),
    "plan-check-stops": (
        "方案 {plan} 第 {draft} 稿：有 {count} 处问题妨碍发布。",
        "Plan {plan}, draft {draft}: {count} findings stop its publication.",
    ),
    "plan-check-areas": (
        "新建：{created}；调整：{changed}；撤销：{ended}；只加了顶点：{noded} 个",
        "new: {created}; changed: {changed}; ended: {ended}; merely noded: {noded}",
    ),
    "plan-descent": (
        "  {source} → {target}：{area_m2} 平方米（占原辖区 {share}），{households} 户",
        "  {source} → {target}: {area_m2} m² ({share} of the former), {households} households",
    ),
    "plan-finding-stops": ("  妨碍发布：{finding}", "  stops: {finding}"),
    "plan-finding-stands": ("  不妨碍：{finding}", "  stands: {finding}"),
    "plan-clashes-with": (
        "  与方案 {plan}“{title}”改动了相同的辖区：{codes}；先发布的一方有效，另一方须重新编制",
        "  plan {plan}, “{title}”, changes some of the same areas: {codes}; whichever is published first makes the "
        "other one stale",
    ),
    "plan-impact-handover": (
        "{source} → {target}：{area_m2} 平方米，{residences} 处住户，{households} 户，{residents} 人",
        "{source} → {target}: {area_m2} m², {residences} residences, {households} households, {residents} residents",
    ),
    "plan-impact-size": (
        "网格 {code}：{before} → {after} 户（范围 {least}–{most}）",
        "grid {code}: {before} → {after} households (range {least}–{most})",
    ),
    "plan-impact-size-outside": (
        "网格 {code}：{before} → {after} 户，超出范围 {least}–{most}",
        "grid {code}: {before} → {after} households, outside the range {least}–{most}",
    ),
    "plan-impact-place": ("{name}：{source} → {target}", "{name}: {source} → {target}"),
    "plan-impact-team-left": ("团队“{team}”的辖区 {code} 撤销了", "team “{team}” is left without its area {code}"),
    "plan-impact-no-team": ("还没有团队的辖区：{codes}", "areas without a team: {codes}"),
    "plan-impact-cut": ("网格界线切开“{name}”：{codes}", "borders of grids cut “{name}”: {codes}"),
    "plan-impact-unplaced": (
        "没有位置：{address}，{households} 户，原属 {code}，可能分到 {candidates}",
        "without a position: {address}, {households} households of {code}, may go to {candidates}",
    ),
    "plan-file-unreadable": (
        '“{name}”里没有操作：应是一个 JSON 列表，每项如 {{"op": "merge", "codes": ["…", "…"]}}。',
        "There are no operations in “{name}”: it must be a JSON list of records such as "
        '{{"op": "merge", "codes": ["…", "…"]}}.',
    ),
    "plan-import-stale": (
        "方案 {plan} 导入的辖区中有 {count} 个在此期间被改动过；请重新导入文件。",
        "{count} of the areas that plan {plan} imports changed meanwhile; import the file again.",
    ),
    "plan-defects": (
        "方案 {plan} 会造成或扩大 {count} 个问题，不能发布；请先修改，或由负责人接受这些问题。",
        "Plan {plan} would create or enlarge {count} defects and cannot be published; "
        "change it first, or have them accepted.",
    ),
    "plan-clash": (
        "方案 {plan} 起草之后，{code} 已被第 {edition} 期“{title}”（方案 {other}）改动。请在现在的边界上重新起草。",
        "Since plan {plan} was drafted, {code} was changed by edition {edition}, “{title}” (plan {other}). "
        "Draft it again on the present boundaries.",
    ),
    "plan-too-early": (
        "方案 {plan} 要到 {not_before} 才能发布。",
        "Plan {plan} may not be published before {not_before}.",
    ),
    "plan-reaches-further": (
        "周围的边界已经改变：方案 {plan} 现在还会改动 {code}，与批准的不同。请重新起草。",
        "The boundaries around have changed: plan {plan} would now change {code} too, "
        "which is not what was approved. Draft it again.",
    ),
    "plan-codes-moved": (
        "方案 {plan} 批准的编码已被占用或不再适用：{codes}。请重新起草。",
        "The codes that plan {plan} was approved with are taken or no longer fit: {codes}. Draft it again.",
    ),
    "plan-busy": (
        "其他发布一直抢先，方案 {plan} 试了 {attempts} 次仍未发布。什么都没有改变，请稍后再试。",
        "Other publications went first, and after {attempts} attempts plan {plan} is not published. "
        "Nothing was changed; try again later.",
    ),
    "codes-used-elsewhere": (
        "编码 {code} 曾在别处使用过，不能再用；请指定编码。",
        "The code {code} was used elsewhere and is not given again; give codes explicitly.",
    ),
    "plan-side": ("方案 {plan}“{title}”", "plan {plan}, “{title}”"),
}
