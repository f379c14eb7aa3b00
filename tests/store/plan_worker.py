"""One of several publishers: drafts random plans in communities of its own, and publishes them, half of them in pairs.

Run as ``python plan_worker.py URL SEED COUNT COMMUNITY…``; says what it did as a line of JSON for each plan.
"""

import json
import random
import sys
import threading

import numpy as np
import shapely
from shapely.geometry import mapping

from geo.adjust import operation_of
from geo.errors import GeoError
from geo.levels import DEFAULT
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.drafting import work_out
from geo.store.editions import present
from geo.store.plan_publishing import publish_plan
from geo.store.plans import Acting, NewDraft, NewPlan, add_draft, change_state, create_plan, one_plan

OPERATIONS = ["create", "redraw", "merge", "split", "transfer", "retire", "reparent", "rename", "recode", "patch"]
ME = Acting("worker")
CLASH_SHARE = 0.5
"""Of all plans; they come in pairs."""
TRIALS = 20


class Community:
    """What stands in one community now, and how to change it."""

    def __init__(self, connection, code, rng, focus=frozenset()):
        self.rng, self.code, self.focus = rng, code, focus
        with connection.begin():
            at = present(connection).at
            self.own = load_areas(connection, at, codes=[code])
            below = load_areas(connection, at, parents=self.own.ids.tolist())
            self.near = load_areas(connection, at, bounds=tuple(shapely.bounds(self.own.geoms[0])), kind="special")
            self.sisters = load_areas(connection, at, parents=self.own.parent_ids.tolist())
        self.grids = below.take((below.levels == "grid") & (below.kinds == "general"))
        self.specials = below.take(below.kinds == "special")

    def grid(self):
        wanted = np.flatnonzero(np.isin(self.grids.ids, list(self.focus))).tolist()
        return self.rng.choice(wanted or range(len(self.grids)))

    def pair(self):
        """Return two grids with a border in common, and a strip of the second along it."""
        one = self.grid()
        geoms = self.grids.geoms
        for other in self.rng.sample(range(len(geoms)), len(geoms)):
            if other != one:
                border = shapely.line_merge(shapely.intersection(geoms[one], geoms[other]))
                if shapely.length(border) > 1e-4:
                    strip = shapely.intersection(geoms[other], shapely.buffer(border, self.rng.uniform(1e-4, 3e-4)))
                    return one, other, strip
        raise ValueError("no neighbours")

    def records(self, op):
        return getattr(self, op)()

    def create(self):
        grid = self.grids.geoms[self.grid()]
        west, south, east, north = shapely.bounds(grid)
        x, y = self.rng.uniform(west, east), self.rng.uniform(south, north)
        box = shapely.intersection(shapely.box(x, y, x + 4e-4, y + 4e-4), grid)
        if self.rng.random() < 0.5:
            return [create_of(box, kind="special", category="market", parent=self.code)]
        return [create_of(box, neighbours="follow", parent=self.code)]

    def redraw(self):
        one, _, strip = self.pair()
        shape = shapely.union(self.grids.geoms[one], strip)
        return [{"op": "redraw", "code": self.grids.codes[one], "geometry": mapping(shape)}]

    def merge(self):
        one, other, _ = self.pair()
        return [{"op": "merge", "codes": [self.grids.codes[one], self.grids.codes[other]]}]

    def split(self):
        row = int(np.argmax(shapely.area(self.grids.geoms))) if self.rng.random() < 0.7 else self.grid()
        west, south, east, north = shapely.bounds(self.grids.geoms[row])
        x = west + (east - west) * self.rng.uniform(0.35, 0.65)
        lean = self.rng.uniform(-1e-4, 1e-4)
        line = shapely.LineString([(x - lean, south - 1e-4), (x + lean, north + 1e-4)])
        return [{"op": "split", "code": self.grids.codes[row], "line": mapping(line)}]

    def transfer(self):
        one, other, strip = self.pair()
        codes = self.grids.codes
        return [{"op": "transfer", "from": codes[other], "to": codes[one], "geometry": mapping(strip)}]

    def retire(self):
        if len(self.specials) and self.rng.random() < 0.7:
            return [{"op": "retire", "code": self.rng.choice(list(self.specials.codes))}]
        one, other, _ = self.pair()
        return [{"op": "retire", "code": self.grids.codes[one], "heir": self.grids.codes[other]}]

    def reparent(self):
        """Let a grid at the border go to the next community, with its land."""
        sisters = self.sisters.take(
            np.isin(self.sisters.codes, list(self.rng.mine)) & (self.sisters.codes != self.code)
        )
        rows = [
            (row, sister)
            for row in range(len(self.grids))
            for sister in range(len(sisters))
            if shapely.length(shapely.intersection(self.grids.geoms[row], sisters.geoms[sister])) > 1e-4
        ]
        row, sister = self.rng.choice(rows)
        to, grid = sisters.codes[sister], self.grids.codes[row]
        return [
            {"op": "transfer", "from": self.code, "to": to, "geometry": mapping(self.grids.geoms[row])},
            {"op": "reparent", "codes": [grid], "parent": to},
        ]

    def rename(self):
        return [{"op": "rename", "code": self.grids.codes[self.grid()], "name": f"网格{self.rng.randrange(10**6)}"}]

    def recode(self):
        code = self.grids.codes[self.grid()]
        return [{"op": "recode", "code": code, "to": f"{code[:-3]}{self.rng.randrange(200, 800)}"}]

    def patch(self):
        one, other, strip = self.pair()
        geoms, codes = self.grids.geoms, self.grids.codes
        shapes = (shapely.union(geoms[one], strip), shapely.difference(geoms[other], strip))
        both = [
            {"code": codes[row], "geometry": mapping(shape)} for row, shape in zip((one, other), shapes, strict=True)
        ]
        return [{"op": "patch", "boundaries": both}]


def create_of(box, **more):
    return {"op": "create", "level": "grid", "name": "新", "geometry": mapping(box), **more}


def drafted(connection, records, title):
    """Draft and approve a plan; return its number and the areas that it changes, or None where it cannot be done."""
    with connection.begin():
        now = present(connection)
        worked = work_out(connection, now.at, [operation_of(record) for record in records], DEFAULT)
        if worked.stopping() or not (worked.adjusted.changed or worked.adjusted.created or worked.adjusted.ended):
            raise ValueError("defects")
        plan = create_plan(connection, NewPlan(title), ME)
        draft = NewDraft(records, now.edition, worked.versions_seen(), "0", {"codes": worked.new_codes()})
        add_draft(connection, plan, draft, ME)
        for action in ("submit", "approve"):
            change_state(connection, one_plan(connection, plan.id), action, ME)
    return plan.id, frozenset(worked.versions_seen())


def published(url, plan, outcomes):
    with connect(url) as connection:
        try:
            outcomes[plan] = {"edition": publish_plan(connection, plan, ME, DEFAULT).edition}
        except GeoError as refusal:
            outcomes[plan] = {"refused": refusal.kind, "text": refusal.text("zh"), "place": refusal.place}


def random_plan(connection, rng, op, clashing_with=frozenset(), code=None):
    """Draft a random plan of one operation; where it is to clash, one that changes an area of another plan."""
    for _ in range(TRIALS):
        community = Community(connection, code or rng.choice(rng.mine), rng, clashing_with)
        try:
            given = community.records(op)
            plan, footprint = drafted(connection, given, op)
        except (GeoError, ValueError, IndexError, shapely.errors.GEOSException):
            continue
        if not clashing_with or footprint & clashing_with:
            return plan, footprint, community.code
        with connection.begin():
            change_state(connection, one_plan(connection, plan), "withdraw", ME)
    return None


def main(url, seed, count, communities):
    rng = random.Random(seed)
    rng.mine = communities
    done = 0
    turn = seed
    with connect(url) as connection:
        while done < count:
            op = OPERATIONS[turn % len(OPERATIONS)]
            turn += 1
            first = random_plan(connection, rng, op)
            if first is None:
                continue
            plans = {first[0]: op}
            if rng.random() < CLASH_SHARE / (2 - CLASH_SHARE) and first[1]:
                other = OPERATIONS[turn % len(OPERATIONS)]
                second = random_plan(connection, rng, other, first[1], first[2])
                if second is not None:
                    turn += 1
                    plans[second[0]] = other
            outcomes = {}
            threads = [threading.Thread(target=published, args=(url, plan, outcomes)) for plan in plans]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for plan, kind in plans.items():
                said = {"plan": plan, "op": kind, "pair": sorted(plans), **outcomes[plan]}
                sys.stdout.write(json.dumps(said) + "\n")
                sys.stdout.flush()
            done += len(plans)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
