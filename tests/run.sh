#!/bin/bash
# Runs the tests on Debian 12 with Rust: installs what they need, if it is not there, then calls `cargo test`, which gets
# this script's arguments. Real web servers, browsers and long faults stand in tests/slow.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/common.sh

install_for_tests
if [ $# -gt 0 ]; then
    cargo test "$@"
else
    run_tests
fi
