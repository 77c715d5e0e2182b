"""Whether a database holds anything sealed: asked before a key ring is made for it."""

from pathlib import Path

from sqlalchemy import create_engine, exists, inspect, literal, select
from sqlalchemy.engine import URL, make_url

from bot.store.engine import translated_errors
from bot.store.sealed_columns import BY_RECORD, BY_RING

_CONNECT_SECONDS = 10


def holds_ciphertext(url: str) -> bool:
    """Whether there is a sealed value in the database of that URL. Creates and changes nothing.

    Raises StoreUnavailable when nobody can say.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or not Path(parsed.database).is_file():
            return False
        parsed = _read_only(parsed)
        options = {}
    else:
        options = {"connect_timeout": _CONNECT_SECONDS}
    with translated_errors():
        engine = create_engine(parsed, connect_args=options, hide_parameters=True)
        try:
            with engine.connect() as connection:
                there = inspect(connection)
                names = {
                    (table, column["name"]) for table in there.get_table_names() for column in there.get_columns(table)
                }
                columns = [s.rows.c[s.column] for s in (*BY_RING, *BY_RECORD) if (s.table, s.column) in names]
                return any(
                    connection.scalar(select(literal(1)).where(exists().where(column.is_not(None))))
                    for column in columns
                )
        finally:
            engine.dispose()


def _read_only(url: URL) -> URL:
    """SQLite's own driver, and a file that is not created by looking at it."""
    place = f"file:{Path(url.database or '').absolute().as_posix()}"
    return URL.create("sqlite", database=place, query={"mode": "ro", "uri": "true"})
