"""Words that stand on the pages, Chinese and English."""

from typing import Final

from geo.messages import Language

WORDS: Final[dict[Language, dict[str, str]]] = {
    "zh": {
        "legend": "图例",
        "layers": "图层",
        "names": "名称",
        "whole": "全图",
        "colours_note": "颜色只用来区分相邻辖区",
        "team": "服务团队",
        "no_team": "没有登记团队",
        "hidden": "已隐藏",
        "code": "编码",
        "local_code": "本地编号",
        "category": "类别",
        "households": "户数",
        "residents": "人口",
        "special": "专属网格",
        "source": "来源",
        "date": "日期",
        "review_number": "审图号",
        "projection": "坐标 CGCS2000，显示投影 Web 墨卡托",
        "colon": "：",
        "simplified": "为便于显示，“{name}”的边界已简化（约 {tolerance_m} 米），不作划界依据",
        "not_drawn": "{count} 个辖区没有边界，未画出",
        "circle_areas": "辖区界",
        "circle_reach": "走得到的范围（虚线为估算）",
        "circle_left": "到不了的住户",
        "circle_places": "设施",
        "zoom_in": "放大",
        "zoom_out": "缩小",
        "close": "关闭",
    },
    "en": {
        "legend": "Legend",
        "layers": "Layers",
        "names": "Names",
        "whole": "All",
        "colours_note": "Colours only tell neighbours apart",
        "team": "Service team",
        "no_team": "No team on record",
        "hidden": "hidden",
        "code": "Code",
        "local_code": "Local code",
        "category": "Category",
        "households": "Households",
        "residents": "Residents",
        "special": "special grid",
        "source": "Source",
        "date": "Date",
        "review_number": "Map review no.",
        "projection": "Coordinates CGCS2000, shown in Web Mercator",
        "colon": ": ",
        "simplified": "Borders of “{name}” are simplified for display (about {tolerance_m} m): no proof of a boundary",
        "not_drawn": "{count} areas have no boundary and are not drawn",
        "circle_areas": "Areas",
        "circle_reach": "What is reached (dashed: estimated)",
        "circle_left": "Residences not reached",
        "circle_places": "Facilities",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "close": "Close",
    },
}


def word(key: str, lang: Language, **facts: object) -> str:
    """Return a word or phrase of the pages with its facts filled in."""
    return WORDS[lang][key].format(**facts)
