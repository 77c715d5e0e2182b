"""`config.yaml` and the environment -> `Settings`; every fault is reported at once, by YAML path.

`config.yaml` holds what may be read by anybody who may read the repository. Secrets come from
the environment (`SECRETS` below) or from files with mode 600 named `<NAME>_FILE`; a secret
found in `config.yaml` is a fault. Core code receives values, not this object.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.errors import ConfigurationError

CONFIG_VARIABLE = "GONGHUI_CONFIG"

SECRETS: Mapping[str, str] = {
    "GONGHUI_KEYS": "key ring (JSON); without it <data_dir>/keys.json is used",
    "GONGHUI_DATABASE_URL": "postgresql+psycopg://user:password@host/name; without it SQLite",
    "GONGHUI_WECHAT_TOKEN": "the callback token entered in the WeChat console",
    "GONGHUI_WECHAT_AES_KEY": "EncodingAESKey, 43 characters",
    "GONGHUI_WECHAT_AES_KEY_PREVIOUS": "the EncodingAESKey before the last change",
    "GONGHUI_WECHAT_SECRET": "AppSecret, for the menu and other calls to WeChat",
    "GONGHUI_METRICS_TOKEN": "bearer token for /metrics from other machines",
}


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("must be an address such as https://ask.example.org")
    return url.rstrip("/")


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Federation(_Section):
    """The federation that this installation serves."""

    name: str = Field(min_length=2, description="full name, shown on every page")
    short_name: str = Field(min_length=2, description="short name, for titles")
    hotline: str = Field(default="12351", description="the union hotline")
    regions: list[str] = Field(
        min_length=1, description="whose rules apply here, widest first; entries of other regions are not served"
    )
    icp: str = Field(default="", description="ICP备案号, in the footer")
    police_record: str = Field(default="", description="公安备案号, in the footer")
    office_hours: str = Field(default="", description="when the service desk is staffed, as shown to people")


class Web(_Section):
    """Where the web server listens, and under which address people reach it."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="port to listen on")
    base_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None, description="public address; links in chat messages need it"
    )
    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = Field(
        default_factory=lambda: ["127.0.0.1", "::1"],
        description="proxies whose X-Forwarded-For and -Proto are believed",
    )
    max_body_kilobytes: int = Field(default=64, ge=16, le=1024, description="largest form or callback accepted")
    verify_files: dict[str, str] = Field(
        default_factory=dict, description="MP_verify_*.txt: file name and its content"
    )


class Answers(_Section):
    """How questions are answered."""

    question_retention_days: int = Field(default=180, ge=1, le=1095, description="recorded questions are kept so long")
    slow_encoder: bool = Field(default=True, description="use the better, slower sentence encoder when it can decide")
    slow_encoder_at_once: int = Field(
        default=1, ge=1, le=8, description="questions that may wait for the slow encoder at the same time"
    )
    longest_question: int = Field(default=500, ge=50, le=2000, description="characters of a question that are read")


class WeChat(_Section):
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


class Backup(_Section):
    """Copies of the SQLite database."""

    keep: int = Field(default=14, ge=1, le=365, description="copies kept in <data_dir>/backups")


class Logging(_Section):
    """What the log looks like."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level written")
    format: Literal["console", "json"] = Field(default="console", description="json for log collectors")


class Settings(_Section):
    """All settings of one installation. Paths are absolute."""

    federation: Federation
    web: Web = Field(default_factory=Web)
    answers: Answers = Field(default_factory=Answers)
    wechat: WeChat = Field(default_factory=WeChat)
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


def load_configuration(
    path: Path | None = None, environ: Mapping[str, str] | None = None
) -> Configuration:
    """Read `config.yaml` (or what GONGHUI_CONFIG names) and the environment.

    Raises ConfigurationError that lists every fault. Creates nothing.
    """
    environ = os.environ if environ is None else environ
    path = (path or Path(environ.get(CONFIG_VARIABLE, "config.yaml"))).absolute()
    faults: list[str] = []
    raw = _read_yaml(path, faults)
    settings = _validate(path, raw, faults) if raw is not None else None
    environment = _read_environment(environ, faults)
    if settings is not None:
        faults += _cross_checks(path, settings, environment)
    if faults or settings is None:
        raise ConfigurationError(faults)
    return Configuration(path, settings, environment)


def _read_yaml(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"{path}: cannot be read ({error.strerror}); GONGHUI_CONFIG may name another file")
        return None
    except UnicodeDecodeError:
        faults.append(f"{path}: is not UTF-8 text")
        return None
    except yaml.YAMLError as error:
        faults.append(f"{path}: {' '.join(str(error).split())}")
        return None
    if not isinstance(raw, dict):
        faults.append(f"{path}: must be a mapping with the key 'federation' at least")
        return None
    return raw


def _validate(path: Path, raw: dict[str, Any], faults: list[str]) -> Settings | None:
    for name in ("data_dir", "content_dir"):
        if isinstance(raw.get(name, name), str):
            default = Settings.model_fields[name].default
            raw = raw | {name: path.parent / str(raw.get(name, default))}
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            where = ".".join(str(step) for step in fault["loc"])
            faults.append(f"{path}: {where}: {_plain(fault['type'], fault['msg'])}")
        return None


def _plain(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown setting; secrets belong in the environment, other names may be misspelt"
    if kind == "missing":
        return "is missing"
    return message.removeprefix("Value error, ")


def _read_environment(environ: Mapping[str, str], faults: list[str]) -> Environment:
    values: dict[str, SecretStr] = {}
    for name in SECRETS:
        if environ.get(name):
            values[name] = SecretStr(environ[name].strip())
        elif environ.get(f"{name}_FILE"):
            file = Path(environ[f"{name}_FILE"])
            try:
                mode = stat.S_IMODE(file.stat().st_mode)
                text = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"{name}_FILE: {file} cannot be read ({type(error).__name__})")
                continue
            if mode & 0o077:
                faults.append(f"{name}_FILE: {file} has mode {mode:o}; only its owner may read it (chmod 600)")
                continue
            values[name] = SecretStr(text)
    known = {*SECRETS, *(f"{name}_FILE" for name in SECRETS), CONFIG_VARIABLE}
    faults += [
        f"{name}: unknown environment variable; known are {', '.join(sorted(known))}"
        for name in sorted(environ)
        if name.startswith("GONGHUI_") and name not in known
    ]
    return Environment(values)


def _cross_checks(path: Path, settings: Settings, environment: Environment) -> list[str]:
    """Faults that only show when settings are seen together."""
    faults = []
    if not settings.content_dir.is_dir():
        faults.append(f"{path}: content_dir: {settings.content_dir} is not a folder")
    url = environment.get("GONGHUI_DATABASE_URL")
    if url and not url.startswith(("postgresql+psycopg://", "sqlite+aiosqlite://")):
        faults.append("GONGHUI_DATABASE_URL: must begin with postgresql+psycopg:// or sqlite+aiosqlite://")
    faults += [
        f"{path}: web.verify_files: {name} must look like MP_verify_xxxxxxxx.txt"
        for name in settings.web.verify_files
        if not (name.startswith("MP_verify_") and name.endswith(".txt") and name.isascii() and "/" not in name)
    ]
    wechat = settings.wechat
    if wechat.enabled:
        if not wechat.app_id:
            faults.append(f"{path}: wechat.app_id: is needed when wechat.enabled is true")
        if not environment.get("GONGHUI_WECHAT_TOKEN"):
            faults.append("GONGHUI_WECHAT_TOKEN: is needed when wechat.enabled is true")
        if wechat.mode != "plain" and not environment.get("GONGHUI_WECHAT_AES_KEY"):
            faults.append(f"GONGHUI_WECHAT_AES_KEY: is needed when wechat.mode is {wechat.mode}")
    for name in ("GONGHUI_WECHAT_AES_KEY", "GONGHUI_WECHAT_AES_KEY_PREVIOUS"):
        key = environment.get(name)
        if key and (len(key) != 43 or not key.isascii() or not key.isalnum()):
            faults.append(f"{name}: must be the 43 letters and digits shown in the WeChat console")
    return faults
