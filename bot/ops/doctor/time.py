"""The clock and the calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.clock import local_date
from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.ops.health import BUILT_AT

PATIENCE_SECONDS = 2.0
_MOST_DRIFT = timedelta(minutes=5)
_SOME_DRIFT = timedelta(seconds=30)


async def ask_time(address: str) -> datetime | None:
    """The time that a web server tells within two seconds; None when it cannot be had."""
    import httpx  # noqa: PLC0415 - only the doctor asks

    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            answer = await client.head(address)
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (httpx.HTTPError, KeyError, ValueError):
        return None


def check_clock(now: datetime, told: datetime | None, by: str) -> Iterator[Finding]:
    """Whether this machine's clock agrees with what somebody else told."""
    if now < BUILT_AT:
        yield fault(f"系统时间是 {now:%Y-%m-%d %H:%M} UTC，比程序还早，一定不对")
    if told is None:
        yield note(f"时钟没有核对：{PATIENCE_SECONDS:.0f} 秒内没有从 {by} 得到时间")
        return
    drift = abs(now - told)
    text = f"系统时间与 {by} 相差 {drift.total_seconds():.0f} 秒"
    if drift > _MOST_DRIFT:
        yield fault(f"{text}：微信的消息会被拒绝，期限也会算错；请启用时间同步（NTP）")
    elif drift > _SOME_DRIFT:
        yield warning(f"{text}：请启用时间同步（NTP）")
    else:
        yield ok(text)


def check_calendar(now: datetime) -> Iterator[Finding]:
    """Whether the public holidays of this year and the next are known."""
    this_year = local_date(now).year
    unknown = [year for year in (this_year, this_year + 1) if not knows_holidays(year)]
    if not unknown:
        yield ok(f"{this_year}、{this_year + 1} 年的节假日和调休安排都有")
    for year in unknown:
        when = "现在就" if year == this_year else "明年起"
        yield warning(f"不知道 {year} 年的节假日和调休安排：{when}按工作日计算的期限不准；请在国务院公布后升级程序")


def knows_holidays(year: int) -> bool:
    """Whether the holiday library knows that year; it refuses to guess."""
    import chinese_calendar  # noqa: PLC0415 - only the doctor asks

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
