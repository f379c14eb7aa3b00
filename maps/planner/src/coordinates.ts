/** Coordinates as people write them: the four systems, and reading a pair from text. */

export type LonLat = [number, number];
export const SYSTEMS = ["cgcs2000", "wgs84", "gcj02", "bd09"] as const;
export type System = (typeof SYSTEMS)[number];

const A = 6378245;
const EE = 0.00669342162296594323;
const BD = (Math.PI * 3000) / 180;
const CLOSE = 1e-10;

/** Return where a pair of some system lies in CGCS2000, which WGS 84 is taken as one with. */
export function toStored(pair: LonLat, system: System): LonLat {
  if (system === "gcj02") return inverse(pair, gcjOf);
  if (system === "bd09") return inverse(inverse(pair, bdOf), gcjOf);
  return pair;
}

/** Return a stored pair as another system writes it. */
export function fromStored(pair: LonLat, system: System): LonLat {
  if (system === "gcj02") return gcjOf(pair);
  if (system === "bd09") return bdOf(gcjOf(pair));
  return pair;
}

/** Read "lon, lat" from text; null where it is none. The order is told by the size: no latitude of the country exceeds 60. */
export function readPair(text: string): LonLat | null {
  const numbers = text.replace(/[,，、;；\s]+/g, ",").match(/^,?(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),?$/);
  if (!numbers) return null;
  const [first, second] = [Number(numbers[1]), Number(numbers[2])];
  const [lon, lat] = Math.abs(first) <= 60 && Math.abs(second) > 60 ? [second, first] : [first, second];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

function gcjOf([lon, lat]: LonLat): LonLat {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves +
    (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) +
    (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3);
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves +
    (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) +
    (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
  const phi = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(phi) ** 2;
  const root = Math.sqrt(magic);
  const dLat = (north * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI);
  const dLon = (east * 180) / ((A / root) * Math.cos(phi) * Math.PI);
  return [lon + dLon, lat + dLat];
}

function bdOf([lon, lat]: LonLat): LonLat {
  const z = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * BD);
  const theta = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * BD);
  return [z * Math.cos(theta) + 0.0065, z * Math.sin(theta) + 0.006];
}

function inverse(pair: LonLat, forward: (pair: LonLat) => LonLat): LonLat {
  let found: LonLat = [...pair];
  for (let turn = 0; turn < 30; turn += 1) {
    const [lon, lat] = forward(found);
    const missing: LonLat = [pair[0] - lon, pair[1] - lat];
    found = [found[0] + missing[0], found[1] + missing[1]];
    if (Math.max(Math.abs(missing[0]), Math.abs(missing[1])) < CLOSE) break;
  }
  return found;
}
