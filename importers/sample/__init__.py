"""The invented city 青禾市: nested and matched boundaries, people and ledgers from a seed, 200 to 1,000,000 grids."""

from importers.sample.summary import SampleSummary
from importers.sample.writing import (
    LEAST_GRIDS,
    MOST_GEOJSON_GRIDS,
    MOST_GRIDS,
    Progress,
    sample_levels,
    write_sample,
)

__all__ = [
    "LEAST_GRIDS",
    "MOST_GEOJSON_GRIDS",
    "MOST_GRIDS",
    "Progress",
    "SampleSummary",
    "sample_levels",
    "write_sample",
]
