"""How a tutorial makes the same six charts: pandas in memory, plotly.express, one HTML page.

It is spared what makes the usual notebook slower still: only counts, never the million values, go into a figure.
Usage: pandas_tutorial.py LOG PAGE, where LOG is JSON Lines
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import plotly.express as px


def main(log: str, page: str) -> None:
    raw = pd.read_json(log, lines=True)
    raw["created"] = pd.to_datetime(raw["created"])
    metrics = pd.json_normalize(raw["metrics"].tolist())
    calls = pd.concat([raw.drop(columns="metrics"), metrics], axis=1)

    by_model = calls.groupby("model", as_index=False)[["tokens", "prompt_tokens", "completion_tokens"]].sum()
    first_token = calls.groupby("model", as_index=False)["time_to_first_token"].mean()
    temperatures = calls["temperature"].value_counts().sort_index().reset_index()
    types = calls["type"].value_counts().reset_index()
    trend = calls.set_index("created")["tokens"].resample("3h").sum().reset_index()
    figures = [
        px.bar(by_model, x="model", y="tokens"),
        px.bar(by_model, x="model", y=["prompt_tokens", "completion_tokens"]),
        px.bar(first_token, x="model", y="time_to_first_token"),
        px.bar(temperatures, x="temperature", y="count"),
        px.pie(types, names="type", values="count"),
        px.line(trend, x="created", y="tokens"),
    ]
    parts = [figure.to_html(full_html=False, include_plotlyjs=not number) for number, figure in enumerate(figures)]
    Path(page).write_text("<!doctype html><meta charset=utf-8>" + "".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
