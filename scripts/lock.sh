#!/usr/bin/env bash
# Renews requirements.lock: installs what pyproject.toml allows into a throw-away environment, and
# writes down what came. The header of the lock is kept. Use: scripts/lock.sh
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
pip="$folder/venv/bin/python -m pip --disable-pip-version-check"

# A local version such as 2.13.0+cpu is not on every index, hence the cut after it.
$pip install -qq "$(grep '^torch==' requirements.lock)"
$pip install -qq -e '.[all,align,dev]'
$pip check
grep '^#' requirements.lock >"$folder/lock"
$pip list --format=freeze --exclude-editable --exclude pip |
    sed 's/+[a-z0-9.]*$//' | sort -f >>"$folder/lock"
mv "$folder/lock" requirements.lock
