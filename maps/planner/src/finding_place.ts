/** The bar at the top: choosing an area from the city down, and searching. */

import { fromLonLat } from "ol/proj";

import { BASE, get, query } from "./api";
import type { Atlas } from "./atlas";
import { readPair, SYSTEMS, toStored, type LonLat, type System } from "./coordinates";
import { fill, h } from "./dom";
import type { AreaFeature, AreaProperties } from "./records";
import { FORMAT } from "./scene";
import { called, t } from "./words";

interface Hit {
  kind: "area" | "residence" | "estate" | "facility";
  name: string;
  code: string | null;
  level: string | null;
  /** The areas above it, the largest first. */
  label: string;
  point: { lon: number; lat: number } | null;
}

const WAIT_MS = 250;
const NEAR_ZOOM = 17;

export class Finding {
  readonly chooser = h("nav", { class: "chooser", "aria-label": t("choose-area") });
  readonly box: HTMLElement;
  readonly field: HTMLInputElement;
  private readonly hits = h("ul", { class: "hits", role: "listbox", hidden: true, id: "hits" });
  private readonly system = h("select", { "aria-label": t("system"), title: t("system") }, SYSTEMS.map((one) => h("option", { value: one }, called("system", one))));
  private waiting = 0;

  constructor(
    private readonly atlas: Atlas,
    private readonly asked: (place: LonLat) => void,
    private readonly complain: (failure: unknown) => void,
  ) {
    this.field = h("input", {
      type: "search",
      placeholder: t("search"),
      "aria-label": t("search"),
      "aria-controls": "hits",
      autocomplete: "off",
      input: () => this.later(),
      keydown: (event: KeyboardEvent) => this.key(event),
    });
    this.box = h("div", { class: "search", role: "search" }, this.field, this.system, this.hits);
    document.addEventListener("click", (event) => {
      if (!this.box.contains(event.target as Node)) this.hits.hidden = true;
    });
  }

  private key(event: KeyboardEvent): void {
    const options = [...this.hits.querySelectorAll("button")];
    if (event.key === "Enter") void this.search().then(() => (this.hits.querySelector("button") ? this.hits.querySelector("button")!.click() : undefined));
    if (event.key === "ArrowDown") options[0]?.focus();
    if (event.key === "Escape") this.hits.hidden = true;
  }

  private later(): void {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.search(), WAIT_MS);
  }

  private async search(): Promise<void> {
    clearTimeout(this.waiting);
    const text = this.field.value.trim();
    if (!text) {
      this.hits.hidden = true;
      return;
    }
    const pair = readPair(text);
    if (pair) {
      const system = this.system.value as System;
      return this.offer([[`${pair.join(", ")} · ${called("system", system)}`, () => this.go(toStored(pair, system))]]);
    }
    try {
      const found = await get<{ items: Hit[] }>(query(`${BASE}/search`, { q: text, limit: 12 }));
      if (this.field.value.trim() !== text) return;
      this.offer(found.items.map((hit) => [words(hit), () => this.visit(hit)]));
    } catch (failure) {
      this.complain(failure);
    }
  }

  private offer(choices: [string, () => void][]): void {
    this.hits.hidden = false;
    fill(
      this.hits,
      choices.length === 0 && h("li", { class: "quiet" }, t("nothing-found")),
      choices.map(([text, choose]) =>
        h("li", {}, h("button", { type: "button", role: "option", click: () => { this.hits.hidden = true; choose(); } }, text)),
      ),
    );
  }

  private visit(hit: Hit): void {
    if (hit.kind === "area" && hit.code !== null) void this.show(hit.code);
    else if (hit.point) this.go([hit.point.lon, hit.point.lat]);
  }

  private go(place: LonLat): void {
    const view = this.atlas.map.getView();
    view.setCenter(fromLonLat(place));
    view.setZoom(Math.max(view.getZoom() ?? 0, NEAR_ZOOM));
    this.asked(place);
  }

  /** Show an area in full. */
  async show(code: string): Promise<void> {
    try {
      const area = await get<AreaFeature>(`${BASE}/areas/${encodeURIComponent(code)}?format=geojson`);
      const extent = area.geometry && FORMAT.readGeometry(area.geometry).getExtent();
      if (extent) this.atlas.map.getView().fit(extent, { padding: [40, 40, 40, 70], maxZoom: 18 });
    } catch (failure) {
      this.complain(failure);
    }
  }

  /** Offer the areas from the top down. */
  async open(levels: string[]): Promise<void> {
    fill(this.chooser);
    const first = levels[0];
    if (!first) return;
    await this.step(levels.slice(0, levels.indexOf("grid")), 0, undefined);
  }

  private async step(levels: string[], row: number, within: string | undefined): Promise<void> {
    const level = levels[row];
    while (this.chooser.children.length > row) this.chooser.lastElementChild?.remove();
    if (!level) return;
    const found = await get<{ items: AreaProperties[] }>(query(`${BASE}/areas`, { level, within, limit: 1000 }));
    if (found.items.length === 0) return this.step(levels.filter((one) => one !== level), row, within);
    const list = h(
      "select",
      {
        "aria-label": called("level", level),
        change: () => {
          if (list.value) void this.show(list.value);
          if (list.value) void this.step(levels, row + 1, list.value).catch(this.complain);
          else while (this.chooser.children.length > row + 1) this.chooser.lastElementChild?.remove();
        },
      },
      h("option", { value: "" }, called("level", level)),
      found.items.map((area) => h("option", { value: area.code }, area.name)),
    );
    this.chooser.append(list);
    // nothing is to be chosen where there is only one
    if (found.items.length === 1 && row === 0) {
      list.value = found.items[0]!.code;
      await this.step(levels, row + 1, list.value);
    }
  }
}

function words(hit: Hit): string {
  const what = hit.kind === "area" ? called("level", hit.level ?? "") : t(`hit.${hit.kind}`);
  return [hit.name, what, hit.kind === "area" ? hit.code : null, hit.label].filter(Boolean).join(" · ");
}
