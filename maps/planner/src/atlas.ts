/** The map and what is published on it: base map, areas of all levels, points, as vector tiles of our own service. */

import Map from "ol/Map";
import View from "ol/View";
import type { FeatureLike } from "ol/Feature";
import MVT from "ol/format/MVT";
import { defaults as controls } from "ol/control/defaults";
import ScaleLine from "ol/control/ScaleLine";
import { defaults as interactions } from "ol/interaction/defaults";
import TileLayer from "ol/layer/Tile";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import VectorTile from "ol/source/VectorTile";
import XYZ from "ol/source/XYZ";
import { Style } from "ol/style";
import type { Extent } from "ol/extent";

import { get, Problem } from "./api";
import { Signal } from "./dom";
import * as styles from "./styles";

export interface TileLayerRecord {
  name: string;
  title: string;
  title_en: string;
  min_zoom: number;
  max_zoom: number;
}

export interface BasemapRecord {
  name: string;
  title: string;
  source: string;
  approval: string | null;
  min_zoom: number;
  max_zoom: number;
  bounds: Extent | null;
}

export const DEGREES = "EPSG:4326";
export const MERCATOR = "EPSG:3857";
/** What is not shown before somebody asks for it. */
const HIDDEN = ["residences", "facilities", "findings", "streets", "circles", "microgrid"];
const POINTS = ["residences", "facilities", "findings", "streets", "circles"];
/** A level's names give way to those below it so many zooms after these appear. */
const STAYS = 1;

export class Atlas {
  readonly map: Map;
  readonly marks = new VectorSource();
  readonly basemaps = new Signal<BasemapRecord[]>([]);
  readonly basemap = new Signal<BasemapRecord | null>(null);
  readonly layers = new Signal<TileLayerRecord[]>([]);
  /** Area layers that something else shows at the moment. */
  readonly covered = new Set<string>();
  private readonly shown = new globalThis.Map<string, VectorTileLayer>();
  private moment: number | null = null;
  private readonly off = new Set(HIDDEN);
  private readonly ground = new TileLayer({ zIndex: 0, visible: false });

  constructor(target: HTMLElement) {
    this.map = new Map({
      target,
      controls: controls({ attribution: false, rotate: false }).extend([new ScaleLine({ minWidth: 80 })]),
      interactions: interactions({ doubleClickZoom: false, altShiftDragRotate: false, pinchRotate: false }),
      layers: [this.ground, new VectorLayer({ source: this.marks, style: styles.pin, zIndex: 60 })],
      view: new View({ center: [11550000, 3500000], zoom: 5, minZoom: 3, maxZoom: 21, enableRotation: false, constrainResolution: false }),
      // no GPU is counted on: nothing is drawn twice as fine as the screen of a weak machine needs it
      pixelRatio: Math.min(window.devicePixelRatio, 1.5),
    });
  }

  /** Read which layers and base maps there are; return the extent of all areas, null without any. */
  async open(): Promise<Extent | null> {
    const told = await get<{ bounds: Extent | null; layers: TileLayerRecord[] }>("/tiles");
    const maps = await get<{ items: BasemapRecord[] }>("/basemap").catch((failure: unknown) => {
      if (failure instanceof Problem && failure.status === 404) return { items: [] };
      throw failure;
    });
    for (const record of told.layers) this.add(record, told.layers);
    this.layers.value = told.layers;
    this.basemaps.value = maps.items;
    return told.bounds && transformExtent(told.bounds, DEGREES, MERCATOR);
  }

  private add(record: TileLayerRecord, all: TileLayerRecord[]): void {
    const source = new VectorTile({
      format: new MVT(),
      url: `/tiles/${record.name}/{z}/{x}/{y}.mvt`,
      minZoom: record.min_zoom,
      maxZoom: record.max_zoom,
      tileSize: 512,
    });
    const layer = new VectorTileLayer({
      source,
      style: POINTS.includes(record.name)
        ? (feature) => (record.name === "residences" ? styles.density(feature) : styles.thing(record.name, feature))
        : (feature, resolution) => this.areaStyle(feature, this.map.getView().getZoomForResolution(resolution) ?? 0, all),
      declutter: !POINTS.includes(record.name),
      // tiles have 512 pixels, so that a view's zoom is one more than its tiles'
      minZoom: record.min_zoom > 0 ? record.min_zoom + 0.999 : -Infinity,
      zIndex: POINTS.includes(record.name) ? 12 : record.name === "special" ? 11 : 10,
      visible: !this.off.has(record.name),
    });
    this.shown.set(record.name, layer);
    this.map.addLayer(layer);
  }

  private areaStyle(feature: FeatureLike, zoom: number, all: TileLayerRecord[]): Style | undefined {
    const [level, kind] = [String(feature.get("level")), String(feature.get("kind"))];
    if (feature.get("layer") !== "label") return styles.outline(level, kind);
    const below = kind === "special" ? undefined : all[all.findIndex((one) => one.name === level) + 1];
    const until = below && !POINTS.includes(below.name) && below.name !== "special" && !this.off.has(below.name) ? below.min_zoom + 1 + STAYS : Infinity;
    return zoom <= until ? styles.label(String(feature.get("name") ?? ""), level, kind) : undefined;
  }

  /** Tell whether a layer is shown to who looks. */
  visible(name: string): boolean {
    return !this.off.has(name);
  }

  /** Show a layer or hide it. */
  toggle(name: string, on: boolean): void {
    if (on) this.off.delete(name);
    else this.off.add(name);
    this.settle();
  }

  /** Let something else draw some area layers, or nothing any more. */
  cover(names: Iterable<string>): void {
    this.covered.clear();
    for (const name of names) this.covered.add(name);
    this.settle();
  }

  private settle(): void {
    for (const [name, layer] of this.shown) layer.setVisible(!this.off.has(name) && !this.covered.has(name));
  }

  /** Ask again for every tile: there is a new edition. */
  renew(): void {
    for (const layer of this.shown.values()) layer.getSource()?.refresh();
  }

  /** Show areas as of an edition, null for the present. */
  asOf(edition: number | null): void {
    if (edition === this.moment) return;
    this.moment = edition;
    for (const [name, layer] of this.shown) {
      const past = edition === null ? "" : `?edition=${edition}`;
      (layer.getSource() as VectorTile | null)?.setUrl(`/tiles/${name}/{z}/{x}/{y}.mvt${past}`);
    }
  }

  /** Lay a base map under everything, or none. */
  under(name: string | null): void {
    const found = this.basemaps.value.find((one) => one.name === name) ?? null;
    this.ground.setSource(
      found && new XYZ({ url: `/basemap/${found.name}/{z}/{x}/{y}`, minZoom: found.min_zoom, maxZoom: found.max_zoom }),
    );
    this.ground.setVisible(found !== null);
    this.basemap.value = found;
  }
}
