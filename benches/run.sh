#!/bin/bash
# Measures the node on SQLite and PostgreSQL against a small fediverse on loopback (benches/fediverse/), with the bare
# loop (benches/bare_loop.rs) in the same minutes, and prints the table of docs/performance.md. It installs what it
# needs on Debian, except Rust, and runs in a network of its own, so that the machine's names and ports stay as they
# are. Run it as root, or as a user who may create user namespaces.
set -euo pipefail

usage() {
    cat <<'END'
Usage: benches/run.sh [OPTIONS]

  --sqlite-only      Measure only on SQLite
  --postgres-only    Measure only on PostgreSQL
  --rounds N         Rounds, of which the table shows the median [default: 3]
  --hosts N          Servers of the fediverse; most counts follow from it [default: 1000]
  --only NAMES       Measure only these, separated by commas: follows, first-contact, warm, replies, likes, pages,
                     accept, faults, memory, nodes
  --program PATH     Measure this build of the node instead of a new one
  --compare PATH     Measure this build too, in turns with the other, and show the ratios
  --bare-loop PATH   Use this build of the bare loop
  --no-bare-loop     Leave out the bare loop
  --help             Print this

The databases are in a new folder below TMPDIR [default: /var/tmp], which should be on a disk: on tmpfs a sync costs
nothing.
END
}

mistake() {
    printf 'benches/run.sh: %s\n' "$1" >&2
    exit 2
}

program_at() {
    if [ ! -f "$1" ] || [ ! -x "$1" ]; then
        mistake "$1 is no program: build it, or give another path"
    fi
    realpath "$1"
}

with_sqlite=1 with_postgres=1 with_bare_loop=1
program='' bare_loop=''
rounds=3 hosts=1000
measuring=()
while [ $# -gt 0 ]; do
    case $1 in
    --sqlite-only) with_postgres='' ;;
    --postgres-only) with_sqlite='' ;;
    --no-bare-loop) with_bare_loop='' ;;
    --help)
        usage
        exit
        ;;
    --rounds | --hosts | --only | --program | --compare | --bare-loop)
        [ $# -gt 1 ] || mistake "$1 needs a value"
        case $1 in
        --rounds) rounds=$2 ;;
        --hosts) hosts=$2 ;;
        --only) measuring+=(--only "$2") ;;
        --program) program=$(program_at "$2") ;;
        --compare) measuring+=(--compare "$(program_at "$2")") ;;
        --bare-loop) bare_loop=$(program_at "$2") ;;
        esac
        shift
        ;;
    *) mistake "unknown option $1 (see --help)" ;;
    esac
    shift
done
[ -n "$with_sqlite$with_postgres" ] || mistake '--sqlite-only and --postgres-only leave nothing to measure'

cd "$(dirname "$0")/.."
# shellcheck source=tests/common.sh
source tests/common.sh

postgres_programs() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' | xargs -n 1 dirname | sort -V | tail -n 1
}

install_for_benches() {
    local packages=()
    command -v cc >/dev/null || packages+=(gcc libc6-dev)
    command -v python3 >/dev/null || packages+=(python3)
    command -v ip >/dev/null || packages+=(iproute2)
    if [ -n "$with_postgres" ]; then
        compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
    fi
    if [ ${#packages[@]} -gt 0 ]; then
        install_packages "${packages[@]}"
    fi
}

# Builds what the options do not name, and sets its paths.
build() {
    local target=${CARGO_TARGET_DIR:-$PWD/target}
    if [ -z "$program" ]; then
        cargo build --release
        program=$target/release/pamphlet
    fi
    cargo build --release --locked --manifest-path benches/fediverse/Cargo.toml --target-dir "$target/fediverse"
    fediverse=$target/fediverse/release/fediverse
    if [ -n "$with_bare_loop" ] && [ -z "$bare_loop" ]; then
        bare_loop=$(cargo bench --no-run --bench bare_loop --message-format=json |
            sed -n 's/.*"executable":"\([^"]*bare_loop[^"]*\)".*/\1/p' | tail -n 1)
    fi
}

# A cluster with the settings that PostgreSQL has by default, which listens only on a socket. PostgreSQL does not run as
# root. It runs outside of the network of the measurements, since root of a user namespace is root to it too.
start_postgres() {
    local programs
    programs=$(postgres_programs)
    postgres=$folder/postgres
    mkdir "$postgres"
    as_postgres=()
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$postgres"
        as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    fi
    PATH=$programs:$PATH
    control initdb --options='--username=pamphlet --auth=trust' >/dev/null
    control start --wait --log="$postgres/log" \
        --options="-c listen_addresses='' -c unix_socket_directories='$postgres'" >/dev/null
}

control() {
    (cd "$postgres" && "${as_postgres[@]}" pg_ctl --pgdata="$postgres/data" "$@")
}

finish() {
    if [ -n "${postgres:-}" ]; then
        control stop --mode=immediate >/dev/null || true
    fi
    rm -rf "$folder"
}

# Runs a command in a network of its own, where the fediverse may take the ports of DNS and HTTPS and knows all names.
in_own_network() {
    local namespaces=(--mount --net)
    if [ "$(id -u)" != 0 ]; then
        namespaces+=(--user --map-root-user)
    fi
    echo 'nameserver 127.0.0.53' >"$folder/resolv.conf"
    # shellcheck disable=SC2016 # the inner shell expands them
    unshare "${namespaces[@]}" bash -c '
        set -euo pipefail
        ip link set lo up
        mount --bind "$1" "$(realpath /etc/resolv.conf)"
        shift
        # Nothing outlives this script.
        exec setpriv --pdeathsig TERM "$@"' own-network "$folder/resolv.conf" "$@"
}

install_for_benches
build
# A fediverse of a thousand servers has as many connections.
ulimit -n "$(ulimit -Hn)"
folder=$(mktemp --directory --tmpdir="${TMPDIR:-/var/tmp}" pamphlet-bench.XXXXXX)
# The database server has a user of its own.
chmod 755 "$folder"
trap finish EXIT
"$fediverse" authority "$folder/authority"
if [ -z "$with_sqlite" ]; then
    measuring+=(--no-sqlite)
fi
if [ -n "$with_postgres" ]; then
    start_postgres
    measuring+=(--postgres "$postgres")
fi
if [ -n "$with_bare_loop" ]; then
    measuring+=(--bare-loop "$bare_loop")
fi
in_own_network python3 benches/measuring --program "$program" --fediverse "$fediverse" --authority "$folder/authority" \
    --folder "$folder" --rounds "$rounds" --hosts "$hosts" "${measuring[@]}"
