"""Exceptions that can be revoked, and the queue of long work."""

from geo.store.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql("0002_exceptions_and_jobs.sql")


def downgrade() -> None:
    """Take the queue and the revocations away: only a developer does this."""
    run_sql("0002_exceptions_and_jobs_down.sql")
