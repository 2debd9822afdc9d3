#!/bin/bash
# Runs all tests on Debian 12 with Rust: installs what they need, if it is not there, then calls `cargo test`,
# which gets this script's arguments. Without any, the few tests that fail are run once more, alone: many of
# them wait for other processes, and a machine that is busy with something else may let one down.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/install.sh

main() {
    local packages=()
    command -v cc >/dev/null || packages+=(gcc libc6-dev)
    has_postgresql || packages+=(postgresql)
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    command -v npm >/dev/null || packages+=(npm)
    command -v chromedriver >/dev/null || packages+=(chromium chromium-driver)
    if [ ${#packages[@]} -gt 0 ]; then
        install_packages "${packages[@]}"
    fi

    # What checks pages in the browser, and the two servers that the tests talk with.
    tests/browser/install.sh
    tests/peers/fedify/install.sh
    tests/peers/python/install.sh

    if [ $# -gt 0 ]; then
        cargo test "$@"
    else
        run_all
    fi
}

run_all() {
    local output failed
    output=$(mktemp)
    if cargo test --no-fail-fast | tee "$output"; then
        rm "$output"
        return
    fi
    failed=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$output" | sort -u)
    rm "$output"
    # None: it was not the tests that failed. Many: it was no accident.
    if [ -z "$failed" ] || [ "$(wc -l <<<"$failed")" -gt 5 ]; then
        return 1
    fi
    printf 'Failed beside others, and run once more, alone:\n%s\n' "$failed"
    # shellcheck disable=SC2086 # one argument for each
    cargo test -- --exact --test-threads=1 $failed
}

main "$@"
