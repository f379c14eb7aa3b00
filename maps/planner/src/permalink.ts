/** The address of a view: place and zoom, plan, base map. */

import { fromLonLat, toLonLat } from "ol/proj";

import type { Atlas } from "./atlas";
import type { Desk } from "./desk";

export interface Looking {
  zoom: number;
  lon: number;
  lat: number;
}

/** Read the page's own address: `#map=ZOOM/LAT/LON&plan=N&base=NAME`. */
export function address(): { view?: Looking; plan?: number; basemap?: string } {
  const given = new URLSearchParams(location.hash.slice(1));
  const [zoom, lat, lon] = (given.get("map") ?? "").split("/").map(Number);
  const plan = Number(given.get("plan"));
  const basemap = given.get("base");
  return {
    ...(zoom !== undefined && lat !== undefined && lon !== undefined && [zoom, lat, lon].every(Number.isFinite) ? { view: { zoom, lat, lon } } : {}),
    ...(Number.isInteger(plan) && plan > 0 ? { plan } : {}),
    ...(basemap ? { basemap } : {}),
  };
}

/** Look where an address says. */
export function goTo(atlas: Atlas, view: Looking): void {
  atlas.map.getView().setCenter(fromLonLat([view.lon, view.lat]));
  atlas.map.getView().setZoom(view.zoom);
}

/** Keep the page's address up to date. */
export function remember(atlas: Atlas, desk: Desk): void {
  const write = (): void => {
    const view = atlas.map.getView();
    const center = view.getCenter();
    if (!center) return;
    const [lon, lat] = toLonLat(center);
    const plan = desk.plan.value?.plan;
    const base = atlas.basemap.value?.name;
    const parts = [
      `map=${(view.getZoom() ?? 0).toFixed(2)}/${lat!.toFixed(6)}/${lon!.toFixed(6)}`,
      ...(plan === undefined ? [] : [`plan=${plan}`]),
      ...(base === undefined ? [] : [`base=${encodeURIComponent(base)}`]),
    ];
    history.replaceState(null, "", `#${parts.join("&")}`);
  };
  // somebody put another address into the same page
  window.addEventListener("hashchange", () => location.reload());
  atlas.map.on("moveend", write);
  desk.plan.watch(write);
  atlas.basemap.watch(write);
}
