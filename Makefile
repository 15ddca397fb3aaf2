# Everything from a fresh clone: Python 3.11 or newer with venv, Node 20 or newer with npm, make, bash.
#
#   PYTHON         the interpreter that .venv is made from
#   TORCH_INSTALL  what pip is told to install as torch. Where the index serves torch with CUDA by default, the
#                  CPU build comes with the index that PyTorch's "Get started" page names for it:
#                  make setup TORCH_INSTALL="torch==2.13.0 --index-url <that index>"
#                  If PYTHON already has a GPU build of torch and this is not set, that build is used.
#   DEMO_ARGS      further arguments to JupyterLab, such as "--no-browser --port 8890"

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup dev demo test lint format build chromium clean distclean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_INSTALL ?= torch==2.13.0
DEMO_ARGS ?=

BIN := .venv/bin
STATIC := semanticdraw_widget/static/widget.js
FRONT_END := $(shell find js -type f 2>/dev/null) $(wildcard tsconfig.json *.mjs)

BESIDE := --numprocesses auto --maxprocesses 4 --dist worksteal

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The browser tests drive Debian's Chromium, never one that playwright fetches.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

help:  ## this list
	@awk -F ':.*##' '/^[a-z]+:.*##/ { printf "make %-10s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.demo $(STATIC)  ## .venv with the package and JupyterLab, and the front end

dev: .venv/.dev $(STATIC)  ## setup, and what the tests need

demo: setup  ## open the quickstart notebook in JupyterLab
	$(BIN)/jupyter lab $$([ "$$(id -u)" != 0 ] || echo --allow-root) notebooks/00_quickstart.ipynb $(DEMO_ARGS)

test: dev chromium lint  ## check and test everything
	npm test
# Each process with one thread: teams of threads that share cores wait for each other.
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/unit $(BESIDE)
# These wait for kernels and pages most of the time, each process for its own.
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/kernel tests/browser $(BESIDE)

lint: dev  ## ruff, mypy, biome, tsc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run check

format: dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: dev  ## the wheel, in dist/
	$(BIN)/pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## remove what was built
	rm -rf build dist semanticdraw_widget/static .mypy_cache .pytest_cache .ruff_cache .hypothesis

distclean: clean  ## remove what was installed, too
	rm -rf .venv node_modules

# Python. Each stamp says that its step is done; a step runs again when what it read has changed.

HAS_GPU_TORCH := -c "import sys, torch; sys.exit(not (torch.version.cuda or torch.version.hip))" 2>/dev/null

.venv/pyvenv.cfg:
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv $$(! "$(PYTHON)" $(HAS_GPU_TORCH) || echo --system-site-packages) .venv \
	  || { rm -rf .venv; echo "No virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
# Node takes the scripts in it, JupyterLab's yarn among them, for what the nearest package.json says, else for modules.
	@echo '{}' > .venv/package.json

# Asked for another torch than the installed one: install again.
ifneq ($(origin TORCH_INSTALL),file)
ifneq ($(shell cat .venv/.torch 2>/dev/null),$(TORCH_INSTALL))
.PHONY: .venv/.torch
endif
endif

.venv/.torch: .venv/pyvenv.cfg
ifeq ($(origin TORCH_INSTALL),file)
	@$(BIN)/python $(HAS_GPU_TORCH) && echo "Using the GPU build of torch that is there." \
	  || $(BIN)/pip install $(TORCH_INSTALL)
else
	$(BIN)/pip install $(TORCH_INSTALL)
endif
	@echo '$(TORCH_INSTALL)' > $@

# The front end comes first, so that the package's own build finds it and need not call npm.
.venv/.demo: pyproject.toml .venv/.torch | $(STATIC)
	$(BIN)/pip install --editable ".[demo]"
	@touch $@

.venv/.dev: pyproject.toml .venv/.torch | $(STATIC)
	$(BIN)/pip install --editable ".[dev]"
	@touch .venv/.demo $@

# Front end

node_modules/.stamp: package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed." >&2; exit 1; }
	npm ci
	@touch $@

$(STATIC): node_modules/.stamp $(FRONT_END)
	npm run build
	@touch $@

# Chromium for the browser tests. Without it they fail, and say so; everything else still runs.

chromium:
	@if ! { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	  if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	    $$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive \
	      apt-get install -qy --no-install-recommends chromium fonts-dejavu-core \
	      || echo "Chromium could not be installed; the browser tests will fail." >&2; \
	  else \
	    echo "The browser tests need Chromium, and will fail: apt-get install chromium" >&2; \
	  fi; \
	fi
