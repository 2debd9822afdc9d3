#!/bin/bash
# Runs the tests with real foreign software and the long ones (tests/slow/) on Debian 12 with Rust: installs what they
# need, if it is not there, then calls `cargo test --test slow`, which gets this script's arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/install.sh

packages=()
has_postgresql || packages+=(postgresql)
command -v npm >/dev/null || packages+=(npm)
for server in nginx apache2 caddy haproxy; do
    PATH="$PATH:/usr/sbin" command -v "$server" >/dev/null || packages+=("$server")
done
if [ ${#packages[@]} -gt 0 ]; then
    install_packages "${packages[@]}"
fi
tests/peers/fedify/install.sh

PATH="$PATH:/usr/sbin" cargo test --test slow "$@"
