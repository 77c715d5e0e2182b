"""Reading the live base without the database layer, for look-ups that must start fast.

Only for SQLite: importing the database layer takes longer than answering. Opens read-only.
"""

import sqlite3
from pathlib import Path

from bot.store.revision import base_revision

_PREFIX = "sqlite+aiosqlite:///"


def peek_base(url: str) -> tuple[dict[str, str], str] | None:
    """The current entry texts and the base's revision; None when there is no SQLite base there."""
    path = Path(url.removeprefix(_PREFIX))
    if not url.startswith(_PREFIX) or not path.is_file():
        return None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
    except sqlite3.Error:
        return None
    try:
        rows = connection.execute("SELECT topic, source, digest FROM faq_entry WHERE current").fetchall()
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    if not rows:
        return None
    return {topic: source for topic, source, _ in rows}, base_revision({topic: digest for topic, _, digest in rows})
