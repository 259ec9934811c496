# Everything happens in an environment of its own (.venv); no target needs another one run first.
#   make PYTHON=python3.12    takes another Python to make the environment with
#   make demo DEMO=FOLDER     puts the demo project somewhere else
PYTHON ?= python3
VENV ?= .venv
DEMO ?= projects/demo-run
# Tests run side by side on this many cores.
CORES ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export OMP_WAIT_POLICY := PASSIVE

.PHONY: help setup demo test check bench bench-import acceptance gpu-check app bench-window record screenshots schema clean

help:
	@echo "make demo        Constitutional AI from beginning to end on the embedded demo model"
	@echo "make app         the window"
	@echo "make test        the tests"
	@echo "make check       format, lint, types and import contracts"
	@echo "make bench       speed against other tools, measured on this machine"
	@echo "make bench-import how long a million choices take to come in, beside what SQLite alone takes"
	@echo "make bench-window how fast the window opens, whether a training makes it stutter, how soon a trial streams"
	@echo "make acceptance  every figure the demo promises, target beside value (long, resumable)"
	@echo "make gpu-check   every stage on a CUDA device, then the speed of training there"
	@echo "make record      pack the demo project made here into the recording that ships"
	@echo "make screenshots the pictures of every page in docs/screenshots, from the recorded demo"
	@echo "make setup       the environment alone; the others do it by themselves"
	@echo "make clean       remove the environment, caches and builds; projects stay"

setup: $(STAMP)

# Renewed only when pyproject.toml changes; an installation that breaks off is taken up again by the next make.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one, for example: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --editable ".[dev]"
	@touch $@

demo: setup
	$(BIN)/workbench demo $(DEMO)

test: setup
	$(BIN)/python -m pytest -q -n $(CORES) --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	PYTHONPATH=. $(BIN)/python tests/benchmarks/run.py

bench-import: setup
	PYTHONPATH=. $(BIN)/python tests/benchmarks/import_rows.py
	PYTHONPATH=. $(BIN)/python tests/benchmarks/import_rows.py --kind completions

bench-window: setup
	PYTHONPATH=. $(BIN)/python tests/benchmarks/window_start.py --pages
	PYTHONPATH=. $(BIN)/python tests/benchmarks/window_stalls.py
	PYTHONPATH=. $(BIN)/python tests/benchmarks/window_events.py
	PYTHONPATH=. $(BIN)/python tests/benchmarks/window_try.py

acceptance: setup
	PYTHONPATH=. $(BIN)/python tests/acceptance/run.py

# The tests skip, and the table says "not measured", where there is no CUDA device.
gpu-check: setup
	$(BIN)/python -m pytest -q -m gpu tests/gpu
	PYTHONPATH=. $(BIN)/python tests/benchmarks/run.py --only training --device cuda

# Opens the demo project: the one made here where there is one, the recorded one otherwise.
app: setup
	$(BIN)/workbench-window $(if $(wildcard $(DEMO)/project.db),$(DEMO),--demo)

# Packs the demo project made here into the recording that comes with the workbench.
record: demo
	PYTHONPATH=. $(BIN)/python packaging/record_demo.py $(DEMO)

screenshots: setup
	PYTHONPATH=. $(BIN)/python packaging/screenshots.py

schema: setup
	$(BIN)/python -m workbench.interchange.constitution_schema > docs/constitution.schema.json

clean:
	rm -rf $(VENV) build dist .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find workbench ui tests -name __pycache__ -type d -prune -exec rm -rf {} +
