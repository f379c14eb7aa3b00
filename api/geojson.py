"""What GeoJSON of ours says of itself."""

from typing import Final

GEOJSON: Final = "application/geo+json"
CRS: Final = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
"""Says what the coordinates are, to programs that read it; a name, no address."""
