"""What is wrong with a configuration, in the operator's words: one line a fault, with its place.

The lines are Chinese, as the operator reads them on the terminal; none shows a secret.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.notice_settings import WEBHOOK_PATH, is_webhook
from bot.publishing_faults import publishing_faults
from bot.subscription_settings import subscription_faults
from bot.telegram_settings import telegram_faults

if TYPE_CHECKING:
    from bot.settings import Environment, Settings

AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_VERIFY_FILE = re.compile(r"MP_verify_[A-Za-z0-9]+\.txt")
_DATABASES = ("postgresql+psycopg://", "sqlite+aiosqlite://")

_WORDS: Mapping[str, str] = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个设置项：可能拼错了；口令、密钥不写在这里，只放在环境变量里",
    "int_type": "必须是整数",
    "int_parsing": "必须是整数",
    "int_from_float": "必须是整数",
    "float_type": "必须是数字",
    "float_parsing": "必须是数字",
    "bool_type": "必须是 true 或 false",
    "bool_parsing": "必须是 true 或 false",
    "string_type": "必须是文字（纯数字请加引号）",
    "path_type": "必须是路径",
    "list_type": "必须是列表",
    "dict_type": "必须是“名称: 值”的一组",
    "model_type": "必须是“名称: 值”的一组设置",
    "string_pattern_mismatch": "写法不对，应符合 {pattern}",
    "string_too_short": "至少要有 {min_length} 个字",
    "too_short": "至少要有 {min_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "必须大于 {gt}",
    "less_than": "必须小于 {lt}",
    "literal_error": "只能是 {expected}",
}


def plain(fault: Mapping[str, Any]) -> str:
    """One fault as pydantic reports it, in the operator's words."""
    words = _WORDS.get(fault["type"])
    if words is None:
        return str(fault["msg"]).removeprefix("Value error, ")
    return words.format(**fault.get("ctx", {})).replace(" or ", " 或 ")


def cross_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    """Faults that only show when settings and secrets are seen together."""
    if not settings.content_dir.is_dir():
        yield f"{path}: content_dir: {settings.content_dir} 不是文件夹"
    url = environment.get("GONGHUI_DATABASE_URL")
    if url and not url.startswith(_DATABASES):
        yield f"GONGHUI_DATABASE_URL: 必须以 {' 或 '.join(_DATABASES)} 开头"
    for name in settings.web.verify_files:
        if not _VERIFY_FILE.fullmatch(name):
            yield f"{path}: web.verify_files: {name} 应为 MP_verify_xxxxxxxx.txt 的样子"
    yield from _worker_notice_faults(path, settings, environment)
    yield from _staff_notice_faults(path, settings, environment)
    yield from _wechat_faults(path, settings, environment)
    yield from telegram_faults(path, settings, environment)
    yield from subscription_faults(path, settings, environment)
    yield from publishing_faults(path, settings, environment)


def _worker_notice_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    notices = settings.complaints.notices
    if notices.wechat == "none":
        return
    place, when = f"{path}: complaints.notices", f"wechat 为 {notices.wechat} 时必须"
    if not notices.template_id:
        yield f"{place}.template_id: {when}填写"
    if "words" not in notices.fields.values():
        yield f"{place}.fields: {when}有一个字段是 words，例如 {{thing1: words}}"
    if notices.wechat == "subscribe" and not notices.subscribe_page:
        yield f"{place}.subscribe_page: {when}填写"
    if not settings.wechat.enabled:
        yield f"{place}.wechat: 要先启用微信（wechat.enabled: true）"
    elif not environment.get("GONGHUI_WECHAT_SECRET"):
        yield f"GONGHUI_WECHAT_SECRET: complaints.notices.{when}设置"


def _staff_notice_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    mail, wecom = settings.notices.mail, settings.notices.wecom
    user, password = environment.get("GONGHUI_SMTP_USER"), environment.get("GONGHUI_SMTP_PASSWORD")
    if mail.host and not mail.sender:
        yield f"{path}: notices.mail.sender: 填了 host 时必须填写"
    if bool(user) != bool(password):
        yield f"GONGHUI_SMTP_{'PASSWORD' if user else 'USER'}: 用户名和口令要一起设置"
    if mail.ca_file is not None and not (mail.ca_file.is_absolute() and mail.ca_file.is_file()):
        yield f"{path}: notices.mail.ca_file: 没有这个文件；要写完整路径"
    webhook = environment.get("GONGHUI_WECOM_WEBHOOK") or ""
    if wecom.enabled and not webhook:
        yield f"{path}: notices.wecom.enabled: 启用时必须设置 GONGHUI_WECOM_WEBHOOK"
    elif webhook and not is_webhook(webhook, wecom.base):
        yield f"GONGHUI_WECOM_WEBHOOK: 必须是 {wecom.base}{WEBHOOK_PATH}?key=… 的样子"


def _wechat_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    wechat = settings.wechat
    if wechat.enabled and not wechat.app_id:
        yield f"{path}: wechat.app_id: 启用微信（wechat.enabled: true）时必须填写"
    if wechat.enabled and not environment.get("GONGHUI_WECHAT_TOKEN"):
        yield "GONGHUI_WECHAT_TOKEN: 启用微信（wechat.enabled: true）时必须设置"
    if wechat.enabled and wechat.mode != "plain" and not environment.get("GONGHUI_WECHAT_AES_KEY"):
        yield f"GONGHUI_WECHAT_AES_KEY: wechat.mode 为 {wechat.mode} 时必须设置"
    for name in ("GONGHUI_WECHAT_AES_KEY", "GONGHUI_WECHAT_AES_KEY_PREVIOUS"):
        key = environment.get(name)
        if key and not AES_KEY.fullmatch(key):
            yield f"{name}: 必须是微信后台显示的 43 位字母和数字"
