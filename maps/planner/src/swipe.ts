/** Before and after a plan, side by side on one map. */

import type Feature from "ol/Feature";
import { createEmpty, extend, isEmpty } from "ol/extent";
import VectorLayer from "ol/layer/Vector";
import { getRenderPixel } from "ol/render";
import type RenderEvent from "ol/render/Event";
import VectorSource from "ol/source/Vector";

import { BASE, get } from "./api";
import type { Atlas } from "./atlas";
import type { Desk } from "./desk";
import { h, Signal } from "./dom";
import type { AreaCollection, SideProperties } from "./records";
import { FORMAT } from "./scene";
import * as styles from "./styles";
import { t } from "./words";

type Sides = Record<"before" | "after", AreaCollection<SideProperties>>;

export class Swipe {
  readonly on = new Signal(false);
  readonly sides = new Signal<Sides | null>(null);
  readonly bar: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly line = h("span", { class: "swipe-line" });
  private readonly layers: Record<"before" | "after", VectorLayer<VectorSource>>;

  constructor(
    private readonly atlas: Atlas,
    private readonly desk: Desk,
    private readonly complain: (failure: unknown) => void,
  ) {
    this.slider = h("input", { type: "range", min: 0, max: 1000, value: 500, "aria-label": t("swipe-slider"), input: () => this.move() });
    this.bar = h("div", { class: "swipe", hidden: true }, h("b", {}, t("before")), this.slider, h("b", {}, t("after")), this.line);
    this.layers = { before: this.layer("before"), after: this.layer("after") };
    desk.turn.watch(() => void this.read());
    this.on.watch((on) => {
      this.bar.hidden = !on;
      for (const layer of Object.values(this.layers)) layer.setVisible(on);
      if (on) this.move();
    });
  }

  private layer(side: "before" | "after"): VectorLayer<VectorSource> {
    const layer = new VectorLayer({
      source: new VectorSource(),
      style: (feature) => styles.sided(feature, side),
      zIndex: 25,
      visible: false,
    });
    layer.on("prerender", (event) => this.clip(event, side));
    layer.on("postrender", (event) => (event.context as CanvasRenderingContext2D).restore());
    this.atlas.map.addLayer(layer);
    return layer;
  }

  private clip(event: RenderEvent, side: "before" | "after"): void {
    const context = event.context as CanvasRenderingContext2D;
    const [width, height] = this.atlas.map.getSize() as [number, number];
    const cut = this.cut();
    const corners = side === "before" ? [0, cut] : [cut, width];
    const [left, right] = corners as [number, number];
    context.save();
    context.beginPath();
    for (const [x, y] of [[left, 0], [right, 0], [right, height], [left, height]] as const) {
      const [px, py] = getRenderPixel(event, [x, y]) as [number, number];
      context.lineTo(px, py);
    }
    context.closePath();
    context.clip();
    // what lies under it is of the other moment
    context.fillStyle = "rgba(255,255,255,0.85)";
    context.fill();
  }

  /** Return where the two sides meet, in pixels from the left of the map: under the slider's handle. */
  private cut(): number {
    const track = this.slider.getBoundingClientRect();
    const share = Number(this.slider.value) / Number(this.slider.max);
    return track.left + track.width * share - this.atlas.map.getViewport().getBoundingClientRect().left;
  }

  private move(): void {
    this.line.style.left = `${this.cut()}px`;
    this.atlas.map.render();
  }

  private async read(): Promise<void> {
    const plan = this.desk.plan.value;
    if (!plan || plan.draft === 0) {
      this.on.value = false;
      this.sides.value = null;
      return;
    }
    try {
      const ask = (side: string) => get<AreaCollection<SideProperties>>(`${BASE}/plans/${plan.plan}/areas?side=${side}`);
      const [before, after] = await Promise.all([ask("before"), ask("after")]);
      if (this.desk.plan.value?.plan !== plan.plan) return;
      for (const [side, found] of [["before", before], ["after", after]] as const) {
        const source = this.layers[side].getSource()!;
        source.clear();
        source.addFeatures(found.features.filter((one) => one.properties.role !== "noded").map((one) => FORMAT.readFeature(one) as Feature));
      }
      this.sides.value = { before, after };
    } catch (failure) {
      this.complain(failure);
    }
  }

  /** Show all that the plan touches. */
  fit(code?: string): void {
    const extent = createEmpty();
    for (const layer of Object.values(this.layers))
      for (const feature of layer.getSource()!.getFeatures())
        if (code === undefined || feature.get("code") === code) extend(extent, feature.getGeometry()!.getExtent());
    if (!isEmpty(extent)) this.atlas.map.getView().fit(extent, { padding: [60, 60, 80, 80], maxZoom: 18 });
  }
}
