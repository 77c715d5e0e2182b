"""What is wrong with a configuration, in the operator's words: one line a fault, with its place.

The lines are Chinese, as the operator reads them on the terminal; none shows a secret.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    yield from _wechat_faults(path, settings, environment)


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
