"use strict";
/* Draws circles and the residences that none of them reaches, with a table by area. Every text becomes a text node. */
gridwarden.WALKED = { weight: 1.5, color: "#1f6f50", fillColor: "#59b48b", fillOpacity: 0.25 };
gridwarden.ESTIMATED = { weight: 1.5, color: "#8a6d1f", fillColor: "#e2c35c", fillOpacity: 0.25, dashArray: "5 4" };
gridwarden.OUTLINE = { weight: 2, color: "#16406e", fill: false };
gridwarden.PLACE = { radius: 5, weight: 2, color: "#ffffff", fillColor: "#1f6f50", fillOpacity: 1 };
gridwarden.LEFT = { radius: 4, weight: 1, color: "#7c1212", fillColor: "#d8372f", fillOpacity: 0.9 };

gridwarden.tip = function (lines) {
  const { node } = gridwarden;
  return node("div", "", null, lines.filter(Boolean).map((line, place) => node(place ? "span" : "b", place ? "gw-code" : "", line)));
};

gridwarden.shareTable = function (data) {
  const { node } = gridwarden;
  const row = (kind, cells) => node("tr", "", null, cells.map((cell) => node(kind, "", cell)));
  return data.tables.map(({ title, heading, rows }) => {
    const table = node("table", "gw-shares", null, [
      node("thead", "", null, [row("th", heading)]),
      node("tbody", "", null, rows.map((cells) => row("td", cells))),
    ]);
    return node("details", "", null, [node("summary", "", title), table]);
  });
};

gridwarden.drawCircles = function (map, data) {
  const { node } = gridwarden;
  gridwarden.showWhole(map, data.bounds);
  const dot = (style, point, lines) => {
    const [lon, lat] = point;
    return L.circleMarker([lat, lon], style).bindTooltip(() => gridwarden.tip(lines), { className: "gw-tooltip" });
  };
  const areas = L.geoJSON(data.areas, { style: () => gridwarden.OUTLINE, interactive: false }).addTo(map);
  const circles = L.geoJSON(data.circles, {
    style: ({ properties }) => (properties.means === "radius" ? gridwarden.ESTIMATED : gridwarden.WALKED),
    interactive: false,
  }).addTo(map);
  const left = L.layerGroup(data.left.map((one) => dot(gridwarden.LEFT, one.point, one.lines))).addTo(map);
  const places = L.layerGroup(data.places.map((one) => dot(gridwarden.PLACE, one.point, one.lines))).addTo(map);
  gridwarden.addSwitch(map, [areas, circles, left, places].map((layer, place) => [layer, data.words.layers[place]]));
  const box = L.control({ position: "bottomright" });
  box.onAdd = () => {
    const made = node("section", "gw-legend gw-tables leaflet-control", null, gridwarden.shareTable(data));
    L.DomEvent.disableClickPropagation(made).disableScrollPropagation(made);
    return made;
  };
  box.addTo(map);
  L.control.zoom({ zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
};
