"use strict";
/* Draws two states of the areas, one at a time, and the land that changed hands. Every text becomes a text node. */
gridwarden.FORMER = { color: "#cc3311", weight: 2, dashArray: "6 5", fill: false, interactive: false };
gridwarden.PIECE = { color: "#000000", weight: 1, fillColor: "url(#gw-hatch)", fillOpacity: 1 };
gridwarden.FINEST_DEPTH = 5;

gridwarden.stateStyle = function ({ properties: { colour, depth, special } }) {
  const weight = special ? 2.5 : Math.max(1, 1 + gridwarden.FINEST_DEPTH - depth);
  const fillColor = colour || gridwarden.NEUTRAL;
  const fillOpacity = colour ? 0.5 : special ? 0.1 : 0.6;
  return { color: special ? "#882255" : "#3a4654", weight, fillColor, fillOpacity };
};

gridwarden.stateTip = function ({ code, name, layer }) {
  const { node } = gridwarden;
  return node("div", "", null, [node("b", "", name), node("span", "gw-code", `${layer} ${code}`)]);
};

gridwarden.drawState = function (features, pane) {
  return L.geoJSON(features, {
    pane,
    style: gridwarden.stateStyle,
    onEachFeature: ({ properties }, shape) =>
      shape.bindTooltip(() => gridwarden.stateTip(properties), { sticky: true, className: "gw-tooltip" }),
  });
};

gridwarden.drawPieces = function (features, words) {
  return L.geoJSON(features, {
    pane: "gw-pieces",
    style: () => gridwarden.PIECE,
    onEachFeature: ({ properties: { from, to, area_m2 } }, shape) => {
      const text = `${from || words.nobody} → ${to || words.nobody}  ${area_m2} m²`;
      shape.bindTooltip(() => gridwarden.node("div", "", text), { sticky: true, className: "gw-tooltip" });
    },
  });
};

gridwarden.kindLegend = function (kinds) {
  const { node } = gridwarden;
  const rows = kinds.map(({ colour, name }) => {
    const swatch = node("i", "gw-swatch");
    swatch.style.background = colour;
    return node("li", "", null, [swatch, node("span", "", name)]);
  });
  return node("ul", "", null, rows);
};

gridwarden.drawDifferences = function (map, data) {
  const { words } = data;
  gridwarden.showWhole(map, data.bounds);
  gridwarden.addHatch();
  for (const [order, name] of ["gw-state", "gw-pieces", "gw-former"].entries()) {
    gridwarden.addPane(map, name, 400 + 20 * order, name === "gw-former");
  }
  const moved = data.before.filter((feature) => feature.properties.moved);
  const former = L.geoJSON(moved, { pane: "gw-former", style: () => gridwarden.FORMER });
  const before = gridwarden.drawState(data.before, "gw-state");
  const after = L.layerGroup([gridwarden.drawState(data.after, "gw-state"), former]).addTo(map);
  const pieces = gridwarden.drawPieces(data.pieces, words).addTo(map);
  /* Leaflet's layer switch takes HTML, so every name is handed over as escaped text. */
  const escaped = (text) => gridwarden.node("span", "", text).innerHTML;
  const states = { [escaped(words.before)]: before, [escaped(words.after)]: after };
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  new gridwarden.WholeButton(data.bounds, words).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  L.control.layers(states, { [escaped(words.pieces)]: pieces }, { collapsed: false, position: "topright" }).addTo(map);
  const legend = new gridwarden.Legend().addTo(map);
  legend.box.replaceChildren(gridwarden.kindLegend(data.kinds));
  for (const row of document.querySelectorAll("[data-row]")) {
    row.addEventListener("click", () => {
      document.querySelectorAll(".gw-chosen").forEach((marked) => marked.classList.remove("gw-chosen"));
      row.classList.add("gw-chosen");
      const box = data.boxes[Number(row.dataset.row)];
      if (box) map.fitBounds(box, { padding: [60, 60], maxZoom: 19, animate: false });
    });
  }
};
