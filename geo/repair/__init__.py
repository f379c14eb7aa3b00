"""Proposals for mending findings: ranked, ready to be applied, never applied by themselves."""

from geo.repair.proposals import MENDED, Proposal, apply, propose
from geo.repair.slivers import Settled, apply_slivers

__all__ = ["MENDED", "Proposal", "Settled", "apply", "apply_slivers", "propose"]
