/** What is shown: the base map and the layers over it. */

import type { Atlas } from "./atlas";
import { fill, h } from "./dom";
import { lang, t } from "./words";

/** Make the menu of layers. */
export function layerMenu(atlas: Atlas): HTMLElement {
  const bases = h("select", { "aria-label": t("basemap"), change: () => atlas.under(bases.value || null) });
  const list = h("div", { class: "stack" });
  atlas.basemaps.watch((maps) => fill(bases, h("option", { value: "" }, t("no-basemap")), maps.map((one) => h("option", { value: one.name }, one.title))));
  atlas.basemap.watch((map) => (bases.value = map?.name ?? ""));
  atlas.layers.watch((layers) =>
    fill(
      list,
      layers.map((one) => {
        const box = h("input", { type: "checkbox", checked: atlas.visible(one.name), change: () => atlas.toggle(one.name, box.checked) });
        return h("label", { class: "check" }, box, lang === "zh" ? one.title : one.title_en);
      }),
    ),
  );
  return h("details", { class: "layers" }, h("summary", {}, t("layers")), h("label", { class: "stack" }, t("basemap"), bases), list);
}
