/** What the service answers, as far as the editor reads it. */

import type { Geometry, LineString, Polygon, MultiPolygon } from "geojson";

export type PolygonLike = Polygon | MultiPolygon;
export type Kind = "general" | "special";

export interface AreaProperties {
  code: string;
  local_code: string | null;
  name: string;
  level: string;
  kind: Kind;
  category: string | null;
  parent: string | null;
}

export interface AreaFeature<P = AreaProperties> {
  type: "Feature";
  id: string;
  geometry: PolygonLike | null;
  properties: P;
}

export interface AreaCollection<P = AreaProperties> {
  features: AreaFeature<P>[];
  edition: number;
  next?: string | null;
}

export type SideProperties = AreaProperties & { role: "changed" | "noded" | "created" | "ended" };

export interface Operation {
  op: string;
  code?: string;
  codes?: string[];
  name?: string;
  from?: string;
  to?: string;
  level?: string;
  heir?: string;
  into?: string;
  parent?: string;
  geometry?: Geometry;
  line?: LineString;
  boundaries?: { code: string; geometry: PolygonLike }[];
  [member: string]: unknown;
}

export type State = "draft" | "submitted" | "approved" | "published" | "rejected" | "withdrawn";

export interface PlanHead {
  plan: number;
  title: string;
  kind: "operations" | "import" | "revert";
  state: State;
  author: string;
  reviewer: string | null;
  draft: number;
  effective_date: string | null;
  edition: number | null;
  created_at: string;
}

export interface PlanEvent {
  event: string;
  actor: string;
  at: string;
  draft: number;
  reason: string | null;
}

export interface Plan extends PlanHead {
  operations: Operation[];
  digest: string | null;
  can_undo: boolean;
  can_redo: boolean;
  is_open: boolean;
  events: PlanEvent[];
}

export interface Finding {
  id: string;
  kind: string;
  codes: string[];
  area_m2: number;
  width_m: number;
  sliver: boolean;
  blocking: boolean;
  stops: boolean;
  geometry: Geometry | null;
}

export interface Check {
  plan: number;
  draft: number;
  edition: number;
  clean: boolean;
  created: string[];
  changed: string[];
  noded: string[];
  ended: string[];
  findings: Finding[];
  /** Of every grid that changes. */
  households?: { code: string; name: string; before: number | null; after: number | null }[];
  clashes: { plan: number; title: string; state: State; codes: string[] }[];
}

export interface GridSize {
  level: string;
  code: string;
  name: string;
  before: number | null;
  after: number | null;
  least: number;
  most: number;
  fits: boolean | null;
}

export interface Impact {
  handovers: {
    level: string;
    kind: Kind;
    from_code: string;
    to_code: string;
    area_m2: number;
    residences: number;
    households: number;
  }[];
  facilities: { name: string; category: string; from_code: string; to_code: string }[];
  specials: { name: string; code: string; from_code: string; to_code: string }[];
  sizes: GridSize[];
  teams_left: { code: string; team: string }[];
  without_team: string[];
  cuts: { layer: string; name: string; codes: string[] }[];
  unplaced: { address: string; households: number; code: string; candidates: string[] }[];
}

export interface Link {
  level: string;
  code: string;
  name: string;
}

export interface Team {
  name: string;
  members: { name?: string | null; role: string; role_text: string | null; phone?: string | null }[];
}

export interface Grid {
  code: string;
  local_code: string | null;
  name: string;
  kind: Kind;
  category: string | null;
}

export interface Located {
  status: "found" | "gap" | "outside" | "conflict";
  certain: boolean;
  on_border: boolean;
  grid: Grid | null;
  host_grid: Grid | null;
  microgrid: Grid | null;
  chain: Link[];
  team: Team | null;
  responsible: (Link & { team: Team | null; reason: string }) | null;
  border_distance_m: number | null;
  matches: Grid[];
  circles: { name?: string; minutes?: number; profile?: string }[];
  edition: number;
  at: string;
}

export interface Edition {
  edition: number;
  published_at: string;
  kind: string;
  title: string;
}
