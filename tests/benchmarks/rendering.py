"""How long it takes to make what every channel gets of one post of a thousand characters.

    uv run python -m tests.benchmarks.rendering [--quick]

All channels are on. Each turn sets the post for every channel anew, checks it, and makes the preview; `render_ms` is
the 95th percentile of setting alone. The first turn also loads the font and draws the cover: `first_ms`. The last line
is one JSON object.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

from bot.app import make_newsroom_of
from bot.publishing.posts import Content, Cover
from bot.wording import load_wording
from tests.benchmarks.running import percentile
from tests.builders import ROOT, a_configuration

TARGETS = {"render_ms": 100.0}
LENGTH = 1000
PIECE = (
    "## 先把证据留好\n\n工资条、考勤、**聊天记录**和转账记录都算，手机里的要截图。依据《劳动合同法》第30条第2款，"
    "可以向人民法院申请支付令。\n\n1. 写清从哪个月开始没发\n2. 找劳动监察投诉，电话 12333\n\n- 也可以打工会 12351\n\n"
)
CHANNELS = {
    "wechat": {"mode": "draft"},
    "weibo": {"app_key": "1234567890", "safe_domain": "example.org"},
    "mastodon": {"server": "https://mastodon.example.org"},
    "telegram": {"chat": "@heze"},
    "site": {},
    "webhook": {"targets": [{"id": "portal", "name": "门户", "url": "https://portal.example.org/in"}]},
    "by_hand": {"platforms": [{"id": "douyin", "name": "抖音"}]},
}

ENVIRON = {
    "GONGHUI_WECHAT_TOKEN": "benchmark-token",
    "GONGHUI_WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "GONGHUI_WECHAT_SECRET": "0123456789abcdef0123456789abcdef",
    "GONGHUI_WEIBO_APP_SECRET": "0123456789abcdef0123456789abcdef",
    "GONGHUI_MASTODON_TOKEN": "benchmark-token-of-mastodon",
    "GONGHUI_TELEGRAM_TOKEN": "123456789:benchmark-token-of-telegram-0123",
    "GONGHUI_WEBHOOK_SECRET_PORTAL": "a-secret-shared-with-the-portal-0123456789",
}
"""Nothing is sent: the configuration only has to be whole."""


def a_post() -> Content:
    """A post of a thousand characters with what occurs in posts."""
    body = (PIECE * (LENGTH // len(PIECE) + 1))[:LENGTH]
    return Content(
        slug="benchmark",
        title="年底前，把工资要到手",
        body=body,
        digest="被欠薪怎么留证据、找哪里、几天有结果",
        author="菏泽市总工会",
        tags=("欠薪", "农民工"),
        region="全国",
        cover=Cover(lines=("年底前", "把工资要到手")),
        channels=tuple(CHANNELS),
        variants={"weibo": "被欠薪别干等：先留考勤、工资条，再找劳动监察投诉（12333），也可打工会12351。"},
    )


async def measure(turns: int) -> dict[str, object]:
    """So many turns on all channels."""
    with tempfile.TemporaryDirectory() as folder:
        changes = {
            "web": {"base_url": "https://ask.example.org"},
            "wechat": {"enabled": True, "app_id": "wx0123456789abcdef"},
            "publishing": {"channels": {code: {"enabled": True, **more} for code, more in CHANNELS.items()}},
        }
        configuration = a_configuration(Path(folder), changes, ENVIRON)
        newsroom = make_newsroom_of(configuration.settings, load_wording(ROOT / "content" / "replies"))
        setting, checking = [], []
        content = a_post()
        for _ in range(turns):
            began = time.perf_counter()
            renderings = {code: newsroom.typesetter.render(code, content) for code in newsroom.enabled}
            set_at = time.perf_counter()
            for code, rendering in renderings.items():
                newsroom.renderers[code].check(rendering, content)
                newsroom.renderers[code].preview(rendering, {})
            setting.append((set_at - began) * 1000)
            checking.append((time.perf_counter() - set_at) * 1000)
    first, *setting = setting
    return {
        "benchmark": "rendering",
        "channels": len(renderings),
        "characters": len(content.body),
        "turns": turns,
        "render_ms": round(percentile(setting, 0.95), 1),
        "render_p50_ms": round(percentile(setting, 0.5), 1),
        "render_p99_ms": round(percentile(setting, 0.99), 1),
        "first_ms": round(first, 1),
        "check_and_preview_ms": round(percentile(checking, 0.99), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    result = asyncio.run(measure(100 if parser.parse_args().quick else 1000))
    met = float(str(result["render_ms"])) < TARGETS["render_ms"]
    print(json.dumps({**result, "targets": TARGETS, "met": met}, ensure_ascii=False))
    raise SystemExit(not met)


if __name__ == "__main__":
    main()
