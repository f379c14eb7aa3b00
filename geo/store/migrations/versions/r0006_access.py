"""Accounts, tokens and the audit trail."""

from geo.store.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql("0006_access.sql")


def downgrade() -> None:
    """Take them away: only a developer does this."""
    run_sql("0006_access_down.sql")
