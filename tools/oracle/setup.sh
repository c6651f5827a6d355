#!/bin/sh
# Makes sure that the general solvers of `make oracle` are there: HiGHS from npm, CBC from Debian.
set -eu
cd "$(dirname "$0")"
missing=""
command -v node >/dev/null && command -v npm >/dev/null || missing="$missing nodejs npm"
command -v cbc >/dev/null || missing="$missing coinor-cbc"
if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null; then
        echo "make oracle needs these Debian packages, or what they hold:$missing" >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "make oracle needs these Debian packages. Install them with" >&2
        echo "    sudo apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    if ! apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        echo "make oracle: could not install$missing" >&2
        exit 1
    fi
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
    echo "make oracle needs Node 20.19 or later; $(command -v node) is $(node --version)" >&2
    exit 1
fi
# npm leaves its own copy of the lock file behind: as long as it is the newer one, there is nothing to do.
if [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then
    exit 0
fi
if ! npm ci --no-audit --no-fund --loglevel=error; then
    echo "make oracle: could not install the npm package highs into $(pwd)/node_modules" >&2
    exit 1
fi
