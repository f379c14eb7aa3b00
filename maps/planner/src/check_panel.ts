/** What the draft comes to: findings that glow, households a grid, other plans; and whom it touches. */

import Feature from "ol/Feature";
import { buffer } from "ol/extent";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";

import type { Atlas } from "./atlas";
import type { Desk } from "./desk";
import { fill, h, type Child } from "./dom";
import type { Check, Finding, GridSize, Impact } from "./records";
import { FORMAT } from "./scene";
import * as styles from "./styles";
import { called, number, t } from "./words";

const AROUND_M = 60;
const LEAST = 300;
const MOST = 500;

export class CheckPanel {
  readonly panel = h("div", { class: "panel-body" });
  readonly impactPanel = h("div", { class: "panel-body" });
  private readonly glowing = new VectorSource();

  constructor(
    private readonly atlas: Atlas,
    private readonly desk: Desk,
  ) {
    atlas.map.addLayer(new VectorLayer({ source: this.glowing, style: styles.glow, zIndex: 35 }));
    desk.check.watch(() => this.show());
    desk.impact.watch((impact) => {
      this.show();
      fill(this.impactPanel, ...whom(impact, desk.plan.value?.plan ?? 0));
    });
    desk.others.watch(() => this.show());
  }

  private show(): void {
    const check = this.desk.check.value;
    this.glow(check);
    if (!check) return fill(this.panel, h("p", { class: "quiet" }, t("no-operations")));
    const stopping = check.findings.filter((one) => one.stops);
    const remarks = check.findings.filter((one) => !one.stops);
    fill(
      this.panel,
      h("p", { class: stopping.length === 0 ? "verdict found" : "verdict conflict", role: "status" }, stopping.length === 0 ? t("clean") : t("stops-count", { count: stopping.length })),
      h("ul", { class: "cards" }, stopping.map((one) => this.card(one))),
      ...this.sizes(check),
      ...this.company(check),
      remarks.length > 0 && h("details", { class: "remarks" }, h("summary", {}, `${t("remarks")} ${remarks.length}`), h("ul", { class: "cards" }, remarks.map((one) => this.card(one)))),
    );
  }

  private glow(check: Check | null): void {
    this.glowing.clear();
    for (const one of check?.findings ?? []) {
      if (!one.geometry || ["size", "team", "multipart"].includes(one.kind)) continue;
      const feature = new Feature(FORMAT.readGeometry(one.geometry));
      feature.setId(one.id);
      feature.set("stops", one.stops, true);
      this.glowing.addFeature(feature);
    }
  }

  private card(one: Finding): HTMLElement {
    const measured = one.area_m2 > 0 ? ` · ${number(one.area_m2, 1)} m² · ${t("wide")} ${number(one.width_m, 2)} m` : "";
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: `card finding ${one.stops ? "stops" : ""}`, title: t("zoom-to"), click: () => this.zoom(one) },
        h("strong", {}, called("finding", one.kind)),
        h("small", {}, `${one.codes.join("、")}${measured}`),
      ),
    );
  }

  private zoom(one: Finding): void {
    for (const feature of this.glowing.getFeatures()) feature.set("chosen", feature.getId() === one.id);
    if (!one.geometry) return;
    const extent = FORMAT.readGeometry(one.geometry).getExtent();
    this.atlas.map.getView().fit(buffer(extent, AROUND_M), { padding: [40, 40, 40, 70], maxZoom: 19, duration: 200 });
  }

  private sizes(check: Check): Child[] {
    const found: Pick<GridSize, "code" | "name" | "before" | "after">[] = check.households ?? this.desk.impact.value?.sizes.filter((one) => one.level === "grid") ?? [];
    if (found.length === 0) return [];
    const range = this.desk.impact.value?.sizes.find((one) => one.level === "grid");
    const [least, most] = [range?.least ?? LEAST, range?.most ?? MOST];
    const top = Math.max(most * 1.2, ...found.flatMap((one) => [one.before ?? 0, one.after ?? 0]));
    return [
      h("h3", {}, t("sizes-title", { least, most })),
      h(
        "table",
        { class: "sizes" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("level.grid")), h("th", { scope: "col" }, t("before")), h("th", { scope: "col" }, t("after")), h("th", { "aria-hidden": "true" }))),
        h("tbody", {}, found.map((one) => sizeRow(one, least, most, top))),
      ),
    ];
  }

  private company(check: Check): Child[] {
    const { editors, plans } = this.desk.others.value;
    const known = new Set(plans.map((one) => one.plan));
    const lines = [
      editors.length > 0 && t("also-here", { names: [...new Set(editors.map((one) => one.actor))].join("、") }),
      ...check.clashes.filter((one) => !known.has(one.plan)).map((one) => t("clash-same", { ...one, state: called("state", one.state), codes: one.codes.join("、") })),
      ...plans.map((one) =>
        t(one.relation === "same" ? "clash-same" : "clash-near", { plan: one.plan, title: one.title, state: called("state", one.state), codes: one.codes.join("、") }),
      ),
    ].filter((line) => line !== false);
    return lines.length === 0 ? [] : [h("h3", {}, t("clashes")), h("ul", { class: "warnings" }, lines.map((line) => h("li", {}, line)))];
  }
}

function sizeRow(one: Pick<GridSize, "code" | "name" | "before" | "after">, least: number, most: number, top: number): HTMLElement {
  const fits = one.after === null || (one.after >= least && one.after <= most);
  const share = (value: number): string => `${(100 * value) / top}%`;
  const band = h("span", { class: "band", style: `left:${share(least)};width:${share(most - least)}` });
  const bar = h("span", { class: `bar ${fits ? "" : "out"}`, style: `width:${share(one.after ?? 0)}` });
  return h(
    "tr",
    {},
    h("th", { scope: "row", title: one.code }, one.name || one.code),
    h("td", {}, one.before === null ? t("new-grid") : number(one.before)),
    h("td", { class: fits ? "" : "out" }, one.after === null ? t("ends") : number(one.after)),
    h("td", { class: "gauge", "aria-hidden": "true" }, band, bar),
  );
}

function whom(impact: Impact | null, plan: number): Child[] {
  if (!impact) return [h("p", { class: "quiet" }, t("no-impact"))];
  const lists: [string, string[]][] = [
    [
      t("handovers"),
      impact.handovers.map((one) =>
        t("handover", { from: one.from_code || t("nobody"), to: one.to_code || t("nobody"), area: number(one.area_m2), households: number(one.households) }),
      ),
    ],
    [t("unplaced"), impact.unplaced.map((one) => `${one.address} · ${number(one.households)} · ${one.candidates.join(" / ")}`)],
    [t("without-team"), impact.without_team],
    [t("teams-left"), impact.teams_left.map((one) => `${one.team} · ${one.code}`)],
    [t("facilities"), [...impact.facilities, ...impact.specials].map((one) => `${one.name}：${one.from_code} → ${one.to_code}`)],
    [t("cuts"), impact.cuts.map((one) => `${one.name}：${one.codes.join("、")}`)],
  ];
  const given = lists.filter(([, lines]) => lines.length > 0);
  return [
    given.length === 0 && h("p", { class: "quiet" }, t("no-impact")),
    ...given.flatMap(([title, lines]) => [h("h3", {}, title), h("ul", { class: "lines" }, lines.map((line) => h("li", {}, line)))]),
    given.length > 0 && h("p", {}, h("a", { href: `/api/v1/plans/${plan}/residences`, download: `plan-${plan}.csv` }, t("residences-csv"))),
  ];
}
