"""Sentences of the room: crs."""

from typing import Final

ACCEPTED: Final[tuple[tuple[str, str, str], ...]] = (
    ("cgcs2000", "国家2000经纬度（EPSG:4490），天地图", "CGCS2000 longitude–latitude (EPSG:4490), Tianditu"),
    ("wgs84", "GPS 经纬度（EPSG:4326），与国家2000视为一致", "GPS longitude–latitude (EPSG:4326), taken as CGCS2000"),
    ("gcj02", "火星坐标：高德、腾讯、微信，奥维 9.3 起的 KML", "GCJ-02: AMap, Tencent, WeChat, KML of Ovital 9.3+"),
    ("bd09", "百度坐标经纬度", "BD-09: Baidu longitude–latitude"),
    ("EPSG:n", "任何编号，如 EPSG:4523（国家2000 3度带 35 带）", "any code, such as EPSG:4523 (CGCS2000, 3° zone 35)"),
    ("PROJ | WKT", "PROJ 或 WKT 文本（城市独立坐标系）", "a PROJ or WKT text (city independent systems)"),
)
"""Names that ``--crs`` and ``crs=`` take, with what they mean in Chinese and English."""

_LIST_ZH: Final = "可用：" + "；".join(f"{name} {zh}" for name, zh, _ in ACCEPTED)
_LIST_EN: Final = "Known: " + "; ".join(f"{name}: {en}" for name, _, en in ACCEPTED)
_SYSTEMS_ZH: Final = (
    _LIST_ZH + "。手机：微信 wx.getLocation 默认给 wgs84，type 写 gcj02 时给 gcj02；"
    "高德、腾讯定位给 gcj02，百度定位给 bd09，GPS 和浏览器给 wgs84。"
)
_SYSTEMS_EN: Final = (
    _LIST_EN + ". Phones: WeChat wx.getLocation gives wgs84 by default and gcj02 when asked for type gcj02; "
    "AMap and Tencent give gcj02, Baidu gives bd09, GPS and browsers give wgs84."
)
_WAY_OUT_ZH: Final = (
    "请向测绘部门要转换参数，写成带 +towgs84=dx,dy,dz,rx,ry,rz,ds 的 PROJ 文本给 --crs；或先转换成国家2000再导入。"
)
_WAY_OUT_EN: Final = (
    "Ask the surveying office for the parameters and give a PROJ text with +towgs84=dx,dy,dz,rx,ry,rz,ds as --crs; "
    "or convert the data to CGCS2000 first."
)

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "crs-missing": (
        f"没有说明坐标系，请用 crs 写明。{_SYSTEMS_ZH}",
        f"The coordinate system is missing: say it as crs. {_SYSTEMS_EN}",
    ),
    "crs-missing-degrees": (
        "没有说明坐标系。数值（{numbers}）像经纬度：cgcs2000、wgs84、gcj02 或 bd09，它们相差几百米，"
        f"看数字分不出来，请问提供数据的人。{_SYSTEMS_ZH}",
        "The coordinate system is missing. The numbers ({numbers}) look like degrees: cgcs2000, wgs84, gcj02 or bd09, "
        "which differ by hundreds of metres and cannot be told apart by their numbers; ask who made the data. "
        f"{_SYSTEMS_EN}",
    ),
    "crs-missing-swapped-degrees": (
        "没有说明坐标系。数值（{numbers}）像纬度在前的经纬度：请对调成经度在前，再写明 cgcs2000、wgs84、gcj02 或 bd09。"
        f"{_SYSTEMS_ZH}",
        "The coordinate system is missing. The numbers ({numbers}) look like degrees with the latitude first: swap the "
        f"axes, then say cgcs2000, wgs84, gcj02 or bd09. {_SYSTEMS_EN}",
    ),
    "crs-missing-zone": (
        "没有说明坐标系。数值（{numbers}）像下列坐标系的米数：{systems}。请确认基准是国家2000，"
        f"不是西安80或北京54（同样的带号，相差几十到上百米）。{_SYSTEMS_ZH}",
        "The coordinate system is missing. The numbers ({numbers}) look like metres in: {systems}. Make sure that the "
        "datum is CGCS2000, not Xi'an 1980 or Beijing 1954 (same zones, tens of metres to over a hundred away). "
        f"{_SYSTEMS_EN}",
    ),
    "crs-missing-no-zone": (
        "没有说明坐标系。数值（{numbers}）像不带带号的高斯投影米数，中央经线看数字分不出来，请问提供数据的人。"
        "国家2000按中央经线（EPSG:4534–4554 为 3° 带，EPSG:4502–4512 为 6° 带）：{systems}；四川多用 102°E 或 105°E。"
        f"城市独立坐标系要写 PROJ 文本。{_SYSTEMS_ZH}",
        "The coordinate system is missing. The numbers ({numbers}) look like Gauss-Krüger metres without a zone "
        "prefix; the central meridian cannot be told from them: ask who made the data. CGCS2000 by central meridian "
        "(EPSG:4534–4554 for 3° zones, EPSG:4502–4512 for 6° zones): {systems}; Sichuan mostly uses 102°E or 105°E. "
        f"City independent systems need a PROJ text. {_SYSTEMS_EN}",
    ),
    "crs-missing-swapped": (
        "没有说明坐标系。数值（{numbers}）像北坐标在前的高斯投影米数：请对调成东坐标在前，再写明坐标系，可能是：{systems}。"
        f"{_SYSTEMS_ZH}",
        "The coordinate system is missing. The numbers ({numbers}) look like Gauss-Krüger metres with the northing "
        f"first: swap the axes, then say the system, perhaps: {{systems}}. {_SYSTEMS_EN}",
    ),
    "crs-missing-unclear": (
        "没有说明坐标系，从数值（{numbers}）也看不出来：请问提供数据的人；城市独立坐标系要写 PROJ 或 WKT 文本。"
        f"{_SYSTEMS_ZH}",
        "The coordinate system is missing and the numbers ({numbers}) do not show it: ask who made the data; city "
        f"independent systems need a PROJ or WKT text. {_SYSTEMS_EN}",
    ),
    "crs-unknown": (
        f"不认识坐标系“{{crs}}”。{_LIST_ZH}。",
        f"The coordinate system “{{crs}}” is not known. {_LIST_EN}.",
    ),
    "crs-reads-file": (
        "坐标系“{crs}”要读取格网文件，不接受：结果会因机器上有无该文件而不同。请改用七参数 +towgs84=…。",
        "The coordinate system “{crs}” would read a grid file and is refused: results would depend on the machine's "
        "files. Use the seven parameters +towgs84=… instead.",
    ),
    "crs-not-horizontal": (
        "坐标系“{crs}”（{form}）不是平面坐标或以度为单位的经纬度，不能用于边界。请先转换成国家2000（EPSG:4490）。",
        "The coordinate system “{crs}” ({form}) is neither plane coordinates nor longitude–latitude in degrees, so it "
        "cannot hold boundaries. Convert the data to CGCS2000 (EPSG:4490) first.",
    ),
    "crs-old-datum": (
        f"坐标系“{{crs}}”的基准是 {{datum}}，到国家2000没有公开的转换参数，"
        f"直接当作国家2000会偏几十到上百米。{_WAY_OUT_ZH}",
        "The coordinate system “{crs}” has the datum {datum}, for which no public parameters to CGCS2000 exist; taken "
        f"as CGCS2000 it would be tens of metres to over a hundred off. {_WAY_OUT_EN}",
    ),
    "crs-unknown-datum": (
        "坐标系“{crs}”的基准“{datum}”（椭球 {ellipsoid}）不明，不能猜。如果它就是国家2000，请在 PROJ 文本里加 "
        f"+ellps=GRS80 +towgs84=0,0,0。否则：{_WAY_OUT_ZH}",
        "The datum “{datum}” (ellipsoid {ellipsoid}) of the coordinate system “{crs}” is not known and is not guessed. "
        f"If it is CGCS2000, add +ellps=GRS80 +towgs84=0,0,0 to the PROJ text. Otherwise: {_WAY_OUT_EN}",
    ),
    "crs-zero-parameters": (
        f"坐标系“{{crs}}”的转换参数全是 0，但椭球（{{ellipsoid}}）与国家2000不同，这样的参数不可能成立。{_WAY_OUT_ZH}",
        "The parameters of the coordinate system “{crs}” are all 0, which cannot be true between its ellipsoid "
        f"({{ellipsoid}}) and that of CGCS2000. {_WAY_OUT_EN}",
    ),
    "crs-not-convertible": (
        "点（x {x}，y {y}）不能转换成经纬度：数值为空、无穷大，或者远在该坐标系之外。请改正该点，或检查坐标系。",
        "The point (x {x}, y {y}) cannot be converted to longitude–latitude: it is empty, infinite or far outside the "
        "coordinate system. Correct the point, or check the coordinate system.",
    ),
    "crs-beyond-the-globe": (
        "点（x {x}，y {y}）超出经度 ±180、纬度 ±90。请检查是否经纬度对调，或把米当成了度。",
        "The point (x {x}, y {y}) lies beyond longitude ±180 or latitude ±90. Check whether the axes are swapped, or "
        "whether metres were declared as degrees.",
    ),
    "crs-torn-edge": (
        "经度 {lon:.7f}、纬度 {lat:.7f} 处的一条边跨过坐标系的接缝（如 180° 经线），转换后会断开。请在接缝处把面切开。",
        "An edge at longitude {lon:.7f}, latitude {lat:.7f} crosses a seam of the coordinate system (such as the 180° "
        "meridian) and would be torn. Cut the polygon there.",
    ),
    "crs-metres-as-degrees": (
        "坐标系写的是“{crs}”（度），但数值（{numbers}）是米。请改写坐标系，可能是：{systems}。",
        "The coordinate system was declared as “{crs}” (degrees), but the numbers ({numbers}) are metres. Correct the "
        "coordinate system, perhaps to: {systems}.",
    ),
    "crs-degrees-as-metres": (
        "坐标系写的是“{crs}”（投影坐标），但数值（{numbers}）是度。请改写为 cgcs2000、wgs84、gcj02 或 bd09。",
        "The coordinate system was declared as “{crs}” (projected), but the numbers ({numbers}) are degrees. Correct "
        "it to cgcs2000, wgs84, gcj02 or bd09.",
    ),
    "crs-axes-swapped": (
        "坐标系“{crs}”的数值（{numbers}）像是两轴对调了：请把经度（东坐标）放在前面。",
        "The numbers ({numbers}) in “{crs}” look as if the axes were swapped: put longitude (easting) first.",
    ),
    "crs-latitude-beyond-90": (
        "坐标系“{crs}”的数值（{numbers}）超出经度 ±180、纬度 ±90。请检查坐标系和数据。",
        "The numbers ({numbers}) in “{crs}” lie beyond longitude ±180 or latitude ±90. Check the coordinate system and "
        "the data.",
    ),
    "crs-far-from-home": (
        "数值（{numbers}）远在坐标系“{crs}”的使用范围之外，带号或中央经线可能不对。可能是：{systems}。",
        "The numbers ({numbers}) lie far outside the area that “{crs}” is for; zone or central meridian may be wrong. "
        "Perhaps: {systems}.",
    ),
    "crs-same-datum": (
        "坐标系“{crs}”：基准为国家2000，不作基准转换。",
        "Coordinate system “{crs}”: the datum is CGCS2000; no change of datum.",
    ),
    "crs-taken-as-one": (
        "坐标系“{crs}”：WGS 84 与国家2000视为一致，不作基准转换；两者相差约 {accuracy_m:g} 米以内。",
        "Coordinate system “{crs}”: WGS 84 is taken as CGCS2000 without a change of datum; they agree within about "
        "{accuracy_m:g} m.",
    ),
    "crs-converted": (
        "坐标系“{crs}”：用“{operation}”转换到国家2000，标称精度 {accuracy_m:g} 米。",
        "Coordinate system “{crs}”: converted to CGCS2000 by “{operation}”, stated accuracy {accuracy_m:g} m.",
    ),
    "crs-converted-by-parameters": (
        "坐标系“{crs}”：用随坐标系给出的参数 {operation} 转换到国家2000，精度未知。",
        "Coordinate system “{crs}”: converted to CGCS2000 by the parameters given with it, {operation}; "
        "accuracy not known.",
    ),
}
