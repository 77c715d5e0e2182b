"""Alembic's folder: `env.py` and the versions. Run by `bot.store.migrate`."""
