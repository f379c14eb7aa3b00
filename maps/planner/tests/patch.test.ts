import assert from "node:assert/strict";
import { test } from "node:test";

import { branches, latticed, onLattice, patches, type Shape } from "../src/patch";

//  0     1     2
//  [ west][east]     the line x = 1 is shared; the community holds both
const WEST = [[0, 0], [1, 0], [1, 0.5], [1, 1], [0, 1], [0, 0]];
const EAST = [[1, 0], [2, 0], [2, 1], [1, 1], [1, 0.5], [1, 0]];

function shape(code: string, level: string, ring: number[][]): Shape {
  return { code, level, geometry: { type: "Polygon", coordinates: [ring] } };
}

test("a coordinate that went through the map's projection is a whole cell again", () => {
  assert.deepEqual(onLattice([104.28030670000001, 30.186400799999998]), [104.2803067, 30.1864008]);
  const holes = { type: "MultiPolygon" as const, coordinates: [[[[0.12345678, 0]]]] };
  assert.deepEqual(latticed(holes).coordinates, [[[[0.1234568, 0]]]]);
});

test("both neighbours of a dragged border go into one patch", () => {
  const [patch, ...more] = patches([shape("W", "grid", WEST), shape("E", "grid", EAST)], ["community", "grid"]);
  assert.deepEqual(more, []);
  assert.equal(patch?.op, "patch");
  assert.deepEqual(patch.boundaries?.map((one) => one.code), ["W", "E"]);
});

test("a border that communities share as well makes a patch for each level, the higher first", () => {
  const made = patches([shape("W", "grid", WEST), shape("C", "community", WEST)], ["community", "grid"]);
  assert.deepEqual(made.map((one) => one.boundaries?.[0]?.code), ["C", "W"]);
});

test("a node inside a shared border joins two edges, its end where the outline goes on joins three", () => {
  assert.equal(branches([1, 0.5], [WEST, EAST]), 2);
  assert.equal(branches([1, 1], [WEST, EAST]), 3);
  assert.equal(branches([0, 0], [WEST, EAST]), 2);
  assert.equal(branches([0.3, 0.3], [WEST, EAST]), 0);
});
