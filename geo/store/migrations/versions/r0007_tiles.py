"""Simplified boundaries for tiles, and base maps."""

from geo.store.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql("0007_tiles.sql")


def downgrade() -> None:
    """Take them away: only a developer does this."""
    run_sql("0007_tiles_down.sql")
