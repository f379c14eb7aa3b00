"""Sentences of the room: circles (what can be walked to from a facility)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "circle-limits": (
        "生活圈方案“{profile}”的步行距离应由小到大，大于 0 米、不超过 {most} 米；现在是：{given}。",
        "The walking distances of the profile “{profile}” must rise, and lie above 0 m and up to {most} m; they are: "
        "{given}.",
    ),
    "circle-tiers-twice": (
        "生活圈方案“{profile}”里有同名的圈层：{given}；请改成各不相同的名称。",
        "The profile “{profile}” names a tier twice: {given}; give each a name of its own.",
    ),
    "circle-number": (
        "生活圈方案“{profile}”的 {field} 应在 {least} 到 {most} 之间，现在是 {given}；请改正。",
        "{field} of the profile “{profile}” must lie from {least} to {most}, not {given}; correct it.",
    ),
    "circle-profile-unknown": (
        "没有名为“{profile}”的生活圈方案；现有：{known}。",
        "There is no profile “{profile}”; there are: {known}.",
    ),
    "circle-profile-fields": (
        "生活圈方案“{profile}”要么写 minutes 和 speed_m_per_min，要么写 metres，其他只能是 stairs_factor、"
        "slope_factor、depth_m、snap_m、detour_factor；现在是：{given}。",
        "The profile “{profile}” takes either minutes and speed_m_per_min, or metres, and besides only stairs_factor, "
        "slope_factor, depth_m, snap_m and detour_factor; given are: {given}.",
    ),
    "circle-estimated": (
        "还没有路网，此圈是按直线距离除以绕行系数 {factor} 估算的，不考虑河流、铁路和围墙。",
        "There is no street network yet: this circle is estimated as the crow flies, divided by a detour factor of "
        "{factor}, and knows of no river, railway or wall.",
    ),
    "circle-small-piece": (
        "设施入口所在的道路只与少数道路相连，圈可能偏小；请检查路网是否断开。",
        "The streets at the facility's entrance are joined to few others, so its circle may be too small; look whether "
        "the network is broken there.",
    ),
    "circle-entrance-far": (
        "设施 {within} 米内没有可步行的道路，没有生成生活圈；请核对设施位置，或补上通往设施的路。",
        "No street that can be walked lies within {within} m of the facility, so it has no circle; check its place, or "
        "add the way to it.",
    ),
}
