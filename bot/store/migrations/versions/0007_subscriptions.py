"""subscriptions, and the ledger of what was sent to subscribers

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from bot.store.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "subscriber",
        sa.Column("id", AutoString(length=32), nullable=False),
        sa.Column("channel", AutoString(length=16), nullable=False),
        sa.Column("person", AutoString(length=64), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("pace", AutoString(length=16), nullable=False),
        sa.Column("state", AutoString(length=16), nullable=False),
        sa.Column("grants", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("consented_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("letter", AutoString(length=16), nullable=False),
        sa.Column("letter_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", name="uq_subscriber_person"),
    )
    op.create_index("ix_subscriber_state", "subscriber", ["state", "pace", "id"])
    op.create_index("ix_subscriber_letter", "subscriber", ["letter_at"])
    op.create_table(
        "broadcast_issue",
        sa.Column("id", AutoString(length=32), nullable=False),
        sa.Column("key", AutoString(length=80), nullable=False),
        sa.Column("pace", AutoString(length=16), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("state", AutoString(length=16), nullable=False),
        sa.Column("cursor", AutoString(length=32), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_broadcast_issue_key"),
    )
    op.create_table(
        "broadcast_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue", AutoString(length=32), nullable=False),
        sa.Column("subscriber", AutoString(length=32), nullable=False),
        sa.Column("channel", AutoString(length=16), nullable=False),
        sa.Column("state", AutoString(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_by", AutoString(length=64), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("code", AutoString(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issue", "subscriber", name="uq_broadcast_recipient"),
    )
    op.create_index("ix_broadcast_recipient_due", "broadcast_recipient", ["channel", "state", "next_at"])
    op.create_index("ix_broadcast_recipient_issue", "broadcast_recipient", ["issue", "state", "channel"])
    op.create_index("ix_broadcast_recipient_lease", "broadcast_recipient", ["state", "claimed_until"])
    op.create_table(
        "send_pace",
        sa.Column("channel", AutoString(length=16), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=True),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("send_pace")
    op.drop_table("broadcast_recipient")
    op.drop_table("broadcast_issue")
    op.drop_table("subscriber")
