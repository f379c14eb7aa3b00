"""The core of Gridwarden: pure geometry and rules, with no I/O, clock or settings (``geo.store`` apart)."""
