#!/usr/bin/env bash
# Sets everything up in a virtual environment: system libraries, PyTorch, the lock, the project.
# Safe to call again at any time. Use: scripts/setup.sh [FOLDER], by default .venv
#   PYTHON           interpreter, by default python3
#   TORCH_INDEX_URL  an index with the PyTorch build you want, e.g. one for your CUDA version
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${1:-.venv}
python=${PYTHON:-python3}
cpu_builds=https://download.pytorch.org/whl/cpu

say() { printf 'setup: %s\n' "$*" >&2; }

# Installs Debian packages where it may; where it may not, returns 1 after printing the line to run.
apt_install() {
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "apt-get install $*"
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
        # Perhaps only the package lists are old or not there yet.
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null && return
        say "apt-get failed; when it works again, run: apt-get install -y $*"
    else
        say "not root, or no apt-get here; please run: sudo apt-get install -y $*"
    fi
    return 1
}

# PyPI's PyTorch for Linux brings gigabytes of CUDA; a machine without an NVIDIA GPU is spared them
# where PyTorch's own index answers quickly.
torch_index() {
    if [ -n "${TORCH_INDEX_URL:-}" ]; then
        echo "--extra-index-url=$TORCH_INDEX_URL"
    elif [ ! -e /proc/driver/nvidia ] && timeout 5 "$venv/bin/python" - "$cpu_builds/torch/" <<'PYTHON'
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=3).close()
except OSError:
    sys.exit(1)
PYTHON
    then
        echo "--extra-index-url=$cpu_builds"
    fi
}

if ! command -v "$python" >/dev/null; then
    if [ "$python" != python3 ]; then
        say "there is no $python here"
        exit 2
    fi
    apt_install python3 python3-venv || exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old, 3.11 or newer is needed: make setup PYTHON=python3.12"
    exit 2
fi

missing=$("$python" -I embodied/cli/libraries.py)
if [ -n "$missing" ]; then
    # Without them only rendering and some extras fail: go on.
    # shellcheck disable=SC2086
    apt_install $missing || true
fi

if ! command -v chromium >/dev/null; then
    # The viewer's tests drive it; without it they are skipped. Ubuntu has it as a snap only.
    apt_install chromium || true
fi

# A folder without a working pip was interrupted or moved: lay it anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')" || exit 2
    fi
    say "$("$python" --version) in $venv"
    "$python" -m venv --clear "$venv"
fi

# -qq: errors are shown, progress and warnings are not.
pip() { "$venv/bin/python" -m pip install -qq --disable-pip-version-check "$@"; }

torch=$(grep '^torch==' requirements.lock)
say "$torch (200 MB or more)"
# Unquoted: there may be no index to name.
# shellcheck disable=SC2046
pip $(torch_index) "$torch"
say "$(grep -c == requirements.lock) packages from requirements.lock (about 1 GB)"
pip -r requirements.lock
say "the project itself"
pip --no-deps --no-build-isolation -e .
say "ready: try $venv/bin/embodied doctor"
