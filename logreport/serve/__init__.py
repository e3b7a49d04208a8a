"""The dashboard: the metrics of the page, alive, in a Dash application that lets no one in by mistake."""
