/** Asking by click: which grid, which team, and how it was before. */

import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import { fromLonLat, toLonLat } from "ol/proj";
import type { Coordinate } from "ol/coordinate";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";

import { BASE, get, query } from "./api";
import type { Atlas } from "./atlas";
import { fromStored, SYSTEMS, type LonLat } from "./coordinates";
import { fill, h, type Child } from "./dom";
import type { AreaFeature, Edition, Grid, Located, Team } from "./records";
import { FORMAT } from "./scene";
import * as styles from "./styles";
import { called, moment, number, t } from "./words";

interface Stay {
  code: string;
  name: string;
  kind: string;
  from: string;
  to: string | null;
  edition: number;
}

export class Asking {
  readonly panel = h("div", { class: "panel-body" }, h("p", { class: "quiet" }, t("ask-hint")));
  private readonly past = new VectorSource();
  private place: LonLat | null = null;
  private editions: Edition[] = [];
  private wanted: AbortController | null = null;

  constructor(
    private readonly atlas: Atlas,
    private readonly complain: (failure: unknown) => void,
  ) {
    atlas.map.addLayer(new VectorLayer({ source: this.past, style: styles.chosen(), zIndex: 40 }));
  }

  /** Ask about a place of the map. */
  async at(place: Coordinate): Promise<void> {
    const [lon, lat] = toLonLat(place);
    await this.about([Math.round(lon! * 1e7) / 1e7, Math.round(lat! * 1e7) / 1e7]);
  }

  /** Ask about a place in degrees. */
  async about(place: LonLat): Promise<void> {
    this.place = place;
    this.atlas.marks.clear();
    this.atlas.marks.addFeature(new Feature(new Point(fromLonLat(place))));
    await this.tell(null);
  }

  /** Forget the place. */
  clear(): void {
    this.place = null;
    this.atlas.marks.clear();
    this.past.clear();
    this.atlas.asOf(null);
    fill(this.panel, h("p", { class: "quiet" }, t("ask-hint")));
  }

  /** Ask again where something was asked: there is a new edition. */
  async again(): Promise<void> {
    if (this.place) await this.tell(null);
  }

  private async tell(edition: number | null): Promise<void> {
    const [lon, lat] = this.place!;
    this.wanted?.abort();
    const { signal } = (this.wanted = new AbortController());
    this.panel.setAttribute("aria-busy", "true");
    try {
      const asked = { lon, lat, crs: "cgcs2000", edition: edition ?? undefined };
      const found = await get<Located>(query(`${BASE}/locate`, asked), signal);
      const code = found.grid?.code;
      const [area, stays, editions] = await Promise.all([
        code ? get<AreaFeature>(query(`${BASE}/areas/${encodeURIComponent(code)}`, { format: "geojson", edition: edition ?? undefined }), signal) : null,
        get<{ items: Stay[] }>(query(`${BASE}/places/history`, { lon, lat, crs: "cgcs2000", level: "grid" }), signal),
        get<{ items: Edition[] }>(`${BASE}/editions?limit=200`, signal),
      ]);
      this.editions = editions.items.slice().reverse();
      this.past.clear();
      if (area) this.past.addFeature(FORMAT.readFeature(area) as Feature);
      this.atlas.asOf(edition);
      this.show(found, stays.items, edition);
    } catch (failure) {
      if (!signal.aborted) this.complain(failure);
    } finally {
      if (!signal.aborted) this.panel.removeAttribute("aria-busy");
    }
  }

  private show(found: Located, stays: Stay[], edition: number | null): void {
    fill(
      this.panel,
      h("p", { class: `verdict ${found.status}` }, t(`status.${found.status}`), found.on_border && ` · ${t("on-border")}`),
      found.grid && gridTitle(found.grid),
      found.matches.length > 1 && found.matches.map(gridTitle),
      rows([
        [t("host"), found.host_grid && found.host_grid.code !== found.grid?.code && `${found.host_grid.name} ${found.host_grid.code}`],
        [t("microgrid"), found.microgrid && `${found.microgrid.name} ${found.microgrid.code}`],
        [t("chain"), found.chain.map((link) => link.name).join(" › ")],
        [t("border"), found.border_distance_m === null ? null : `${number(found.border_distance_m, 1)} m`],
        [t("circles"), found.circles.map((one) => one.name ?? "").filter(Boolean).join("、")],
      ]),
      found.responsible
        ? [h("h3", {}, t("team")), teamOf(found.responsible.team, `${called("level", found.responsible.level)} ${found.responsible.name}`)]
        : h("p", { class: "quiet" }, t("no-team")),
      this.positions(),
      this.timeline(stays, edition),
    );
  }

  private positions(): Child {
    const write = (pair: LonLat): string => pair.map((one) => one.toFixed(7)).join(", ");
    return h(
      "details",
      {},
      h("summary", {}, `${t("position")} ${write(this.place!)}`),
      rows(SYSTEMS.slice(1).map((system) => [called("system", system), write(fromStored(this.place!, system))])),
    );
  }

  private timeline(stays: Stay[], edition: number | null): Child[] {
    const last = this.editions.length - 1;
    const row = edition === null ? last : this.editions.findIndex((one) => one.edition === edition);
    const text = (at: number): string => {
      const one = this.editions[at];
      return one ? t("edition-at", { edition: one.edition, at: at === last ? t("now") : moment(one.published_at) }) : "";
    };
    const shown = h("output", {}, text(row));
    const slider = h("input", {
      type: "range",
      min: 0,
      max: last,
      value: row,
      "aria-label": t("history-slider"),
      input: () => fill(shown, text(Number(slider.value))),
      change: () => void this.tell(Number(slider.value) === last ? null : (this.editions[Number(slider.value)]?.edition ?? null)),
    });
    return [
      h("h3", {}, t("history")),
      h("label", { class: "slider" }, t("history-slider"), slider, shown),
      h(
        "ul",
        { class: "plain" },
        stays.map((stay) =>
          h("li", {}, `${stay.name} `, h("code", {}, stay.code), h("small", {}, ` ${moment(stay.from)} – ${stay.to === null ? t("now") : moment(stay.to)}`)),
        ),
      ),
    ];
  }
}

function gridTitle(grid: Grid): HTMLElement {
  const category = grid.category ? ` · ${called("category", grid.category)}` : "";
  return h("div", { class: "grid-title" }, h("strong", {}, grid.name), h("code", {}, grid.code), h("small", {}, t(`kind.${grid.kind}`), category));
}

/** Return a list of names and values; what is empty is left out. */
export function rows(pairs: [string, Child][]): HTMLElement {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return h("dl", {}, given.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function teamOf(team: Team | null, whose: string): HTMLElement {
  if (!team) return h("p", {}, whose);
  return h(
    "div",
    { class: "team" },
    h("p", {}, h("strong", {}, team.name), h("small", {}, ` ${whose}`)),
    h("ul", { class: "plain" }, team.members.map((one) => h("li", {}, `${one.role_text ?? called("role", one.role)}：${one.name ?? "–"} `, one.phone && h("small", {}, one.phone)))),
  );
}
