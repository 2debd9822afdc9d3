# Functions that install Debian packages for tests, to be sourced by tests/run.sh and tests/slow.sh.
# shellcheck shell=bash

has_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Installs these packages; none of their daemons is started.
install_packages() (
    local policy=/usr/sbin/policy-rc.d
    local no_cluster=/etc/postgresql-common/createcluster.d/pamphlet-tests.conf
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy" "$no_cluster"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod +x "$policy"
    else
        trap 'as_root rm -f "$no_cluster"' EXIT
    fi
    # The tests start a PostgreSQL of their own: Debian need not make one too.
    as_root mkdir -p "${no_cluster%/*}"
    as_root tee "$no_cluster" <<<'create_main_cluster = false' >/dev/null
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
