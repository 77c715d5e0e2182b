"""complaints: cases and what belongs to them

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from alembic.operations import BatchOperations

from bot.store.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "receipt_waiting", "radar_finding", "employer", "complaint_case", "case_statement", "case_message", "case_link",
    "case_file", "case_event", "case_clock", "blind_index", "attempt", "answered_call",
)  # fmt: skip

_FIGURES = {
    "ix_complaint_case_closed": "closed_at quarantined concerns state registered_at",
    "ix_complaint_case_figures": "registered_at quarantined concerns category district channel state verdict "
    "receipt_used_at accepted_at",
    "ix_complaint_case_lists": "state district owner about_union_staff quarantined concerns urgent collective "
    "next_due registered_at id",
}


def _few(batch_op: BatchOperations, name: str, column: str, sqlite: str, postgresql: str = "") -> None:
    """An index of the few rows for which that holds."""
    where = {"sqlite_where": sa.text(sqlite), "postgresql_where": sa.text(postgresql or sqlite)}
    batch_op.create_index(name, [column], unique=False, **where)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "answered_call",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("answered_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answered_call_taken_at"), ["taken_at"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("window", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "source", "window", name="uq_attempt"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_window"), ["window"], unique=False)

    op.create_table(
        "blind_index",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "hash", "subject", name="uq_blind_index"),
    )
    with op.batch_alter_table("blind_index", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blind_index_subject"), ["subject"], unique=False)

    op.create_table(
        "case_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("warn_on", sa.Date(), nullable=True),
        sa.Column("unknown_year", sa.Integer(), nullable=True),
        sa.Column("warned", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case", "rule", "started_on", name="uq_case_clock"),
    )
    with op.batch_alter_table("case_clock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_clock_case"), ["case"], unique=False)
        batch_op.create_index("ix_case_clock_figures", ["rule", "state", "due_on", "started_on", "case"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_clock_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_clock_warn_on"), ["warn_on"], unique=False)

    op.create_table(
        "case_event",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index("ix_case_event_case", ["case", "position"], unique=False)

    op.create_table(
        "case_file",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("draft", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("meta", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_added_at"), ["added_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_case"), ["case"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_draft"), ["draft"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_person"), ["person"], unique=False)

    op.create_table(
        "case_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case", "person", name="uq_case_link"),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_case"), ["case"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_link_person"), ["person"], unique=False)

    op.create_table(
        "case_message",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("direction", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_message", schema=None) as batch_op:
        batch_op.create_index("ix_case_message_case", ["case", "position"], unique=False)

    op.create_table(
        "case_statement",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_statement_case"), ["case"], unique=False)

    op.create_table(
        "complaint_case",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("nature", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("confidentiality", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("collective", sa.Boolean(), nullable=False),
        sa.Column("about_union_staff", sa.Boolean(), nullable=False),
        sa.Column("concerns", sa.Text(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("call_back_due", sa.Boolean(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("passing_on", sa.Text(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("helpers", sa.Text(), nullable=False),
        sa.Column("employer", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("site", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("people_low", sa.BigInteger(), nullable=True),
        sa.Column("people_high", sa.BigInteger(), nullable=True),
        sa.Column("money_low", sa.BigInteger(), nullable=True),
        sa.Column("money_high", sa.BigInteger(), nullable=True),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("next_rule", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("warn_on", sa.Date(), nullable=True),
        sa.Column("first_contact_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("ask_verdict_at", UtcDateTime(), nullable=True),
        sa.Column("receipt", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("receipt_used_at", UtcDateTime(), nullable=True),
        sa.Column("logged_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("merged_into", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("content_deleted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_complaint_case_number"),
        sa.UniqueConstraint("receipt", name="uq_complaint_case_receipt"),
    )
    with op.batch_alter_table("complaint_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_case_ask_verdict_at"), ["ask_verdict_at"], unique=False)
        _few(batch_op, "ix_complaint_case_call_back", "registered_at", "call_back_due = 1", "call_back_due")
        batch_op.create_index(batch_op.f("ix_complaint_case_category"), ["category"], unique=False)
        for name, columns in _FIGURES.items():
            batch_op.create_index(name, columns.split(), unique=False)
        _few(batch_op, "ix_complaint_case_concerns", "concerns", "concerns != ''")
        batch_op.create_index("ix_complaint_case_district_state", ["district", "state", "registered_at"], unique=False)
        batch_op.create_index("ix_complaint_case_employer", ["employer", "registered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_case_merged_into"), ["merged_into"], unique=False)
        batch_op.create_index("ix_complaint_case_next_due", ["next_due"], unique=False)
        batch_op.create_index("ix_complaint_case_owner_state", ["owner", "state"], unique=False)
        _few(batch_op, "ix_complaint_case_helpers", "helpers", "helpers != ''")
        _few(batch_op, "ix_complaint_case_quarantined", "registered_at", "quarantined = 1", "quarantined")
        batch_op.create_index(batch_op.f("ix_complaint_case_registered_at"), ["registered_at"], unique=False)
        batch_op.create_index("ix_complaint_case_state_registered", ["state", "registered_at"], unique=False)

    op.create_table(
        "employer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("merged_into", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "radar_finding",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "subject", "opened_on", name="uq_radar_finding"),
    )
    op.create_table(
        "receipt_waiting",
        sa.Column("case", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("person", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case"),
    )
    with op.batch_alter_table("receipt_waiting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_waiting_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_waiting_person"), ["person"], unique=False)

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_column("version")

    for table in _TABLES:
        op.drop_table(table)
