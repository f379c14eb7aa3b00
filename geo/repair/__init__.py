"""Proposals for mending findings: ranked, ready to be applied, never applied by themselves."""

from geo.repair.applying import Proposal, apply, node_parents
from geo.repair.proposals import MENDED, propose
from geo.repair.slivers import Settled, apply_slivers

__all__ = ["MENDED", "Proposal", "Settled", "apply", "apply_slivers", "node_parents", "propose"]
