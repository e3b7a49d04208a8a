"""The dashboard put together: views, application, guard and server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from logreport import plotlyjs, pricing
from logreport.render import Logo, Pages
from logreport.serve.app import make_app
from logreport.serve.guard import guard
from logreport.serve.policy import policy
from logreport.serve.routes import add_routes
from logreport.serve.server import access_log, check_binding, listen, run
from logreport.serve.views import Views

if TYPE_CHECKING:
    from logreport.finding import Finding
    from logreport.metric import Metric
    from logreport.price_file import OwnPrices


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is served where.

    `metrics` and `findings` come with the names of their plugins; `refresh` is how often to look for new data by
    itself, None never.
    """

    database: str | None
    host: str
    port: int
    no_password: bool
    refresh: timedelta | None
    access_log: bool
    timezone: str
    metrics: Sequence[tuple[Metric, str]]
    findings: Sequence[tuple[Finding, str]]
    prices: OwnPrices | None
    title: str
    logo: Logo | None
    template_folder: Path | None


def serve(settings: Settings, *, on_ready: Callable[[str, str], object]) -> None:
    """Serve until the process is told to end; `on_ready` hears the address and what is shown there.

    Raises:
        LogReportError: it would let in who should not be, the port cannot be had, or there is no database to show.
    """
    credentials = check_binding(settings.host, no_password=settings.no_password)
    pages = Pages(template_folder=settings.template_folder, logo=settings.logo)
    views = Views(
        settings.database,
        settings.metrics,
        pages,
        title=settings.title,
        timezone=settings.timezone,
        findings=settings.findings,
        prices=settings.prices,
    )
    shown = views.ping()
    dash = make_app(views, title=settings.title, refresh=settings.refresh)
    add_routes(dash, views, pages)
    app = guard(dash.server, credentials=credentials, host=settings.host, policy=policy(dash.csp_hashes()))
    server = listen(access_log(app) if settings.access_log else app, settings.host, settings.port)
    threading.Thread(target=_warm_up, daemon=True).start()
    run(server, lambda: on_ready(server.url, shown))
    views.close()


def _warm_up() -> None:
    """Load what the first answer needs while the viewer's browser is still on its way."""
    import pandas as pd  # noqa: F401
    import plotly.graph_objects as go

    go.Figure(go.Bar(x=[1], y=["a"]))
    pricing.load()
    plotlyjs.library()
