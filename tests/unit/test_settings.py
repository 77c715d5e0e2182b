"""Settings: what is broken is told all at once, by its place, in words, and without any secret."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from bot.errors import ConfigurationError
from bot.settings import SECRETS, Configuration, Settings, inspect_configuration, load_configuration
from tests.builders import ROOT

GOOD: dict[str, Any] = {
    "federation": {"name": "菏泽市总工会", "short_name": "菏泽工会", "regions": ["全国", "山东", "菏泽"]},
    "content_dir": str(ROOT / "content"),
}
WECHAT = {"enabled": True, "app_id": "wx0123456789abcdef"}
SECRET = "do-not-show-this-anywhere"


def load(folder: Path, raw: object, environ: Mapping[str, str] | None = None) -> Configuration:
    path = folder / "config.yaml"
    path.write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_configuration(path, environ or {})


def faults(folder: Path, raw: object, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, raw, environ)
    assert all(fault in str(caught.value) for fault in caught.value.faults)
    return caught.value.faults


def test_the_shipped_configuration_has_no_fault() -> None:
    assert load_configuration(ROOT / "config.yaml", {}).settings.federation.name == "菏泽市总工会"


def test_least_configuration_is_enough(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD).settings
    assert settings.web.port == 8000
    assert settings.federation.hotline == "12351"


def test_paths_are_read_from_the_folder_of_the_file(tmp_path: Path) -> None:
    """The service is started from wherever systemd likes."""
    settings = load(tmp_path, {**GOOD, "data_dir": "data"}).settings
    assert settings.data_dir == tmp_path / "data"
    assert load(tmp_path, GOOD).settings.data_dir == tmp_path / ".gonghui"


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(tmp_path, {**GOOD, "data_dir": "~/data"}).settings.data_dir == tmp_path / "data"


def test_the_database_is_sqlite_in_the_data_folder_unless_a_url_is_set(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).database_url == f"sqlite+aiosqlite:///{tmp_path}/.gonghui/gonghui.db"
    url = "postgresql+psycopg://a:b@localhost/gonghui"
    assert load(tmp_path, GOOD, {"GONGHUI_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 8080}, "http://127.0.0.1:8080"),
        ({"base_url": "https://ask.example.org/"}, "https://ask.example.org"),
    ],
    ids=["local", "any", "public"],
)
def test_the_base_url_is_one_that_can_be_opened(tmp_path: Path, web: dict[str, Any], expected: str) -> None:
    assert load(tmp_path, {**GOOD, "web": web}).base_url == expected


NOT_SETTINGS = {
    "not yaml": "federation: [",
    "a tab": "federation:\n\tname: x",
    "a list": "- a\n- b",
    "a word": "hello",
    "nothing": "",
    "a python object": "federation: !!python/object/apply:os.system ['true']",
}


@pytest.mark.parametrize("text", NOT_SETTINGS.values(), ids=NOT_SETTINGS.keys())
def test_what_is_not_a_mapping_in_yaml_is_one_clear_fault(tmp_path: Path, text: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert str(tmp_path / "config.yaml") in fault


def test_a_section_of_which_everything_is_commented_out_has_its_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {**GOOD, "web": None, "backup": None}).settings.backup.keep == 14


def test_a_missing_file_is_told_with_the_way_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="GONGHUI_CONFIG"):
        load_configuration(tmp_path / "none.yaml", {})


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    named = load_configuration(environ={"GONGHUI_CONFIG": str(tmp_path / "config.yaml")})
    assert named.path == tmp_path / "config.yaml"


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="读不了"):
        load_configuration(tmp_path, {})


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes("federation: 菏泽".encode("gbk"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_configuration(tmp_path / "config.yaml", {})


def test_a_key_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    """YAML would quietly take the second one."""
    text = yaml.safe_dump(GOOD, allow_unicode=True) + "web: {port: 1}\nweb: {port: 2}\n"
    (fault,) = faults(tmp_path, text)
    assert "web" in fault
    assert "两次" in fault


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown section": ({"wecaht": {}}, "wecaht:", "没有这个设置项"),
    "unknown key": ({"web": {"prot": 1}}, "web.prot:", "没有这个设置项"),
    "a secret in the file": ({"wechat": {"token": SECRET}}, "wechat.token:", "环境变量"),
    "no federation": ({"federation": None}, "federation:", "缺少"),
    "federation a word": ({"federation": "菏泽市总工会"}, "federation:", "一组设置"),
    "no name": ({"federation": {"short_name": "工会", "regions": ["全国"]}}, "federation.name:", "缺少"),
    "empty name": ({"federation": {**GOOD["federation"], "name": " "}}, "federation.name:", "至少要有 2 个字"),
    "no region": ({"federation": {**GOOD["federation"], "regions": []}}, "federation.regions:", "至少要有 1 项"),
    "regions a word": ({"federation": {**GOOD["federation"], "regions": "全国"}}, "federation.regions:", "列表"),
    "hotline a number": ({"federation": {**GOOD["federation"], "hotline": 12351}}, "federation.hotline:", "引号"),
    "port a word": ({"web": {"port": "http"}}, "web.port:", "整数"),
    "port too large": ({"web": {"port": 70000}}, "web.port:", "不能大于 65535"),
    "port zero": ({"web": {"port": 0}}, "web.port:", "不能小于 1"),
    "base url without scheme": ({"web": {"base_url": "ask.example.org"}}, "web.base_url:", "网址"),
    "base url of another scheme": ({"web": {"base_url": "ftp://ask.example.org"}}, "web.base_url:", "网址"),
    "proxy a name": ({"web": {"trusted_proxies": ["proxy"]}}, "web.trusted_proxies.0:", "网段"),
    "verify file elsewhere": ({"web": {"verify_files": {"../x": "y"}}}, "web.verify_files:", "MP_verify"),
    "mode unknown": ({"wechat": {"mode": "aes"}}, "wechat.mode:", "'safe', 'compatible' 或 'plain'"),
    "enabled a word": ({"wechat": {"enabled": "maybe"}}, "wechat.enabled:", "true 或 false"),
    "deadline too long": ({"wechat": {"reply_deadline_seconds": 5}}, "wechat.reply_deadline_seconds:", "必须小于 5"),
    "deadline a word": ({"wechat": {"reply_deadline_seconds": "x"}}, "wechat.reply_deadline_seconds:", "数字"),
    "keep nothing": ({"backup": {"keep": 0}}, "backup.keep:", "不能小于 1"),
    "log level unknown": ({"logging": {"level": "loud"}}, "logging.level:", "只能是"),
    "content elsewhere": ({"content_dir": "nowhere"}, "content_dir:", "不是文件夹"),
    "data dir a list": ({"data_dir": ["a"]}, "data_dir:", "必须是路径"),
    "section a list": ({"answers": []}, "answers:", "一组设置"),
}


@pytest.mark.parametrize(("change", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_each_kind_of_broken_setting_is_told_by_its_place(
    tmp_path: Path, change: dict[str, Any], place: str, words: str
) -> None:
    (fault,) = faults(tmp_path, {**GOOD, **change})
    assert place in fault
    assert words in fault
    assert SECRET not in fault


def test_faults_of_every_kind_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        {**GOOD, "web": {"port": "x", "host": 1, "prot": 2}, "wechat": {"mode": "x"}, "logging": {"level": 3}},
        {"GONGHUI_TYPO": "1", "GONGHUI_KEYS_FILE": str(tmp_path / "none")},
    )
    places = ["web.port", "web.host", "web.prot", "wechat.mode", "logging.level", "GONGHUI_TYPO", "GONGHUI_KEYS_FILE"]
    assert [place for place in places if not any(place in fault for fault in found)] == []
    assert len(found) == len(places)


def test_wechat_without_its_secrets_names_each_of_them(tmp_path: Path) -> None:
    found = faults(tmp_path, {**GOOD, "wechat": {"enabled": True}})
    assert [fault.split(": ")[0] for fault in found] == [
        str(tmp_path / "config.yaml"),
        "GONGHUI_WECHAT_TOKEN",
        "GONGHUI_WECHAT_AES_KEY",
    ]
    assert "wechat.app_id" in found[0]


MAIL = {"mail": {"host": "mail.example.org", "sender": "weiquan@example.org"}}
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"
NOTICES: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "mail without a sender": ({"mail": {"host": "mail.example.org"}}, {}, "notices.mail.sender:"),
    "a sender that is none": ({"mail": {"host": "mail.example.org", "sender": "a b"}}, {}, "notices.mail.sender:"),
    "a host with a port": ({"mail": {"host": "mail.example.org:25"}}, {}, "notices.mail.host:"),
    "a user without a password": (MAIL, {"GONGHUI_SMTP_USER": "u"}, "GONGHUI_SMTP_PASSWORD:"),
    "a password without a user": (MAIL, {"GONGHUI_SMTP_PASSWORD": SECRET}, "GONGHUI_SMTP_USER:"),
    "a relative certificate": ({"mail": {**MAIL["mail"], "ca_file": "ca.pem"}}, {}, "notices.mail.ca_file:"),
    "a group without a robot": ({"wecom": {"enabled": True}}, {}, "notices.wecom.enabled:"),
    "a robot elsewhere": (
        {"wecom": {"enabled": True}},
        {"GONGHUI_WECOM_WEBHOOK": f"http://127.0.0.1/cgi-bin/webhook/send?key={SECRET}"},
        "GONGHUI_WECOM_WEBHOOK:",
    ),
    "a server with a path": ({"wecom": {"base": "https://wecom.example.org/x"}}, {}, "notices.wecom.base:"),
}


@pytest.mark.parametrize(("notices", "environ", "place"), NOTICES.values(), ids=NOTICES.keys())
def test_notices_to_staff_that_could_not_be_sent_are_told(
    tmp_path: Path, notices: dict[str, Any], environ: dict[str, str], place: str
) -> None:
    (fault,) = faults(tmp_path, {**GOOD, "notices": notices}, environ)
    assert place in fault
    assert SECRET not in fault


def test_mail_and_group_may_be_switched_on(tmp_path: Path) -> None:
    environ = {"GONGHUI_SMTP_USER": "u", "GONGHUI_SMTP_PASSWORD": SECRET, "GONGHUI_WECOM_WEBHOOK": ROBOT}
    configuration = load(tmp_path, {**GOOD, "notices": {**MAIL, "wecom": {"enabled": True}}}, environ)
    assert configuration.settings.notices.mail.port == 587
    assert ROBOT not in repr(configuration)


def test_a_notice_to_workers_needs_its_template_its_field_and_the_account(tmp_path: Path) -> None:
    found = faults(tmp_path, {**GOOD, "complaints": {"notices": {"wechat": "subscribe"}}})
    places = ["template_id", "fields", "subscribe_page", "wechat"]
    assert [place for place in places if not any(f"complaints.notices.{place}:" in fault for fault in found)] == []
    assert len(found) == len(places)


def test_plain_mode_needs_no_aes_key(tmp_path: Path) -> None:
    load(tmp_path, {**GOOD, "wechat": {**WECHAT, "mode": "plain"}}, {"GONGHUI_WECHAT_TOKEN": "t"})


@pytest.mark.parametrize(
    "key", ["short", "a" * 44, "a" * 42 + "=", "密" * 43], ids=["short", "long", "sign", "chinese"]
)
def test_an_aes_key_of_another_form_is_told_and_not_shown(tmp_path: Path, key: str) -> None:
    environ = {"GONGHUI_WECHAT_TOKEN": "t", "GONGHUI_WECHAT_AES_KEY": "a" * 43, "GONGHUI_WECHAT_AES_KEY_PREVIOUS": key}
    (fault,) = faults(tmp_path, {**GOOD, "wechat": WECHAT}, environ)
    assert fault.startswith("GONGHUI_WECHAT_AES_KEY_PREVIOUS: ")
    assert key not in fault


def test_a_database_of_an_unknown_kind_is_told_without_its_password(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD, {"GONGHUI_DATABASE_URL": f"mysql://root:{SECRET}@db/gonghui"})
    assert "postgresql+psycopg://" in fault
    assert SECRET not in fault


def test_a_misspelt_variable_is_told_with_those_that_exist(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD, {"GONGHUI_WECHAT_TOKENS": SECRET})
    assert "GONGHUI_WECHAT_TOKEN_FILE" in fault
    assert SECRET not in fault


def test_variables_of_other_programs_and_of_the_test_suite_are_let_alone(tmp_path: Path) -> None:
    load(tmp_path, GOOD, {"PATH": "/bin", "GONGHUI_TEST_POSTGRES_URL": "x"})


def secret_file(folder: Path, text: str = SECRET, mode: int = 0o600) -> dict[str, str]:
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return {"GONGHUI_METRICS_TOKEN_FILE": str(path)}


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    configuration = load(tmp_path, GOOD, secret_file(tmp_path, f"{SECRET}\n"))
    assert configuration.environment.get("GONGHUI_METRICS_TOKEN") == SECRET


def test_the_variable_itself_goes_before_the_file(tmp_path: Path) -> None:
    configuration = load(tmp_path, GOOD, {**secret_file(tmp_path), "GONGHUI_METRICS_TOKEN": "direct"})
    assert configuration.environment.get("GONGHUI_METRICS_TOKEN") == "direct"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_secret_file_that_others_may_read_is_a_fault(tmp_path: Path, mode: int) -> None:
    (fault,) = faults(tmp_path, GOOD, secret_file(tmp_path, mode=mode))
    assert f"{mode:o}" in fault
    assert "chmod 600" in fault
    assert SECRET not in fault


def test_an_empty_or_absent_secret_file_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, GOOD, secret_file(tmp_path, " \n"))
    assert "空" in fault
    (fault,) = faults(tmp_path, GOOD, {"GONGHUI_METRICS_TOKEN_FILE": str(tmp_path / "none")})
    assert "读不了" in fault


def test_secrets_never_show_in_what_is_printed(tmp_path: Path) -> None:
    configuration = load(tmp_path, GOOD, {"GONGHUI_METRICS_TOKEN": SECRET})
    assert SECRET not in repr(configuration)
    assert SECRET not in str(configuration.environment)


def test_loading_creates_nothing(tmp_path: Path) -> None:
    load(tmp_path, {**GOOD, "data_dir": "data"})
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_what_can_be_read_is_handed_on_beside_the_faults(tmp_path: Path) -> None:
    """The doctor goes on looking."""
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(GOOD, allow_unicode=True), encoding="utf-8")
    configuration, found = inspect_configuration(tmp_path / "config.yaml", {"GONGHUI_TYPO": "1"})
    assert configuration is not None
    assert len(found) == 1


def leaves(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    found = {}
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= leaves(inner, f"{prefix}{name}.")
        else:
            found[prefix + name] = field
    return found


def test_every_setting_says_what_it_means() -> None:
    assert [path for path, field in leaves(Settings).items() if not field.description] == []


def test_every_secret_says_what_it_is_for() -> None:
    assert [name for name, meaning in SECRETS.items() if not meaning] == []
    assert all(name.startswith("GONGHUI_") for name in SECRETS)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("phone", "12333", True), ("phone", "0530-5310000", True), ("phone", "13800001111", True), ("phone", "", True),
        ("phone", "打总机", False), ("phone", "12", False), ("phone", "0530-5310000 转 3", False),
        ("note", "菏泽市中华路1号", True), ("note", "字" * 61, False), ("note", "两\n行", False),
    ],
)  # fmt: skip
def test_how_a_body_is_reached_is_checked_and_a_fault_told_by_its_place(
    tmp_path: Path, field: str, value: str, *, fits: bool
) -> None:
    given = {**GOOD, "complaints": {"bodies": [{"id": "inspection", "name": "劳动保障监察", field: value}]}}
    if fits:
        assert getattr(load(tmp_path, given).settings.complaints.bodies[0], field) == value
    else:
        (fault,) = faults(tmp_path, given)
        assert f"complaints.bodies.0.{field}: " in fault


def test_faults_of_the_complaints_section_are_told_in_words(tmp_path: Path) -> None:
    district = {"id": "caoxian", "name": "曹县"}
    found = faults(
        tmp_path,
        {**GOOD, "complaints": {"districts": [district, district], "number_prefix": "hz", "receipt_hours": 0}},
    )
    assert any("districts" in fault and "出现了两次" in fault for fault in found)
    assert any("number_prefix" in fault and "写法不对" in fault for fault in found)
    assert any("receipt_hours" in fault and "不能小于 1" in fault for fault in found)
