"""The dashboard: the metrics of the page, alive, in a Dash application behind a server that lets no one in by mistake."""
