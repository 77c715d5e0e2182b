"""Wires what tells staff and workers that something is due: the roads, and the jobs that send.

The hosts come from the configuration, the addresses of people from sealed rows, and nothing from a message.
"""

from datetime import timedelta

import httpx

from bot.app import Program
from bot.channels.mail.sender import MailSender, MailServer
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.notices import NoticeTemplate, WeChatNotices
from bot.channels.wechat.parse import CHANNEL as WECHAT
from bot.channels.wecom.robot import GroupRobot
from bot.clock import Clock
from bot.complaints.notices import Road
from bot.complaints.worker.notifying import WorkerCarrier, WorkerNotifier
from bot.ops.jobs import Figures, Job
from bot.settings import Configuration
from bot.staff.letters import LetterWriter
from bot.staff.notifying import Carrier, StaffNotifier
from bot.telegram_channel import TelegramChannel

SEND_EVERY = timedelta(seconds=20)
FORGET_EVERY = timedelta(hours=6)
NOTICES_KEPT = timedelta(days=180)
"""How long it can be seen afterwards who was told what and when."""

CONSOLE_PAGE, TRACKING_PAGE = "/console", "/track"


def make_notice_jobs(
    program: Program, client: httpx.AsyncClient, wechat: WeChatApi | None, telegram: TelegramChannel | None = None
) -> tuple[Job, ...]:
    """The jobs that send notices and forget old ones. wechat: WeChat's API, where there is a secret for it."""
    staff = make_staff_notifier(program, client, telegram)
    workers = make_worker_notifier(program, wechat, telegram)

    async def forget() -> Figures:
        before = program.clock.now() - NOTICES_KEPT
        async with program.store.write() as work:
            gone = await work.notices.delete_before(before) + await work.worker_notices.delete_before(before)
            await work.commit()
        return {"rows": gone}

    return (
        Job("send_staff_notices", SEND_EVERY, staff.run, at_once=True),
        Job("send_worker_notices", SEND_EVERY, workers.run, at_once=True),
        Job("forget_notices", FORGET_EVERY, forget),
    )


def make_staff_notifier(
    program: Program, client: httpx.AsyncClient, telegram: TelegramChannel | None = None
) -> StaffNotifier:
    """What sends notices to staff by the roads that are switched on."""
    configuration, base_url = program.configuration, program.configuration.settings.web.base_url
    federation = configuration.settings.federation
    return StaffNotifier(
        write=program.store.write,
        carriers=make_carriers(configuration, program.clock, client) | (telegram.staff_carriers() if telegram else {}),
        writer=LetterWriter(
            program.wording, federation=federation.short_name, page=f"{base_url}{CONSOLE_PAGE}" if base_url else ""
        ),
        clock=program.clock,
        metrics=program.metrics,
    )


def make_carriers(configuration: Configuration, clock: Clock, client: httpx.AsyncClient) -> dict[Road, Carrier]:
    """Mail and group, as far as they are switched on."""
    carriers: dict[Road, Carrier] = {}
    mail, wecom = make_mail(configuration, clock), configuration.settings.notices.wecom
    if mail is not None:
        carriers[Road.MAIL] = mail
    if wecom.enabled:
        webhook = configuration.environment.get("GONGHUI_WECOM_WEBHOOK") or ""
        carriers[Road.WECOM] = GroupRobot(client=client, webhook=webhook, base=wecom.base)
    return carriers


def make_mail(configuration: Configuration, clock: Clock) -> MailSender | None:
    """What sends mail; None where no server is named."""
    mail, environment = configuration.settings.notices.mail, configuration.environment
    if not mail.host:
        return None
    server = MailServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        sender=mail.sender,
        name=configuration.settings.federation.short_name,
        user=environment.get("GONGHUI_SMTP_USER") or "",
        password=environment.get("GONGHUI_SMTP_PASSWORD") or "",
        ca_file=mail.ca_file,
    )
    return MailSender(server, clock)


def make_worker_notifier(
    program: Program, wechat: WeChatApi | None, telegram: TelegramChannel | None = None
) -> WorkerNotifier:
    """What sends notices to workers where the account may."""
    settings = program.configuration.settings
    notices, base_url = settings.complaints.notices, settings.web.base_url
    carriers: dict[str, WorkerCarrier] = telegram.worker_carriers() if telegram else {}
    if notices.wechat != "none" and wechat is not None:
        template = NoticeTemplate(
            kind=notices.wechat,
            id=notices.template_id,
            fields=notices.fields,
            federation=settings.federation.short_name,
            page=f"{base_url}{TRACKING_PAGE}" if base_url else "",
            lasting=notices.lasting,
        )
        carriers[WECHAT] = WeChatNotices(wechat, template, program.wording)
    return WorkerNotifier(write=program.store.write, carriers=carriers, clock=program.clock, metrics=program.metrics)
