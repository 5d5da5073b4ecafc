# Two commands do everything: `make serve` and `make test`. The others are for now and then.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?=

.PHONY: serve web web-check web-generate node test lint types check fuzz bench bench-read bench-recall bench-store seed migrate schema lock clean

## Install, build the pages, start PostgreSQL, migrate, serve, and say where to look. PORT=8123 make serve
serve: $(VENV)/.installed
	@$(MAKE) --no-print-directory web || echo "The pages are not built, for the reason above: \`make web\` builds them when it is gone. GraphQL is served all the same."
	@$(BIN)/contextql serve $(if $(PORT),--port $(PORT))

## Install what tests need, then lint, types and tests.
test: lint types check

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy --num-workers 2

check: $(VENV)/.installed-test web-check web
	$(BIN)/python -m pytest

## Build what browsers are shown into web/dist, if anything of it has changed.
web: web/dist/index.html

## Check the types and the style of what browsers are shown, and that its operations fit schema.graphql.
web-check: web/node_modules/.bin/biome
	cd web && $(NODE) npm run --silent check

## Type the operations of the pages anew from schema.graphql.
web-generate: web/node_modules/.bin/biome
	cd web && $(NODE) npm run --silent generate

## Ask thousands of operations that are made from the schema, others each time: make fuzz TIMES=40 SEED=7
fuzz: $(VENV)/.installed-test
	@FUZZ_TIMES=$(or $(TIMES),20) FUZZ_SEED=$(or $(SEED),$$(date +%s)) $(BIN)/python -m pytest tests/door/fuzz tests/plan/test_equivalence.py -rP --numprocesses=2

## Measure what live responses, search, grounding, rate limits, export, import, walls, observing and all that surrounds a read cost, and how fast it reads.
bench: $(VENV)/.installed-test
	@$(BIN)/python -m tests.bench.live
	@$(BIN)/python -m tests.bench.grounding
	@$(BIN)/python -m tests.bench.rates
	@$(BIN)/python -m tests.bench.carrying
	@$(BIN)/python -m tests.bench.walls
	@$(BIN)/python -m tests.bench.observing
	@$(BIN)/python -m tests.bench.overhead
	@$(MAKE) --no-print-directory bench-read

## Measure how fast it reads beside other GraphQL servers and the limit: make bench-read ONLY=Q1,Q2 SERVERS=contextql,raw
bench-read: $(VENV)/.installed-test tests/bench/peers/node_modules/.package-lock.json
	@$(NODE) $(BIN)/python -m tests.bench.reading

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
	$(BIN)/uv pip compile --group pyproject.toml:node --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements-node.lock
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra openai --extra anthropic --extra redis --extra tracing --group build --group test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -c requirements.lock -o requirements-test.lock

clean:
	rm -rf $(VENV) web/node_modules web/dist tests/bench/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

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

# Node is the machine's own where that is new enough, and PyPI's otherwise.
NODE = PATH="$(abspath $(BIN)):$$PATH"
WEB := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')

node: | $(VENV)/bin/pip
	@$(NODE) sh web/has-node || $(INSTALL) -r requirements-node.lock

web/dist/index.html: $(WEB) | web/node_modules/.package-lock.json
	cd web && $(NODE) npm run --silent build -- --logLevel warn

# What only checks the pages is left out, unless it is there already.
web/node_modules/.package-lock.json: web/package-lock.json | node
	cd web && $(NODE) npm ci $(if $(wildcard web/node_modules/.bin/biome),,--omit=dev) --no-audit --no-fund --loglevel=error

# The servers that it is measured against need a newer Node than the pages do.
tests/bench/peers/node_modules/.package-lock.json: tests/bench/peers/package-lock.json | $(VENV)/bin/pip
	@$(NODE) sh tests/bench/peers/has-node || $(INSTALL) -r requirements-node.lock
	cd tests/bench/peers && $(NODE) npm ci --no-audit --no-fund --loglevel=error

# What checks the pages; building them does not need it.
web/node_modules/.bin/biome: web/package-lock.json | node
	cd web && $(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@
