#!/bin/sh
# Installs the checkers of pages beside this script, into node_modules/ (git-ignored).
# Does nothing when what package.json asks for is already there.
set -eu
cd "$(dirname "$0")"

stamp=node_modules/.installed-package.json
if cmp -s package.json "$stamp"; then exit 0; fi

npm install --no-package-lock --no-progress --loglevel=error >&2
cp package.json "$stamp"
