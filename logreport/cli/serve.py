"""`logreport serve`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import click

from logreport import typed
from logreport.cli import options
from logreport.errors import BadWindow, LogReportError

#: Browsers take a longer one for none at all.
_LONGEST_PAUSE: Final = timedelta(days=1)


@click.command("serve")
@options.database
@click.option("--host", default="127.0.0.1", show_default=True, metavar="NAME", help="Address to listen on.")
@click.option("--port", default=8050, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 is any free one.")
@click.option("--no-password", is_flag=True, help="Let everyone in who can reach a host other than this machine.")
@click.option("--refresh", metavar="WIDTH", help="Look for new data by itself: 5s, 1m. [default: only when asked]")
@click.option("--access-log", is_flag=True, help="Write a line for each request on stderr.")
@options.timezone
@options.metrics
@options.branding
@click.option("--open", "open_page", is_flag=True, help="Open the dashboard in the browser.")
def command(
    database: str | None,
    host: str,
    port: int,
    no_password: bool,
    refresh: str | None,
    access_log: bool,
    timezone: str,
    metrics: tuple[str, ...],
    without: tuple[str, ...],
    prices: str | None,
    title: str,
    logo: str | None,
    template_folder: str | None,
    open_page: bool,
) -> None:
    """Show what is in the database as a dashboard in the browser.

    It answers to this machine alone. Another --host wants a password in the environment variable
    LOGREPORT_SERVE_PASSWORD, or --no-password.

    \b
    Examples:
      logreport serve
      logreport serve --refresh 5s --timezone Europe/Berlin
      LOGREPORT_SERVE_PASSWORD=... logreport serve --host 0.0.0.0 --port 8050
    """
    from pathlib import Path

    from logreport import zones
    from logreport.cli.choosing import chosen, own_prices
    from logreport.plugins import load_plugins
    from logreport.render import read_logo

    try:
        from logreport.serve.dashboard import Settings, serve
    except ModuleNotFoundError as missing:
        raise LogReportError(
            f"the dashboard needs the package {missing.name}", "`pip install 'logreport[serve]'`"
        ) from missing

    zones.zone(timezone)
    plugins = load_plugins()
    for failure in plugins.failures:
        click.echo(f"plugin {failure.plugin} was left out: {failure.reason}", err=True)
    serve(
        Settings(
            database=database,
            host=host,
            port=port,
            no_password=no_password,
            refresh=_pause(refresh),
            access_log=access_log,
            timezone=timezone,
            metrics=chosen(plugins, metrics, without),
            findings=[(offer.value, offer.plugin) for offer in plugins.findings],
            prices=own_prices(prices),
            title=title,
            logo=read_logo(logo) if logo is not None else None,
            template_folder=Path(template_folder) if template_folder is not None else None,
        ),
        on_ready=lambda url, shown: _ready(url, shown, open_page),
    )


def _pause(refresh: str | None) -> timedelta | None:
    pause = typed.width(refresh)
    if pause is not None and pause > _LONGEST_PAUSE:
        raise BadWindow(f"--refresh {refresh} is too long", "it can be a day at most")
    return pause


def _ready(url: str, shown: str, open_page: bool) -> None:
    click.echo(f"{shown} is shown at {url} (Ctrl-C ends it)", err=True)
    if open_page:
        click.launch(url)
