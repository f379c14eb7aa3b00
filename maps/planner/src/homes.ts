/** The residences in view: to see whom a border moves, while it is dragged. */

import { buffer, containsExtent, getWidth, type Extent } from "ol/extent";
import type Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";

import { BASE, get, Problem, query } from "./api";
import { DEGREES, MERCATOR, type Atlas } from "./atlas";
import type { Desk } from "./desk";
import { FORMAT, type AreaShape } from "./scene";
import * as styles from "./styles";

/** From this zoom on residences are shown one by one. */
const ZOOM = 15.5;
const AROUND = 0.25;

export class Homes {
  readonly source = new VectorSource();
  private loaded: Extent | null = null;
  private asked: AbortController | null = null;

  constructor(
    private readonly atlas: Atlas,
    private readonly desk: Desk,
    private readonly complain: (failure: unknown) => void,
  ) {
    atlas.map.addLayer(new VectorLayer({ source: this.source, style: styles.home, zIndex: 19, declutter: true, minZoom: ZOOM }));
    atlas.map.on("moveend", () => void this.load());
    desk.plan.watch(() => void this.load());
  }

  private async load(): Promise<void> {
    const view = this.atlas.map.getView();
    if (!this.desk.editable || (view.getZoom() ?? 0) < ZOOM) return;
    const seen = view.calculateExtent(this.atlas.map.getSize());
    if (this.loaded && containsExtent(this.loaded, seen)) return;
    this.asked?.abort();
    const { signal } = (this.asked = new AbortController());
    const wanted = buffer(seen, getWidth(seen) * AROUND);
    const bbox = transformExtent(wanted, MERCATOR, DEGREES).map((one) => one.toFixed(6)).join(",");
    try {
      const found = await get<object>(query(`${BASE}/residences`, { bbox }), signal);
      this.source.clear();
      this.source.addFeatures(FORMAT.readFeatures(found));
      this.loaded = wanted;
    } catch (failure) {
      // too many at once: the map stays without them
      if (!signal.aborted && !(failure instanceof Problem && failure.status === 413)) this.complain(failure);
    }
  }

  /** Return how many households stand in a shape, null where not all of it is known. */
  within(shape: AreaShape): number | null {
    const extent = shape.getExtent();
    if (!this.loaded || !containsExtent(this.loaded, extent)) return null;
    let count = 0;
    this.source.forEachFeatureInExtent(extent, (home) => {
      if (shape.intersectsCoordinate((home.getGeometry() as Point).getCoordinates())) count += Number(home.get("households") ?? 0);
    });
    return count;
  }
}
