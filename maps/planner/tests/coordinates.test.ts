import assert from "node:assert/strict";
import { test } from "node:test";

import { fromStored, readPair, toStored, type LonLat } from "../src/coordinates";

const PLACES: [string, LonLat, LonLat, LonLat][] = [
  ["眉山", [103.8464354, 30.078257], [103.848540966, 30.075438964], [103.855101541, 30.081177809]],
  ["成都", [104.0640437, 30.5747262], [104.066544059, 30.572269018], [104.073008499, 30.578319606]],
  ["内江", [105.055217, 29.5828101], [105.058434055, 29.580228982], [105.065022266, 29.5859148]],
  ["南充", [106.1066742, 30.8400721], [106.110694972, 30.837792951], [106.117196123, 30.843780726]],
];

function near(found: LonLat, wanted: LonLat): void {
  assert.ok(Math.hypot(found[0] - wanted[0], found[1] - wanted[1]) < 3e-9, `${String(found)} is not ${String(wanted)}`);
}

for (const [name, wgs84, gcj02, bd09] of PLACES) {
  test(`${name} stands where the design's vectors say, there and back`, () => {
    near(fromStored(wgs84, "gcj02"), gcj02);
    near(fromStored(wgs84, "bd09"), bd09);
    near(toStored(gcj02, "gcj02"), wgs84);
    near(toStored(bd09, "bd09"), wgs84);
    near(toStored(wgs84, "cgcs2000"), wgs84);
  });
}

test("a pair is read with commas, spaces or full-width marks, in either order", () => {
  for (const text of ["104.5, 30.25", "104.5 30.25", "104.5，30.25", "30.25,104.5"])
    assert.deepEqual(readPair(text), [104.5, 30.25]);
});

test("a code, a name and a place beyond the globe are no pair", () => {
  for (const text of ["519801001001001", "梅坪社区", "104.5", "190, 95"]) assert.equal(readPair(text), null);
});
