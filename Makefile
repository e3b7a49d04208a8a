# The two doors of this project: `make report` and `make test`. Python 3.11+ and make are all they need.
PYTHON ?= python3
WORKERS ?= auto
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help report test lint bench lighthouse plotlyjs clean

help:  ## Show this
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk -F': ' '{printf "make %-10s %s\n", $$1, $$2}'

report: .venv/installed plotlyjs  ## Render examples/llm-logs.json into report.html
	@$(BIN)/logreport report examples/llm-logs.json -o report.html
	@echo "$(CURDIR)/report.html"

test: lint  ## Check the code, then run every test against DuckDB and a PostgreSQL of their own
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: .venv/installed-for-tests plotlyjs  ## ruff, mypy, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/installed-for-tests  ## Measure against the yardsticks of benchmarks/README.md (takes minutes)
	@$(BIN)/python benchmarks/run.py

lighthouse: report  ## Have the accessibility of report.html judged by Lighthouse (fetched by npm; needs Chromium)
	@$(BIN)/python benchmarks/page/lighthouse.py report.html

clean:  ## Remove the environment and everything that was built
	rm -rf .venv build dist report.html .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# The installation fetches the page's JavaScript; this is for npm that came later. Without npm, `logreport report` says so.
plotlyjs: | .venv/bin/python
	@! command -v npm >/dev/null || $(BIN)/python javascript/fetch.py >/dev/null || true

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "logreport needs Python 3.11 or newer: make PYTHON=python3.13")'
	@$(PYTHON) -m venv .venv

# The stamps are newer than these files while nothing has to be installed again.
.venv/installed: pyproject.toml hatch_build.py | .venv/bin/python
	@$(PIP) install --editable .
	@touch $@

.venv/installed-for-tests: pyproject.toml hatch_build.py | .venv/bin/python
	@$(PIP) install --editable '.[test]'
	@touch $@ .venv/installed
