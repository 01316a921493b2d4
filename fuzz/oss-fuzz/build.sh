#!/bin/bash -eu
# Builds all targets the way OSS-Fuzz and ClusterFuzzLite run them. Their base image sets SRC, OUT,
# SANITIZER and the compilers' flags; nothing here depends on which sanitizer it is.
cd "$SRC/strideproof"

# Optimised, and with overflow checks and debug assertions all the same: a wrapped address is a
# finding, not a number. In coverage builds the base image turns this command into its own build.
cargo fuzz build -O --debug-assertions

# That wrapper takes every `cargo fuzz` for a build; so the list is asked for as if for no coverage.
for target in $(SANITIZER=address cargo fuzz list); do
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    for folder in "corpus-seed/$target" "regressions/$target"; do
        if [ -d "fuzz/$folder" ]; then
            (cd fuzz && zip -q -r "$OUT/${target}_seed_corpus.zip" "$folder")
        fi
    done
    for file in "fuzz/dict/$target.dict" "fuzz/options/$target.options"; do
        if [ -f "$file" ]; then
            cp "$file" "$OUT/"
        fi
    done
done
