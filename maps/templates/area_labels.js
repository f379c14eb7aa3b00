"use strict";
/* Names inside areas, where they fit: of the finest level on show of which enough names have room. */
gridwarden.Labels = L.LayerGroup.extend({
  LINE_PX: 15,
  ENOUGH: 0.3,

  initialize(pane, covers) {
    L.LayerGroup.prototype.initialize.call(this, [], { pane });
    this.covers = covers;
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("moveend", this.refresh, this);
    this.refresh();
  },

  onRemove(map) {
    map.off("moveend", this.refresh, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  refresh() {
    const map = this._map;
    if (!map?.hasLayer(this)) return;
    this.clearLayers();
    const shown = this.covers.filter((layer) => map.hasLayer(layer.drawn.areas)).reverse();
    let best = [];
    for (const layer of shown) {
      const { seen, fitting } = this.fitting(map, layer);
      best = fitting;
      if (fitting.length && fitting.length >= seen * this.ENOUGH) break;
    }
    for (const { point, name } of best) this.addLayer(this.marker(point, name));
  },

  /* Names with room in their own area that cover no other name, in the order of the data. */
  fitting(map, layer) {
    const view = map.getBounds();
    const taken = [];
    const fitting = [];
    let seen = 0;
    layer.drawn.areas.eachLayer((shape) => {
      const { name, label } = shape.feature.properties;
      const point = L.latLng(label[1], label[0]);
      if (!view.contains(point)) return;
      seen += 1;
      const size = L.point(this.widthPx(name), this.LINE_PX);
      const box = this.boxPx(map, shape.getBounds()).getSize();
      if (size.x > box.x * 0.9 || size.y > box.y * 0.8) return;
      const middle = map.latLngToContainerPoint(point);
      const place = L.bounds(middle.subtract(size.divideBy(2)), middle.add(size.divideBy(2)));
      if (taken.some((other) => other.overlaps(place))) return;
      taken.push(place);
      fitting.push({ point, name });
    });
    return { seen, fitting };
  },

  boxPx(map, bounds) {
    return L.bounds(map.latLngToContainerPoint(bounds.getNorthWest()), map.latLngToContainerPoint(bounds.getSouthEast()));
  },

  /* Chinese characters are as wide as the line is high; others about half of it. */
  widthPx(text) {
    return [...text].reduce((sum, character) => sum + (character.codePointAt(0) > 0x2e80 ? 12.5 : 7), 0);
  },

  marker(point, name) {
    const icon = L.divIcon({ className: "gw-label", iconSize: [0, 0], html: gridwarden.node("span", "", name) });
    return L.marker(point, { icon, pane: this.options.pane, interactive: false, keyboard: false });
  },
});
