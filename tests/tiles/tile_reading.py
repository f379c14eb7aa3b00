"""Vector tiles read back, after the format's text: nothing here comes from the encoder."""

import struct


def fields(body):
    """Yield number and value of each field of a protobuf message."""
    at = 0
    while at < len(body):
        tag, at = varint(body, at)
        if tag & 7 == 0:
            value, at = varint(body, at)
        elif tag & 7 == 2:
            length, at = varint(body, at)
            value, at = body[at : at + length], at + length
        else:
            (value,) = struct.unpack_from("<d", body, at)
            at += 8
        yield tag >> 3, value


def varint(body, at):
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def varints(body):
    at = 0
    while at < len(body):
        value, at = varint(body, at)
        yield value


def decoded(body):
    """Return the features of each layer: id, kind, rings (lists of points) and properties."""
    return dict(_layer(value) for number, value in fields(body) if number == 3)


def _layer(body):
    parts = list(fields(body))
    keys = [value.decode() for number, value in parts if number == 3]
    values = [_value(value) for number, value in parts if number == 4]
    (name,) = [value.decode() for number, value in parts if number == 1]
    return name, [_feature(value, keys, values) for number, value in parts if number == 2]


def _value(body):
    ((number, value),) = fields(body)
    return value.decode() if number == 1 else value


def _feature(body, keys, values):
    parts = dict(fields(body))
    tags = list(varints(parts.get(2, b"")))
    properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    return {"id": parts.get(1), "kind": parts[3], "rings": _rings(list(varints(parts[4]))), **properties}


def _rings(commands):
    rings, at, x, y = [], 0, 0, 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            continue
        for _ in range(count):
            x, y = (
                place + (step >> 1 ^ -(step & 1)) for place, step in zip((x, y), commands[at : at + 2], strict=True)
            )
            at += 2
            if command == 1:
                rings.append([])
            rings[-1].append((x, y))
    return rings


def edges(features):
    """Return every edge of some polygons, as it runs."""
    return [
        (a, b) for each in features for ring in each["rings"] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]


def twice_area(ring):
    """Return twice the area by the surveyor's formula: positive for shells."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
