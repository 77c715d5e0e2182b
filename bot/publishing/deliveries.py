"""One delivery: one post, one channel, one occurrence. Its states and what may lead from one to another. Pure.

The ledger is what proves that something was published: the intent is committed before the call (`SENDING`), the
outcome after it. What a dead process left in `CLAIMED` was never offered to anybody and is planned again; what it left
in `SENDING` is `UNKNOWN`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.errors import GonghuiError
from bot.publishing.outcomes import Awaited


class Kind(StrEnum):
    """What is asked of the channel."""

    PUBLISH = "publish"  # 发布
    EDIT = "edit"  # 更正（改原文）
    NOTICE = "notice"  # 更正说明（另发）
    WITHDRAW = "withdraw"  # 撤回


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PLANNED = "planned"  # 待发送
    CLAIMED = "claimed"  # 准备中
    SENDING = "sending"  # 发送中：已记录意图
    WAITING = "waiting"  # 等待平台或人工确认
    SENT = "sent"  # 已送达
    REFUSED = "refused"  # 被拒绝
    UNKNOWN = "unknown"  # 结果未知
    HELD = "held"  # 暂停：需人工处理
    EXPIRED = "expired"  # 已过期
    CANCELLED = "cancelled"  # 已取消


class DeliveryEvent(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"  # a worker takes it
    RELEASE = "release"  # nothing was asked of the platform: due again
    INTEND = "intend"  # the call that makes it public comes next
    SUCCEED = "succeed"  # the platform has said that it is there
    REFUSE = "refuse"  # the platform has surely not acted, and never will
    RETRY = "retry"  # the platform has surely not acted; due again later
    LOSE = "lose"  # nobody knows whether the platform has acted
    WAIT = "wait"  # the platform's or a person's word is awaited
    HOLD = "hold"  # the check when it was due found something
    FREE = "free"  # a person lets it go again
    EXPIRE = "expire"  # too late
    CANCEL = "cancel"  # a person gives it up
    FOUND = "found"  # it is there: the platform was asked, or a person looked
    NOT_FOUND = "not_found"  # it is not there


_S, _E = DeliveryState, DeliveryEvent

TABLE: Mapping[DeliveryState, Mapping[DeliveryEvent, DeliveryState]] = {
    _S.PLANNED: {_E.CLAIM: _S.CLAIMED, _E.HOLD: _S.HELD, _E.EXPIRE: _S.EXPIRED, _E.CANCEL: _S.CANCELLED},
    _S.CLAIMED: {
        _E.RELEASE: _S.PLANNED,
        _E.RETRY: _S.PLANNED,
        _E.INTEND: _S.SENDING,
        _E.REFUSE: _S.REFUSED,
        _E.WAIT: _S.WAITING,  # only for a person: nothing has been asked of the platform
        _E.HOLD: _S.HELD,
        _E.EXPIRE: _S.EXPIRED,
    },
    _S.SENDING: {
        _E.SUCCEED: _S.SENT,
        _E.REFUSE: _S.REFUSED,
        _E.RETRY: _S.PLANNED,
        _E.LOSE: _S.UNKNOWN,
        _E.WAIT: _S.WAITING,
    },
    _S.WAITING: {
        _E.CLAIM: _S.CLAIMED,  # a person confirmed: it goes out now
        _E.SUCCEED: _S.SENT,
        _E.FOUND: _S.SENT,
        _E.REFUSE: _S.REFUSED,
        _E.NOT_FOUND: _S.REFUSED,
        _E.LOSE: _S.UNKNOWN,
        _E.EXPIRE: _S.EXPIRED,
        _E.CANCEL: _S.CANCELLED,
    },
    _S.UNKNOWN: {_E.FOUND: _S.SENT, _E.SUCCEED: _S.SENT, _E.NOT_FOUND: _S.PLANNED, _E.REFUSE: _S.REFUSED},
    _S.HELD: {_E.FREE: _S.PLANNED, _E.EXPIRE: _S.EXPIRED, _E.CANCEL: _S.CANCELLED},
    _S.REFUSED: {_E.FREE: _S.PLANNED, _E.CANCEL: _S.CANCELLED},
    _S.SENT: {},
    _S.EXPIRED: {_E.FREE: _S.PLANNED},
    _S.CANCELLED: {},
}
"""What each event leads to; an event that is not there is refused."""

OPEN = frozenset({_S.PLANNED, _S.CLAIMED, _S.SENDING, _S.WAITING, _S.UNKNOWN, _S.HELD})
"""States in which something is still to happen."""


class NotPossible(GonghuiError):
    """The delivery does not take this event now."""

    def __init__(self, state: DeliveryState, event: DeliveryEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"{event} in {state}")


def take(state: DeliveryState, event: DeliveryEvent) -> DeliveryState:
    """The state after the event. Raises NotPossible."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise NotPossible(state, event) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One row of the ledger; (post, channel, occurrence) is unique in the database.

    occurrence: `2026-12-01T01:00Z` of a schedule, `now:<id>` for 'publish now', `edit:<version>` and the like.
    rendering: digest of what was approved. memory: what the sender has to remember between its steps (ids that the
    platform issued), never secrets. intent_at: when the call that makes it public was about to be made.
    """

    id: str
    post: str
    channel: str
    occurrence: str
    kind: Kind
    state: DeliveryState
    rendering: str
    due_at: datetime
    made_at: datetime
    schedule: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    claimed_by: str = ""
    claimed_until: datetime | None = None
    intent_at: datetime | None = None
    finished_at: datetime | None = None
    awaited: Awaited | None = None
    confirmed_by: str = ""
    vendor_id: str = ""
    address: str = ""
    code: str = ""
    detail: str = ""
    memory: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryEntry:
    """One line of a delivery's log: what happened, and what the platform answered, without secrets."""

    delivery: str
    at: datetime
    event: str
    by: str = ""
    code: str = ""
    detail: str = ""
