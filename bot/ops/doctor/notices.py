"""Notices: by which roads staff and workers are told, and whether those roads are open."""

from collections.abc import Iterator

from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.settings import Settings
from bot.wording import Wording

LONGEST_WORDS = 20
"""Characters that a field of a WeChat template takes."""

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_KINDS = ("news", "verdict")


def check_staff_notices(settings: Settings, *, mail_fault: str | None, signs_in: bool) -> Iterator[Finding]:
    """Mail and group robot. mail_fault: why no mail can be sent, empty when it can; None: nobody has tried."""
    mail, wecom = settings.notices.mail, settings.notices.wecom
    if not mail.host and not wecom.enabled:
        yield note("没有设置提醒邮件和企业微信群机器人：到期提醒只在工作台里看得到")
    if mail.host:
        if mail.security == "none" and mail.host not in _HERE:
            yield warning("notices.mail.security 是 none：提醒邮件和口令在路上不加密，请改用 starttls 或 tls")
        if not signs_in:
            yield note("没有 GONGHUI_SMTP_USER：发提醒邮件不登录，邮件服务器要允许本机这样发")
        yield from _mail_findings(f"{mail.host}:{mail.port}", mail_fault)
    if wecom.enabled:
        yield ok("企业微信群机器人已设置；群里只发案件编号和期限")
        if not wecom.base.startswith("https://"):
            yield warning(f"notices.wecom.base 是 {wecom.base}：机器人的 key 在路上不加密，只适合测试")


def check_worker_notices(settings: Settings, wording: Wording) -> Iterator[Finding]:
    """Neutral notices in WeChat."""
    notices = settings.complaints.notices
    if notices.wechat == "none":
        yield note("没有启用微信提醒（complaints.notices.wechat: none）：职工要自己凭凭证来查")
        return
    if settings.web.base_url is None:
        yield warning("web.base_url 没有设置：微信提醒点开以后没有查询页")
    for key in (f"notices.worker.{kind}" for kind in _KINDS):
        text = wording(key)
        if len(text) > LONGEST_WORDS:
            yield fault(f"content/replies 的 {key} 有 {len(text)} 个字，微信模板最多 {LONGEST_WORDS} 个字")
    yield ok(f"微信提醒已设置（{notices.wechat}）")


def _mail_findings(where: str, mail_fault: str | None) -> Iterator[Finding]:
    if mail_fault is None:
        return
    if not mail_fault:
        yield ok(f"邮件服务器 {where} 连得上，也能登录")
    elif mail_fault == "auth":
        yield fault(f"邮件服务器 {where} 不接受 GONGHUI_SMTP_USER 和 GONGHUI_SMTP_PASSWORD")
    else:
        yield warning(f"邮件服务器 {where} 现在用不了（{mail_fault}）：请核对地址、端口、security 和证书")
