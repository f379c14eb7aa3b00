"""Plans, lineage, and the coverage that the database keeps by itself."""

from geo.store.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql("0003_plans.sql")


def downgrade() -> None:
    """Take plans and lineage away: only a developer does this."""
    run_sql("0003_plans_down.sql")
