"""The command ``gridwarden plan``: drafting, showing, deciding."""

from api.commands import plan_decisions, plan_drafting, plan_viewing
from api.commands.plan_group import plan_command

__all__ = ["plan_command", "plan_decisions", "plan_drafting", "plan_viewing"]
