/** The areas of the draft in view, exact to the cell, so that neighbours share their nodes. */

import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import type { Coordinate } from "ol/coordinate";
import { buffer, containsExtent, getWidth, type Extent } from "ol/extent";
import MultiPolygon from "ol/geom/MultiPolygon";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";

import { BASE, get, query } from "./api";
import { DEGREES, MERCATOR, type Atlas } from "./atlas";
import type { Desk } from "./desk";
import { Signal } from "./dom";
import type { Shape } from "./patch";
import type { AreaCollection, PolygonLike } from "./records";
import * as styles from "./styles";

export type AreaShape = Polygon | MultiPolygon;
export type AreaFeature = Feature<AreaShape>;

export const FORMAT = new GeoJSON({ dataProjection: DEGREES, featureProjection: MERCATOR });
/** From this zoom on there are few enough areas in view to be drawn one by one. */
export const EDIT_ZOOM = 13;
const AROUND = 0.25;
const NAMES_ZOOM = 14;

export class Scene {
  readonly general = new VectorSource<AreaFeature>();
  readonly special = new VectorSource<AreaFeature>();
  readonly ready = new Signal(false);
  readonly layer: VectorLayer;
  private readonly specials: VectorLayer;
  private loaded: Extent | null = null;
  private asked: AbortController | null = null;
  /** While somebody drags nothing is put in the place of what is dragged. */
  held = false;

  constructor(
    private readonly atlas: Atlas,
    private readonly desk: Desk,
    private readonly complain: (failure: unknown) => void,
  ) {
    const named = (): boolean => (atlas.map.getView().getZoom() ?? 0) >= NAMES_ZOOM;
    const style = (feature: Parameters<typeof styles.drafted>[0]) => styles.drafted(feature, named());
    this.layer = new VectorLayer({ source: this.general, style, zIndex: 20, declutter: true });
    this.specials = new VectorLayer({ source: this.special, style, zIndex: 21, declutter: true });
    atlas.map.addLayer(this.layer);
    atlas.map.addLayer(this.specials);
    atlas.map.on("moveend", () => void this.load());
    desk.turn.watch(() => void this.load(true));
  }

  /** The levels of general areas, the highest first. */
  get levels(): string[] {
    return this.atlas.layers.value.map((one) => one.name).filter((name) => LEVELS.includes(name));
  }

  /** Read what is in view, unless it is there. */
  async load(again = false): Promise<void> {
    const view = this.atlas.map.getView();
    const plan = this.desk.plan.value;
    if (!plan || (view.getZoom() ?? 0) < EDIT_ZOOM) return this.leave();
    const seen = view.calculateExtent(this.atlas.map.getSize());
    if (this.held || (!again && this.loaded && containsExtent(this.loaded, seen))) return;
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const wanted = buffer(seen, getWidth(seen) * AROUND);
    const bbox = transformExtent(wanted, MERCATOR, DEGREES).map((one) => one.toFixed(6)).join(",");
    const ask = (level: string) =>
      get<AreaCollection>(query(`${BASE}/plans/${plan.plan}/scene`, { bbox, level }), asked.signal);
    try {
      const found = (await Promise.all(this.levels.map(ask))).flatMap((one) => one.features);
      // it may have begun while we waited
      if (this.busy() || asked.signal.aborted) return;
      const features = found.map(featureOf);
      replace(this.general, features.filter((one) => one.get("kind") !== "special"));
      replace(this.special, features.filter((one) => one.get("kind") === "special"));
      this.loaded = wanted;
      this.atlas.cover([...this.levels, "special"]);
      this.ready.value = true;
    } catch (failure) {
      if (!asked.signal.aborted) this.complain(failure);
    }
  }

  private busy(): boolean {
    return this.held;
  }

  /** Put back what the service has: something that was drawn did not come to be. */
  async restore(): Promise<void> {
    this.general.clear();
    this.special.clear();
    await this.load(true);
  }

  private leave(): void {
    this.asked?.abort();
    this.loaded = null;
    this.general.clear();
    this.special.clear();
    this.atlas.cover([]);
    if (this.ready.value) this.ready.value = false;
  }

  /** Return the area of a level at a place; a special grid, where there is one, before the general one. */
  at(place: Coordinate, level = "grid", special = true): AreaFeature | null {
    const over = special && level === "grid" ? this.special.getFeaturesAtCoordinate(place) : [];
    const under = this.general.getFeaturesAtCoordinate(place).filter((one) => one.get("level") === level);
    return over[0] ?? under[0] ?? null;
  }

  /** Return an area by its code. */
  find(code: string): AreaFeature | null {
    return this.general.getFeatureById(code) ?? this.special.getFeatureById(code);
  }

  /** Return the rings of all general areas around a place, in the map's coordinates. */
  *ringsAt(place: Coordinate): Generator<Coordinate[]> {
    for (const feature of this.general.getFeaturesInExtent([place[0]!, place[1]!, place[0]!, place[1]!])) {
      yield* ringsOf(feature);
    }
  }
}

function featureOf(record: AreaCollection["features"][number]): AreaFeature {
  const feature = FORMAT.readFeature(record) as AreaFeature;
  feature.setId(record.properties.code);
  return feature;
}

const LEVELS = ["province", "city", "county", "town", "community", "grid", "microgrid"];

/** Return all rings of an area, in the map's coordinates. */
export function ringsOf(feature: AreaFeature): Coordinate[][] {
  const shape = feature.getGeometry();
  return shape instanceof MultiPolygon ? shape.getCoordinates().flat() : (shape?.getCoordinates() ?? []);
}

/** Return an area as the service takes it. */
export function shapeOf(feature: AreaFeature): Shape {
  return {
    code: String(feature.get("code")),
    level: String(feature.get("level")),
    geometry: FORMAT.writeGeometryObject(feature.getGeometry()!) as PolygonLike,
  };
}

/** Let a source hold these features; those that did not change stay, as interactions keep an index of them. */
function replace(source: VectorSource<AreaFeature>, wanted: AreaFeature[]): void {
  const kept = new Set<string>();
  for (const feature of wanted) {
    const id = String(feature.getId());
    kept.add(id);
    const old = source.getFeatureById(id);
    if (old && String(old.getGeometry()?.getFlatCoordinates()) === String(feature.getGeometry()?.getFlatCoordinates())) {
      for (const name of ["name", "role", "local_code", "category", "parent"]) old.set(name, feature.get(name), true);
      old.changed();
      continue;
    }
    if (old) source.removeFeature(old);
    source.addFeature(feature);
  }
  for (const feature of source.getFeatures()) if (!kept.has(String(feature.getId()))) source.removeFeature(feature);
}
