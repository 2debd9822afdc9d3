#!/bin/sh
# Installs clients of Micropub and checkers of the API beside this script, into node_modules/ and .venv/ (git-ignored).
# Does nothing when what package.json and requirements.txt ask for is already there.
set -eu
cd "$(dirname "$0")"

wanted=$(cat package.json requirements.txt)
stamp=.venv/.installed
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

rm -rf .venv node_modules
npm install --no-package-lock --no-progress --loglevel=error >&2
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt >&2
printf '%s\n' "$wanted" >"$stamp"
