# Two commands on a fresh machine: `make run` and `make test`.
# The environment is built from hash-locked files by plain pip; nothing else is needed than python3 and make.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
# Two to a core: tests wait for timers and other processes, and with four both cores are busy to the end.
WORKERS ?= 4

.PHONY: run venv ocr test soak check audit sbom format docs pictures bench lock clean

run: venv
	@exec $(BIN)/python run.py serve

venv: .venv/ready

.venv/ready: requirements.txt
	@test -n "$(PYTHON)" || { echo "Loket needs Python 3.11 or newer (python3 on the PATH)."; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "python3 has no venv module: install python3-venv."; exit 2; }
	$(PIP) -r requirements.txt
	@touch $@

.venv/tested: .venv/ready requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@touch $@

# An extra that most offices do without: 330 MB.
ocr: .venv/ready
	$(PIP) -r requirements-ocr.txt

# Many tests start interpreters of their own: what one has compiled the others need not compile again.
test: .venv/tested
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# Every fail-point at every visit, a hundred thousand inputs before each parser and before the decoders, then
# hundreds of kills amid a crowd; SOAK="--kills 40 --fresh" for less.
soak: .venv/tested
	LOKET_SOAK=1 $(BIN)/python -m pytest tests/faults tests/reading tests/core/test_broadcast.py tests/core/test_fairness.py tests/lazy tests/migrations/test_traffic.py
	LOKET_SOAK=1 $(BIN)/python -m pytest -n 2 -rP tests/fuzz
	$(BIN)/python -m tests.faults.soak $(SOAK)

check: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory audit
	$(MAKE) --no-print-directory test

# What is known against the packages that are locked; fails also where one could not be audited.
audit: .venv/tested
	$(BIN)/python -m tests.supply.audit

# Bills of materials of what is locked, under dist/.
sbom: .venv/tested
	$(BIN)/python -m tests.supply.sbom

format: .venv/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/tested
	$(BIN)/python -m tests.docs.channels_page
	$(BIN)/python -m tests.docs.asvs_page

pictures: .venv/tested
	LOKET_SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser/test_the_counter_opens.py

bench: .venv/tested
	$(BIN)/python -m benchmarks.table

lock: .venv/tested
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements-ocr.in -o requirements-ocr.txt

clean:
	rm -rf dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
