# Two commands do everything: `make serve` and `make test`. The others are for now and then.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?=

.PHONY: serve test lint types check fuzz bench bench-recall bench-store seed migrate schema lock clean

## Install, start PostgreSQL, migrate, serve, and say where to look. PORT=8123 make serve
serve: $(VENV)/.installed
	@$(BIN)/contextql serve $(if $(PORT),--port $(PORT))

## Install what tests need, then lint, types and tests.
test: lint types check

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy --num-workers 2

check: $(VENV)/.installed-test
	$(BIN)/python -m pytest

## Ask thousands of operations that are made from the schema, others each time: make fuzz TIMES=40 SEED=7
fuzz: $(VENV)/.installed-test
	@FUZZ_TIMES=$(or $(TIMES),20) FUZZ_SEED=$(or $(SEED),$$(date +%s)) $(BIN)/python -m pytest tests/door/fuzz -rP --numprocesses=2

## Measure what live responses, search, grounding, rate limits, export, import, walls and observing cost; takes some minutes.
bench: $(VENV)/.installed-test
	@$(BIN)/python -m tests.bench.live
	@$(BIN)/python -m tests.bench.grounding
	@$(BIN)/python -m tests.bench.rates
	@$(BIN)/python -m tests.bench.carrying
	@$(BIN)/python -m tests.bench.walls
	@$(BIN)/python -m tests.bench.observing

## Measure how much of what questions need is found: make bench-recall DATA=<file in the LoCoMo format>
bench-recall: $(VENV)/.installed-test
	@$(BIN)/python -m tests.bench.recall $(or $(DATA),tests/bench/small.json)

## Measure what it costs to say how much is stored, with a million contexts; takes some minutes: make bench-store SIZE=100000
bench-store: $(VENV)/.installed-test
	@SIZE=$(or $(SIZE),1000000) $(BIN)/python -m tests.bench.storing

## Store a few users to look at.
seed: $(VENV)/.installed
	@$(BIN)/contextql seed

## Bring the tables of the database to what this version needs.
migrate: $(VENV)/.installed
	@$(BIN)/contextql migrate

## Print the graph into schema.graphql.
schema: $(VENV)/.installed
	@$(BIN)/contextql schema > schema.graphql

## Write the lock files anew from pyproject.toml.
lock: $(VENV)/.installed-test
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra openai --extra anthropic --extra redis --extra tracing --group build --group test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -c requirements.lock -o requirements-test.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

# The lock files are complete, so nothing is resolved; each file is checked against its hash.
INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/pip
	$(INSTALL) -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	$(INSTALL) -r requirements-test.lock
	touch $@
