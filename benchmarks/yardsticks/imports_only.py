"""Import what drawing a report from a database imports, and end: the start-up no such program can go below."""

from __future__ import annotations

import click
import duckdb_sqlalchemy
import genai_prices
import jinja2
import pandas as pd
import plotly.graph_objects
import sqlalchemy

assert all((click, duckdb_sqlalchemy, genai_prices, jinja2, pd, plotly.graph_objects, sqlalchemy))
