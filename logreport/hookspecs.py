"""The hooks of logreport: all that a plugin can offer.

A plugin is a module (or object) with one or more of these functions, marked with `logreport.hookimpl` and named in the
entry-point group `logreport` of its package. A hook hands over descriptions; the host does the work, so that a plugin
that fails costs its own card and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from logreport.finding import Finding
    from logreport.metric import Metric
    from logreport.source import Source

hookspec = pluggy.HookspecMarker("logreport")
hookimpl = pluggy.HookimplMarker("logreport")


@hookspec
def logreport_metrics() -> Iterable[Metric]:  # type: ignore[empty-body]
    """Offer metrics: each becomes a card of the report, in the order given.

    Called once per command. Names are unique among all plugins; a name already taken is an error that names both.
    """


@hookspec
def logreport_findings() -> Iterable[Finding]:  # type: ignore[empty-body]
    """Offer findings: sentences at the top of the page, the weightiest first, each leading to its chart.

    Called once per command. A finding reads the answer of a metric; most of the time it has nothing to say.
    """


@hookspec
def logreport_sources() -> Iterable[Source]:  # type: ignore[empty-body]
    """Offer log formats that `logreport ingest` can read.

    Called once per command. A source is tried on a file's first records; `--source NAME` chooses by hand.
    """
