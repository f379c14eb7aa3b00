"""Walking circles: what can be walked to from an entrance, and the polygon around it.

The contract between the algorithm (this package) and everything that stores, asks and draws:

``Profile(name, tiers, stairs_factor, slope_factor, depth_m, snap_m, detour_factor)``
    Frozen and hashable. ``tiers`` is a tuple of ``Tier(name, limit_m)`` by rising limit (``limit_m`` is speed times
    minutes where a profile is given by time); names are ``"estate"``, ``"community"`` and ``"block"`` in the shipped
    ones. ``PROFILES`` maps ``"seed"`` and ``"gb50180"``; ``profile_of(name, settings)`` raises ``BadInput`` for a
    speed, a distance or a factor that is not positive.
``circles_of(network, entrances, profile) -> Circles``
    ``network`` is a :class:`geo.streets.StreetNetwork` or None; ``entrances`` are degrees, shape (n, 2).
    ``Circles.shapes`` are MultiPolygons on the lattice, shape (n, tiers), None where refused; ``Circles.reasons`` has
    shape (n,): ``""`` for a walked circle, ``"radius"`` for the fallback where there is no network, else the kind of
    the refusal (a message kind, such as ``"circle-entrance-far"``). ``Circles.snapped_m`` is the distance in m from
    each entrance to the street it was joined to, shape (n,), NaN where there is none.
"""
