# Reading Room. `make` builds the site into _site/; `make help` lists the rest. The work is done in .ci/*.

PYTHON ?=
BROWSER ?= yes
ARGS ?=
export PYTHON

python = .venv/bin/python

.PHONY: site serve test check-all audit lock clean help

site: .venv/requirements.txt.installed ## build the site into _site/
	$(python) build.py

serve: .venv/requirements.txt.installed ## preview the site, rebuilding on every change
	$(python) build.py serve

test: .venv/requirements-test.txt.installed ## run the tests (BROWSER=no leaves out those that need a browser; ARGS="-k name")
ifeq ($(BROWSER),no)
	$(python) -m pytest -m "not browser" $(ARGS)
else
	CHROMIUM_PATH="$$(.ci/install-chromium)" && export CHROMIUM_PATH && $(python) -m pytest $(ARGS)
endif

check-all: .venv/requirements-check.txt.installed .ci/node_modules/.installed ## check code, workflows and the built site (needs Java, Node, Firefox)
	.ci/check-all

audit: .venv/requirements-test.txt.installed .ci/lighthouse/node_modules/.installed ## run Lighthouse on the built site
	.ci/audit

lock: ## write requirements*.txt anew from pyproject.toml
	.ci/lock

clean: ## remove what make made
	rm -rf _site .check .venv .ci/node_modules .ci/lighthouse/node_modules .reading-room

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.venv/%.installed: %
	@.ci/install $<

%/node_modules/.installed: %/package-lock.json
	@command -v npm >/dev/null || .ci/debian-install nodejs npm
	@echo "installing $< into $*/node_modules"
	@cd $* && npm ci --loglevel=error
	@touch $@
