#!/bin/bash
# Runs the tests on Debian 12 with Rust: installs missing prerequisites, then calls `cargo test` with this script's
# arguments. tests/slow.sh runs those with real web servers, browsers and long faults.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/common.sh

install_for_tests
use_memory_for_files
if [ $# -gt 0 ]; then
    cargo test "$@"
else
    run_tests
fi
