"""a confirmation of an entry can be withdrawn: when, by whom, why

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from bot.store.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WORDS = {"withdrawn_by": 64, "withdrawn_why": 200}


def upgrade() -> None:
    """Apply."""
    op.add_column("entry_confirmation", sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
    for name, length in _WORDS.items():
        kind = sqlmodel.sql.sqltypes.AutoString(length=length)
        op.add_column("entry_confirmation", sa.Column(name, kind, nullable=False, server_default=""))


def downgrade() -> None:
    """Take back; a withdrawn confirmation goes, as it would stand again without these columns."""
    op.execute("DELETE FROM entry_confirmation WHERE withdrawn_at IS NOT NULL")
    for name in ("withdrawn_at", *_WORDS):
        op.drop_column("entry_confirmation", name)
