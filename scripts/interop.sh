#!/bin/sh
# Lets our OpenADR client meet what others have written: openleadr-rs, a VTN in Rust on PostgreSQL, and Prism,
# which holds our requests against the OpenAPI files. What it needs and what it found: docs/interop.md.
#   HEARTH_OPENLEADR_VTN  a binary of openleadr-vtn; without it one is built, ten minutes of one processor
#   OPENADR_SPEC          the folder of the OpenAPI files; without it Prism is left out
#   HEARTH_PRISM          a binary of Prism; without it npm installs one
set -eu
cd "$(dirname "$0")/.."
version=0.2.8
prism=5.14.2
PATH=$PATH:/usr/sbin:/sbin

skip() {
    echo "make interop: skipped: $*"
    exit 0
}

# The newest PostgreSQL; Debian keeps its programs out of the path.
postgres=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
[ -n "$postgres" ] || postgres=$(dirname "$(command -v initdb || echo /missing/initdb)")
[ -x "$postgres/initdb" ] || skip "PostgreSQL is missing (apt-get install postgresql)"
for program in psql mosquitto mosquitto_passwd ip unshare setpriv setsid sha384sum; do
    command -v $program >/dev/null || skip "$program is missing"
done

# The VTN listens on every address of the machine, and its OAuth has well-known secrets: it gets a network of
# its own, which root may make, and others where the kernel lets them.
lo='ip link set lo up; ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo && export HEARTH_OPENLEADR_MDNS=1'
enter() {
    if [ "$(id -u)" -eq 0 ]; then
        unshare --net sh -c "$lo"'; exec "$@"' sh "$@"
    else
        unshare --net --map-root-user sh -c "$lo"'; user=$1; shift
            exec unshare --user --map-user="$user" --map-group="$user" "$@"' sh "$(id -u)" "$@"
    fi
}
enter true 2>/dev/null || skip "no network namespace can be made (neither root nor unprivileged user namespaces)"

vtn=${HEARTH_OPENLEADR_VTN:-}
if [ -z "$vtn" ]; then
    vtn=bin/.openleadr/bin/openleadr-vtn
    if ! grep -q "\"openleadr-vtn $version " bin/.openleadr/.crates.toml 2>/dev/null; then
        command -v cargo >/dev/null || skip "cargo is missing, and HEARTH_OPENLEADR_VTN names no openleadr-vtn"
        # Not --locked: a mirror of the registry may lack what its lock file names.
        echo "building openleadr-vtn $version: ten minutes or more"
        cargo install openleadr-vtn --version $version --features internal-oauth,mdns --root bin/.openleadr --profile dev
    fi
fi
case $vtn in /*) ;; *) vtn=$PWD/$vtn ;; esac
[ -x "$vtn" ] || { echo "make interop: $vtn is no program" >&2; exit 1; }

# Its source, for the tables and the first user, which the binary does not make by itself.
source=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/openleadr-vtn-$version 2>/dev/null | head -n 1)
[ -n "$source" ] || skip "the source of openleadr-vtn $version is not in cargo's registry (cargo install leaves it there)"

spec=${OPENADR_SPEC:-}
if [ -z "${HEARTH_PRISM:-}" ] && [ -n "$spec" ]; then
    HEARTH_PRISM=$PWD/bin/.prism/node_modules/.bin/prism
    if ! grep -qs "\"version\": \"$prism\"" bin/.prism/node_modules/@stoplight/prism-cli/package.json; then
        if ! command -v npm >/dev/null; then
            echo "make interop: npm is missing: without Prism"
            HEARTH_PRISM=
        else
            mkdir -p bin/.prism
            npm install --prefix bin/.prism --no-save --no-audit --no-fund --loglevel=error @stoplight/prism-cli@$prism
        fi
    fi
fi
[ -n "$spec" ] || echo "make interop: OPENADR_SPEC names no folder of OpenAPI files: without Prism"
export HEARTH_PRISM="${HEARTH_PRISM:-}"

mkdir -p bin
go test -c -o bin/interop.test ./openadr/interop # here, for the network of the namespace reaches no proxy
enter sh scripts/interop-peers.sh "$postgres" "$vtn" "$source"
