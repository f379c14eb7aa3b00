"""Names and aliases that words are looked up in."""

from geo.store.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql("0005_gazetteer.sql")


def downgrade() -> None:
    """Take them away: only a developer does this."""
    run_sql("0005_gazetteer_down.sql")
