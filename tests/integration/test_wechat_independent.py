"""The callback against cryptography that others wrote: two npm libraries play WeChat's server."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from tests.emulators.npm import npm_modules
from tests.serving import Server, a_server
from tests.wechat import APP_ID, ENVIRON, KEY, OLD_KEY, TOKEN, a_text, a_wechat_configuration

pytestmark = pytest.mark.node

LIBRARIES = {"wechat-crypto": "0.0.2", "@wecom/crypto": "1.0.1"}
CLIENT = Path(__file__).parent / "wechat_client.cjs"


@pytest.fixture(scope="module")
def modules(pytestconfig: pytest.Config) -> Path:
    return npm_modules(pytestconfig, "npm-wechat", LIBRARIES)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("independent")
    configuration = a_wechat_configuration(folder)
    with a_server(configuration.path, ENVIRON, folder / "server.log") as server:
        yield server


def play(modules: Path, library: str, server: Server, key: str, documents: list[str]) -> dict:
    plan = {
        "url": f"{server.url}/wechat",
        "token": TOKEN,
        "aesKey": key,
        "appId": APP_ID,
        "documents": documents,
    }
    done = subprocess.run(
        ["node", "--no-deprecation", str(CLIENT), library],
        input=json.dumps(plan),
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("key", [KEY, OLD_KEY], ids=["current-key", "previous-key"])
@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_a_foreign_implementation_and_ours_understand_each_other(
    modules: Path, library: str, server: Server, key: str
) -> None:
    """During a key change the reply must come under the key of the question: the client knows only that one."""
    question = a_text("公司拖欠三个月工资，也没签合同，怎么办")
    report = play(modules, library, server, key, [question, question, a_text("你好")])
    assert report["verified"] == "5935258128547730623"
    first, repeated, greeting = report["replies"]
    for reply in report["replies"]:
        assert reply["status"] == 200
        assert reply["signed"]
        assert reply["id"] == APP_ID
    answer = fromstring(first["document"])
    assert answer.findtext("ToUserName") == "oWorker1"
    assert answer.findtext("FromUserName") == "gh_7f083739789a"
    assert "拖欠工资" in (answer.findtext("Content") or "")
    assert fromstring(repeated["document"]).findtext("Content") == answer.findtext("Content")
    assert "12351" in (fromstring(greeting["document"]).findtext("Content") or "")


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_whatever_a_foreign_implementation_forges_is_refused(modules: Path, library: str, server: Server) -> None:
    report = play(modules, library, server, KEY, [a_text("在吗")])
    forged = {name: report[name] for name in ("notVerified", "tampered", "wrongToken", "otherAccount", "otherKey")}
    assert set(forged.values()) == {403}, forged
