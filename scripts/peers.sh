#!/bin/sh
# Makes sure the independent peers of the tests are there: a broker, a Modbus slave, a browser, promtool.
set -eu
packages="mosquitto mosquitto-clients python3-pymodbus python3-serial python3-serial-asyncio gcc libc6-dev libmodbus-dev mbpoll socat chromium prometheus systemd"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "The tests need these Debian packages, or what they hold:$missing" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need these Debian packages. Install them with" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A package's service must not start on this machine: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
