/** The tools that draw: each turns what the mouse did into operations of the plan. */

import type Map from "ol/Map";
import type { MapBrowserEvent } from "ol";
import type { Coordinate } from "ol/coordinate";
import Collection from "ol/Collection";
import { altKeyOnly, singleClick } from "ol/events/condition";
import LineString from "ol/geom/LineString";
import Polygon from "ol/geom/Polygon";
import Draw from "ol/interaction/Draw";
import type Interaction from "ol/interaction/Interaction";
import Modify from "ol/interaction/Modify";
import Snap from "ol/interaction/Snap";
import VectorLayer from "ol/layer/Vector";
import { getArea, getLength } from "ol/sphere";
import VectorSource from "ol/source/Vector";
import type VectorSourceType from "ol/source/Vector";

import type { Desk } from "./desk";
import { Signal } from "./dom";
import type { Homes } from "./homes";
import { branches, latticed, patches } from "./patch";
import type { Operation } from "./records";
import { FORMAT, ringsOf, shapeOf, type AreaFeature, type AreaShape, type Scene } from "./scene";
import * as styles from "./styles";
import { called, number, t, type Word } from "./words";

export const TOOLS = ["select", "redraw", "split", "merge", "transfer", "special", "measure"] as const;
export type Tool = (typeof TOOLS)[number];
export const KEYS: Record<Tool, string> = { select: "v", redraw: "e", split: "s", merge: "m", transfer: "t", special: "n", measure: "l" };

const REACH_PX = 12;

export class Toolbox {
  readonly tool = new Signal<Tool>("select");
  readonly chosen = new Signal<AreaFeature[]>([]);
  readonly hint = new Signal("");
  /** Whether neighbours follow a dragged border, or keep theirs. */
  readonly follow = new Signal(true);
  /** An outline that waits for a name, to become a special grid. */
  readonly outline = new Signal<Polygon | null>(null);
  private readonly sketches = new VectorSource();
  private readonly marked = new VectorSource<AreaFeature>();
  private active: Interaction[] = [];
  private draw: Draw | null = null;
  private modify: Modify | null = null;
  private piece: Polygon | null = null;
  private before = new globalThis.Map<AreaFeature, string>();

  constructor(
    private readonly map: Map,
    private readonly scene: Scene,
    private readonly desk: Desk,
    private readonly homes: Homes,
    private readonly say: (text: string) => void,
  ) {
    const marks = new VectorLayer({ source: this.marked, style: () => this.markStyle(), zIndex: 30 });
    map.addLayer(marks);
    map.addLayer(new VectorLayer({ source: this.sketches, style: styles.sketch(), zIndex: 50 }));
    this.chosen.watch((features) => {
      this.marked.clear();
      this.marked.addFeatures(features);
      if (this.tool.value === "redraw") this.start();
    });
    scene.general.on("removefeature", () => this.forget());
    scene.special.on("removefeature", () => this.forget());
    scene.general.on("addfeature", () => this.recall());
    scene.special.on("addfeature", () => this.recall());
    map.on("singleclick", (event) => this.click(event.coordinate));
  }

  private codes: string[] = [];

  private forget(): void {
    this.marked.clear();
  }

  private recall(): void {
    if (this.codes.length === 0) return;
    queueMicrotask(() => {
      const found = this.codes.map((code) => this.scene.find(code)).filter((one) => one !== null);
      if (found.some((one, row) => this.chosen.value[row] !== one) || this.marked.getFeatures().length !== found.length) this.chosen.value = found;
    });
  }

  private markStyle(): ReturnType<typeof styles.chosen> {
    return this.tool.value === "redraw" ? [...styles.chosen(), styles.nodes()] : styles.chosen();
  }

  /** Choose areas. */
  choose(features: AreaFeature[]): void {
    this.codes = features.map((one) => String(one.get("code")));
    this.chosen.value = features;
  }

  /** Take a tool. */
  use(tool: Tool): void {
    if (tool !== "redraw" && tool !== "select") this.choose([]);
    this.tool.value = tool;
    this.start();
    // Enter and Esc are for the map now, not for the button that was pressed
    this.map.getTargetElement().focus();
  }

  /** Leave what is under way; a second time, the tool. */
  cancel(): void {
    const busy = (this.draw?.getOverlay().getSource()?.getFeatures().length ?? 0) > 0 || this.piece !== null || this.chosen.value.length > 0;
    this.drop();
    if (busy) this.start();
    else this.use("select");
  }

  private drop(): void {
    this.draw?.abortDrawing();
    this.piece = null;
    this.outline.value = null;
    this.sketches.clear();
    this.choose([]);
  }

  /** Finish what is under way. */
  confirm(): void {
    if (this.tool.value === "merge") void this.merge(null);
    else if (this.draw) this.draw.finishDrawing();
  }

  /** Remove the node under the pointer. */
  removeNode(): void {
    this.modify?.removePoint();
  }

  /** Begin again with the tool that is taken. */
  start(): void {
    for (const one of this.active) this.map.removeInteraction(one);
    this.active = [];
    this.draw = this.modify = null;
    const tool = this.tool.value;
    this.hint.value = t(tool === "measure" ? "measure-hint" : tool === "redraw" && !this.follow.value ? "hint.redraw-alone" : (`hint.${tool}` as Word));
    if (tool === "redraw") this.startModify();
    if (tool === "split") this.startDraw("LineString", (shape) => void this.split(shape as LineString));
    if (tool === "transfer") this.startDraw("Polygon", (shape) => this.lasso(shape as Polygon));
    if (tool === "special") this.startDraw("Polygon", (shape) => this.enclose(shape as Polygon));
    if (tool === "measure") this.startDraw("LineString", (shape) => this.measured(shape as LineString));
  }

  private take(interaction: Interaction): void {
    this.map.addInteraction(interaction);
    this.active.push(interaction);
  }

  private snap(): void {
    this.take(new Snap({ source: this.homes.source, pixelTolerance: REACH_PX / 2 }));
    this.take(new Snap({ source: this.scene.general, pixelTolerance: REACH_PX }));
  }

  private startDraw(type: "LineString" | "Polygon", done: (shape: LineString | Polygon) => void): void {
    const draw = new Draw({ type, stopClick: true, style: styles.sketch(), snapTolerance: REACH_PX });
    draw.on("drawstart", (event) => {
      this.sketches.clear();
      if (this.tool.value !== "measure") return;
      const shape = event.feature.getGeometry() as LineString;
      shape.on("change", () => this.measured(shape));
    });
    draw.on("drawend", (event) => {
      const shape = event.feature.getGeometry() as LineString | Polygon;
      this.sketches.addFeature(event.feature);
      done(shape);
    });
    this.draw = draw;
    this.take(draw);
    this.snap();
  }

  private startModify(): void {
    const chosen = this.chosen.value[0];
    const special = chosen?.get("kind") === "special";
    const source = (special ? this.scene.special : this.scene.general) as VectorSourceType;
    const alone = special || !this.follow.value;
    if (alone && !chosen) return;
    const modify = new Modify({
      ...(alone ? { features: new Collection([chosen!]) } : { source }),
      pixelTolerance: REACH_PX,
      style: styles.grip(),
      deleteCondition: (event) => altKeyOnly(event) && singleClick(event) && this.removable(event),
    });
    modify.on("modifystart", () => {
      this.scene.held = true;
      this.before = new globalThis.Map(this.everything().map((one) => [one, coordinatesOf(one)]));
      this.counted = new globalThis.Map(this.everything().map((one) => [one, one.getRevision()]));
      this.map.on("pointerdrag", this.counting);
    });
    modify.on("modifyend", () => {
      this.map.un("pointerdrag", this.counting);
      this.hint.value = t(this.follow.value ? "hint.redraw" : "hint.redraw-alone");
      void this.dragged();
    });
    this.modify = modify;
    this.take(modify);
    this.snap();
  }

  private counted = new globalThis.Map<AreaFeature, number>();

  /** Say how many households each grid would have if the border were let go here. */
  private readonly counting = (): void => {
    const moving = this.everything().filter((one) => one.get("level") === "grid" && this.counted.get(one) !== one.getRevision());
    const told = moving.map((one) => ({ name: String(one.get("name")), count: this.homes.within(one.getGeometry() as AreaShape) }));
    const known = told.filter((one) => one.count !== null);
    if (known.length > 0) this.hint.value = known.map((one) => t("would-have", { name: one.name, count: one.count! })).join(" · ");
  };

  private everything(): AreaFeature[] {
    return [...this.scene.general.getFeatures(), ...this.scene.special.getFeatures()];
  }

  private removable(event: MapBrowserEvent): boolean {
    const node = this.nodeNear(event);
    const joined = node ? branches(node, this.scene.ringsAt(node)) : 0;
    if (joined > 2 && this.follow.value) this.say(t("junction"));
    return joined <= 2 || !this.follow.value;
  }

  private nodeNear(event: MapBrowserEvent): Coordinate | null {
    const [x, y] = event.coordinate as [number, number];
    const reach = REACH_PX * (this.map.getView().getResolution() ?? 1);
    const near = this.scene.general
      .getFeaturesInExtent([x - reach, y - reach, x + reach, y + reach])
      .flatMap(ringsOf)
      .flat()
      .map((place) => ({ place, far: Math.hypot(place[0]! - x, place[1]! - y) }))
      .filter((one) => one.far <= reach);
    near.sort((one, other) => one.far - other.far);
    return near[0]?.place ?? null;
  }

  private async dragged(): Promise<void> {
    const changed = this.everything().filter((one) => this.before.get(one) !== coordinatesOf(one));
    this.before.clear();
    if (changed.length === 0) {
      this.scene.held = false;
      return;
    }
    const shapes = changed.map(shapeOf);
    const levels = this.scene.levels;
    const above = levels.filter((level) => level !== "grid" && shapes.some((one) => one.level === level));
    const alone = !this.follow.value && shapes[0];
    const operations: Operation[] = alone
      ? [{ op: "redraw", code: alone.code, geometry: latticed(alone.geometry), neighbours: "keep" }]
      : patches(shapes, levels);
    if (above.length > 0) this.say(t("border-levels", { levels: above.map((level) => called("level", level)).join("、") }));
    await this.keep(operations);
  }

  /** Keep operations in the plan; where they are refused the map goes back. */
  async keep(operations: Operation[]): Promise<boolean> {
    this.scene.held = true;
    const taken = await this.desk.add(operations);
    this.scene.held = false;
    this.sketches.clear();
    await (taken ? this.scene.load(true) : this.scene.restore());
    return taken;
  }

  private click(place: Coordinate): void {
    if (!this.desk.plan.value || !this.scene.ready.value) return;
    const tool = this.tool.value;
    if (tool === "select" || tool === "redraw") {
      const found = this.scene.at(place);
      if (tool === "select" || (found && found !== this.chosen.value[0])) this.choose(found ? [found] : []);
    } else if (tool === "merge") {
      const found = this.scene.at(place, "grid", false);
      const others = this.chosen.value.filter((one) => one !== found);
      if (found) this.choose(others.length < this.chosen.value.length ? others : [...others, found]);
    } else if (tool === "transfer" && this.piece) void this.handOver(place);
  }

  private async split(line: LineString): Promise<void> {
    const area = this.holder(Array.from({ length: 21 }, (_, row) => line.getCoordinateAt(row / 20)));
    if (!area) return this.say(t("no-grid-here"));
    const code = String(area.get("code"));
    const geometry = latticed(FORMAT.writeGeometryObject(line) as { type: "LineString"; coordinates: number[][] });
    if (await this.keep([{ op: "split", code, line: geometry }])) this.use("select");
  }

  /** Return the general grid that holds most of some places. */
  private holder(places: Coordinate[]): AreaFeature | null {
    const votes = new globalThis.Map<AreaFeature, number>();
    for (const place of places) {
      const found = this.scene.at(place, "grid", false);
      if (found) votes.set(found, (votes.get(found) ?? 0) + 1);
    }
    return [...votes].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
  }

  /** Merge what is chosen; `into` keeps its code. */
  async merge(into: string | null): Promise<void> {
    const codes = this.chosen.value.map((one) => String(one.get("code")));
    if (codes.length < 2) return this.say(t("choose-two"));
    this.choose([]);
    await this.keep([{ op: "merge", codes, ...(into ? { into } : {}) }]);
  }

  private lasso(shape: Polygon): void {
    this.piece = shape;
    const count = this.homes.within(shape);
    this.hint.value = count === null ? t("hint.transfer-to") : `${t("inside", { count })} · ${t("hint.transfer-to")}`;
    for (const one of this.active) this.map.removeInteraction(one);
    this.active = [];
  }

  private async handOver(place: Coordinate): Promise<void> {
    const piece = this.piece!;
    const target = this.scene.at(place, "grid", false);
    const ring = piece.getCoordinates()[0] ?? [];
    const middle = piece.getInteriorPoint().getCoordinates();
    const inside = ring.map((corner) => [corner[0]! + (middle[0]! - corner[0]!) * 0.2, corner[1]! + (middle[1]! - corner[1]!) * 0.2]);
    const source = this.holder([...inside, middle]);
    if (!target || !source) return this.say(t("no-grid-here"));
    if (target === source) return this.say(t("same-grid"));
    this.piece = null;
    const [from, to] = [String(source.get("code")), String(target.get("code"))];
    await this.keep([{ op: "transfer", from, to, geometry: latticed(FORMAT.writeGeometryObject(piece) as never) }]);
    this.start();
  }

  private enclose(shape: Polygon): void {
    this.outline.value = shape;
    const count = this.homes.within(shape);
    if (count !== null) this.hint.value = t("inside", { count });
  }

  /** Make the outline a special grid; with a code, the old site ends in the same step. */
  async establish(name: string, category: string, replaced: string | null): Promise<void> {
    const shape = this.outline.value;
    if (!shape) return;
    const geometry = latticed(FORMAT.writeGeometryObject(shape) as never);
    const made: Operation = { op: "create", level: "grid", kind: "special", category, name, geometry };
    this.outline.value = null;
    await this.keep(replaced ? [made, { op: "retire", code: replaced }] : [made]);
    this.use("select");
  }

  private measured(line: LineString): void {
    const ring = line.getCoordinates();
    const length = getLength(line);
    const long = length < 2000 ? `${number(length, 1)} m` : `${number(length / 1000, 2)} km`;
    const area = ring.length > 3 ? ` · ${number(getArea(new Polygon([[...ring, ring[0]!]])))} m²` : "";
    this.hint.value = `${t("measure")}：${long}${area}`;
  }
}

function coordinatesOf(feature: AreaFeature): string {
  return String((feature.getGeometry() as AreaShape).getFlatCoordinates());
}
