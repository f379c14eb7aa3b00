#!/bin/sh
# Install the Debian packages of packages.txt that are missing; the image and `make setup` both run this.
set -eu
list="$(dirname "$0")/packages.txt"
missing=""
while read -r line; do
    name=${line%%#*}
    name=$(echo "$name" | tr -d ' \t')
    [ -n "$name" ] || continue
    if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed'; then
        missing="$missing $name"
        echo "needed:  $line"
    fi
done < "$list"
if [ -z "$missing" ]; then
    echo "System packages: all there."
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "This is not a Debian system. Please install what packages.txt lists:$missing" >&2
    echo "or run it in containers: docker compose -f docker/compose.yaml up" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo"; fi
if [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; then
    echo "Not root, and no sudo. Ask an administrator to run: apt-get install$missing" >&2
    exit 1
fi
echo "Installing with apt-get:$missing"
# a cluster of our own is started later: Debian's default one is not wanted where PostgreSQL is new
if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
    $as_root mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # the list is meant to be split
$as_root apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold $missing
