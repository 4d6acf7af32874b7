# `make run` and `make test` set up whatever is missing; nothing is downloaded once it is there.
.PHONY: run test prove bench lint clean venv
.DEFAULT_GOAL := run

PY := .venv/bin/python
# The first Python on the machine that is new enough.
FIND := for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done

run: venv
	@$(PY) -m admin_app.server

# ARGS="-k name" runs a part.
test: venv
	@$(PY) tests/setup_browser.py
	@$(PY) -m pytest -n logical $(ARGS)

# The long proofs: 2,000 random walks of 50 steps through the account and between installations, 70 power cuts. PROVE=200 walks less far.
prove: venv
	@PROVE=$${PROVE:-2000} $(PY) -m pytest -n 2 tests/test_account_machine.py tests/test_transfer_machine.py tests/test_power_cut.py tests/test_power_cut_postgres.py tests/test_server_killed.py $(ARGS)

bench: venv
	@$(PY) tests/bench

lint: venv
	@$(PY) -m ruff check .
	@$(PY) -m mypy

clean:
	rm -rf build .pytest_cache .ruff_cache .mypy_cache .hypothesis htmlcov .coverage*
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The pins are compared by content, not by time: a fresh checkout of the same pins installs nothing again.
venv:
	@cmp -s requirements.txt .venv/installed.txt || { \
	$(PY) -m pip --version >/dev/null 2>&1 || { \
		python=$$($(FIND)); \
		[ -n "$$python" ] || { echo "需要 Python 3.11 或更新的版本（Debian：apt-get install python3 python3-venv）" >&2; exit 1; }; \
		rm -rf .venv; \
		$$python -m venv .venv >/dev/null || { echo "建不了 .venv（Debian：apt-get install python3-venv）" >&2; exit 1; }; }; \
	echo "正在安装 requirements.txt……"; \
	$(PY) -m pip install -q --no-input --disable-pip-version-check --root-user-action=ignore -r requirements.txt || \
		{ echo "依赖没有装好：请检查网络或软件源，再试一次" >&2; exit 1; }; \
	cp requirements.txt .venv/installed.txt; }
