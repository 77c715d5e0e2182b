"""The commands: parse, call a service, print. Each imports what it needs when it runs."""

import sys

import typer

from bot.commands import ask, audit, database, doctor, faq, keys, laws, posts, publish, retention, serve, staff, wechat

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Gonghui: service desk of a trade union.")
app.add_typer(faq.app, name="faq")
app.add_typer(laws.app, name="laws")
app.add_typer(posts.app, name="posts")
app.add_typer(wechat.app, name="wechat")
app.add_typer(staff.app, name="staff")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command line; a known fault is told in words and ends with status 2."""
    from bot.errors import GonghuiError
    from bot.ops.logging import configure_logging

    configure_logging("warning", "console")  # `serve` says more; a command's output is its own
    try:
        app()
    except GonghuiError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("chat")(ask.chat)
app.command("doctor")(doctor.doctor)
app.command("backup")(database.backup)
app.command("restore")(database.restore)
app.command("retention")(retention.retention)
app.command("publish")(publish.publish)


if __name__ == "__main__":
    main()
