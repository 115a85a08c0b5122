"""Runs the migrations on the connection that registry.database hands over."""

from alembic import context

from registry.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
