"""Full-text search of SQLite in memory, to measure our ranking against it. Nothing is stored."""

import sqlite3
from collections.abc import Sequence


class FullTextTable:
    """Numbered documents behind FTS5 with one of its tokenizers (trigram, unicode61)."""

    def __init__(self, documents: Sequence[str], tokenizer: str) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE document USING fts5(text, tokenize = '" + tokenizer + "')")
        self._connection.executemany("INSERT INTO document (rowid, text) VALUES (?, ?)", enumerate(documents))

    def search(self, terms: Sequence[str], most: int) -> list[tuple[int, float]]:
        """Documents with any of the terms and their scores, the greater the better."""
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms if term.strip() and "\0" not in term)
        if not query:
            return []
        rows = self._connection.execute(
            "SELECT rowid, -rank FROM document WHERE document MATCH ? ORDER BY rank LIMIT ?", (query, most)
        )
        return [(int(number), float(score)) for number, score in rows]

    def close(self) -> None:
        """Let the memory go."""
        self._connection.close()
