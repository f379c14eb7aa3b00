"""GDAL, locked down: four drivers by name, no network, no file but the one that is given.

GDAL asks every registered driver whether it knows a file's bytes, whatever the extension says, and several of them
(VRT, GDALG, WFS …) answer a file by reading another place that it names. pyogrio opens without a list of allowed
drivers, so all others are unregistered, once a process; if one is left, nothing is read at all. GeoJSON follows a
``crs`` member of type ``link`` over the network: importers.source refuses it, and here the way out is closed too (but
for hosts that ``NO_PROXY`` exempts).
"""

import threading
import warnings
from typing import Final

import pyogrio
from pyogrio.core import _register_drivers

DRIVERS: Final = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "LIBKML"})

_OFFLINE: Final = {
    # Port 0 can never be connected to: whatever GDAL would fetch ends there.
    "GDAL_HTTP_PROXY": "http://127.0.0.1:0",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "LIBKML_EXTERNAL_STYLE": "NO",
    "LIBKML_RESOLVE_STYLE": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "ALLOW_OGR_SQL_FUNCTIONS_FROM_TRIGGER_AND_VIEW": "NO",
    "PROJ_NETWORK": "OFF",
}
_once = threading.Lock()


def lock_down() -> None:
    """Leave only the named drivers registered and close the ways to hosts; cheap when done before.

    Raises
    ------
    RuntimeError
        If another driver is still registered: this GDAL cannot be trusted with strangers' files.
    """
    with _once:
        pyogrio.set_gdal_config_options(_OFFLINE)
        strangers = set(pyogrio.list_drivers()) - DRIVERS
        if strangers:
            _unregister(strangers)
        if left := set(pyogrio.list_drivers()) - DRIVERS:
            raise RuntimeError(f"GDAL drivers that must not read files are still there: {sorted(left)}")


def _unregister(drivers: set[str]) -> None:
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(sorted(drivers))})
    with warnings.catch_warnings():
        # One warning a driver of the list that is already gone.
        warnings.simplefilter("ignore", RuntimeWarning)
        _register_drivers()
    pyogrio.set_gdal_config_options({"GDAL_SKIP": None})
