"""What a publication of a hundred thousand areas waited for."""

from geo.store.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql("0008_large_imports.sql")


def downgrade() -> None:
    """Go back to the slower checks: only a developer does this."""
    run_sql("0008_large_imports_down.sql")
