# Everything here works on a fresh clone: each target first sets up what it needs.
.PHONY: setup system run look test check bench soak format hooks lock clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

bin := .venv/bin
ready := .venv/.ready
pip := $(bin)/python -m pip install --quiet --disable-pip-version-check --no-input

setup: system $(ready)

system:
	@scripts/setup-system

.venv/bin/python: | system
	@scripts/setup-python

# dependencies as locked, then the project itself in place
.venv/.locked: requirements.lock | .venv/bin/python
	$(pip) --require-hashes --no-deps -r requirements.lock
	@touch $@

$(ready): .venv/.locked pyproject.toml
	$(pip) --no-deps --no-build-isolation --editable .
	@touch $@

# the audit of a first look, then the demo with its console until Ctrl-C
run: look
	$(bin)/trueshaft demo

look: setup
	$(bin)/python scripts/first_look.py

test: setup
	$(bin)/pytest --cov --cov-report=term $(ARGS)

# at least so long, and until the service has been killed SOAK_KILLS (50) times
soak: setup
	SOAK_S=$${SOAK_S:-600} $(bin)/pytest -s tests/apps/serve/test_soak.py $(ARGS)

check: $(ready)
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/mypy scripts/*.py
	$(bin)/lint-imports --no-logo

# what is measured beside the detectors of readings; without them the rest is measured
.venv/.rivals: requirements-rivals.lock | $(ready)
	$(pip) --require-hashes --no-deps -r requirements-rivals.lock && touch $@ || \
	    echo "the rivals of the detectors of readings could not be installed: not measured"

bench: setup .venv/.rivals
	$(bin)/python -m detector.bench $(ARGS)

format: $(ready)
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

hooks: $(ready)
	$(bin)/pre-commit install

lock: $(ready)
	$(bin)/uv pip compile pyproject.toml --extra bench --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --quiet $(ARGS) --output-file requirements.lock
	$(bin)/uv pip compile pyproject.toml --extra rivals --universal --python-version 3.11 \
	    --constraint requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --quiet $(ARGS) --output-file requirements-rivals.lock

clean:
	rm -rf .venv build dist out .coverage .coverage.* htmlcov
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
