#!/bin/sh
# Starts PostgreSQL, Mosquitto and openleadr-vtn, runs the tests against them, and ends what it started.
# Called by interop.sh, in a network namespace of its own, which is why all ports are as they come.
set -eu
postgres=$1 vtn=$2 source=$3 project=$PWD
home=$(mktemp -d)
chmod 755 "$home" # PostgreSQL is another user, where we are root
started=""

# The youngest first: PostgreSQL waits for its clients. With a minus a process stands for its group.
finish() {
    code=$?
    trap - EXIT HUP INT TERM
    for pid in $started; do
        kill -s TERM -- "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -s 0 -- "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -s KILL -- "$pid" 2>/dev/null || true
        wait "${pid#-}" 2>/dev/null || true
    done
    if [ "$code" -ne 0 ] && [ "$code" -ne 130 ]; then
        for log in "$home"/*.log; do
            echo "--- $(basename "$log")"
            tail -n 30 "$log" | cut -c -300
        done
    fi
    rm -rf "$home"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM

# await runs a command until it succeeds, for half a minute.
await() {
    what=$1 && shift
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then
            return
        fi
        sleep 0.1
    done
    echo "make interop: $what does not start" >&2
    exit 1
}

as=""
if [ "$(id -u)" -eq 0 ]; then # which PostgreSQL refuses to run as
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
install -d -m 700 "$home/data" "$home/socket"
[ -z "$as" ] || chown postgres "$home/data" "$home/socket"
cd "$home"
# shellcheck disable=SC2086
{
    $as "$postgres/initdb" -D "$home/data" -U openadr -A trust -E UTF8 --locale=C -N >initdb.log
    $as "$postgres/postgres" -D "$home/data" -k "$home/socket" -c listen_addresses= -c fsync=off >postgres.log 2>&1 &
}
started="$! $started"
sql() { psql -X -q -v ON_ERROR_STOP=1 -h "$home/socket" -U openadr -d "$@"; }
await PostgreSQL sql template1 -c 'select 1'
sql template1 -c 'create database openadr'

# The tables, as sqlx makes them: each file once, noted with its checksum. We do it in the VTN's place because
# one of the files says what PostgreSQL 15 and older do not understand: a subquery without a name.
sql openadr -c 'create table _sqlx_migrations (version bigint primary key, description text not null,
    installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null)'
for file in "$source"/migrations/*.sql; do
    name=$(basename "$file" .sql)
    sum=$(sha384sum "$file" | cut -d' ' -f1)
    {
        sed 's/(SELECT unnest(_scopes) AS scope)/& AS unnested/' "$file"
        echo ";insert into _sqlx_migrations values (${name%%_*}, '$(echo "${name#*_}" | tr _ ' ')', now(), true, '\\x$sum', 0);"
    } | sql openadr -1 >>tables.log 2>&1 || { echo "make interop: tables: $name" >&2; exit 1; }
done
sql openadr -f "$source/src/api/fixtures/users.sql" # bl-client, the business side, who makes all others

touch passwords
mosquitto_passwd -b passwords vtn broker 2>/dev/null
# The tests add VENs to the passwords: a real broker would ask the VTN about their tokens.
printf '%s\n' 'listener 1883 127.0.0.1' 'persistence false' "user $(id -un)" 'allow_anonymous false' "password_file $home/passwords" >mosquitto.conf
mosquitto -c mosquitto.conf >mosquitto.log 2>&1 &
broker=$!
started="$broker $started"
await Mosquitto grep -q running mosquitto.log

DATABASE_URL="postgres://openadr@localhost/openadr?host=$home/socket" PORT=3000 RUST_LOG=warn,openleadr_vtn=info NO_COLOR=1 \
    OAUTH_TOKEN_URL=http://127.0.0.1:3000/auth/token OAUTH_BASE64_SECRET="$(head -c 32 /dev/urandom | base64)" \
    MQTT_URL=mqtt://127.0.0.1:1883 MQTT_USERNAME=vtn MQTT_PASSWORD=broker "$vtn" >vtn.log 2>&1 &
started="$! $started"
await openleadr-vtn grep -q 'VTN listening' vtn.log
if grep -q 'migration failed' vtn.log; then
    echo "make interop: openleadr-vtn does not know its tables" >&2
    exit 1
fi

# A group of their own, for the tests start Prism; and not awaited as a foreground command, which would hold up a trap.
HEARTH_OPENLEADR=http://127.0.0.1:3000 HEARTH_OPENLEADR_CLIENT=bl-client:bl-client \
    HEARTH_MOSQUITTO_PASSWORDS="$home/passwords" HEARTH_MOSQUITTO_PID=$broker \
    setsid "$project/bin/interop.test" -test.v -test.timeout 15m &
started="-$! $started"
wait $!
