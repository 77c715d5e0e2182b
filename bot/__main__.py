"""`python -m bot` is the `gonghui` command."""

from bot.cli import main

main()
