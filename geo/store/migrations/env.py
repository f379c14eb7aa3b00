"""Alembic's environment: one connection, handed over by :func:`geo.store.migrate.upgrade`."""

from alembic import context

from geo.store.schema import METADATA, SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
