# The commands of this repository. Each sets up .venv first, and again only when pyproject.toml or constraints.txt change.

.PHONY: serve demo test test-spark check format docs pictures sbom bench bench-matching bench-console bench-encryption faults fuzz soak

VENV := .venv
BIN := $(VENV)/bin
# The first that will do. The system's own comes first: distributions build Python with the compiler's profile of what is
# run most, which pyenv does not unless it is told to (docs/howto/operate.md says what that costs).
PYTHON ?= $(shell for name in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# What one process has compiled the next need not: each test process reads all tests, and tests start many services.
unexport PYTHONDONTWRITEBYTECODE

# Start the service on an embedded database: make serve ARGS="--port 9000 --data-dir /tmp/x"
serve: $(VENV)/.core
	@exec $(BIN)/openprofiles serve $(ARGS)

# The same with an invented company in it, to look at in a browser: make demo ARGS="--port 9000"
demo: $(VENV)/.core
	@exec $(BIN)/openprofiles demo $(ARGS)

# All checks, then all tests: make test ARGS="-k domain" runs some.
test: $(VENV)/.dev
	@scripts/check
	@scripts/test $(ARGS)

# The tests of identity resolution on local Spark clusters: make test-spark ARGS="-k command"
test-spark: $(VENV)/.spark
	@scripts/test -m spark -n 2 --dist worksteal tests/resolution $(ARGS)

check: $(VENV)/.dev
	@scripts/check

format: $(VENV)/.dev
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

# Write the generated pages of docs/reference anew.
docs: $(VENV)/.dev
	@$(BIN)/python -m scripts.reference

# Take the pictures of the guide, and all pages into build/pictures: make pictures ARGS=http://127.0.0.1:8787
pictures: $(VENV)/.dev
	@$(BIN)/python -m scripts.pictures $(ARGS)

# Write the bill of materials, of the core install and all extras: sbom.json
sbom: $(VENV)/.spark
	@$(BIN)/python -m scripts.sbom sbom.json

# Measure, on this machine, and write docs/performance.md: make bench ARGS=--quick only prints
bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(ARGS)

# Measure identity resolution in the service, among a million customers: a quarter of an hour
bench-matching: $(VENV)/.dev
	@$(BIN)/python -m bench.matching $(ARGS)

# Measure first paint and bytes of the console's pages, in Chromium, on the demo
bench-console: $(VENV)/.dev
	@$(BIN)/python -m bench.console $(ARGS)

# Measure what it costs that a domain has an encryption key: five minutes; ARGS=--quick only prints
bench-encryption: $(VENV)/.dev
	@$(BIN)/python -m bench.encryption $(ARGS)

# Kill, stop and cut off a running service again and again: make faults ARGS="--stage network --rounds 100"
faults: $(VENV)/.dev
	@$(BIN)/python -m tests.faults $(ARGS)

# Send it what nobody should send: make fuzz ARGS="--requests 1000000 --seed 2"
fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz $(ARGS)

# Many connections, slow ones among them, for an hour: make soak ARGS="--minutes 10"
soak: $(VENV)/.dev
	@$(BIN)/python -m tests.soak $(ARGS)

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "openprofiles needs Python 3.11 or newer with its module venv (of Debian, the package python3-venv): install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# A pip of our own choice first: the one that came with Python may be too old to build what we ask of it.
$(VENV)/.core: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Setting up $(VENV)"
	@$(INSTALL) pip
	@$(INSTALL) --build-constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@echo "Setting up the tools for tests and checks"
	@$(INSTALL) --build-constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/.spark: $(VENV)/.dev
	@echo "Setting up Spark"
	@$(INSTALL) --build-constraint constraints.txt --editable '.[dev,spark]'
	@touch $@
