"""Which columns hold ciphertext, by which key, and to what each value is bound: the one list of them.

A test compares it with the tables, so that a new column cannot be forgotten when keys change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Table

from bot.complaints.vault import sealed_context
from bot.store.schema import SCHEMA


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of ciphertext.

    named: the columns that the context of a value is made of. case: the column that says whose case's key sealed
    it; empty where the ring did. own: whether it is sealed by the row's own key.
    """

    table: str
    column: str
    named: tuple[str, ...] = ("id",)
    context: Callable[..., str] | None = None
    case: str = ""
    own: bool = False

    def bound_to(self, row: Mapping[str, Any]) -> str:
        """The context of the value in that row."""
        values = [row[name] for name in self.named]
        if self.context is not None:
            return self.context(*values)
        return sealed_context(self.table, self.column, ":".join(str(value) for value in values))

    @property
    def rows(self) -> Table:
        """The table."""
        return SCHEMA.tables[self.table]


def _message_context(id: str, direction: str) -> str:
    return sealed_context("case_message", f"text.{direction}", id)


def _note_context(id: str, public: bool) -> str:  # noqa: FBT001 - a column of the row
    return sealed_context("case_event", "public_note" if public else "note", id)


PUBLIC = frozenset({("picture", "data")})
"""Columns of bytes that are no ciphertext: pictures of posts, which are made to be published."""

BY_RING = (
    SealedColumn("inbound", "reply", ("channel", "key")),
    SealedColumn("conversation", "state", ("person",)),
    SealedColumn("question", "text"),
    SealedColumn("stored_value", "value", ("name",)),
    SealedColumn("complaint_case", "key"),
    SealedColumn("case_file", "key"),
    SealedColumn("receipt_waiting", "receipt", ("case",)),
    SealedColumn("case_link", "address", ("case", "person")),
    SealedColumn("employer", "content"),
    SealedColumn("staff", "profile"),
    SealedColumn("staff", "totp"),
    SealedColumn("staff_session", "data", ("token",)),
    SealedColumn("saved_view", "filter", ("staff", "name")),
    SealedColumn("audit", "text", ("seq",)),
    SealedColumn("subscriber", "address"),
    SealedColumn("telegram_update", "body", ("bot", "update_id")),
    SealedColumn("telegram_update", "replies", ("bot", "update_id")),
)
"""Sealed by the key ring: to be sealed anew when the ring gets a new key."""

BY_RECORD = (
    SealedColumn("case_statement", "content", case="case"),
    SealedColumn("case_event", "note", ("id", "public"), _note_context, case="case"),
    SealedColumn("case_message", "text", ("id", "direction"), _message_context, case="case"),
    SealedColumn("case_file", "meta", own=True),
)
"""Sealed by the key of a record, which is itself sealed by the ring: a new ring key does not touch them."""


def binary_columns() -> set[tuple[str, str]]:
    """Every column of bytes that any table has."""
    return {
        (table.name, column.name)
        for table in SCHEMA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
