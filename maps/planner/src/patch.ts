/** From borders that were dragged to the operation that the plan keeps. */

import type { Position } from "geojson";

import type { Operation, PolygonLike } from "./records";

export interface Shape {
  code: string;
  level: string;
  geometry: PolygonLike;
}

const CELLS = 1e7;

/** Return a coordinate on the lattice: whole 1e-7 degrees, as the service keeps them. */
export function onLattice(position: Position): Position {
  return [Math.round(position[0]! * CELLS) / CELLS, Math.round(position[1]! * CELLS) / CELLS];
}

/** Return a geometry whose coordinates are on the lattice. */
export function latticed<G extends { coordinates: unknown }>(geometry: G): G {
  return { ...geometry, coordinates: each(geometry.coordinates) };
}

function each(coordinates: unknown): unknown {
  const list = coordinates as unknown[];
  return typeof list[0] === "number" ? onLattice(list as Position) : list.map(each);
}

/** Return one `patch` for each level of which borders were dragged, the highest level first. */
export function patches(changed: Shape[], levels: string[]): Operation[] {
  return levels
    .map((level) => changed.filter((shape) => shape.level === level))
    .filter((shapes) => shapes.length > 0)
    .map((shapes) => ({
      op: "patch",
      boundaries: shapes.map(({ code, geometry }) => ({ code, geometry: latticed(geometry) })),
    }));
}

/** Return how many different nodes are joined to a place by edges; more than two where borders meet. */
export function branches(place: Position, rings: Iterable<Position[]>): number {
  const beside = new Set<string>();
  for (const ring of rings) {
    // the last position repeats the first
    const last = ring.length - 1;
    for (let row = 0; row < last; row += 1) {
      if (!same(ring[row]!, place)) continue;
      beside.add(String(ring[(row + 1) % last]));
      beside.add(String(ring[(row + last - 1) % last]));
    }
  }
  return beside.size;
}

function same(one: Position, other: Position): boolean {
  return one[0] === other[0] && one[1] === other[1];
}
