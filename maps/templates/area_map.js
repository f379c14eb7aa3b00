"use strict";
/* Draws areas on a Leaflet map. Every text from the data becomes a text node: nothing is ever parsed as HTML. */
const gridwarden = {};

/* Line of a level that covers the land, counted from the finest one shown. */
gridwarden.LADDER = [
  { weight: 1, color: "#5b6673" },
  { weight: 2, color: "#3a4654" },
  { weight: 3, color: "#16406e" },
  { weight: 4, color: "#0b2440" },
  { weight: 5, color: "#000000" },
];
gridwarden.NEUTRAL = "#f3f2ee";
gridwarden.STYLES = {
  special: { weight: 2.5, color: "#882255", fillColor: "url(#gw-hatch)", fillOpacity: 1 },
  inset: { weight: 1, color: "#3a4654", dashArray: "3 3", fillColor: "#ffffff", fillOpacity: 0.3 },
};

gridwarden.node = function (tag, className, text, children = []) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  made.append(...children);
  return made;
};

gridwarden.popup = function (area, layer, words) {
  const { node } = gridwarden;
  const chain = area.chain.map((above) => {
    const step = node("span", "gw-step", above.name);
    step.title = `${above.level} ${above.code}`;
    return step;
  });
  const facts = area.facts.map(([label, text]) => node("tr", "", null, [node("th", "", label), node("td", "", text)]));
  const parts = [
    node("p", "gw-kind", layer.levelName),
    node("h2", "", area.name),
    node("p", "gw-chain", null, chain),
    node("table", "gw-facts", null, [node("tbody", "", null, facts)]),
    node("h3", "", area.team ? `${words.team}${words.colon}${area.team.name}` : words.team),
  ];
  if (!area.team) return node("article", "gw-popup", null, [...parts, node("p", "gw-none", words.no_team)]);
  const members = area.team.members.map((member) =>
    node("tr", "", null, [node("th", "", member.role), node("td", "", member.name), node("td", "gw-phone", member.phone)]),
  );
  return node("article", "gw-popup", null, [...parts, node("table", "gw-team", null, [node("tbody", "", null, members)])]);
};

gridwarden.tooltip = function (area) {
  const { node } = gridwarden;
  return node("div", "", null, [node("b", "", area.name), node("span", "gw-code", area.code)]);
};

gridwarden.addHatch = function () {
  const space = "http://www.w3.org/2000/svg";
  const make = (tag, attributes) => {
    const made = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const picture = make("svg", { width: 0, height: 0, "aria-hidden": "true", class: "gw-defs" });
  const pattern = make("pattern", {
    id: "gw-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  pattern.append(
    make("rect", { width: 7, height: 7, fill: "#ffffff", "fill-opacity": 0.55 }),
    make("rect", { width: 2, height: 7, fill: "#882255", "fill-opacity": 0.8 }),
  );
  picture.append(pattern);
  document.body.append(picture);
};

gridwarden.addPane = function (map, name, order, quiet) {
  const pane = map.createPane(name);
  pane.style.zIndex = order;
  if (quiet) pane.classList.add("gw-quiet");
  return name;
};

/* One layer: its areas, and for covering levels the lines that stay on top of finer areas. */
gridwarden.build = function (map, layer, order, words) {
  const areas = L.geoJSON(layer.areas, {
    pane: gridwarden.addPane(map, `gw-areas-${order}`, (layer.style === "cover" ? 400 : 460) + order, false),
    smoothFactor: 0.5,
    style: (feature) => layer.paint(feature),
    onEachFeature: (feature, shape) => {
      shape.bindTooltip(() => gridwarden.tooltip(feature.properties), { sticky: true, className: "gw-tooltip" });
      shape.bindPopup(() => gridwarden.popup(feature.properties, layer, words), { maxWidth: 400, minWidth: 290 });
      shape.on("popupopen", () => shape.closeTooltip());
      shape.on("mouseover popupopen", () => {
        shape.setStyle({ weight: layer.line.weight + 2, color: "#000000" });
        shape.bringToFront();
      });
      shape.on("mouseout popupclose", () => {
        if (!shape.isPopupOpen()) shape.setStyle(layer.paint(feature));
      });
    },
  });
  const lines = layer.style !== "cover" ? null : L.geoJSON(layer.areas, {
    pane: gridwarden.addPane(map, `gw-lines-${order}`, 450 - order, true),
    interactive: false,
    smoothFactor: 0.5,
    style: () => ({ ...layer.line, fill: false }),
  });
  return { areas, lines };
};

gridwarden.swatch = function (layer) {
  const { node } = gridwarden;
  if (layer.style === "special") return node("i", "gw-swatch gw-swatch-special");
  if (layer.style === "inset") return node("i", "gw-swatch gw-swatch-inset");
  if (layer.coloured) {
    const fills = [...new Set(layer.areas.features.map((feature) => feature.properties.fill))].slice(0, 4);
    const parts = fills.map((colour) => {
      const part = node("i", "");
      part.style.background = colour;
      return part;
    });
    const made = node("i", "gw-swatch gw-swatch-areas", null, parts);
    made.style.borderColor = layer.line.color;
    return made;
  }
  const made = node("i", "gw-swatch gw-swatch-line");
  made.style.borderTop = `${layer.line.weight}px solid ${layer.line.color}`;
  return made;
};

gridwarden.Legend = L.Control.extend({
  options: { position: "bottomright" },
  onAdd() {
    this.box = gridwarden.node("section", "gw-legend leaflet-control");
    L.DomEvent.disableClickPropagation(this.box);
    L.DomEvent.disableScrollPropagation(this.box);
    return this.box;
  },
  show(layers, words) {
    const { node } = gridwarden;
    const rows = layers.map((layer) => node("li", "", null, [gridwarden.swatch(layer), node("span", "", layer.name)]));
    const note = layers.some((layer) => layer.coloured) ? [node("p", "", words.colours_note)] : [];
    this.box.replaceChildren(node("h2", "", words.legend), node("ul", "", null, rows), ...note);
  },
});

/* Without the flight, so that the page is never seen, clicked or printed half-way. */
gridwarden.showWhole = function (map, bounds) {
  map.fitBounds(bounds, { padding: [24, 24], animate: false });
};

gridwarden.WholeButton = L.Control.extend({
  options: { position: "topleft" },
  initialize(bounds, words) {
    this.bounds = bounds;
    this.words = words;
  },
  onAdd(map) {
    const button = gridwarden.node("button", "gw-whole", this.words.whole);
    button.type = "button";
    button.addEventListener("click", () => gridwarden.showWhole(map, this.bounds));
    const box = gridwarden.node("div", "leaflet-bar", null, [button]);
    L.DomEvent.disableClickPropagation(box);
    return box;
  },
});

/* Leaflet's layer switch takes HTML, so the name is handed over as escaped text. */
gridwarden.addSwitch = function (map, entries) {
  const control = L.control.layers(null, null, { collapsed: false, position: "topright" });
  for (const [layer, name] of entries) control.addOverlay(layer, gridwarden.node("span", "", name).innerHTML);
  control.addTo(map);
};

gridwarden.drawAreas = function (map, data) {
  const { words, layers } = data;
  const covers = layers.filter((layer) => layer.style === "cover");
  gridwarden.showWhole(map, data.bounds);
  gridwarden.addHatch();
  layers.forEach((layer, order) => {
    const above = covers.length - 1 - covers.indexOf(layer);
    layer.line = gridwarden.STYLES[layer.style] ?? gridwarden.LADDER[Math.min(above, gridwarden.LADDER.length - 1)];
    layer.paint = (feature) => gridwarden.STYLES[layer.style] ?? {
      ...layer.line, fillOpacity: 1, fillColor: layer.coloured ? feature.properties.fill : gridwarden.NEUTRAL,
    };
    layer.drawn = gridwarden.build(map, layer, order, words);
    layer.drawn.areas.addTo(map);
  });
  const labels = new gridwarden.Labels(gridwarden.addPane(map, "gw-labels", 490, true), covers);
  const legend = new gridwarden.Legend().addTo(map);

  /* The finest covering level on show is coloured; those above it keep their lines and a plain ground. */
  function refresh() {
    const shown = layers.filter((layer) => map.hasLayer(layer.drawn.areas));
    const finest = shown.filter((layer) => layer.style === "cover").at(-1);
    for (const layer of covers) {
      layer.coloured = layer === finest;
      layer.drawn.areas.setStyle(layer.paint);
      const lined = shown.includes(layer) && layer !== finest;
      if (lined) layer.drawn.lines.addTo(map);
      else layer.drawn.lines.remove();
    }
    legend.show(shown, words);
    labels.refresh();
  }

  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  new gridwarden.WholeButton(data.bounds, words).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  gridwarden.addSwitch(map, [...layers.map((layer) => [layer.drawn.areas, layer.name]), [labels, words.names]]);
  labels.addTo(map);
  map.on("overlayadd overlayremove", refresh);
  refresh();
};
