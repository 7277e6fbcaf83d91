#!/usr/bin/env bash
# ./dev fuzz [SECONDS]: each libFuzzer target for so long (default 60), from its seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for target in build-fuzz/tests/fuzz/fuzz_*; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    corpus=build-fuzz/corpus/$name
    mkdir -p "$corpus"
    seeds=tests/fuzz/corpus/${name#fuzz_}
    printf '== %s, %s s\n' "$name" "$1"
    "$target" -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix=build-fuzz/ "$corpus" $([ -d "$seeds" ] && echo "$seeds") 2>&1 | tail -n 12
done
