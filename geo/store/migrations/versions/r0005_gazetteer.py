"""Names and aliases that words are looked up in."""

from alembic import op

from geo.store.gazetteer import learn_names
from geo.store.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql("0005_gazetteer.sql")
    connection = op.get_bind()
    for edition in connection.exec_driver_sql("SELECT id FROM edition ORDER BY id").scalars().all():
        learn_names(connection, edition)


def downgrade() -> None:
    """Take them away: only a developer does this."""
    run_sql("0005_gazetteer_down.sql")
