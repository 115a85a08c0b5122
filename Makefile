# The two commands are `make run` and `make test`; the rest is for those who build.
# Python 3.11 or newer is the only thing that must be there before.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
# Every command starts three times as fast from compiled modules.
unexport PYTHONDONTWRITEBYTECODE
COMUNICA := tests/comunica/node_modules
DATA := $(if $(REGISTRY_DATA),$(REGISTRY_DATA),var)

.PHONY: run test check bench soak browser comunica messages clean

run: export REGISTRY_BASE := $(or $(REGISTRY_BASE),http://localhost:$(PORT)/)
run: .venv/run
	@$(BIN)/registry migrate
	@$(BIN)/registry release
	@$(BIN)/registry load samples/period-2004
	@$(BIN)/registry load --anchor 2026-01-01 samples/today
	@$(BIN)/registry load --legacy samples/real
	@$(BIN)/registry night
	@$(BIN)/registry demo
	@exec $(BIN)/registry serve --port $(PORT)

test: .venv/dev browser comunica
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

messages: .venv/dev
	@$(BIN)/python locale/gather.py

check: .venv/dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@REGISTRY_DATA=$$(mktemp -d) $(BIN)/registry check  # the house by itself, whatever a local ledger holds

bench: .venv/dev .venv/peers
	@$(BIN)/python -m tests.bench

# Servers to compare the query service with, apart from all that the registry needs.
.venv/peers: tests/peers.lock .venv/dev
	@test -x $@/bin/python || $(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/peers.lock
	@touch $@

# A client of the query service, by npm where there is one; otherwise its tests say that they are skipped.
comunica:
	@[ $(COMUNICA)/.package-lock.json -nt tests/comunica/package-lock.json ] || { command -v node >/dev/null 2>&1 \
	  && npm ci --prefix tests/comunica --silent --no-audit --no-fund --ignore-scripts >/dev/null \
	  && touch $(COMUNICA)/.package-lock.json; } \
	  || echo "No Comunica here, for want of node, npm or its packages: the tests of this client are skipped."

soak: .venv/dev
	@REGISTRY_SOAK=1 $(BIN)/python -m pytest

# Chromium by apt when root; otherwise the browser tests say that they are skipped.
browser:
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends \
	     chromium fonts-noto-core fonts-noto-cjk >/dev/null; } \
	  || echo "No Chromium here and no right to install it: the tests marked 'browser' are skipped."

.venv/run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/run

clean:
	rm -rf .venv $(DATA) dist $(COMUNICA)
