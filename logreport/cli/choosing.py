"""Which metrics a report has, and by which prices: what is typed goes before what the project's settings say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from logreport.errors import LogReportError
from logreport.settings import setting

if TYPE_CHECKING:
    from logreport.metric import Metric
    from logreport.plugins import Plugins
    from logreport.price_file import OwnPrices


def chosen(plugins: Plugins, names: Sequence[str], without: Sequence[str] = ()) -> list[tuple[Metric, str]]:
    """The metrics of these names, or all of them but some, each with the name of its plugin.

    What is typed goes before what the project's settings say.
    """
    offered = {offer.value.name: (offer.value, offer.plugin) for offer in plugins.metrics}
    here, typed_names = Path.cwd(), bool(names)
    if not names and (said := setting(here, "metrics")):
        names = _known(said.names("metrics"), offered, f" ({said.file})")
    if not typed_names and (said := setting(here, "without")):
        without = [*without, *_known(said.names("without"), offered, f" ({said.file})")]
    left_out = set(_known(without, offered))
    found = [offered[name] for name in dict.fromkeys(_known(names, offered) or offered) if name not in left_out]
    if not found:
        raise LogReportError("every metric is left out", "take a `--without` away, or a `--metric`")
    return found


def _known(names: Sequence[str], offered: Collection[str], where: str = "") -> Sequence[str]:
    """These names, all of which there must be."""
    for name in names:
        if name not in offered:
            close = get_close_matches(name, offered, n=1)
            meant = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(offered)}"
            raise LogReportError(f"no metric is called {name}{where}", meant)
    return names


def own_prices(path: str | None) -> OwnPrices | None:
    """The prices of this file, or of the one that the project's settings name."""
    from logreport.price_file import read_prices

    if path is None and (said := setting(Path.cwd(), "prices")):
        path = said.path("prices")
    return read_prices(path) if path is not None else None
