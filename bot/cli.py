"""The commands: parse, call a service, print. Each imports what it needs when it runs."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Gonghui: service desk of a trade union.")
faq = typer.Typer(no_args_is_help=True, help="The FAQ base.")
app.add_typer(faq, name="faq")


def main() -> None:
    """Run the command line; a known fault is told in words and ends with status 2."""
    from bot.errors import GonghuiError

    try:
        app()
    except GonghuiError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


def _program():  # type: ignore[no-untyped-def]
    from bot.app import build
    from bot.settings import load_configuration

    return build(load_configuration())


@app.command()
def ask(question: Annotated[str, typer.Argument(help="the question")]) -> None:
    """Answer a question as a worker would see it."""

    async def run() -> None:
        from bot.channels.terminal.render import render

        program = _program()
        async with program.running():
            answered = await program.answers.ask(question, program.clock.now())
            print(render(answered.reply, program.configuration.base_url))

    asyncio.run(run())


if __name__ == "__main__":
    main()
