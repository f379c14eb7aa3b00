# Everything starts here: `make demo` and `make test` need Python >= 3.11, Node 20, git and make, nothing else.
# Both ignore DATABASE_URL and keep homes of their own, so that invented grids never reach a real database.

unexport DATABASE_URL
SHELL := /bin/sh
PYTHON := $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SOURCES := geo importers maps api clients tests bench
PLANNER := $(wildcard maps/planner/*.* maps/planner/src/*)
# Every worker has a database server of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --durations=15
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: help setup system demo test check format bench soak lock

help: ## what can be done here
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: system .venv/ready maps/bundle/ready ## system packages, virtual environment, web bundle

system:
	@echo "== 1/3 System packages (docker/packages.txt)"
	@sh docker/install-packages.sh

.venv/ready: requirements.lock pyproject.toml clients/python/pyproject.toml | system
	@echo "== 2/3 Virtual environment in .venv (requirements.lock)"
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . -e clients/python
	@touch $@

maps/bundle/ready: maps/web/package-lock.json maps/web/build.js maps/web/package.json $(PLANNER) | system
	@echo "== 3/3 Web bundle in maps/bundle (npm ci)"
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed for the maps, and none was found." >&2; exit 1; }
	cd maps/planner && npm ci --no-audit --no-fund --silent && npm run build --silent
	cd maps/web && npm ci --no-audit --no-fund --silent && npm run build --silent
	@touch $@

demo: setup ## the invented sample city on http://127.0.0.1:8000 until Ctrl-C (PORT=… for another port)
	@GRIDWARDEN_HOME=$(CURDIR)/.home/demo $(BIN)/gridwarden demo --host $(HOST) --port $(PORT)

test: setup ## every test, the fast ones first, on real PostGIS and a real browser
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist loadfile -m "not slow"
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist loadgroup -m slow

check: .venv/ready maps/bundle/ready ## format, lint, types, architecture
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	cd maps/planner && npm run check --silent && npm test --silent
	$(BIN)/python -m pytest tests/architecture

format: .venv/ready ## mend what the formatter can mend
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: setup ## tables of ours against peers, on the same input
	@GRIDWARDEN_HOME=$(CURDIR)/.home/bench $(BIN)/python -m bench

soak: setup ## the long tests at full scale
	@GRIDWARDEN_SOAK=1 GRIDWARDEN_HOME=$(CURDIR)/.home/soak $(BIN)/python -m pytest -m soak

lock: .venv/ready ## pin the newest versions into requirements.lock
	$(BIN)/python -m pip install -q pip-tools
	$(BIN)/pip-compile -q --upgrade --extra dev --strip-extras --no-header --no-annotate --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --allow-unsafe -o requirements.lock pyproject.toml
