#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh [SECONDS]: libFuzzer on each harness, with ASan and UBSan, from the corpus on; 120 seconds each unless
# said otherwise. What it finds beyond the corpus stays in build-fuzz/corpus, an input that fails in build-fuzz.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-120}
if [ ! -d build-fuzz ]; then
    CC=clang CXX=clang++ meson setup build-fuzz -Dtests=enabled -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
fi
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    ninja -C build-fuzz "tests/fuzz/$name" >/dev/null
    mkdir -p "build-fuzz/corpus/$name"
    # Of its own, or that of traces.
    corpus=tests/fuzz/corpus-${name#fuzz_}
    [ -d "$corpus" ] || corpus=tests/fuzz/corpus
    dictionary=tests/fuzz/${name#fuzz_}.dict
    [ -f "$dictionary" ] || dictionary=tests/fuzz/json.dict
    echo "== $name, $seconds seconds"
    build-fuzz/tests/fuzz/"$name" -dict="$dictionary" -max_len=16384 -timeout=20 -rss_limit_mb=1024 -verbosity=0 \
        -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix=build-fuzz/ \
        "build-fuzz/corpus/$name" "$corpus"
done
