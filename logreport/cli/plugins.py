"""`logreport plugins`."""

from __future__ import annotations

import click


@click.command("plugins")
def command() -> None:
    """List what is installed, where it came from, and what failed to load and why.

    \b
    Example:
      logreport plugins
    """
    from logreport.plugins import load_plugins

    plugins = load_plugins()
    for plugin in plugins.installed:
        kinds = {"metric": plugin.metrics, "finding": plugin.findings, "source": plugin.sources}
        offers = [f"{kind} {name}" for kind, names in kinds.items() for name in names]
        click.echo(f"{plugin.name}  {plugin.distribution} {plugin.version}  {', '.join(offers) or 'nothing'}")
    for failure in plugins.failures:
        click.echo(f"{failure.plugin}  {failure.distribution} {failure.version}  failed: {failure.reason}")
