"""`config.yaml` and the environment -> `Settings`; every fault is reported at once, by YAML path.

`config.yaml` holds what may be read by anybody who may read the repository. Secrets come from
the environment (`SECRETS` below) or from files with mode 600 named `<NAME>_FILE`; a secret
found in `config.yaml` is a fault. Core code receives values, not this object.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, Field, SecretStr, ValidationError

from bot.complaint_settings import Complaints
from bot.errors import ConfigurationError
from bot.faults import cross_faults, plain
from bot.notice_settings import StaffNotices
from bot.publishing_settings import Publishing
from bot.safe_yaml import SafeLoader
from bot.section import Section, network
from bot.staff_settings import Staff
from bot.subscription_settings import Subscriptions
from bot.telegram_settings import Telegram

CONFIG_VARIABLE = "GONGHUI_CONFIG"
TEST_PREFIX = "GONGHUI_TEST_"
"""Variables of the test suite; they mean nothing to the program."""

SECRETS: Mapping[str, str] = {
    "GONGHUI_KEYS": "key ring (JSON); without it <data_dir>/keys.json is used",
    "GONGHUI_DATABASE_URL": "postgresql+psycopg://user:password@host/name; without it SQLite",
    "GONGHUI_WECHAT_TOKEN": "the callback token entered in the WeChat console",
    "GONGHUI_WECHAT_AES_KEY": "EncodingAESKey, 43 characters",
    "GONGHUI_WECHAT_AES_KEY_PREVIOUS": "the EncodingAESKey before the last change",
    "GONGHUI_WECHAT_SECRET": "AppSecret, for the menu and other calls to WeChat",
    "GONGHUI_SMTP_USER": "user of the mail server, for notices to staff",
    "GONGHUI_SMTP_PASSWORD": "password of that user",
    "GONGHUI_WECOM_WEBHOOK": "address of the WeCom group robot, with its key",
    "GONGHUI_METRICS_TOKEN": "bearer token for /metrics from other machines",
    "GONGHUI_WEIBO_APP_SECRET": "App Secret of the application at open.weibo.com",
    "GONGHUI_MASTODON_TOKEN": "access token of the account at the Mastodon-compatible server",
    "GONGHUI_TELEGRAM_TOKEN": "token of the Telegram bot: it answers people, and posts in the channel",
    "GONGHUI_WEBHOOK_SECRET": "signs what is sent to webhooks",
}
SECRET_FAMILIES: Mapping[str, str] = {
    "GONGHUI_WEBHOOK_SECRET_": "the same for one webhook only: its id in capitals stands behind",
}
"""Beginnings of names; what stands behind is an id of config.yaml."""


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("必须是网址，例如 https://ask.example.org")
    return url.rstrip("/")


class Federation(Section):
    """The federation that this installation serves."""

    name: str = Field(min_length=2, description="full name, shown on every page")
    short_name: str = Field(min_length=2, description="short name, for titles")
    hotline: str = Field(default="12351", description="the union hotline")
    higher_union: str = Field(default="", description="the union above it, where complaints about supervisors go")
    regions: list[str] = Field(
        min_length=1, description="whose rules apply here, widest first; entries of other regions are not served"
    )
    icp: str = Field(default="", description="ICP备案号, in the footer")
    police_record: str = Field(default="", description="公安备案号, in the footer")
    office_hours: str = Field(default="", description="when the service desk is staffed, as shown to people")


class Web(Section):
    """Where the web server listens, and under which address people reach it."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="port to listen on")
    base_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None, description="public address; links in chat messages need it"
    )
    trusted_proxies: list[Annotated[str, AfterValidator(network)]] = Field(
        default_factory=lambda: ["127.0.0.1", "::1"],
        description="proxies whose X-Forwarded-For and -Proto are believed",
    )
    max_body_kilobytes: int = Field(default=64, ge=16, le=1024, description="largest form or callback accepted")
    verify_files: dict[str, str] = Field(default_factory=dict, description="MP_verify_*.txt: file name and its content")


class Answers(Section):
    """How questions are answered."""

    question_retention_days: int = Field(default=180, ge=1, le=1095, description="recorded questions are kept so long")
    slow_encoder: bool = Field(default=True, description="use the better, slower sentence encoder when it can decide")
    slow_encoder_at_once: int = Field(
        default=1, ge=1, le=8, description="questions that may wait for the slow encoder at the same time"
    )
    longest_question: int = Field(default=500, ge=50, le=2000, description="characters of a question that are read")


class WeChat(Section):
    """The WeChat official account."""

    enabled: bool = Field(default=False, description="serve the callback at /wechat")
    app_id: str = Field(default="", description="AppID (wx...)")
    original_id: str = Field(default="", description="original id of the account (gh_...); checked when given")
    mode: Literal["safe", "compatible", "plain"] = Field(
        default="safe", description="message encryption as set in the WeChat console"
    )
    retry_window_minutes: int = Field(default=10, ge=1, le=60, description="repeats inside it are retries")
    reply_deadline_seconds: float = Field(
        default=4.0, gt=0, lt=5, description="later than this WeChat gets an empty answer and asks again"
    )
    timestamp_tolerance_minutes: int = Field(default=5, ge=1, le=60, description="how far WeChat's clock may be off")
    api_base: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://api.weixin.qq.com", description="WeChat API; another address only for tests"
    )


class Backup(Section):
    """Copies of the database and the files."""

    keep: int = Field(default=14, ge=1, le=365, description="copies kept in <data_dir>/backups")
    daily: bool = Field(default=True, description="the running service makes a copy every night")
    hour: int = Field(default=3, ge=0, le=23, description="from this hour (China) the copy of the night is due")
    before_migration: bool = Field(
        default=True, description="make a copy before a migration; false where the server is backed up otherwise"
    )


class Logging(Section):
    """What the log looks like."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level written")
    format: Literal["console", "json"] = Field(default="console", description="json for log collectors")


class Settings(Section):
    """All settings of one installation. Paths are absolute."""

    federation: Federation
    web: Web = Field(default_factory=Web)
    answers: Answers = Field(default_factory=Answers)
    complaints: Complaints = Field(default_factory=Complaints)
    staff: Staff = Field(default_factory=Staff)
    notices: StaffNotices = Field(default_factory=StaffNotices)
    publishing: Publishing = Field(default_factory=Publishing)
    wechat: WeChat = Field(default_factory=WeChat)
    subscriptions: Subscriptions = Field(default_factory=Subscriptions)
    telegram: Telegram = Field(default_factory=Telegram)
    backup: Backup = Field(default_factory=Backup)
    logging: Logging = Field(default_factory=Logging)
    data_dir: Path = Field(default=Path(".gonghui"), description="database, keys, index, backups; mode 700")
    content_dir: Path = Field(default=Path("content"), description="the shipped content")


@dataclass(frozen=True, slots=True)
class Environment:
    """What is secret: taken from the environment, never written anywhere."""

    values: Mapping[str, SecretStr]

    def get(self, name: str) -> str | None:
        """The secret of that name, or None when it is not set or empty."""
        secret = self.values.get(name)
        return secret.get_secret_value() if secret else None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings, secrets, and the file they came from."""

    path: Path
    settings: Settings
    environment: Environment

    @property
    def database_url(self) -> str:
        """Where the data live: PostgreSQL when its URL is set, else SQLite in the data folder."""
        url = self.environment.get("GONGHUI_DATABASE_URL")
        return url or f"sqlite+aiosqlite:///{self.settings.data_dir / 'gonghui.db'}"

    @property
    def base_url(self) -> str:
        """The public address, or the local one where none is set."""
        web = self.settings.web
        return web.base_url or f"http://{'127.0.0.1' if web.host in ('0.0.0.0', '::') else web.host}:{web.port}"  # noqa: S104 - compares only


def load_configuration(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Configuration:
    """Read `config.yaml` (or what GONGHUI_CONFIG names) and the environment.

    Raises ConfigurationError that lists every fault. Creates nothing.
    """
    configuration, faults = inspect_configuration(path, environ)
    if faults or configuration is None:
        raise ConfigurationError(faults)
    return configuration


def inspect_configuration(
    path: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Configuration | None, list[str]]:
    """What can be read of the configuration, and every fault in it; None where settings are faulty.

    Creates nothing and never raises.
    """
    environ = os.environ if environ is None else environ
    path = (path or Path(environ.get(CONFIG_VARIABLE, "config.yaml"))).absolute()
    faults: list[str] = []
    raw = _read_yaml(path, faults)
    settings = _validate(path, raw, faults) if raw is not None else None
    environment = _read_environment(environ, faults)
    if settings is None:
        return None, faults
    faults += cross_faults(path, settings, environment)
    return Configuration(path, settings, environment), faults


class _Loader(SafeLoader):
    """YAML, but a key that stands twice is a fault: the second one would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as the base class
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(None, None, f"{key} 出现了两次", node.start_mark)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - derived from SafeLoader
    except OSError as error:
        faults.append(f"{path}: 读不了（{error.strerror}）；可用 GONGHUI_CONFIG 指定别的文件")
        return None
    except UnicodeDecodeError:
        faults.append(f"{path}: 不是 UTF-8 文本")
        return None
    except yaml.YAMLError as error:
        faults.append(f"{path}: 不是正确的 YAML：{' '.join(str(error).split())}")
        return None
    if not isinstance(raw, dict):
        faults.append(f"{path}: 应由“名称: 值”组成，至少要有 federation 一节")
        return None
    return raw


def _validate(path: Path, raw: dict[str, Any], faults: list[str]) -> Settings | None:
    raw = {name: value for name, value in raw.items() if value is not None}  # a section all commented out
    for name in ("data_dir", "content_dir"):
        given = raw.get(name, str(Settings.model_fields[name].default))
        if isinstance(given, str):
            raw = raw | {name: path.parent / Path(given).expanduser()}
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        faults += [
            f"{path}: {'.'.join(str(step) for step in fault['loc'])}: {plain(fault)}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        return None


def _read_environment(environ: Mapping[str, str], faults: list[str]) -> Environment:
    values: dict[str, SecretStr] = {}
    for name in (*SECRETS, *_family_members(environ)):
        if environ.get(name, "").strip():
            values[name] = SecretStr(environ[name].strip())
        elif environ.get(f"{name}_FILE"):
            text = _read_secret(f"{name}_FILE", Path(environ[f"{name}_FILE"]), faults)
            if text:
                values[name] = SecretStr(text)
    secrets = {*SECRETS, *_family_members(environ)}
    known = {*secrets, *(f"{name}_FILE" for name in secrets), CONFIG_VARIABLE}
    faults += [
        f"{name}: 没有这个环境变量；可用的有 {', '.join(sorted(known))}"
        for name in sorted(environ)
        if name.startswith("GONGHUI_") and not name.startswith(TEST_PREFIX) and name not in known
    ]
    return Environment(values)


def _family_members(environ: Mapping[str, str]) -> list[str]:
    """The secrets of families that the environment names, with and without _FILE."""
    names = [name.removesuffix("_FILE") for name in environ if name.startswith(tuple(SECRET_FAMILIES))]
    return sorted({name for name in names if name.endswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))})


def _read_secret(variable: str, file: Path, faults: list[str]) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{variable}: {file} 读不了（{type(error).__name__}）")
        return ""
    if mode & 0o077:
        faults.append(f"{variable}: {file} 的权限是 {mode:o}，只能让所有者读（chmod 600）")
        return ""
    if not text:
        faults.append(f"{variable}: {file} 是空的")
    return text
