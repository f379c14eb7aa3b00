"""The foundation."""

from geo.store.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql("0001_foundation.sql")


def downgrade() -> None:
    """Take everything away: only a developer does this."""
    run_sql("0001_foundation_down.sql")
