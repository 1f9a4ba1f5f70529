# make setup   everything into .venv        make demo   train and evaluate the kneeling humanoid
# make test    style, types and tests       make lint   style and types alone
#
# PYTHON=python3.12 chooses the interpreter, TORCH_INDEX_URL=... another source of PyTorch,
# PYTEST_ARGS="-k registry" some of the tests.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

export PYTHON
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1

.PHONY: setup demo test lint clean

setup: $(READY)

# A new package folder beside embodied/ has to be mapped, hence the wildcard.
$(READY): scripts/setup.sh requirements.lock pyproject.toml setup.py embodied/cli/libraries.py \
          $(wildcard */__init__.py)
	@scripts/setup.sh $(VENV)
	@touch $@

demo: setup
	$(VENV)/bin/embodied train --env humanoid-kneel --reward vlm
	$(VENV)/bin/embodied eval runs/last

lint: setup
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/pyright

test: lint
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n 2 --dist loadfile $(PYTEST_ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
