"""Check the shipped entries and explainers against statute texts that are not part of the repository.

    python .ci/citations.py FOLDER

FOLDER holds `articles.jsonl` and `check_citations.py`. Three checks: the citations in running
text exist and are in force (the folder's own checker), and, with the texts loaded into a
throw-away installation, `gonghui faq check` and `gonghui posts check` look up every structured
citation down to paragraph and item and refuse copied sentences.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def main(folder: Path) -> int:
    """Run the checks; the exit status of the first that fails."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        allowed = work / "allowed.txt"
        documents = yaml.safe_load((ROOT / "content" / "laws" / "documents.yaml").read_text(encoding="utf-8"))
        allowed.write_text("\n".join(d["title"] for d in documents["documents"]), encoding="utf-8")
        entries = [str(path) for path in sorted((ROOT / "content" / "faq").glob("*/*.md"))]
        posts = [str(path) for path in sorted((ROOT / "content" / "explainers").glob("*.md"))]
        status = run(
            [
                sys.executable,
                str(folder / "check_citations.py"),
                "--strict",
                "--quiet",
                "--allow",
                str(allowed),
                *entries,
                *posts,
            ]
        )
        told = "good" if status == 0 else "BAD"
        print(f"in-text citations of {len(entries)} entries and {len(posts)} explainers: {told}")
        if status:
            return status
        settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        settings |= {"data_dir": str(work / "data"), "content_dir": str(ROOT / "content")}
        (work / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        os.environ["GONGHUI_CONFIG"] = str(work / "config.yaml")
        gonghui = [sys.executable, "-m", "bot"]
        commands = (["laws", "import", str(folder / "articles.jsonl")], ["faq", "check"], ["posts", "check"])
        return next((status for command in commands if (status := run([*gonghui, *command]))), 0)


def run(command: list[str]) -> int:
    """Run a command in the repository, its output shown."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own commands


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
