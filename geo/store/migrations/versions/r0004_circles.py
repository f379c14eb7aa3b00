"""Streets, circles and what they serve."""

from geo.store.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql("0004_circles.sql")


def downgrade() -> None:
    """Take them away: only a developer does this."""
    run_sql("0004_circles_down.sql")
