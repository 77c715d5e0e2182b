"""`gonghui posts`, `gonghui publish` and what `gonghui laws import` lists, as an operator types them."""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.app import Program, build
from bot.cli import app
from bot.errors import ContentError
from bot.publishing.post_files import parse_post, render_post
from bot.publishing.posts import Content, Cover
from bot.publishing.schedules import Every, Rule
from bot.settings import load_configuration
from bot.store.unit_of_work import UnitOfWork
from tests.builders import ROOT, a_configuration
from tests.newsroom import a_content
from tests.newsroom_desk import ANN, BOB, SUE

Command = Callable[..., Result]
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in an installation without posts and entries of its own."""
    content = tmp_path / "content"
    for part in ("complaints", "laws", "lexicon", "replies"):
        shutil.copytree(ROOT / "content" / part, content / part)
    (content / "faq" / "wage").mkdir(parents=True)
    shutil.copy(ROOT / "content/faq/wage/arrears.md", content / "faq/wage/arrears.md")
    (content / "explainers").mkdir()
    a_configuration(tmp_path, {"content_dir": str(content), "web": {"base_url": "https://ask.example.org"}})
    monkeypatch.setenv("GONGHUI_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


def succeeded(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def write(folder: Path, *contents: Content) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for content in contents:
        (folder / f"{content.slug}.md").write_text(render_post(content), encoding="utf-8")
    return folder


def in_newsroom(tmp_path: Path, use: Callable[[Program, UnitOfWork], Any]) -> Any:
    """What `use` makes of the newsroom of that installation."""

    async def go() -> Any:
        program = build(load_configuration(tmp_path / "config.yaml", {}))
        async with program.maintained(), program.store.write() as work:
            result = await use(program, work)
            await work.commit()
        return result

    return asyncio.run(go())


def test_import_and_export_give_every_file_back_unchanged(run: Command, tmp_path: Path) -> None:
    folder = ROOT / "content/explainers"
    count = len(list(folder.glob("*.md")))
    assert f"{count} new, 0 unchanged, 0 changed, 0 kept" in succeeded(run("posts", "import", folder))
    assert f"0 new, {count} unchanged" in succeeded(run("posts", "import", folder))
    assert f"{count} posts and 0 pictures" in succeeded(run("posts", "export", tmp_path / "out"))
    for path in folder.glob("*.md"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_a_faulty_file_keeps_the_whole_folder_out(run: Command, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_content())
    (folder / "bad.md").write_text("---\nid: bad\n---\ntext\n", encoding="utf-8")
    result = run("posts", "import", folder)
    assert isinstance(result.exception, ContentError)
    assert "title: is missing" in str(result.exception)
    assert in_newsroom(tmp_path, lambda _, work: work.posts.list()) == ([], 0)


def test_what_was_edited_in_the_console_is_kept_unless_one_insists(run: Command, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_content())
    succeeded(run("posts", "import", folder))

    async def edit(program: Program, work: UnitOfWork) -> None:
        post = await work.posts.find_slug("wages")
        assert post is not None
        content = replace(post.content, title="控制台里改的")
        await program.newsroom.editing.save(work, ANN, post.id, post.version, content, "", program.clock.now())

    in_newsroom(tmp_path, edit)
    assert "wages: kept" in succeeded(run("posts", "import", folder))
    succeeded(run("posts", "export", tmp_path / "out"))
    assert parse_post((tmp_path / "out/wages.md").read_text(encoding="utf-8")).title == "控制台里改的"
    assert "wages: changed" in succeeded(run("posts", "import", folder, "--force"))


def test_pictures_travel_with_the_posts(run: Command, tmp_path: Path) -> None:
    from hashlib import sha256

    digest = sha256(JPEG).hexdigest()
    content = a_content(cover=Cover((), image=digest), body=f"字\n\n![图](media:{digest})")
    folder = write(tmp_path / "in", content)
    (folder / "media").mkdir()
    (folder / "media" / "any name.jpg").write_bytes(JPEG)
    succeeded(run("posts", "import", folder))
    assert "1 posts and 1 pictures" in succeeded(run("posts", "export", tmp_path / "out"))
    assert (tmp_path / f"out/media/{digest}.jpg").read_bytes() == JPEG
    (folder / "media" / "notes.txt").write_text("no picture", encoding="utf-8")
    assert "is no JPEG or PNG" in str(run("posts", "import", folder).exception)


def test_a_check_tells_every_finding_with_file_and_line(run: Command, tmp_path: Path) -> None:
    good = a_content("good", review_by=None, citations=(), body="字", variants={"mastodon": "短"})
    bad = a_content("bad", title="打13812345678", channels=("weibo",), variants={"weibo": "长" * 150}, citations=())
    folder = write(tmp_path / "in", good, bad)
    result = run("posts", "check", folder)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert any(line.startswith("in/bad.md:3: error: 标题：“13812345678”") for line in lines), lines
    assert any(line.startswith("in/bad.md:8: error: 微博 · 渠道专用文字：写了") for line in lines), lines
    assert any(line.startswith("in/bad.md:11: error: 正文：正文提到《劳动合同法》第30条") for line in lines), lines
    assert "3 errors, 0 warnings in 2 posts (no statute texts loaded)" in lines[-1]
    (folder / "bad.md").unlink()
    assert "0 errors, 0 warnings in 1 posts" in succeeded(run("posts", "check", folder))


def test_a_preview_shows_each_channel_as_text_and_as_pages(run: Command, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a_content(channels=("weibo", "site"), variants={"weibo": "先留证据。"}))
    shown = succeeded(run("posts", "preview", folder / "wages.md"))
    assert "── 微博 ──\n先留证据。 https://ask.example.org/posts/wages" in shown
    assert "── 网站 ──" in shown
    succeeded(run("posts", "preview", folder / "wages.md", "--channel", "site", "--html", tmp_path / "pages"))
    page = (tmp_path / "pages/wages.site.html").read_text(encoding="utf-8")
    assert "欠薪怎么办" in page
    assert "data:image/jpeg;base64," in page
    assert "neither a file nor a post" in str(run("posts", "preview", "nothing").exception)


def test_a_dry_run_tells_what_would_go_where_and_when_and_changes_nothing(run: Command, tmp_path: Path) -> None:
    assert "没有安排。没有发送任何内容" in succeeded(run("publish", "--dry-run"))

    async def plan(program: Program, work: UnitOfWork) -> None:
        now = program.clock.now()
        newsroom, planner = program.newsroom, program.press.planner
        post = await newsroom.editing.create(work, ANN, a_content(channels=("site",)), now)
        post = await newsroom.approval.submit(work, ANN, post.id, post.version, now)
        for actor in (BOB, SUE):
            post = await newsroom.approval.agree(work, actor, post.id, post.version, "", now)
        rule = Rule(every=Every.ONCE, at=now + timedelta(days=2))
        await planner.plan(work, ANN, post.id, rule, ["site"], now)

    in_newsroom(tmp_path, plan)
    told = succeeded(run("publish", "--dry-run"))
    assert "网站  欠薪怎么办 (wages)  待发送\n" in told
    assert "今后 14 天共 1 次：网站 1 次。" in told
    assert "没有安排" in succeeded(run("publish", "--dry-run", "--days", "1"))
    deliveries, total = in_newsroom(tmp_path, lambda _, work: work.deliveries.list())
    assert (deliveries, total) == ([], 0)


def test_a_changed_law_lists_the_entries_and_posts_that_cite_it(run: Command, tmp_path: Path) -> None:
    def texts(article_30: str) -> Path:
        line = {"law": "劳动合同法", "full_title": "中华人民共和国劳动合同法", "article": 30, "suffix": 0}
        path = tmp_path / "texts.jsonl"
        path.write_text(json.dumps({**line, "text": article_30}, ensure_ascii=False), encoding="utf-8")
        return path

    succeeded(run("faq", "import"))
    succeeded(run("posts", "import", write(tmp_path / "in", a_content())))
    assert "until they are reviewed" not in succeeded(run("laws", "import", texts("按月支付。")))
    assert "until they are reviewed" not in succeeded(run("laws", "import", texts("按月 支付。")))
    told = succeeded(run("laws", "import", texts("按周支付。")))
    assert "2 entries and posts cite what has changed" in told
    assert "entry wage.arrears" in told
    assert "欠薪怎么办 (劳动合同法 30)" in told

    async def listed(program: Program, work: UnitOfWork) -> list[str]:
        return [one.kind for one in await program.newsroom.law_reviews.list(work, program.clock.now())]

    assert sorted(in_newsroom(tmp_path, listed)) == ["entry", "post"]
