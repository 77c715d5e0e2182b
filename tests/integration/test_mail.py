"""Letters as mail, to a real SMTP server: encrypted, signed in, and with an outcome that is never guessed."""

from pathlib import Path

import pytest

from bot.channels.mail.sender import MailSender, MailServer
from bot.errors import OutcomeUnknown, VendorError
from bot.staff.letters import Letter
from tests.fakes import FakeClock
from tests.post import CUT, HOST, PASSWORD, USER, PostOffice, a_certificate, a_post_office

LETTER = Letter(
    "【菏泽工会】维权工作提醒 1 条", ("HZ261122-048213 “首次联系职工” 2026-11-27 到期",), "请登录工作台办理。"
)
TO = "anna@union.test"
KEY = "k" * 32


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_certificate(tmp_path_factory.mktemp("mail"))


def sender(office: PostOffice, clock: FakeClock, **fields: object) -> MailSender:
    values: dict[str, object] = {
        "host": HOST,
        "port": office.port,
        "security": "none",
        "sender": "weiquan@union.test",
        "name": "菏泽工会",
    }
    return MailSender(MailServer(**{**values, **fields}), clock, seconds=10)  # type: ignore[arg-type]


async def fault_of(office: PostOffice, clock: FakeClock, *, to: str = TO, **fields: object) -> VendorError:
    with pytest.raises(VendorError) as caught:
        await sender(office, clock, **fields).send(LETTER, to=to, key=KEY)
    assert TO not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return caught.value


async def test_a_letter_arrives_as_it_was_written(clock: FakeClock) -> None:
    async with a_post_office() as office:
        await sender(office, clock).send(LETTER, to=TO, key=KEY)
    (mail,) = office.taken
    assert mail["Subject"] == LETTER.subject
    assert mail["From"] == "菏泽工会 <weiquan@union.test>"
    assert mail["Message-ID"] == f"<{KEY}@union.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Sun, 22 Nov 2026 10:00:00 +0800"
    assert mail.get_content().split() == [*LETTER.lines[0].split(), LETTER.foot]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_goes_encrypted_and_signed_in(certificate: Path, clock: FakeClock, security: str) -> None:
    async with a_post_office(certificate, implicit=security == "tls") as office:
        mail = sender(office, clock, security=security, ca_file=certificate, user=USER, password=PASSWORD)
        await mail.check()
        assert office.taken == []
        await mail.send(LETTER, to=TO, key=KEY)
    assert len(office.taken) == 1
    assert office.signed_in == [USER, USER]


async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(certificate: Path, clock: FakeClock) -> None:
    async with a_post_office(certificate) as office:
        error = await fault_of(office, clock, security="starttls", user=USER, password=PASSWORD)
    assert (error.code, error.permanent, office.signed_in) == ("unreachable", False, [])


async def test_a_server_that_offers_no_encryption_gets_no_password(clock: FakeClock) -> None:
    """Somebody on the way could take the offer out of what the server says."""
    async with a_post_office() as office:
        error = await fault_of(office, clock, security="starttls", user=USER, password=PASSWORD)
    assert (error.permanent, office.signed_in, office.taken) == (False, [], [])


async def test_a_wrong_password_can_be_mended(certificate: Path, clock: FakeClock) -> None:
    async with a_post_office(certificate) as office:
        error = await fault_of(
            office, clock, security="starttls", ca_file=certificate, user=USER, password="another-word"
        )
    assert (error.code, error.permanent) == ("auth", False)


@pytest.mark.parametrize(
    ("answer", "permanent"), [("451 try later", False), ("552 no room", True)], ids=["later", "never"]
)
async def test_what_the_server_says_to_the_text_is_final_or_not(clock: FakeClock, answer: str, permanent: bool) -> None:
    async with a_post_office() as office:
        office.answers = [answer]
        error = await fault_of(office, clock)
    assert (error.code, error.permanent) == (f"smtp_{answer[:3]}", permanent)
    assert not isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize(
    ("answer", "permanent"), [("450 full", False), ("550 nobody of that name", True)], ids=["later", "never"]
)
async def test_a_refused_recipient_gets_no_text(clock: FakeClock, answer: str, permanent: bool) -> None:
    async with a_post_office() as office:
        office.to_recipients = [answer]
        assert (await fault_of(office, clock)).permanent is permanent
    assert office.taken == []


async def test_a_connection_that_breaks_over_the_text_leaves_it_open(clock: FakeClock) -> None:
    """The server may have taken it: here it has."""
    async with a_post_office() as office:
        office.answers = [CUT]
        assert isinstance(await fault_of(office, clock), OutcomeUnknown)
    assert len(office.taken) == 1


async def test_a_server_that_is_away_has_taken_nothing(clock: FakeClock) -> None:
    async with a_post_office() as office:
        pass
    error = await fault_of(office, clock)
    assert (error.code, error.permanent, isinstance(error, OutcomeUnknown)) == ("unreachable", False, False)
    with pytest.raises(VendorError):
        await sender(office, clock).check()


@pytest.mark.parametrize(
    "to", ["", "anna", "anna@union.test\r\nBcc: all@union.test", "a@b.test, c@d.test", "安娜@union.test"]
)
async def test_what_is_no_plain_address_is_never_written_to(clock: FakeClock, to: str) -> None:
    async with a_post_office() as office:
        error = await fault_of(office, clock, to=to)
    assert (error.code, error.permanent, office.connected) == ("bad_address", True, 0)
