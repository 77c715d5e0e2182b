"""Reading the live base without the database layer, for look-ups that must start fast.

Only for SQLite: importing the database layer takes longer than answering. Opens read-only.
"""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

from bot.clock import local_date
from bot.store.revision import base_revision

_PREFIX = "sqlite+aiosqlite:///"
_CONFIRMED = """
SELECT faq_entry.topic, confirmed_at FROM faq_entry
JOIN entry_confirmation USING (topic, digest)
WHERE current
"""
_STANDING = f"{_CONFIRMED} AND withdrawn_at IS NULL"


def peek_base(url: str) -> tuple[dict[str, str], str, dict[str, date]] | None:
    """The current entry texts, the base's revision, and when entries were confirmed as they stand.

    None when there is no SQLite base there.
    """
    path = Path(url.removeprefix(_PREFIX))
    if not url.startswith(_PREFIX) or not path.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
    except sqlite3.Error:
        return None
    try:
        connection.execute("BEGIN")  # one state: or a new text could be given the confirmation of the one before it
        rows = connection.execute("SELECT topic, source, digest FROM faq_entry WHERE current").fetchall()
        confirmed_on = _confirmed_on(connection)
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    if not rows:
        return None
    digests = {topic: digest for topic, _, digest in rows}
    return {topic: source for topic, source, _ in rows}, base_revision(digests), confirmed_on


def _confirmed_on(connection: sqlite3.Connection) -> dict[str, date]:
    """The days of the confirmations that stand; none in a database of an older version."""
    columns = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('entry_confirmation')")}
    if not columns:
        return {}
    rows = connection.execute(_STANDING if "withdrawn_at" in columns else _CONFIRMED).fetchall()
    return {topic: local_date(datetime.fromisoformat(at).replace(tzinfo=UTC)) for topic, at in rows}
