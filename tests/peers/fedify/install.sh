#!/bin/sh
# Installs the Fedify peer beside this script, into node_modules/ (git-ignored).
# Does nothing when what package.json asks for is already there.
set -eu
cd "$(dirname "$0")"

stamp=node_modules/.installed-package.json
if cmp -s package.json "$stamp"; then exit 0; fi

# Fedify 2 needs Node 22: the package "node" brings its own, whatever runs npm here.
npm install --no-progress --loglevel=error >&2
node_modules/.bin/node -e 'if (parseInt(process.versions.node) < 22) process.exit(1)'
cp package.json "$stamp"
