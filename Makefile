# One command each. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test check lint type wheel docs bench clean

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

.uv/bin/uv:
	@python3 -m venv .uv || { echo "make: this needs Python >= 3.11 with its venv module (Debian: apt-get install python3-venv)"; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

demo: | $(UV)  ## send real messages to the emulator and check every promised line
	@$(UV) run --quiet notify demo ihuyi

test: | $(UV)  ## the tests, with the coverage gates
	$(UV) run --quiet coverage erase
	$(UV) run --quiet coverage run -m pytest -q -n 2 --dist worksteal
	$(UV) run --quiet coverage combine --quiet
	$(UV) run --quiet coverage report
	$(UV) run --quiet coverage report --fail-under=100 --include='notify_core/model/*,notify_core/policy/*,notify_core/routing/*,notify_core/receipts.py,notify_core/dispatch/*'

check: lint type test wheel docs  ## everything CI runs

lint: | $(UV)  ## style
	$(UV) run --quiet ruff check
	$(UV) run --quiet ruff format --check

type: | $(UV)  ## static types
	$(UV) run --quiet mypy

# Built anew each time: uv takes a folder whose pyproject.toml is the same for the same.
OURS := notify-core $(addprefix notify-,$(notdir $(wildcard providers/*)))

wheel: | $(UV)  ## the tests, against the built wheels
	$(UV) run --quiet --isolated --no-editable --all-packages $(addprefix --reinstall-package=,$(OURS)) pytest -q -n 2 --dist worksteal

docs: | $(UV)  ## the documentation, warnings are errors
	$(UV) run --quiet sphinx-build -nWq docs docs/_build

bench: | $(UV)  ## sends per second, against bare aiohttp loops in the same run
	@$(UV) run --quiet python -m bench send

clean:  ## remove what the targets made
	rm -rf .venv .uv dist docs/_build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
