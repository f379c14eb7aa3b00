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
}
