#!/bin/bash
# Fuzzes the parsers of untrusted input: runs each target of fuzz/ for a minute, or for SECONDS.
#
#     tests/fuzz.sh [SECONDS [TARGET...]]
#
# Works with stable Rust, and installs cargo-fuzz if it is missing. Failing inputs are saved in fuzz/artifacts/TARGET.
# The corpus in fuzz/corpus/TARGET starts with tests/fixtures and fuzz/seeds, and grows from run to run. Turn a failing
# input into a test beside the code that it broke.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
targets=("$@")
if [ $# = 0 ]; then
    targets=(signatures json object_html markdown webfinger urls wordpress)
fi
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz

# Copies files into a target's corpus, named by their content.
seed() {
    local corpus=fuzz/corpus/$1 file
    shift
    mkdir -p "$corpus"
    for file in "$@"; do
        cp "$file" "$corpus/$(sha1sum <"$file" | cut -c 1-40)"
    done
}

mapfile -t documents < <(find tests/fixtures -name '*.json')
for target in "${targets[@]}"; do
    seed "$target" fuzz/seeds/"$target"/*
    case $target in
        json | object_html | webfinger) seed "$target" "${documents[@]}" ;;
        markdown) seed "$target" README.md docs/*.md ;;
    esac
done

# Fuzz the library versions that the program uses.
cp Cargo.lock fuzz/Cargo.lock
failed=()
for target in "${targets[@]}"; do
    # Stable Rust has no sanitizers; the program has no unsafe code of its own.
    cargo fuzz run --sanitizer none "$target" -- \
        -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 ||
        failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "${failed[*]}"
    exit 1
fi
