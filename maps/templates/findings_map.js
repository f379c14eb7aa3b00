"use strict";
/* Draws findings over the areas that they concern. Every text becomes a text node. */
gridwarden.GROUND = { weight: 1, color: "#5b6673", fillColor: "#fbfaf7", fillOpacity: 1 };
gridwarden.CONCERNED = { weight: 2, color: "#3a4654", fillColor: "#ffe9a8", fillOpacity: 1 };
gridwarden.AROUND = { weight: 3, color: "#16406e", fill: false, interactive: false };
gridwarden.CLOSEST_ZOOM = 20;

gridwarden.areaTip = function ({ code, name }) {
  const { node } = gridwarden;
  return node("div", "", null, [node("b", "", name || code), node("span", "gw-code", name ? code : "")]);
};

gridwarden.dot = function (colour) {
  const made = gridwarden.node("i", "");
  made.style.background = colour;
  return made;
};

gridwarden.findingPopup = function (finding, kind) {
  const { node } = gridwarden;
  const { codes, detail, place, id, area_m2, width_m } = finding.facts;
  const size = [area_m2 && `${area_m2} m²`, width_m && `↔ ${width_m} m`].filter(Boolean).join("  ");
  const lines = [codes, detail, size, place, id].filter(Boolean).map((text) => node("p", "", text));
  const title = node("h2", "", null, [gridwarden.dot(kind.colour), finding.number ? `${finding.number} · ${kind.name}` : kind.name]);
  return node("article", "gw-popup", null, [title, ...lines]);
};

gridwarden.pin = function (finding, kind) {
  const label = gridwarden.node("span", "", finding.number ?? "");
  label.style.background = kind.colour;
  const className = finding.number ? "gw-pin" : "gw-pin gw-dot";
  const icon = L.divIcon({ className, iconSize: [0, 0], html: label });
  /* The worst stays on top where pins crowd. */
  const zIndexOffset = finding.number ? 100000 - 10 * finding.number : -100000;
  return L.marker(finding.place, { icon, pane: "gw-pins", keyboard: false, zIndexOffset });
};

gridwarden.Findings = L.Class.extend({
  initialize(map, data) {
    this.map = map;
    this.areasOf = new Map();
    this.known = new Map();
    this.chosen = null;
    this.layers = data.kinds.map((kind) => this.addKind(kind, data.findings.filter((one) => one.kind === kind.kind)));
  },

  addGround(features, pane) {
    return L.geoJSON(features, {
      pane,
      style: () => gridwarden.GROUND,
      onEachFeature: ({ properties }, shape) => {
        const same = this.areasOf.get(properties.code) ?? [];
        this.areasOf.set(properties.code, [...same, shape]);
        shape.bindTooltip(() => gridwarden.areaTip(properties), { sticky: true, className: "gw-tooltip" });
      },
    });
  },

  addKind(kind, findings) {
    const group = L.layerGroup();
    for (const finding of findings) {
      const pin = gridwarden.pin(finding, kind);
      const shape = finding.geometry && L.geoJSON(finding.geometry, {
        pane: "gw-findings",
        style: { weight: 1.5, color: kind.colour, fillColor: kind.colour, fillOpacity: 0.45 },
        pointToLayer: (_, place) => L.circleMarker(place, { pane: "gw-findings", radius: 3 }),
      });
      for (const part of [shape, pin]) {
        if (!part) continue;
        part.bindPopup(() => gridwarden.findingPopup(finding, kind), { maxWidth: 340 });
        part.on("click", () => this.choose(finding.id, false));
        group.addLayer(part);
      }
      this.known.set(finding.id, { finding, pin, shape, group });
    }
    return { kind, group };
  },

  choose(id, move) {
    const one = this.known.get(id);
    document.querySelectorAll(".gw-chosen").forEach((marked) => marked.classList.remove("gw-chosen"));
    for (const shape of this.chosen?.areas ?? []) shape.setStyle(gridwarden.GROUND);
    const row = document.getElementById(`finding-${id}`);
    row?.classList.add("gw-chosen");
    if (!one) return;
    const areas = one.finding.codes.flatMap((code) => this.areasOf.get(code) ?? []);
    for (const shape of areas) {
      shape.setStyle(gridwarden.CONCERNED);
      shape.bringToFront();
    }
    this.chosen = { areas };
    if (!this.map.hasLayer(one.group)) one.group.addTo(this.map);
    if (move) this.show(one);
    else row?.scrollIntoView({ block: "nearest" });
    one.pin.getElement()?.classList.add("gw-chosen");
  },

  show({ finding, shape, pin }) {
    const box = shape?.getBounds();
    const within = box?.isValid() ? box : L.latLngBounds([finding.place]);
    this.map.fitBounds(within, { padding: [60, 60], maxZoom: gridwarden.CLOSEST_ZOOM, animate: false });
    pin.openPopup();
  },
});

/* Leaflet's layer switch takes HTML, so every name is handed over as escaped text. */
gridwarden.addKindSwitch = function (map, layers, others) {
  const control = L.control.layers(null, null, { collapsed: false, position: "topright" });
  for (const { kind, group } of layers) {
    const text = gridwarden.node("span", "", kind.name);
    control.addOverlay(group, gridwarden.node("span", "", null, [gridwarden.dot(kind.colour), text]).innerHTML);
  }
  for (const [layer, name] of others) control.addOverlay(layer, gridwarden.node("span", "", name).innerHTML);
  control.addTo(map);
};

gridwarden.drawFindings = function (map, data) {
  const { words } = data;
  gridwarden.showWhole(map, data.bounds);
  for (const [order, name] of ["gw-ground", "gw-parents", "gw-findings", "gw-pins"].entries()) {
    gridwarden.addPane(map, name, 400 + 20 * order, name === "gw-parents");
  }
  const findings = new gridwarden.Findings(map, data);
  const ground = findings.addGround(data.areas, "gw-ground").addTo(map);
  const parents = L.geoJSON(data.parents, { pane: "gw-parents", style: () => gridwarden.AROUND });
  for (const { group } of findings.layers) group.addTo(map);
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  new gridwarden.WholeButton(data.bounds, words).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  gridwarden.addKindSwitch(map, findings.layers, [
    ...(data.parents.length ? [[parents.addTo(map), words.parents]] : []),
    [ground, words.areas],
  ]);
  for (const row of document.querySelectorAll("[data-finding]")) {
    row.addEventListener("click", () => findings.choose(row.dataset.finding, true));
  }
};
