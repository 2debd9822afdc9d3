#!/bin/bash
# Makes a WordPress in a folder, fills it, and exports it: start.sh FOLDER. Afterwards FOLDER has export.xml, expected.json
# and wp-content/uploads. Its database runs only meanwhile, behind a socket.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
mkdir -p "$folder/wp-content/uploads" "$folder/run"
cd "$folder"

# WordPress finds its files beside wp-load.php; a copy of it has its own configuration.
cp /usr/share/wordpress/wp-load.php .
ln -s /usr/share/wordpress/wp-{admin,includes} /usr/share/wordpress/wp-settings.php .
ln -s /usr/share/wordpress/wp-content/themes wp-content/
cp "$here"/{wp-config,fill,export}.php .

user=$(id -un)
mariadb-install-db --no-defaults --datadir="$folder/data" --user="$user" --auth-root-authentication-method=normal \
    --skip-test-db >run/install.log 2>&1
export WORDPRESS_SOCKET=$folder/run/socket
setpriv --pdeathsig KILL /usr/sbin/mariadbd --no-defaults --datadir="$folder/data" --user="$user" \
    --socket="$WORDPRESS_SOCKET" --pid-file="$folder/run/pid" --skip-networking --skip-log-bin \
    --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=32M --innodb-log-file-size=16M >run/server.log 2>&1 &
server=$!
trap 'kill -KILL $server || true; wait $server 2>/dev/null || true; rm -rf "$folder/data"' EXIT
for _ in $(seq 300); do
    mariadb --no-defaults --socket="$WORDPRESS_SOCKET" --user=root --execute='CREATE DATABASE IF NOT EXISTS wordpress' \
        2>/dev/null && break
    read -rt 0.1 <> <(:) || true
done

php -d memory_limit=512M -d display_errors=stderr fill.php
php -d memory_limit=512M -d display_errors=stderr export.php >export.xml
