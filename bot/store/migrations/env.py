"""Alembic's entry: runs migrations on the connection that `bot.store.migrate` hands in."""

from alembic import context

from bot.store.schema import SCHEMA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SCHEMA, render_as_batch=True, user_module_prefix="")
with context.begin_transaction():
    context.run_migrations()
