# Runs a primary, its synchronous standby, PgBouncer and HAProxy in a temporary folder, and prints "ready". Executes the
# commands of its input and prints "ready" after each. Ends everything when its input closes, which also happens when
# the tests are killed. The ports and the text of both configurations come from the environment.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
PATH="$PATH:/usr/sbin"
folder=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then
    chown nobody "$folder"
    as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
cd "$folder"

control() { $as "$bin/pg_ctl" --pgdata="$folder/$1" --wait "$2" >>"$folder/control.log" 2>&1 </dev/null; }
settings() {
    cat >"$folder/settings" <<END
port = $2
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
fsync = off
full_page_writes = off
max_connections = 200
# Segments outlive processes that are killed, unless they are in the folder.
dynamic_shared_memory_type = mmap
$3
END
    $as cp "$folder/settings" "$folder/$1.conf"
    $as sh -c "echo \"include '$folder/$1.conf'\" >>'$folder/$1/postgresql.conf'"
}
start() {
    $as "$bin/pg_ctl" --pgdata="$folder/$1" --wait --log="$folder/$1.log" start \
        >>"$folder/control.log" 2>&1 </dev/null
}
ask() { psql --no-psqlrc --quiet --tuples-only --host=127.0.0.1 --username=pamphlet --dbname=postgres "$@"; }
kill_primary() {
    postmaster=$(head -n 1 "$folder/primary/postmaster.pid")
    # Every server process leads a group of its own.
    processes="$postmaster $(ps -o pid= --ppid "$postmaster")"
    kill -KILL $processes
    while ask --port="$PRIMARY_PORT" --command="SELECT 1" >/dev/null 2>&1; do sleep 0.05; done
}
write_pgbouncer() { printf '%s' "$PGBOUNCER" | sed "s/PRIMARY/$1/" | $as tee "$folder/pgbouncer.ini" >/dev/null; }
point() {
    write_pgbouncer "$STANDBY_PORT"
    kill -HUP "$pgbouncer"
    printf 'disable server pamphlet_database/first; enable server pamphlet_database/second\n' |
        socat - "UNIX-CONNECT:$folder/admin.sock" >/dev/null
}

$as "$bin/initdb" --pgdata="$folder/primary" --username=pamphlet --auth=trust --no-sync >"$folder.log" 2>&1
rm "$folder.log"
settings primary "$PRIMARY_PORT" ""
start primary
ask --port="$PRIMARY_PORT" --command="SELECT pg_create_physical_replication_slot('standby')" >/dev/null
HOME="$folder" $as "$bin/pg_basebackup" --pgdata="$folder/standby" --checkpoint=fast --wal-method=stream --slot=standby \
    --write-recovery-conf --dbname="host=127.0.0.1 port=$PRIMARY_PORT user=pamphlet application_name=standby"
settings standby "$STANDBY_PORT" ""
start standby
ask --port="$PRIMARY_PORT" --command="ALTER SYSTEM SET synchronous_standby_names = 'standby'" \
    --command="SELECT pg_reload_conf()" --command="CREATE DATABASE pamphlet" >/dev/null

printf '"pamphlet" ""\n' | $as tee "$folder/users" >/dev/null
PGBOUNCER=$(printf '%s' "$PGBOUNCER" | sed "s|FOLDER|$folder|")
write_pgbouncer "$PRIMARY_PORT"
$as pgbouncer "$folder/pgbouncer.ini" >"$folder/pgbouncer.log" 2>&1 &
pgbouncer=$!
printf '%s' "$HAPROXY" | sed "s|FOLDER|$folder|" >"$folder/haproxy.cfg"
haproxy -db -f "$folder/haproxy.cfg" -f "$HAPROXY_SHIPPED" >"$folder/haproxy.log" 2>&1 &
haproxy=$!
until ask --port="$DATABASE_PORT" --command="SELECT 1" >/dev/null 2>&1; do
    kill -0 "$haproxy"
    sleep 0.1
done
echo ready
while read -r order; do
    case $order in
        kill) kill_primary ;;
        point) point ;;
        promote) control standby promote ;;
    esac
    echo ready
done
kill "$pgbouncer" "$haproxy" || true
for cluster in primary standby; do
    $as "$bin/pg_ctl" --pgdata="$folder/$cluster" --mode=immediate stop >/dev/null 2>&1 || true
done
wait || true
[ -z "${KEEP_LOGS:-}" ] || tail -n 40 "$folder"/*.log >&2
cd /
rm -rf "$folder"
