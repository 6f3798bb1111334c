# The same targets for people and for CI. Each does all the set-up it needs.
#   make demo     the main job on the embedded sandbox
#   make test     the tests
#   make check    format, lint, strict types, import rules
#   make endurance  tests that kill runs, break calls and query throughout
#   make oracles  tests judged by tools that are not ours (Terraform, the AWS CLI, Athena clients, moto's tests)

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ORACLES := $(VENV)/.oracles

.PHONY: demo test check endurance oracles format docs bench clean

demo: $(INSTALLED)
	@$(BIN)/lakeshare demo

test: $(INSTALLED)
	$(BIN)/pytest -n 2 --dist worksteal

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

endurance: $(INSTALLED)
	$(BIN)/pytest -n 2 --dist worksteal -m endurance

oracles: $(ORACLES)
	$(BIN)/pytest -m oracle tests/oracles

format: $(INSTALLED)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(INSTALLED)
	$(BIN)/python scripts/build_cli_reference.py
	$(BIN)/python scripts/build_rules_reference.py
	$(BIN)/python scripts/build_policy_checks.py

bench: $(INSTALLED)
	$(BIN)/python bench/sandbox.py

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "lakeshare needs Python 3.11 or newer" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(ORACLES): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[oracles]'
	@touch $@

clean:
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
