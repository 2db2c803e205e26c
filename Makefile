# The one list of commands. Everything a target needs, it installs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
ENVS := .local/envs
# An environment's stamp carries the digest of its requirement file: another file, another stamp.
digest = $(word 1,$(shell cksum < $(1)))
PORTAL_STAMP := $(VENV)/.requirements-$(call digest,requirements-dev.txt)
MINISTACK_STAMP := $(ENVS)/ministack/.requirements-$(call digest,local/requirements-ministack.txt)
SAM_STAMP := $(ENVS)/sam/.requirements-$(call digest,local/requirements-sam.txt)
# What the checks of settings and models need to be set; no server answers there.
CHECK_ENV := SECRET_KEY=for-the-checks-alone-0123456789-0123456789-0123456789-0123456789 \
  PORTAL_URL=https://approvals.example.com ALLOWED_HOSTS=approvals.example.com DEBUG=false AWS_REGION=us-east-1 \
  APPROVALS_TABLE_NAME=requests RUNS_TABLE_NAME=runs CHANGES_QUEUE_URL=https://sqs.example.com/changes \
  CHANGES_DEAD_LETTER_QUEUE_URL=https://sqs.example.com/dead DATABASE_URL=sqlite:///.local/checks.sqlite3 \
  EXPENSE_WORKFLOW_ARN=arn:aws:lambda:us-east-1:000000000000:function:expense:live
# Both halves of the code: lambdas/ is a root of its own, as it is in a function.
LINT_PATH := PYTHONPATH=.:lambdas
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.13 --no-header $(UPGRADE)
TESTS ?= tests
# Three on two cores: the tests of the local cloud wait more than they compute.
WORKERS ?= 3
# What stays together on one worker, and what goes first: tests/conftest.py.
PARALLEL := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

.PHONY: help demo test lint types style bench clean format requirements pins messages

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: requirements ## the whole product on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m local.up

test: requirements ## every test: SQLite, PostgreSQL, local cloud, browser; coverage and its floors
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest $(TESTS) $(PARALLEL) --cov --cov-report=
	TEST_DATABASE=postgresql $(BIN)/python -m pytest $(TESTS) $(PARALLEL) -m "database and not browser"
	$(BIN)/coverage report
	$(BIN)/python -m tests.coverage_floors

# Types take as long as all the rest, so the two go side by side.
lint: requirements ## style, types, architecture, templates, template.yaml, migrations, deployment check
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types style

types:
	$(CHECK_ENV) $(LINT_PATH) $(BIN)/mypy

style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(LINT_PATH) $(BIN)/lint-imports
	$(BIN)/djlint approvals/templates --lint --quiet
	$(BIN)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(ENVS)/sam/bin/sam validate --lint
	$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: requirements ## put Python into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Django's own command beside the code it reads; lambdas, tools and tests speak English alone.
messages: requirements ## read the texts to translate into approvals/locale, and compile what is translated
	@command -v xgettext >/dev/null || { echo "xgettext is missing: install gettext (apt-get install gettext)."; exit 1; }
	cd approvals && DJANGO_SETTINGS_MODULE= $(CURDIR)/$(BIN)/python -m django makemessages --locale de --locale fr --add-location file --no-wrap --no-obsolete
	cd approvals && DJANGO_SETTINGS_MODULE= $(CURDIR)/$(BIN)/python -m django compilemessages --locale de --locale fr

bench: requirements ## the figures of the product, as ratios within one run
	$(BIN)/python -m bench

clean: ## forget environments, demo and caches
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local.idle; fi
	rm -rf .local .aws-sam $(VENV) staticfiles htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

requirements: $(PORTAL_STAMP) $(MINISTACK_STAMP) $(SAM_STAMP) ## install the three environments

pins: requirements ## compile the requirement files again; `make pins UPGRADE=--upgrade` takes newer releases
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt lambdas/requirements.in -o lambdas/requirements.txt
	$(COMPILE) -c requirements.txt -c lambdas/requirements.txt requirements-dev.in -o requirements-dev.txt
	$(COMPILE) local/requirements-ministack.in -o local/requirements-ministack.txt
	$(COMPILE) local/requirements-sam.in -o local/requirements-sam.txt
	echo uv | $(COMPILE) -c requirements-dev.txt - -o local/requirements-uv.txt

# On the PATH, or pyenv's (.python-version says which).
$(VENV)/bin/python:
	@python=$$(command -v python3.13 || true); \
	if ! $${python:-false} -c '' 2>/dev/null; then python=$$(pyenv which python3.13 2>/dev/null || true); fi; \
	if [ -z "$$python" ]; then echo "Countersign needs Python 3.13: put python3.13 on the PATH, then try again."; exit 1; fi; \
	"$$python" -m venv $(VENV) || { echo "$$python cannot make environments: is its venv module installed?"; exit 1; }

$(PORTAL_STAMP): | $(VENV)/bin/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' \
	  || { echo "$(VENV) is of another Python than 3.13: remove it (make clean), then try again."; exit 1; }
	@echo "Installing the portal's environment"
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --only-binary :all: -r local/requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@rm -f $(VENV)/.requirements-* && touch $@

$(ENVS)/%/bin/python: | $(PORTAL_STAMP)
	@$(BIN)/uv venv --quiet --python $(BIN)/python $(ENVS)/$*

$(MINISTACK_STAMP): | $(ENVS)/ministack/bin/python
	@echo "Installing MiniStack"
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(ENVS)/ministack/bin/python local/requirements-ministack.txt
	@rm -f $(ENVS)/ministack/.requirements-* && touch $@

$(SAM_STAMP): | $(ENVS)/sam/bin/python
	@echo "Installing the SAM CLI"
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(ENVS)/sam/bin/python local/requirements-sam.txt
	@rm -f $(ENVS)/sam/.requirements-* && touch $@
