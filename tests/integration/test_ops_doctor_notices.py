"""What the doctor says of the roads by which staff and workers are told."""

from pathlib import Path

from bot.ops.doctor.findings import Mark
from bot.ops.doctor.notices import check_staff_notices, check_worker_notices
from bot.wording import Wording
from tests.builders import a_configuration
from tests.integration.test_ops_doctor import examine, quick, texts  # noqa: F401 - `quick` is a fixture for all
from tests.post import HOST, PASSWORD, USER, a_certificate, a_post_office
from tests.wechat import ENVIRON

WECHAT = {"wechat": "template", "template_id": "t", "fields": {"thing1": "words"}}


async def test_the_mail_server_is_tried_without_sending_anything(tmp_path: Path) -> None:
    async with a_post_office() as office:
        mail = {"host": HOST, "port": office.port, "security": "none", "sender": "weiquan@union.test"}
        sections = await examine(tmp_path, {"notices": {"mail": mail}})
        assert any("连得上" in text for text in texts(sections, Mark.OK))
        assert (office.connected, office.taken) == (1, [])
    gone = texts(await examine(tmp_path, {"notices": {"mail": mail}}), Mark.WARNING)
    assert any(f"{HOST}:{office.port} 现在用不了" in text for text in gone)


async def test_a_password_that_the_mail_server_refuses_is_a_fault(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    environ = {"GONGHUI_SMTP_USER": USER, "GONGHUI_SMTP_PASSWORD": "not-this-one"}
    async with a_post_office(certificate) as office:
        mail = {"host": HOST, "port": office.port, "sender": "weiquan@union.test", "ca_file": str(certificate)}
        found = texts(await examine(tmp_path, {"notices": {"mail": mail}}, environ), Mark.FAULT)
        assert any("GONGHUI_SMTP_PASSWORD" in text for text in found)
        right = await examine(tmp_path, {"notices": {"mail": mail}}, environ | {"GONGHUI_SMTP_PASSWORD": PASSWORD})
        assert not any("GONGHUI_SMTP_PASSWORD" in text for text in texts(right, Mark.FAULT))
    assert "not-this-one" not in "".join(found)


async def test_mail_and_group_that_are_not_encrypted_are_risky(tmp_path: Path) -> None:
    robot = "http://10.0.0.1/cgi-bin/webhook/send?key=693a91f6-7xxx"
    notices = {"wecom": {"enabled": True, "base": "http://10.0.0.1"}}
    sections = await examine(tmp_path, {"notices": notices}, {"GONGHUI_WECOM_WEBHOOK": robot})
    assert any("notices.wecom.base" in text for text in texts(sections, Mark.WARNING))
    settings = a_configuration(
        tmp_path, {"notices": {"mail": {"host": "mail.example.org", "sender": "a@b.test", "security": "none"}}}
    ).settings
    found = list(check_staff_notices(settings, mail_fault=None, signs_in=False))
    assert any("不加密" in finding.text for finding in found if finding.mark is Mark.WARNING)


def test_words_that_do_not_fit_a_template_are_a_fault(tmp_path: Path) -> None:
    environ = ENVIRON | {"GONGHUI_WECHAT_SECRET": "s" * 32}
    changes = {"complaints": {"notices": WECHAT}, "wechat": {"enabled": True, "app_id": "wx0123456789abcdef"}}
    settings = a_configuration(tmp_path, changes, environ).settings
    words = Wording({"notices.worker.news": "新" * 20, "notices.worker.verdict": "评" * 21})
    found = [finding.text for finding in check_worker_notices(settings, words) if finding.mark is Mark.FAULT]
    assert len(found) == 1
    assert "notices.worker.verdict" in found[0]
