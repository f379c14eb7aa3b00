"""Ask a Gridwarden service which grid and which responsible team covers a point."""

from gridwarden_client.answers import Answer, Area, Grid, Member, Neighbour, Place, Responsible, RowError, Team
from gridwarden_client.asynchronous import AsyncGridwarden
from gridwarden_client.failures import GridwardenError, Problem, Unreachable
from gridwarden_client.synchronous import Gridwarden

__all__ = [
    "Answer",
    "Area",
    "AsyncGridwarden",
    "Grid",
    "Gridwarden",
    "GridwardenError",
    "Member",
    "Neighbour",
    "Place",
    "Problem",
    "Responsible",
    "RowError",
    "Team",
    "Unreachable",
]
