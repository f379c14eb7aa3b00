/** How areas look: quiet borders, clear labels, and loud defects. */

import type { FeatureLike } from "ol/Feature";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import MultiPoint from "ol/geom/MultiPoint";
import type { Coordinate } from "ol/coordinate";
import type Geometry from "ol/geom/Geometry";
import MultiPolygon from "ol/geom/MultiPolygon";
import Polygon from "ol/geom/Polygon";

const FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const HALO = new Stroke({ color: "#fff", width: 3.5 });
const LINES: Record<string, [string, number]> = {
  microgrid: ["#8aa0a0", 0.7],
  grid: ["#3d6f8e", 1.1],
  community: ["#2c7a3c", 3.6],
  town: ["#7a4d9b", 5],
  county: ["#a0522d", 6.5],
  city: ["#5b5b5b", 8],
  province: ["#5b5b5b", 8],
};
const ORDER = ["province", "city", "county", "town", "community", "grid", "microgrid"];
const ROLES: Record<string, string> = {
  changed: "rgba(242,170,46,0.28)",
  created: "rgba(46,160,92,0.30)",
  ended: "rgba(120,120,120,0.30)",
};

/** Return how the border of an area is drawn. */
export function outline(level: string, kind: string, strong = false): Style {
  const [color, width] = kind === "special" ? ["#b5487f", 1.8] : (LINES[level] ?? LINES.grid!);
  const fill = kind === "special" ? "rgba(197,84,140,0.16)" : level === "grid" ? "rgba(80,140,180,0.05)" : "rgba(0,0,0,0)";
  return new Style({
    stroke: new Stroke({ color, width: strong ? width + 0.6 : width, ...(kind === "special" ? { lineDash: [6, 3] } : {}) }),
    fill: new Fill({ color: fill }),
    // wide lines of high levels lie under the narrow ones of those below
    zIndex: kind === "special" ? 8 : ORDER.indexOf(level),
  });
}

/** Return a name on the map. */
export function label(text: string, level: string, kind: string): Style {
  const large = kind !== "special" && !["grid", "microgrid"].includes(level);
  const [color] = kind === "special" ? ["#8c2c60"] : (LINES[level] ?? LINES.grid!);
  return new Style({
    text: new Text({
      text,
      font: `${large ? "600 14px" : "12px"} ${FONT}`,
      fill: new Fill({ color }),
      stroke: HALO,
      overflow: true,
    }),
    zIndex: large ? 20 : 10,
  });
}

/** Return how an area of a draft looks: by what the plan makes of it. */
export function drafted(feature: FeatureLike, named: boolean): Style[] {
  const level = String(feature.get("level"));
  const kind = String(feature.get("kind"));
  const styles = [outline(level, kind, true)];
  const fill = ROLES[String(feature.get("role"))];
  if (fill && level === "grid") styles.push(new Style({ fill: new Fill({ color: fill }), zIndex: -1 }));
  if (named && level === "grid") {
    const name = label(String(feature.get("name")), level, kind);
    name.setGeometry(inner);
    styles.push(name);
  }
  return styles;
}

const ASIDE_PX = 60;

/** Return how an area looks on one side of a comparison; its name stands off the line between the two. */
export function sided(feature: FeatureLike, side: "before" | "after"): Style[] {
  const found = drafted(feature, true);
  for (const style of found) style.getText()?.setOffsetX(side === "before" ? -ASIDE_PX : ASIDE_PX);
  return found;
}

function inner(feature: FeatureLike): Geometry | undefined {
  const shape = feature.getGeometry();
  if (shape instanceof Polygon) return shape.getInteriorPoint();
  return shape instanceof MultiPolygon ? shape.getInteriorPoints() : undefined;
}

const CHOSEN = [
  new Style({ stroke: new Stroke({ color: "#fff", width: 6 }) }),
  new Style({ stroke: new Stroke({ color: "#d9480f", width: 3 }), fill: new Fill({ color: "rgba(217,72,15,0.10)" }) }),
];

/** Return how chosen areas look. */
export function chosen(): Style[] {
  return CHOSEN;
}

const NODE = new Circle({ radius: 3, fill: new Fill({ color: "#fff" }), stroke: new Stroke({ color: "#3d6f8e", width: 1.5 }) });

/** Return the nodes of an area as small rings. */
export function nodes(): Style {
  return new Style({
    image: NODE,
    zIndex: 9,
    geometry: (feature) => {
      const shape = feature.getGeometry();
      const places: Coordinate[] =
        shape instanceof Polygon
          ? shape.getCoordinates().flat()
          : shape instanceof MultiPolygon
            ? shape.getCoordinates().flat(2)
            : [];
      return new MultiPoint(places);
    },
  });
}

/** Return how the node under the pointer looks. */
export function grip(): Style {
  return new Style({
    image: new Circle({ radius: 7, fill: new Fill({ color: "#d9480f" }), stroke: new Stroke({ color: "#fff", width: 2 }) }),
    zIndex: 40,
  });
}

/** Return how a drawing under way looks. */
export function sketch(): Style[] {
  return [
    new Style({ stroke: new Stroke({ color: "#fff", width: 5 }) }),
    new Style({
      stroke: new Stroke({ color: "#d9480f", width: 2.5, lineDash: [8, 4] }),
      fill: new Fill({ color: "rgba(217,72,15,0.15)" }),
      image: new Circle({ radius: 5, fill: new Fill({ color: "#d9480f" }), stroke: new Stroke({ color: "#fff", width: 2 }) }),
    }),
  ];
}

/** Return how a finding glows: what stops the publication in red, a remark in amber. */
export function glow(feature: FeatureLike): Style[] {
  const color = feature.get("stops") === true ? "214,40,40" : "200,130,0";
  const near = feature.get("chosen") === true;
  return [
    new Style({ stroke: new Stroke({ color: `rgba(${color},0.25)`, width: near ? 22 : 14 }), zIndex: 29 }),
    new Style({
      stroke: new Stroke({ color: `rgb(${color})`, width: near ? 4 : 2.5 }),
      fill: new Fill({ color: `rgba(${color},0.35)` }),
      image: new Circle({ radius: 8, stroke: new Stroke({ color: `rgb(${color})`, width: 3 }) }),
      zIndex: 30,
    }),
  ];
}

/** Return how a place that was asked for looks. */
export function pin(): Style {
  return new Style({
    image: new Circle({ radius: 7, fill: new Fill({ color: "#d6336c" }), stroke: new Stroke({ color: "#fff", width: 2.5 }) }),
  });
}

/** Return how households show: the more, the larger and darker. */
export function density(feature: FeatureLike): Style {
  const households = Number(feature.get("households") ?? 0);
  const radius = Math.min(3 + Math.sqrt(households) / 2.5, 18);
  return new Style({ image: new Circle({ radius, fill: new Fill({ color: "rgba(190,80,20,0.35)" }) }) });
}

/** Return how one residence shows: a dot, and its households where there is room. */
export function home(feature: FeatureLike): Style {
  const households = Number(feature.get("households") ?? 0);
  return new Style({
    image: new Circle({ radius: Math.min(2.5 + Math.sqrt(households) / 6, 7), fill: new Fill({ color: "rgba(174,78,20,0.75)" }) }),
    text: new Text({ text: String(households), font: `11px ${FONT}`, offsetY: -11, fill: new Fill({ color: "#8a3b0c" }), stroke: HALO }),
  });
}

/** Return how other points and lines look. */
export function thing(layer: string, feature: FeatureLike): Style {
  const colors: Record<string, string> = { facilities: "#0b7285", findings: "#d62828", streets: "#9a9a9a", circles: "#5f8d2f" };
  const color = colors[layer] ?? "#444";
  const name = layer === "facilities" ? String(feature.get("name") ?? "") : "";
  return new Style({
    stroke: new Stroke({ color, width: layer === "streets" ? 1.5 : 2 }),
    fill: new Fill({ color: `${color}22` }),
    image: new Circle({ radius: 4.5, fill: new Fill({ color }), stroke: new Stroke({ color: "#fff", width: 1.5 }) }),
    ...(name ? { text: new Text({ text: name, font: `11px ${FONT}`, offsetY: 12, fill: new Fill({ color }), stroke: HALO }) } : {}),
  });
}
