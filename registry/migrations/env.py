"""Runs the migrations on the connection that registry.database hands over."""

from alembic import context

from registry import tables
from registry.database import metadata

assert tables.account.metadata is metadata  # the tables of the desk are in it too
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
