"""updates of the Telegram bot, and which process asks for them

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from bot.store.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "telegram_update",
        sa.Column("bot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("replies", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("bot", "update_id"),
    )
    op.create_index("ix_telegram_update_due", "telegram_update", ["state", "next_at"], unique=False)
    op.create_index("ix_telegram_update_person", "telegram_update", ["person", "state"], unique=False)
    op.create_index(op.f("ix_telegram_update_received_at"), "telegram_update", ["received_at"], unique=False)
    op.create_table(
        "telegram_poller",
        sa.Column("bot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bot"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("telegram_poller")
    op.drop_index(op.f("ix_telegram_update_received_at"), table_name="telegram_update")
    op.drop_index("ix_telegram_update_person", table_name="telegram_update")
    op.drop_index("ix_telegram_update_due", table_name="telegram_update")
    op.drop_table("telegram_update")
