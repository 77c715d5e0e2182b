"""The section `complaints` of `config.yaml`: where complaints are taken, for which districts, how long things wait."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from bot.section import Section

_ID = r"^[a-z][a-z0-9_]{1,30}$"
_PHONE = r"^(\d{3,6}|0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4})?$"
_ONE_LINE = r"^[^\r\n]*$"
_FIELD = r"^[a-z_]{2,24}[0-9]{0,3}$"


class District(Section):
    """One district that cadres are responsible for. `id` stands in cases and never changes; `name` may."""

    id: str = Field(pattern=_ID, description="code that stands in cases; never change it")
    name: str = Field(min_length=2, description="as workers read it")
    also: list[str] = Field(default_factory=list, description="what else people type for it")


class Body(Section):
    """A body to which a matter may be passed on when the worker agrees.

    Who agrees is told its name and how it is reached (个人信息保护法 art. 23).
    """

    id: str = Field(pattern=_ID, description="code that stands in consents; never change it")
    name: str = Field(min_length=2, description="as workers read it")
    phone: str = Field(default="", pattern=_PHONE, description="its telephone number, read in the consent; in quotes")
    note: str = Field(
        default="", max_length=60, pattern=_ONE_LINE, description="what else is read there, such as its address"
    )


class WorkerNotices(Section):
    """Telling a worker in the channel that there is news: in WeChat only where a template allows it."""

    wechat: Literal["none", "template", "subscribe"] = Field(
        default="none", description="which kind of neutral notice the account may send, if any"
    )
    template_id: str = Field(default="", description="id of that template in the WeChat console")
    fields: dict[Annotated[str, StringConstraints(pattern=_FIELD)], Literal["words", "time", "date", "federation"]] = (
        Field(default_factory=dict, description="what stands in each field of the template, e.g. {thing1: words}")
    )
    lasting: bool = Field(default=False, description="a subscription is good for ever (长期订阅), not for one notice")
    subscribe_page: str = Field(
        default="",
        pattern=r"^(https://mp\.weixin\.qq\.com/\S+)?$",
        description="article of the account in which a worker can subscribe; needed for subscribe",
    )


class Guesses(Section):
    """How fast receipts may be tried. Only wrong ones count; who is slowed still gets in with a right one."""

    per_hour: int = Field(default=10, ge=3, le=100, description="wrong tries an hour from one source before it waits")
    pace_seconds: int = Field(default=60, ge=10, le=3600, description="then one try in so many seconds")
    per_day: int = Field(
        default=50, ge=5, le=1000, description="wrong tries a day from one source before it waits longer"
    )
    slow_pace_seconds: int = Field(default=600, ge=10, le=3600, description="then one try in so many seconds")
    everywhere_per_hour: int = Field(
        default=300,
        ge=10,
        le=100_000,
        description="wrong tries an hour from everywhere before all sources wait so long",
    )


class Floods(Section):
    """How many complaints are taken at once; what comes beyond is registered and held for the supervisor."""

    source_per_hour: int = Field(default=4, ge=1, le=1000, description="from one person or address in an hour")
    source_per_day: int = Field(default=10, ge=1, le=1000, description="from one person or address in a day")
    everywhere_per_hour: int = Field(default=120, ge=10, le=100_000, description="from everywhere in an hour")


class PerCase(Section):
    """What one case takes from its worker."""

    messages_per_hour: int = Field(default=30, ge=5, le=1000, description="messages in an hour")
    message_characters: int = Field(default=2000, ge=200, le=20_000, description="characters of one message")
    files_per_case: int = Field(default=60, ge=6, le=1000, description="files in all")


class Retention(Section):
    """How long what belongs to cases is kept. Afterwards it is deleted; number, codes and days stay for statistics."""

    closed_years: int = Field(default=3, ge=1, le=30, description="content of a closed case is kept so many years")
    withdrawn_years: int = Field(default=1, ge=1, le=30, description="content of a withdrawn case")
    categories: dict[str, Annotated[int, Field(ge=1, le=30)]] = Field(
        default_factory=dict, description="categories whose closed cases are kept for other numbers of years"
    )
    audit_text_years: int = Field(
        default=3, ge=1, le=30, description="texts in the audit log; its entries themselves stay"
    )
    vote_days: int = Field(default=730, ge=30, le=3650, description="votes on answers")
    call_days: int = Field(
        default=730, ge=30, le=3650, description="who answered a call at once and on what topic; its count stays"
    )
    notice_days: int = Field(default=180, ge=7, le=3650, description="notices that were sent or given up")
    approval: bool = Field(
        default=True, description="content of cases is deleted once a supervisor agrees; false: by itself"
    )


def _once(things: Sequence[District] | Sequence[Body]) -> Sequence[District] | Sequence[Body]:
    twice = [name for name, times in Counter(thing.id for thing in things).items() if times > 1]
    if twice:
        raise ValueError(f"id 出现了两次：{'、'.join(twice)}")
    return things


class Complaints(Section):
    """How complaints are registered and followed."""

    enabled: bool = Field(default=True, description="take complaints; false shows the hotline instead")
    number_prefix: str = Field(default="HZ", pattern=r"^[A-Z]{1,4}$", description="begins every case number")
    districts: Annotated[list[District], AfterValidator(_once)] = Field(
        default_factory=list, description="districts to choose from; without them every case is the whole federation's"
    )
    bodies: Annotated[list[Body], AfterValidator(_once)] = Field(
        default_factory=list, description="bodies that the consent to passing on names"
    )
    receipt_hours: int = Field(
        default=24, ge=1, le=72, description="a receipt may be shown again in the conversation so long"
    )
    draft_hours: int = Field(default=24, ge=24, le=720, description="files of an unfinished complaint are kept so long")
    follow_up_days: list[Annotated[int, Field(ge=1, le=365)]] = Field(
        default_factory=lambda: [7, 30], description="days after closing when the worker is asked for a verdict"
    )
    notices: WorkerNotices = Field(default_factory=WorkerNotices)
    retention: Retention = Field(default_factory=Retention)
    guesses: Guesses = Field(default_factory=Guesses)
    floods: Floods = Field(default_factory=Floods)
    worker: PerCase = Field(default_factory=PerCase)
