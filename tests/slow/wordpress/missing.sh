#!/bin/bash
# Prints the Debian packages that a WordPress for tests needs and that are missing.
set -euo pipefail

missing() { dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null | grep --quiet ' installed$' || echo "$1"; }

for package in wordpress mariadb-server php-cli php-mysql php-xml php-gd php-mbstring; do
    missing "$package"
done
