# Functions that tests/run.sh and tests/slow.sh share: they install what tests need, and run them.
# shellcheck shell=bash

# Installs what is missing of the packages that all tests need, and of those that the arguments name.
install_for_tests() {
    local packages=("$@")
    command -v cc >/dev/null || packages+=(gcc libc6-dev)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    command -v npm >/dev/null || packages+=(npm)
    # Interactive commands run in its terminals.
    command -v tmux >/dev/null || packages+=(tmux)
    # The HTML checker is a Java program.
    command -v java >/dev/null || packages+=(default-jre-headless)
    if [ ${#packages[@]} -gt 0 ]; then
        install_packages "${packages[@]}"
    fi
    # The two servers that the tests talk with.
    tests/peers/fedify/install.sh
    tests/peers/python/install.sh
    # The checkers of pages.
    tests/browser/install.sh
}

# Installs Debian packages, and lets none of them start a daemon or make a database cluster.
install_packages() (
    local policy=/usr/sbin/policy-rc.d
    local no_cluster=/etc/postgresql-common/createcluster.d/pamphlet-tests.conf
    local made=("$no_cluster")
    if [ ! -e "$policy" ]; then
        made+=("$policy")
    fi
    trap 'as_root rm -f "${made[@]}"' EXIT
    if [ ${#made[@]} = 2 ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod +x "$policy"
    fi
    as_root mkdir -p "${no_cluster%/*}"
    as_root tee "$no_cluster" <<<'create_main_cluster = false' >/dev/null
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Lets tests write their databases to memory, if there is enough of it: most of their time is spent on small files.
use_memory_for_files() {
    local free
    free=$(df --output=avail --block-size=1G /dev/shm 2>/dev/null | tail -n 1)
    if [ "${free:-0}" -ge 12 ]; then
        TMPDIR=$(mktemp --directory --tmpdir=/dev/shm)
        # Servers of tests have users of their own.
        chmod 755 "$TMPDIR"
        export TMPDIR
        trap 'rm -rf "$TMPDIR"' EXIT
    fi
}

# Runs `cargo test` with these arguments. The few tests that fail are run once more, alone: many of them wait for other
# processes, and a machine that is busy with something else may let one down.
run_tests() {
    local output failed
    # Most tests wait most of the time: two for each processor use it better than one.
    export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) * 2))}
    output=$(mktemp)
    if cargo test --no-fail-fast "$@" | tee "$output"; then
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
    cargo test "$@" -- --exact --test-threads=1 $failed
}
