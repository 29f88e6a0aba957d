# OneCard 校园一卡通. `make` alone explains itself.
#
# Needs Python 3.11 or newer, Node 20 or newer, and make; everything else comes into .venv/ and
# node_modules/. What is done is remembered in .make/, so that a second run is quick.

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 2
SEEDS   ?= 10000

BIN    := .venv/bin
UV     := .make/uv/bin/uv
PYTEST := $(BIN)/pytest
SAY     = @printf '\n==> %s\n'

PAGE   := webapp/dist/index.html
WEB_SOURCES := $(shell find webapp -type f -not -path '*/node_modules/*' -not -path '*/dist*/*' 2>/dev/null) \
	$(wildcard schema/schema.graphql)

# Somebody removed what a stamp promises: do it again.
ifeq ($(wildcard .venv/bin/python),)
$(shell rm -f .make/runtime .make/tools)
endif
ifeq ($(wildcard webapp/node_modules),)
$(shell rm -f .make/node)
endif
ifeq ($(wildcard webapp/dist-playground/playground.html),)
$(shell rm -f $(PAGE))
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run env test check lint types imports pure web-check suite system bench simulate teeth drills pictures schema requirements

help: ## this list
	@echo 'OneCard 校园一卡通'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-14s%s\n' "$$name" "$$text"; done

run: .make/runtime $(PAGE) ## start the whole pretend campus; Ctrl-C stops it
	@exec $(BIN)/onecard up --sandbox

env: .make/tools .make/node ## the environment for developing: .venv and node_modules

test: system check suite web-check ## everything that CI runs

check: lint types imports pure ## lint, types, import rules, pure tests; under a minute, no servers

lint: .make/tools
	$(SAY) 'ruff'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo 'Run .venv/bin/ruff format and look at the difference.'; exit 1; }

types: .make/tools
	$(SAY) 'mypy'
	@$(BIN)/mypy

imports: .make/tools
	$(SAY) 'who may import whom'
	@$(BIN)/lint-imports --no-cache > .make/imports.log 2>&1 || { cat .make/imports.log; exit 1; }
	@tail -n 3 .make/imports.log

pure: .make/tools
	$(SAY) 'pure tests'
	@$(PYTEST) -m pure

suite: .make/tools $(PAGE)
	$(SAY) 'tests with real servers'
	@$(PYTEST) -m 'not pure and not browser' -n $(WORKERS) --dist worksteal --durations 10
	$(SAY) 'tests with a real browser'
	@$(PYTEST) -m browser -n $(WORKERS) --dist loadscope --durations 10

web-check: .make/node
	$(SAY) 'the page: types, lint, unit tests, budgets'
	@cd webapp && npm run --silent check

system: ## Chromium, Chinese fonts, mosquitto, hledger: installed where missing
	@.ci/system-packages

bench: .make/tools ## measure against the baselines; writes bench/results/
	@$(BIN)/python -m bench

simulate: .make/tools ## the deterministic simulation, 10,000 seeds (SEEDS=…)
	@SIMULATION_SEEDS=$(SEEDS) $(PYTEST) tests/simulation -n $(WORKERS)

teeth: .make/tools ## plant each deliberate bug and see a test catch it
	@$(BIN)/python -m pytest tests/teeth -v

drills: .make/tools ## kill -9, cut lines, faulty meters under load; a thousand purchases
	@PURCHASES=1000 $(PYTEST) tests/faults -v

pictures: .make/tools $(PAGE) ## take README's pictures from the stories
	@PICTURES_TO=docs/pictures $(PYTEST) tests/guide/test_a_month_of_bills.py

schema: .make/tools ## write schema/schema.graphql from the code
	@$(BIN)/python -m schema > .make/schema.graphql
	@mv .make/schema.graphql schema/schema.graphql
	@git diff --stat -- schema/schema.graphql

requirements: $(UV) ## pin requirements/*.in again (UPGRADE=--upgrade for newer versions)
	@for name in uv runtime tools; do \
		$(UV) pip compile --quiet requirements/$$name.in --output-file requirements/$$name.txt --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-header --no-annotate $(UPGRADE) || exit 1; \
	done

# --- what the targets above stand on -------------------------------------------------------------

# uv lives apart: `uv pip sync` removes from .venv whatever the lists do not name, itself included.
$(UV): requirements/uv.txt
	@mkdir -p .make
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'OneCard needs Python 3.11 or newer: install it, or say which: make PYTHON=/path/to/python3.11'; exit 1; }
	$(SAY) 'uv, which installs the rest'
	@$(PYTHON) -m venv --clear .make/uv || \
		{ rm -rf .make/uv; echo 'Install the venv module first (Debian, Ubuntu: apt install python3-venv).'; exit 1; }
	@.make/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --python "$(PYTHON)" .venv

.make/runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(SAY) 'Python packages'
	@rm -f .make/tools
	@$(call install,runtime)
	@touch $@

# Everything in runtime.txt is in tools.txt too.
.make/tools: requirements/tools.txt requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(SAY) 'Python packages and tools'
	@$(call install,tools)
	@touch .make/runtime $@

install = $(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/$(1).txt && \
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .

.make/node: webapp/package.json webapp/package-lock.json
	@mkdir -p .make
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || \
		{ echo 'OneCard needs Node 20 or newer with npm.'; exit 1; }
	$(SAY) 'npm packages of the page'
	@cd webapp && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): .make/node $(WEB_SOURCES)
	$(SAY) 'the page'
	@cd webapp && npm run --silent build && npm run --silent build:playground
	@touch $@
