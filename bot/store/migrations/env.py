"""Alembic's entry: runs migrations on the connection that `bot.store.migrate` hands in."""

from alembic import context
from sqlmodel import SQLModel

from bot.store import case_tables, knowledge_tables, publishing_tables, staff_tables, tables  # noqa: F401 - registers the tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, user_module_prefix="")
with context.begin_transaction():
    context.run_migrations()
