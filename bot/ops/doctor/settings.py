"""Settings and credentials: what is set, what is missing, and what is risky."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.settings import SECRETS, Configuration, Settings
from bot.telegram_settings import is_answering

_NEEDED_FOR = {
    "GONGHUI_KEYS": "密钥环；不设置时使用 <data_dir>/keys.json",
    "GONGHUI_DATABASE_URL": "PostgreSQL 地址；不设置时使用 SQLite",
    "GONGHUI_WECHAT_TOKEN": "微信回调的 Token",
    "GONGHUI_WECHAT_AES_KEY": "微信消息加解密密钥（EncodingAESKey）",
    "GONGHUI_WECHAT_AES_KEY_PREVIOUS": "更换密钥期间的旧 EncodingAESKey",
    "GONGHUI_WECHAT_SECRET": "AppSecret，设置自定义菜单等接口要用",
    "GONGHUI_SMTP_USER": "发提醒邮件的用户名",
    "GONGHUI_SMTP_PASSWORD": "发提醒邮件的口令",
    "GONGHUI_WECOM_WEBHOOK": "企业微信群机器人的地址（含 key）",
    "GONGHUI_METRICS_TOKEN": "从别的机器读取 /metrics 的口令",
    "GONGHUI_WEIBO_APP_SECRET": "微博应用的 App Secret，发布到微博要用",
    "GONGHUI_MASTODON_TOKEN": "开放微博（Mastodon）账号的访问令牌",
    "GONGHUI_TELEGRAM_TOKEN": "Telegram 机器人的令牌：回答提问，在频道发布",
    "GONGHUI_WEBHOOK_SECRET": "推送给门户、媒体时签名的密钥",
}
_FEWEST_TOKEN_CHARACTERS = 16


def check_settings(faults: Sequence[str], configuration: Configuration | None) -> Iterator[Finding]:
    """The faults of the configuration, and what is risky in it."""
    yield from map(fault, faults)
    if configuration is None:
        return
    settings = configuration.settings
    if not faults:
        yield ok(f"{configuration.path}：{len(list(setting_lines(settings)))} 项设置都能用（--settings 逐项列出）")
    yield from _check_address(settings)
    yield from _check_proxies(settings)
    yield from _check_wechat(configuration)
    yield from _check_telegram(configuration)


def setting_lines(settings: BaseModel, prefix: str = "") -> Iterator[str]:
    """Every setting with its value and meaning, by its path."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from setting_lines(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name} = {value}    # {field.description}"


def check_credentials(configuration: Configuration) -> Iterator[Finding]:
    """Which secrets are there, and what those that are not would be for."""
    environment = configuration.environment
    for name in SECRETS:
        yield ok(f"{name} 已设置") if environment.get(name) else note(f"{name} 未设置：{_NEEDED_FOR[name]}")
    token = environment.get("GONGHUI_METRICS_TOKEN")
    if token and len(token) < _FEWEST_TOKEN_CHARACTERS:
        yield warning(f"GONGHUI_METRICS_TOKEN 太短，容易被猜到；至少 {_FEWEST_TOKEN_CHARACTERS} 个字符")


def _check_address(settings: Settings) -> Iterator[Finding]:
    web = settings.web
    if web.base_url is None:
        yield warning("web.base_url 没有设置：微信里的回复不能带“查看全文”的链接")
        if settings.publishing.channels.site.enabled:
            yield warning(
                "web.base_url 没有设置：订阅源 /feeds/atom.xml、/feeds/posts.json 和 /sitemap.xml 一律回 404，"
                "政策解读分享出去没有图片"
            )
        return
    if urlsplit(web.base_url).scheme != "https":
        yield warning(f"web.base_url 是 http（{web.base_url}）：职工的问题在路上没有加密，请改用 https")
    if not settings.federation.icp:
        yield warning("federation.icp 没有填写：对外公开的网站，页脚应有 ICP 备案号")


def _check_proxies(settings: Settings) -> Iterator[Finding]:
    web = settings.web
    for network in web.trusted_proxies:
        if ip_network(network, strict=False).prefixlen == 0:
            yield fault(f"web.trusted_proxies 里的 {network} 等于相信任何人报来的地址")
    if not _is_loopback(web.host) and "127.0.0.1" in web.trusted_proxies:
        yield note(f"web.host 是 {web.host}：本机以外也能直接访问，没有经过反向代理的请求不加密")


def _check_wechat(configuration: Configuration) -> Iterator[Finding]:
    wechat, environment = configuration.settings.wechat, configuration.environment
    if not wechat.enabled:
        yield note("微信没有启用（wechat.enabled: false）")
        return
    if wechat.mode != "safe":
        yield warning(f"wechat.mode 是 {wechat.mode}：消息不加密，只适合开发时使用，正式运行请用 safe")
    if not wechat.original_id:
        yield note("wechat.original_id 没有填写：不检查消息是不是发给本公众号的")
    if not environment.get("GONGHUI_WECHAT_SECRET"):
        yield warning("没有 GONGHUI_WECHAT_SECRET：不能用 gonghui wechat menu push 设置菜单")
    if environment.get("GONGHUI_WECHAT_AES_KEY_PREVIOUS"):
        yield note("旧的 EncodingAESKey 还在使用；更换完成后请去掉 GONGHUI_WECHAT_AES_KEY_PREVIOUS")
    if wechat.api_base != "https://api.weixin.qq.com":
        yield warning(f"wechat.api_base 是 {wechat.api_base}，不是微信的地址，只适合测试")


def _check_telegram(configuration: Configuration) -> Iterator[Finding]:
    settings = configuration.settings
    telegram, api_base = settings.telegram, settings.publishing.channels.telegram.api_base
    if not is_answering(settings, configuration.environment):
        yield note("Telegram 没有启用：没有 GONGHUI_TELEGRAM_TOKEN，或 telegram.enabled 是 false")
    else:
        way = "网络回调（telegram.webhook）" if telegram.webhook else "轮询"
        yield ok(f"Telegram 已启用：{way}{'，经代理' if telegram.proxy else ''}")
        yield note(
            "有了 GONGHUI_TELEGRAM_TOKEN，谁给这个机器人发消息都会得到答复；"
            "令牌只用来发布的，请设 telegram.enabled: false"
        )
        if telegram.complaints:
            yield warning(
                "telegram.complaints 是 true：职工的投诉要经过境外的服务器。请先做好个人信息保护影响评估，"
                "确认符合《个人信息保护法》第38、39条和本单位的规定"
            )
        if telegram.proxy.startswith("socks") and find_spec("socksio") is None:
            yield fault("telegram.proxy 是 socks 代理，但没有安装 socksio：请改用 http 代理，或安装它")
    if telegram.staff_chat:
        yield note("Telegram 群会收到到期提醒：只有案件编号和期限；请确认群里都是工作人员")
    if not api_base.startswith("https://"):
        yield warning(f"publishing.channels.telegram.api_base 是 {api_base}：令牌在路上不加密，只适合本机或测试")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
