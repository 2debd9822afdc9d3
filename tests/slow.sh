#!/bin/bash
# Runs the tests with real web servers and browsers, and the long ones (tests/slow/), on Debian 12 with Rust: installs
# missing prerequisites, then calls `cargo test --test slow` with this script's arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/common.sh

PATH="$PATH:/usr/sbin"
packages=()
for server in nginx apache2 caddy haproxy; do
    command -v "$server" >/dev/null || packages+=("$server")
done
for program in zsh fish mandoc age zstd jq pgbouncer socat; do
    command -v "$program" >/dev/null || packages+=("$program")
done
command -v man >/dev/null || packages+=(man-db)
command -v pebble >/dev/null || packages+=(pebble)
command -v chromedriver >/dev/null || packages+=(chromium chromium-driver)
mapfile -t wordpress < <(tests/slow/wordpress/missing.sh)
packages+=("${wordpress[@]}")
install_for_tests "${packages[@]}"
use_memory_for_files
# Readers of feeds, microformats and JSON-LD.
tests/machines/install.sh
# Clients of Micropub, and checkers of the API.
tests/clients/install.sh
# Another implementation of S3.
tests/buckets/install.sh

if [ $# -gt 0 ]; then
    cargo test --test slow "$@"
else
    run_tests --test slow
fi
