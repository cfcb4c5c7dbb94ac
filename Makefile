# Needs GNU make and Python 3.11 or newer; `make help` lists what it does.

UV_VERSION := 0.13.9
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)
UV := $(or $(shell command -v uv),.tools/bin/uv)
# The interpreter itself, not a version manager's shim, which uv would take for another at each run; never a download.
SYNC := UV_PYTHON_DOWNLOADS=never $(UV) sync --frozen --inexact --python "$(PYTHON)" --extra embedded
WEB := $(wildcard service/web/*.json service/web/*.js service/web/*.html service/web/src/* service/web/examples/*)
LOCK := pyproject.toml uv.lock

.PHONY: help up web test lint contracts bench clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 20

up: .venv/up service/web/dist/built ## start everything on this machine; make up ARGS="--no-demo --port 8001"
	@exec .venv/bin/paygauge up $(ARGS)

web: service/web/dist/built ## build GraphiQL

test: .venv/dev service/web/dist/built ## unit, integration and browser tests; make test ARGS="tests/unit -k rates"
	@exec .venv/bin/pytest $(ARGS)

lint: .venv/dev ## style, types, and who may import whom
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

contracts: .venv/dev ## write the SDL, JSON Schema and AsyncAPI into schema/
	@exec .venv/bin/paygauge contracts

BENCH ?= engines
bench: .venv/bench ## measure against DuckDB and chDB; make bench BENCH=normalisation (or another of tests/bench)
	@exec .venv/bin/python -m tests.bench.$(BENCH) $(ARGS)

clean: ## remove what was built here; data and downloads of `make up` stay in their home
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf service/web/dist service/web/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each environment is one stamp in .venv, which a new lock file makes old; --inexact, so that none undoes another.
.venv/up: $(LOCK) | python $(UV)
	@$(SYNC) --no-dev
	@touch $@

.venv/dev: $(LOCK) | python $(UV)
	@$(SYNC)
	@touch $@ .venv/up

.venv/bench: $(LOCK) | python $(UV)
	@$(SYNC) --group bench
	@touch $@ .venv/dev .venv/up

.PHONY: python
python:
	@test -n "$(PYTHON)" || { \
	  echo "Paygauge needs Python 3.11 or newer: install one, so that python3 or python3.11 finds it." >&2; exit 1; }

.tools/bin/uv: | python
	@"$(PYTHON)" -m venv .tools || { rm -rf .tools; \
	  echo "Python has no venv: install it (Debian and Ubuntu: apt-get install python3-venv), or install uv." >&2; exit 1; }
	@.tools/bin/pip install --quiet uv==$(UV_VERSION)

# npm and node come from PyPI, in the locked environment, so that everybody builds with the same.
service/web/dist/built: $(WEB) | .venv/up
	@cd service/web && export PATH="$(CURDIR)/.venv/bin:$$PATH" NPM_CONFIG_UPDATE_NOTIFIER=false && \
	  npm ci --no-audit --no-fund --loglevel=error && npm run build -- --logLevel=warn
	@touch $@
