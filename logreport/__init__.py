"""logreport: from the logs of an LLM application to one honest, self-contained HTML report.

What a plugin needs is here, loaded when first touched, so that `logreport --help` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logreport import changes as changes
    from logreport import figures as figures
    from logreport import latency as latency
    from logreport import percentiles as percentiles
    from logreport import sql as sql
    from logreport import timeline as timeline
    from logreport import units as units
    from logreport import wrapped as wrapped
    from logreport.call import Call as Call
    from logreport.call import Ingest as Ingest
    from logreport.errors import LogReportError as LogReportError
    from logreport.finding import WHAT_WAS_READ as WHAT_WAS_READ
    from logreport.finding import Finding as Finding
    from logreport.finding import Remark as Remark
    from logreport.hookspecs import hookimpl as hookimpl
    from logreport.metric import Metric as Metric
    from logreport.metric import Window as Window
    from logreport.source import Field as Field
    from logreport.source import Outcome as Outcome
    from logreport.source import Rejected as Rejected
    from logreport.source import Skipped as Skipped
    from logreport.source import Source as Source
    from logreport.source import decoded as decoded
    from logreport.source import first_of as first_of
    from logreport.source import object_in as object_in
    from logreport.usage import tokens_of as tokens_of

__version__ = "0.1.0"

_HOMES = {
    "Call": "logreport.call",
    "Field": "logreport.source",
    "Finding": "logreport.finding",
    "Ingest": "logreport.call",
    "LogReportError": "logreport.errors",
    "Metric": "logreport.metric",
    "Outcome": "logreport.source",
    "Rejected": "logreport.source",
    "Remark": "logreport.finding",
    "Skipped": "logreport.source",
    "Source": "logreport.source",
    "WHAT_WAS_READ": "logreport.finding",
    "Window": "logreport.metric",
    "changes": "logreport.changes",
    "decoded": "logreport.source",
    "figures": "logreport.figures",
    "first_of": "logreport.source",
    "hookimpl": "logreport.hookspecs",
    "latency": "logreport.latency",
    "object_in": "logreport.source",
    "percentiles": "logreport.percentiles",
    "sql": "logreport.sql",
    "timeline": "logreport.timeline",
    "tokens_of": "logreport.usage",
    "units": "logreport.units",
    "wrapped": "logreport.wrapped",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'logreport' has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    return module if _HOMES[name] == f"logreport.{name}" else getattr(module, name)
