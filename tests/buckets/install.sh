#!/bin/sh
# Installs another implementation of S3 beside this script, into .venv/ (git-ignored).
# Does nothing when what requirements.txt asks for is already there.
set -eu
cd "$(dirname "$0")"

stamp=.venv/.installed-requirements.txt
if cmp -s requirements.txt "$stamp"; then exit 0; fi

rm -rf .venv
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt >&2
cp requirements.txt "$stamp"
