"""Proposals as a GeoPackage that opens in QGIS: what would change hands, and the boundaries that come of it."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from geo.areas import Geometries
from geo.check_report import CheckReport, kind_name, stored
from geo.crs import parse_crs
from geo.mending_report import Offered
from geo.messages import Language
from geo.repair import Proposal
from importers.drivers import lock_down
from importers.findings_writing import ABOUT, STORED, about_columns, text_column, write_layer
from importers.whole_file import replaced_whole

PROPOSALS: Final = "proposals"
BOUNDARIES: Final = "boundaries"


def write_proposals(path: Path, report: CheckReport, lang: Language) -> None:
    """Write the proposals of a report.

    Layer ``proposals`` has a row for each: what would change hands, or the nodes that come or go where nothing does.
    Layer ``boundaries`` has the new boundary of each area and parent that a proposal changes, ready to be taken over.
    The table ``about`` says what was checked and how. Geometries are in the file's own CRS; of GCJ-02 and BD-09, which
    no program knows, converted to EPSG:4490.

    Parameters
    ----------
    path
        ``.gpkg``; a file that is there is replaced when the new one is whole.
    report
        Of a check, with proposals.
    lang
        Language of the sentences in it.

    Raises
    ------
    BadInput
        ``no-such-folder`` or ``cannot-write``.
    """
    lock_down()
    offered = report.offered or Offered((), ())
    known = parse_crs(report.crs).kind != "offset"
    crs = report.crs if known else STORED

    def there(geoms: list[Any]) -> Geometries:
        column = np.full(len(geoms), None, dtype=object)
        column[:] = geoms
        return column if known else stored(column, report.crs)

    numbered = list(enumerate(offered.proposals, start=1))
    changed = [
        (number, one.rank, code, role, shape)
        for number, one in numbered
        for role, shapes in (("area", one.geometries), ("parent", one.noded_parents))
        for code, shape in shapes.items()
    ]
    with replaced_whole(path) as draft:
        places = there([one.place for _, one in numbered])
        write_layer(draft, PROPOSALS, places, crs, _rows(offered, lang))
        columns = {
            "proposal": np.array([row[0] for row in changed], dtype=np.int64),
            "rank": np.array([row[1] for row in changed], dtype=np.int64),
            "code": text_column([row[2] for row in changed]),
            "role": text_column([row[3] for row in changed]),
        }
        write_layer(draft, BOUNDARIES, there([row[4] for row in changed]), crs, columns)
        write_layer(draft, ABOUT, None, None, about_columns(report, crs, lang))


def _rows(offered: Offered, lang: Language) -> dict[str, Any]:
    kinds = {finding.id: kind_name(finding.kind, lang) for finding in offered.findings}
    own = offered.proposals
    return {
        "proposal": np.arange(1, len(own) + 1, dtype=np.int64),
        "rank": np.array([one.rank for one in own], dtype=np.int64),
        "finding_ids": text_column([", ".join(one.findings) for one in own]),
        "kinds": text_column([", ".join(dict.fromkeys(kinds[name] for name in one.findings)) for one in own]),
        "text": text_column([one.text(lang) for one in own]),
        "gains": text_column([_shares(one.gains) for one in own]),
        "loses": text_column([_shares(one.loses) for one in own]),
        "moved_m2": np.array([one.moved_m2 for one in own], dtype=np.float64),
        "displacement_m": np.array([one.displacement_m for one in own], dtype=np.float64),
        "areas": text_column([_codes(one) for one in own]),
        "noded_parents": text_column([", ".join(sorted(one.noded_parents)) for one in own]),
    }


def _codes(proposal: Proposal) -> str:
    return ", ".join(sorted(proposal.geometries))


def _shares(shares: Any) -> str:
    return ", ".join(f"{code} {area_m2:.4f}" for code, area_m2 in shares.items())
